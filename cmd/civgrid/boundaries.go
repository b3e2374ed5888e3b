package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/postgis"
)

// boundaryFlags are what import boundaries takes.
type boundaryFlags struct {
	level, validFrom, validTo string
	table, url                string // where to read from instead of files
	options                   ingest.BoundaryOptions
}

func (p *program) importBoundariesCommand() *cobra.Command {
	var f boundaryFlags
	cmd := &cobra.Command{
		Use: "boundaries FILE… | --from-table TABLE", Short: "Read the outlines of districts, streets, communities or unit grids",
		Args: func(cmd *cobra.Command, args []string) error { return f.checkArgs(cmd, args) },
		Long: "Reads areas from GeoJSON, from CSV with the outline in a column, or with\n" +
			"--from-table straight from a table or view of PostGIS, whose columns then are\n" +
			"the properties. Import coarse levels before fine ones: an area that names no\n" +
			"parent is linked to the one that holds most of it. Facts that are there already\n" +
			"are placed anew.",
		Example: "  civgrid import boundaries districts.geojson --level district\n" +
			"  civgrid import boundaries communities.geojson --level community --code id --name title\n" +
			"  civgrid import boundaries --from-table gis.streets --level street --code gid --name label --store postgres://civgrid@db/city\n" +
			"  civgrid import boundaries --from-table 'gis.\"My Areas\"' --geom shape --level-property kind --from-url postgres://reader@gis/maps",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.importBoundaries(cmd.Context(), args, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.level, "level", "", "what the areas are: province, city, district, street, community or unit_grid")
	flags.StringVar(&f.options.LevelProperty, "level-property", "", "property that says the level, area by area")
	flags.StringVar(&f.table, "from-table", "", "table or view with outlines to read instead of files, as table or schema.table")
	flags.StringVar(&f.url, "from-url", "", "database of that table, postgres://user@host/database (default: that of --store); PGPASSWORD or ~/.pgpass has the password")
	flags.StringVar(&f.options.Geometry, "geometry", "", "column that holds the outlines: of a CSV file as WKT, WKB or GeoJSON, or of a table (default: guessed)")
	flags.StringVar(&f.options.Geometry, "geom", "", "the same as --geometry")
	flags.StringVar(&f.options.Code, "code", "", "property that holds the code (default: guessed, else the name)")
	flags.StringVar(&f.options.Name, "name", "", "property that holds the name (default: guessed)")
	flags.StringVar(&f.options.Parent, "parent", "", "property that holds the code of the area above (default: guessed, else by place)")
	flags.StringVar(&f.options.Population, "population", "", "property that holds the number of inhabitants (default: guessed)")
	flags.StringVar(&f.options.Language, "language", "", "language of the names: en, zh-Hans or zh-Hant")
	flags.StringVar(&f.options.CRS, "crs", "", "coordinate system: wgs84, cgcs2000, gcj02, bd09 or epsg:3857; goes before what the file or table says")
	flags.StringVar(&f.validFrom, "valid-from", "", "first day the outlines are in force, 2024-01-01")
	flags.StringVar(&f.validTo, "valid-to", "", "day after the last")
	flags.BoolVar(&f.options.DryRun, "dry-run", false, "read and check, write nothing")
	return cmd
}

// complete reads the flags that are no plain text.
func (f *boundaryFlags) complete(p *program) (err error) {
	f.options.Now = p.now()
	if f.level != "" {
		if f.options.Level, err = data.ParseLevel(f.level); err != nil {
			return usageError(err)
		}
	}
	for _, day := range []struct {
		text string
		to   *time.Time
	}{{f.validFrom, &f.options.ValidFrom}, {f.validTo, &f.options.ValidTo}} {
		if day.text == "" {
			continue
		}
		if *day.to, err = time.Parse(time.DateOnly, day.text); err != nil {
			return usageError(fmt.Errorf("day %q: want one such as 2024-01-01", day.text))
		}
	}
	return nil
}

// checkArgs tests that there are files or a table, and not both.
func (f *boundaryFlags) checkArgs(cmd *cobra.Command, args []string) error {
	switch {
	case f.table != "" && len(args) > 0:
		return usageError(fmt.Errorf("%s reads files or a table: got both %s and --from-table %s", cmd.CommandPath(), args[0], f.table))
	case f.table != "":
		return nil
	case f.url != "":
		return usageError(errors.New("--from-url needs the name of a table: --from-table schema.table"))
	case len(args) == 0:
		return usageError(fmt.Errorf("%s takes one file or more, or --from-table", cmd.CommandPath()))
	}
	return nil
}

// A boundarySource is a file of outlines, or what was read of a table.
type boundarySource struct {
	name     string
	input    ingest.Input
	table    bool
	rejected []string // areas that were refused on the way here
}

// boundarySources finds the files, or reads the table, before anything else is
// done.
func (p *program) boundarySources(ctx context.Context, paths []string, f boundaryFlags) ([]boundarySource, error) {
	if f.table != "" {
		source, err := p.readTable(ctx, f)
		return []boundarySource{source}, err
	}
	inputs, err := inputsOf(paths)
	if err != nil {
		return nil, err
	}
	sources := make([]boundarySource, len(paths))
	for i, path := range paths {
		sources[i] = boundarySource{name: filepath.Base(path), input: inputs[i]}
	}
	return sources, nil
}

// readTable reads the outlines of a table.
func (p *program) readTable(ctx context.Context, f boundaryFlags) (source boundarySource, err error) {
	if _, err := p.storeKind(); err != nil {
		return source, err
	}
	url := f.url
	switch {
	case url == "" && isPostgres(p.config.get("store")):
		url = p.config.get("store")
	case url == "":
		return source, usageError(fmt.Errorf("the store %s is no database to read table %s from: name it with --from-url postgres://user@host/database",
			p.config.get("store"), f.table))
	case !isPostgres(url):
		return source, usageError(errors.New("--from-url: want postgres://user@host/database"))
	}
	content, err := postgis.TableFeatures(ctx, url, postgis.TableSource{
		Table: f.table, Geometry: f.options.Geometry, AsIs: f.options.CRS != "",
	})
	if err != nil {
		return source, err
	}
	source = boundarySource{name: content.Name, table: true, input: ingest.Bytes(content.Name+".geojson", content.GeoJSON)}
	for _, row := range content.Refused {
		source.rejected = append(source.rejected, tableRow(row.Properties)+row.Reason)
	}
	return source, nil
}

// tableRow says which row of a table is meant: it has no number.
func tableRow(properties []byte) string {
	const most = 120
	text := string(properties)
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "…"
	}
	return "row " + text + ": "
}

