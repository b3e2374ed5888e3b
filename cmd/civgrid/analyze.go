package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/web"
)

func (p *program) analyzeCommand() *cobra.Command {
	cmd := p.group(&cobra.Command{
		Use:        "analyze",
		SuggestFor: []string{"compute", "query", "export", "rank", "ranking", "hotspots", "layer"},
		Short:      "Compute a layer: by hexagon or by community, as GeoJSON, CSV, JSON or a table",
		Example: "  civgrid analyze hotspot --res 9 --format geojson -o hotspots.geojson\n" +
			"  civgrid analyze compliance --level district\n" +
			"  civgrid analyze response --level community --from 2025-01-01 --to 2025-04-01 --format csv",
	})
	for _, a := range engine.Analyses() {
		cmd.AddCommand(p.analysisCommand(a))
	}
	return cmd
}

func (p *program) analysisCommand(a analytics.Analysis) *cobra.Command {
	var to output
	params := engine.Params(a)
	cmd := &cobra.Command{
		Use: a.Name, Short: a.Title, Args: noArgs,
		Long: wrap(a.Doc, "") + "\nMethod:\n" + wrap(a.Reference, "  ") +
			"\nParameters that need a word more:" + paramNotes(params),
		Example: examples(a),
	}
	given := p.paramFlags(cmd, params)
	cmd.Flags().StringVar(&to.format, "format", "", strings.Join(encode.Names(), ", ")+" or svg (default: by the ending of --output, else table)")
	cmd.Flags().StringVar(&to.lang, "lang", "en", "language of a picture: en, zh-Hans or zh-Hant")
	cmd.Flags().StringVarP(&to.path, "output", "o", "", "file to write to (default: standard output)")
	cmd.Flags().BoolVar(&to.verbatim, "verbatim", false, "write words of CSV as they are: for programs, since a spreadsheet takes =A1 for a formula")
	cmd.Flags().BoolVar(&to.explain, "explain", false, "tell on standard error how the store is asked, and why so")
	cmd.Flags().IntVar(&to.top, "top", 20, "rows of a table; 0 for all")
	completeChoice(cmd, "format", append(encode.Names(), formatSVG)...)
	completeChoice(cmd, "lang", api.Languages()...)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return p.analyze(cmd.Context(), a.Name, given(), to)
	}
	return cmd
}

func examples(a analytics.Analysis) string {
	command := a.Name
	if slices.ContainsFunc(a.Params, func(p analytics.Param) bool { return p.Name == indicator.Code }) {
		command += " --indicator general.cases"
	}
	return fmt.Sprintf("  civgrid analyze %[1]s --res 9 -o %[2]s.geojson\n"+
		"  civgrid analyze %[1]s --level community --top 10\n"+
		"  civgrid analyze %[1]s --within CODE --from 2025-01-01 --to 2025-07-01 --format csv", command, a.Name)
}

func (p *program) analyze(ctx context.Context, name string, values map[string]string, to output) error {
	format, err := to.formatName(p.json)
	if err != nil {
		return usageError(err)
	}
	if !slices.Contains(api.Languages(), to.lang) {
		return usageError(fmt.Errorf("language %q: want one of %s", to.lang, strings.Join(api.Languages(), ", ")))
	}
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	meter := p.meter(name, "steps")
	options := engine.Options{Now: p.now, Progress: func(_ string, done, of int) { meter.at("computing", int64(done), int64(of), "") }}
	if to.explain {
		options.Explain = p.explain
	}
	e := engine.New(store, options)
	layer, err := e.Run(ctx, name, values)
	meter.done()
	if err != nil {
		return err
	}
	write, err := writerOf(ctx, e, layer, format, to)
	if err != nil {
		return err
	}
	if err := p.put(to, format, write); err != nil {
		return err
	}
	if to.path != "" {
		p.tell("✓ %s, %d rows → %s", layer.Title, layer.Frame.Len(), to.path)
	}
	if format != formatTable {
		p.warnOfEmptiness(layer)
	}
	return nil
}

// warnOfEmptiness tells the notes of a layer without facts in its rows, or without a
// value in any, where the format does not put them before people's eyes.
func (p *program) warnOfEmptiness(layer *analytics.Layer) {
	facts := slices.ContainsFunc(layer.Balances, func(b analytics.Balance) bool { return b.InRows > 0 })
	if _, ranked := api.Ranked(layer); facts && ranked > 0 {
		return
	}
	for _, caveat := range layer.Caveats {
		p.tell("Note: %s", caveat)
	}
}

// longestPlanLine is how much of a line of a plan is shown: the offsets of a
// time zone or the bounds of waits fill pages.
const longestPlanLine = 200

// explain tells how rollups are answered.
func (p *program) explain(s agg.Step) {
	how := "scan"
	if s.PushDown {
		how = "push-down"
	}
	fmt.Fprintf(p.err, "%s of %s: %s, because %s\n", strings.Join(s.Rollups, ", "), s.Dataset, how, s.Why)
	if !s.PushDown {
		return // the plan is that of what is not done
	}
	for line := range strings.Lines(s.Plan) {
		if signs := []rune(strings.TrimRight(line, "\n")); len(signs) > longestPlanLine {
			line = string(signs[:longestPlanLine]) + "…\n"
		}
		fmt.Fprintf(p.err, "  %s", line)
	}
}

// writerOf returns what writes a layer in a format.
func writerOf(ctx context.Context, e *engine.Engine, layer *analytics.Layer, format string, to output) (func(io.Writer) error, error) {
	if format == formatSVG {
		hierarchy, err := e.Hierarchy(ctx)
		return web.Map{Layer: layer, Hierarchy: hierarchy, Lang: to.lang}.WriteSVG, err
	}
	top := to.top
	if top == 0 {
		top = -1 // what encode calls all
	}
	return func(w io.Writer) error {
		return encode.Write(w, format, layer, encode.Options{Top: top, Verbatim: to.verbatim})
	}, nil
}
