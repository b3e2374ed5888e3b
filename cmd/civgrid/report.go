package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/report"
	"github.com/civgrid/civgrid/api/web"
)

func (p *program) reportCommand() *cobra.Command {
	var to output
	params := engine.ReportParams()
	cmd := &cobra.Command{
		Use: "report", Short: "Print the four tables planners publish, as a workbook, pages or CSV", Args: noArgs,
		Long: "Prints what an indicator came to: its items with quota, score, pass rate and\n" +
			"rank; the same by street and by responsible unit; and the items of every street.\n" +
			"Every table says by which definition it was computed, for which period, as of\n" +
			"when and of which data, and which facts are in none of its rows.\n\n" +
			"The ending of --output says what is written:\n" +
			"  .xlsx   a workbook: a sheet for each table, and one about the numbers\n" +
			"  .html   pages to print or to read with a map, one file that needs nothing else\n" +
			"  .csv    the tables one below the other, as on standard output\n" +
			"  .zip    a CSV file for each table\n" +
			"  /       the same in a folder, which is made where it is not there\n\n" +
			"An indicator that is no composite makes a report of one item. Which there are\n" +
			"is told by civgrid indicators list, and what one means by\n" +
			"civgrid indicators explain CODE.\n\n" +
			"Parameters that need a word more:" + paramNotes(params),
		Example: "  civgrid report --indicator civilized_city.field_inspection --period 2026-03 -o report.xlsx --lang zh-Hans\n" +
			"  civgrid report --indicator civilized_city.total --period 2026 --level district -o report.html\n" +
			"  civgrid report --indicator hotline12345.composite --within CODE -o tables/",
	}
	given := p.paramFlags(cmd, params)
	cmd.Flags().StringVar(&to.format, "format", "", "csv, html, xlsx or zip (default: by the ending of --output, else csv)")
	cmd.Flags().StringVar(&to.lang, "lang", "en", "language: en, zh-Hans or zh-Hant")
	cmd.Flags().StringVarP(&to.path, "output", "o", "", "file or folder to write to (default: standard output)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.report(cmd.Context(), given(), to) }
	return cmd
}

// formatFolder is a folder of CSV files.
const formatFolder = "folder"

func (p *program) report(ctx context.Context, given map[string]string, to output) error {
	format, err := to.reportFormat()
	if err != nil {
		return usageError(err)
	}
	if !slices.Contains(api.Languages(), to.lang) {
		return usageError(fmt.Errorf("language %q: want one of %s", to.lang, strings.Join(api.Languages(), ", ")))
	}
	if p.json && to.toStandard() {
		return usageError(errors.New("--json says what was written where: give --output with it"))
	}
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	meter := p.meter("report", "layers")
	options := engine.Options{Now: p.now, Progress: func(next string, done, of int) { meter.at("computing", int64(done), int64(of), next) }}
	e := engine.New(store, options)
	made, err := e.Report(ctx, given)
	printing := report.Options{Lang: to.lang}
	if err == nil && format == "html" {
		printing.Picture, err = pictureOf(ctx, e, made, given, to.lang)
	}
	meter.done()
	if err != nil {
		return err
	}
	files, err := to.writeReport(p.out, format, made, printing)
	if err != nil || to.toStandard() {
		return err
	}
	if p.json {
		p.answer(map[string]any{"indicator": made.Provenance.Indicator, "format": format, "files": files})
		return nil
	}
	p.tell("✓ %s, %s → %s", made.Names.In(to.lang), made.Provenance.Indicator, to.path)
	return nil
}

// pictureOf draws the map of the areas of a report.
func pictureOf(ctx context.Context, e *engine.Engine, made *analytics.Report, given map[string]string, lang string) (template.HTML, error) {
	asked := maps.Clone(given)
	asked["level"] = made.Provenance.Unit
	layer, err := e.Run(ctx, indicator.Analysis.Name, asked)
	if err != nil {
		return "", err
	}
	hierarchy, err := e.Hierarchy(ctx)
	if err != nil {
		return "", err
	}
	var drawn bytes.Buffer
	err = web.Map{Layer: layer, Hierarchy: hierarchy, Lang: lang}.WriteFigure(&drawn)
	return template.HTML(drawn.String()), err //nolint:gosec // every text in it was escaped
}

// toStandard reports whether output goes to standard output.
func (o output) toStandard() bool { return o.path == "" || o.path == "-" }

// reportFormat returns the format that is asked for, or that the ending of the
// path stands for.
func (o output) reportFormat() (string, error) {
	ending := strings.ToLower(strings.TrimPrefix(filepath.Ext(o.path), "."))
	switch info, err := os.Stat(o.path); {
	case o.format != "":
		f, err := report.Find(strings.ToLower(o.format))
		return f.Name, err
	case o.toStandard():
		return report.Formats()[0].Name, nil
	case strings.HasSuffix(o.path, "/"), err == nil && info.IsDir():
		return formatFolder, nil
	case ending == "htm":
		return "html", nil
	}
	f, err := report.Find(ending)
	if err != nil {
		return "", fmt.Errorf("%w, or a folder, by a / at the end", err)
	}
	return f.Name, nil
}

// writeReport writes a report and returns the files that it is in.
func (o output) writeReport(standard io.Writer, format string, made *analytics.Report, printing report.Options) ([]string, error) {
	if format != formatFolder {
		write := func(w io.Writer) error { return report.Write(w, format, made, printing) }
		return []string{o.path}, o.write(standard, write)
	}
	parts, err := report.Files(made, o.lang)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.path, 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	var files []string
	for _, part := range parts {
		to := output{path: filepath.Join(o.path, part.Name)}
		if err := to.write(standard, part.Write); err != nil {
			return files, err
		}
		files = append(files, to.path)
	}
	return files, nil
}