// rejects says which areas were not taken, and why.
func (s boundarySource) rejects(r ingest.BoundaryResult) []string {
	rejects := s.rejected
	for _, reject := range r.Rejects {
		text := reject.Error()
		var row struct{ Properties json.RawMessage }
		switch {
		case !s.table:
		case json.Unmarshal(reject.Raw, &row) == nil:
			text = tableRow(row.Properties) + reject.Message
		default: // rows of one code that were joined
			text = fmt.Sprintf("%s %q: %s", reject.Column, reject.Value, reject.Message)
		}
		rejects = append(rejects, text)
	}
	return rejects
}

func (p *program) importBoundaries(ctx context.Context, paths []string, f boundaryFlags) error {
	if err := f.complete(p); err != nil {
		return err
	}
	sources, err := p.boundarySources(ctx, paths, f)
	if err != nil {
		return err
	}
	store, err := p.openOrRehearse(ctx, f.options.DryRun)
	if err != nil {
		return err
	}
	defer store.Close()
	var answers []boundaryAnswer
	rejected := 0
	for _, source := range sources {
		meter := p.meter(source.name, "rows")
		result, err := ingest.Boundaries(ctx, store, source.input, f.options, func(at ingest.Progress) { show(meter, at) })
		meter.done()
		if err != nil {
			return importError(err)
		}
		answer := answerOf(source, result)
		rejected += len(answer.Rejected)
		answers = append(answers, answer)
		if !p.json {
			p.tellBoundaries(answer, result, f.options.DryRun)
		}
	}
	if !f.options.DryRun {
		if err := ingest.Refresh(ctx, store); err != nil {
			return err
		}
	}
	if p.json {
		p.answer(answers)
	}
	if rejected > 0 {
		return &codedError{code: exitRejected, err: fmt.Errorf("areas rejected: %d", rejected)}
	}
	return nil
}

// A boundaryAnswer is what --json says of a file or table of outlines.
type boundaryAnswer struct {
	File      string                `json:"file"`
	Areas     int                   `json:"areas"`
	Changed   int64                 `json:"changed"`
	Relinked  int64                 `json:"relinked"`
	Notes     []ingest.BoundaryNote `json:"notes"`
	Rejected  []string              `json:"rejected"`
	Restamped data.Changes          `json:"restamped"`
}

func answerOf(source boundarySource, r ingest.BoundaryResult) boundaryAnswer {
	return boundaryAnswer{source.name, len(r.Communities), r.Changed, r.Relinked, r.Notes, source.rejects(r), r.Restamped}
}

// shownNotes is how many remarks on outlines are told.
const shownNotes = 8

func (p *program) tellBoundaries(a boundaryAnswer, r ingest.BoundaryResult, dryRun bool) {
	became := fmt.Sprintf("%d new or changed", r.Changed)
	if dryRun {
		became = "nothing was written"
	}
	p.tell("✓ %s: %d areas, %s (code from %q, name from %q)", a.File, a.Areas, became, r.Code, r.Name)
	if r.Relinked > 0 {
		p.tell("  %d areas of other levels have another area above now", r.Relinked)
	}
	for i, note := range r.Notes {
		if i == shownNotes {
			p.tell("  and %d more remarks", len(r.Notes)-shownNotes)
			break
		}
		p.tell("  %s: %s", note.Code, note.Message)
	}
	if n := r.Restamped.Restamped; n > 0 {
		p.tell("  %d facts were placed anew", n)
	}
	for _, reject := range a.Rejected {
		p.tell("✗ %s", reject)
	}
}
