package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// boundaryFlags are what import boundaries takes.
type boundaryFlags struct {
	level, validFrom, validTo string
	options                   ingest.BoundaryOptions
}

func (p *program) importBoundariesCommand() *cobra.Command {
	var f boundaryFlags
	cmd := &cobra.Command{
		Use: "boundaries FILE…", Short: "Read the outlines of districts, streets, communities or unit grids", Args: someArgs("file"),
		Long: "Reads areas from GeoJSON, or from CSV with the outline in a column. Import coarse levels before fine ones: an area that\n" +
			"names no parent is linked to the one that holds most of it. Facts that are\n" +
			"there already are placed anew.",
		Example: "  civgrid import boundaries districts.geojson --level district\n" +
			"  civgrid import boundaries communities.geojson --level community --code id --name title",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.importBoundaries(cmd.Context(), args, f)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.level, "level", "", "what the areas are: province, city, district, street, community or unit_grid")
	flags.StringVar(&f.options.LevelProperty, "level-property", "", "property that says the level, area by area")
	flags.StringVar(&f.options.Geometry, "geometry", "", "column of a CSV file that holds the outlines as WKT, WKB or GeoJSON (default: guessed)")
	flags.StringVar(&f.options.Code, "code", "", "property that holds the code (default: guessed, else the name)")
	flags.StringVar(&f.options.Name, "name", "", "property that holds the name (default: guessed)")
	flags.StringVar(&f.options.Parent, "parent", "", "property that holds the code of the area above (default: guessed, else by place)")
	flags.StringVar(&f.options.Population, "population", "", "property that holds the number of inhabitants (default: guessed)")
	flags.StringVar(&f.options.Language, "language", "", "language of the names: en, zh-Hans or zh-Hant")
	flags.StringVar(&f.options.CRS, "crs", "", "coordinate system: wgs84, cgcs2000, gcj02, bd09 or epsg:3857")
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

func (p *program) importBoundaries(ctx context.Context, paths []string, f boundaryFlags) error {
	if err := f.complete(p); err != nil {
		return err
	}
	inputs, err := inputsOf(paths)
	if err != nil {
		return err
	}
	store, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	var answers []boundaryAnswer
	rejected := 0
	for i, path := range paths {
		meter := p.meter(filepath.Base(path), "rows")
		result, err := ingest.Boundaries(ctx, store, inputs[i], f.options, func(at ingest.Progress) { show(meter, at) })
		meter.done()
		if err != nil {
			return importError(err)
		}
		rejected += len(result.Rejects)
		answers = append(answers, answerOf(path, result))
		if !p.json {
			p.tellBoundaries(path, result)
		}
	}
	if err := refresh(ctx, store); err != nil {
		return err
	}
	if p.json {
		p.answer(answers)
	}
	if rejected > 0 {
		return &codedError{code: exitRejected, err: fmt.Errorf("areas rejected: %d", rejected)}
	}
	return nil
}

// A boundaryAnswer is what --json says of a file of outlines.
type boundaryAnswer struct {
	File      string                `json:"file"`
	Areas     int                   `json:"areas"`
	Changed   int64                 `json:"changed"`
	Relinked  int64                 `json:"relinked"`
	Notes     []ingest.BoundaryNote `json:"notes"`
	Rejected  []string              `json:"rejected"`
	Restamped data.Changes          `json:"restamped"`
}

func answerOf(path string, r ingest.BoundaryResult) boundaryAnswer {
	a := boundaryAnswer{filepath.Base(path), len(r.Communities), r.Changed, r.Relinked, r.Notes, nil, r.Restamped}
	for _, reject := range r.Rejects {
		a.Rejected = append(a.Rejected, reject.Error())
	}
	return a
}

// shownNotes is how many remarks on outlines are told.
const shownNotes = 8

func (p *program) tellBoundaries(path string, r ingest.BoundaryResult) {
	p.tell("✓ %s: %d areas, %d new or changed (code from %q, name from %q)", filepath.Base(path), len(r.Communities), r.Changed, r.Code, r.Name)
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
	for _, reject := range r.Rejects {
		p.tell("✗ %s", reject.Error())
	}
}
