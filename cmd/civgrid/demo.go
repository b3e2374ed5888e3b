package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/sample"
)

// demoSeed makes the city that the README shows.
const demoSeed = 1

func (p *program) demoCommand() *cobra.Command {
	var once bool
	var seed uint64
	cmd := &cobra.Command{
		Use: "demo", Short: "Load a synthetic city, tell what was planted and found, and serve it", Args: noArgs,
		Long: "Makes a city that does not exist, with 60,000 reports over a year, imports its\n" +
			"files as any town's would be, looks for what was planted in them, and serves the\n" +
			"layers. Nothing is read from the network, and nothing is left behind unless\n" +
			"--store says where to keep it.",
		Example: "  civgrid demo                      load, report, serve\n" +
			"  civgrid demo --once               load, report, end; fails if something planted was missed\n" +
			"  civgrid demo --store demo.gpkg    keep it: QGIS opens the file",
		RunE: func(cmd *cobra.Command, _ []string) error { return p.demo(cmd.Context(), seed, once) },
	}
	cmd.Flags().BoolVar(&once, "once", false, "do not serve")
	cmd.Flags().Uint64Var(&seed, "seed", demoSeed, "another number makes another city")
	addrFlags(cmd)
	return cmd
}

func (p *program) demo(ctx context.Context, seed uint64, once bool) error {
	if p.json && !once {
		return usageError(errors.New("--json answers once; add --once"))
	}
	var to listeners
	if !once {
		var err error
		if to, err = p.listen(); err != nil {
			return err
		}
		defer to.close()
	}
	began := p.now()
	if p.config["store"].origin == "default" {
		dir, err := os.MkdirTemp("", "civgrid-demo-")
		if err != nil {
			return fmt.Errorf("make a place for the demo: %w", err)
		}
		defer os.RemoveAll(dir)
		p.config["store"] = setting{filepath.Join(dir, defaultStore), "demo"}
	}
	store, err := p.openStore(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	city := sample.New(seed)
	var stampers ingest.StamperCache
	for _, file := range city.Files() {
		if err := p.load(ctx, store, file, &stampers); err != nil {
			return err
		}
	}
	p.tell("✓ loaded in %s into %s", p.now().Sub(began).Round(100*time.Millisecond), p.config.show("store"))
	findings, err := p.search(ctx, store, city)
	if err != nil {
		return err
	}
	missed := p.sayFindings(findings)
	if once {
		if missed > 0 {
			return fmt.Errorf("%d planted items were missed", missed)
		}
		return nil
	}
	return p.serve(ctx, store, to)
}

// load imports one file of the city.
func (p *program) load(ctx context.Context, store data.Store, file sample.File, stampers *ingest.StamperCache) error {
	in := ingest.Bytes(file.Name, file.Bytes())
	meter := p.meter(file.Name, "rows")
	defer meter.done()
	progress := func(at ingest.Progress) { show(meter, at) }
	if file.Dataset == sample.CommunityFacts {
		_, err := ingest.Boundaries(ctx, store, in, outlinesOf(file, p.now()), progress)
		return err
	}
	mapping := ingest.Mapping{Map: file.Mapping, Source: file.Source, Zone: file.Zone, CRS: file.CRS}
	options := ingest.Options{Dataset: data.Dataset(file.Dataset), Mapping: mapping, Now: p.now(), Stampers: stampers}
	result, err := ingest.Import(ctx, store, in, options, progress)
	if err != nil {
		return err
	}
	if result.Rejected > 0 {
		p.tell("  %s: %d of %d rows rejected, as planted", file.Name, result.Rejected, result.Read)
	}
	return nil
}

// outlinesOf says how a file of communities is read.
func outlinesOf(file sample.File, now time.Time) ingest.BoundaryOptions {
	return ingest.BoundaryOptions{
		Level: file.Level, CRS: file.CRS, Now: now,
		Code: file.Mapping["code"], Parent: file.Mapping["parent"], Name: file.Mapping["name.en"], Language: "en",
		Population: file.Mapping["population"], Responsible: file.Mapping["responsible"],
		Names: map[string]string{"zh-Hans": file.Mapping["name.zh-Hans"], "zh-Hant": file.Mapping["name.zh-Hant"]},
	}
}
