package main

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api/route"
)

func (p *program) planCommand() *cobra.Command {
	var to output
	params := engine.PlanParams()
	cmd := &cobra.Command{
		Use: "plan", Short: "Choose where an inspector goes today, and why, and by which way", Args: noArgs,
		Long: "Chooses the cells where most reports are to be expected that can be visited in\n" +
			"the time there is, and the order of visits. Cells that were inspected not long\n" +
			"ago rest, and a share of the stops is drawn by lot near the way, so that the\n" +
			"record stays an honest sample. Every stop says what speaks for it. How well the\n" +
			"ranking would have foretold the past is told by civgrid backtest.\n\n" +
			"The ending of --output says what is written:\n" +
			"  .gpx      a route and waypoints for navigation devices (GPX 1.1)\n" +
			"  .kml      placemarks and a line (KML 2.2)\n" +
			"  .geojson  points and a line\n" +
			"  .csv      a row for each stop\n" +
			"  .json     everything, for programs\n\n" +
			"Parameters that need a word more:" + paramNotes(params) +
			"\nMethod:\n" + wrap("Clayton and Kaldor 1987, Biometrics 43:671-681; Tsiligirides 1984, J. Oper. Res. Soc. 35:797-809; Held and Karp 1962, J. SIAM 10:196-210", "  "),
		Example: "  civgrid plan --capacity 20 --minutes 240 --start 120.62,31.31\n" +
			"  civgrid plan --start 120.62,31.31 --within CODE --return --explore 0.2 -o monday.gpx",
	}
	given := p.paramFlags(cmd, params)
	cmd.Flags().StringVar(&to.format, "format", "", "table, csv, geojson, gpx, kml or json (default: by the ending of --output, else table)")
	cmd.Flags().StringVarP(&to.path, "output", "o", "", "file to write to (default: standard output)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.plan(cmd.Context(), given(), to) }
	return cmd
}

func (p *program) plan(ctx context.Context, given map[string]string, to output) error {
	var names []string
	for _, f := range route.Formats() {
		names = append(names, f.Name)
	}
	format, err := to.oneOf(p.json, append(names, formatJSON)...)
	if err != nil {
		return usageError(err)
	}
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	meter := p.meter("plan", "steps")
	options := engine.Options{Now: p.now, Progress: func(next string, done, of int) { meter.at(next, int64(done), int64(of), "") }}
	it, err := engine.New(store, options).Plan(ctx, given)
	meter.done()
	if err != nil {
		return err
	}
	err = p.put(to, format, func(w io.Writer) error {
		if format == formatJSON {
			return writeJSON(w, it)
		}
		return route.Write(w, format, it)
	})
	if err != nil || to.toStandard() {
		return err
	}
	p.tell("✓ %s on %s → %s", counted(len(it.Stops), "stop"), it.Begin.Format("2006-01-02"), to.path)
	for _, caveat := range it.Caveats {
		p.warn("%s", caveat)
	}
	return nil
}
