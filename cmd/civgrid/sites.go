package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/paulmach/orb"
	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/coverage"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

func (p *program) sitesCommand() *cobra.Command {
	var to output
	params := engine.SitingParams()
	cmd := &cobra.Command{
		Use: "sites", Short: "Suggest where new resources would reach most of those who have none", Args: noArgs,
		Long: "Chooses sites for new resources among the centres of cells, one after the other,\n" +
			"each where it reaches most of the inhabitants, or reports, that nothing there is\n" +
			"or was chosen before it reaches. Beside it stands what no choice of as many sites\n" +
			"can do better than. The map of it is civgrid analyze sites.\n\n" +
			"Parameters that need a word more:" + paramNotes(params) +
			"\nMethod:\n" + wrap(coverage.Sites.Reference, "  "),
		Example: "  civgrid sites --kind toilet --new 5 --reach 1000\n" +
			"  civgrid sites --kind toilet --new 5 --within CODE --demand reports -o sites.geojson",
	}
	given := p.paramFlags(cmd, params)
	cmd.Flags().StringVar(&to.format, "format", "", "table, csv, geojson or json (default: by the ending of --output, else table)")
	cmd.Flags().StringVarP(&to.path, "output", "o", "", "file to write to (default: standard output)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error { return p.sites(cmd.Context(), given(), to) }
	return cmd
}

func (p *program) sites(ctx context.Context, given map[string]string, to output) error {
	format, err := to.oneOf(p.json, formatTable, "csv", "geojson", formatJSON)
	if err != nil {
		return usageError(err)
	}
	store, err := p.openToRead(ctx)
	if err != nil {
		return err
	}
	defer store.Close()
	meter := p.meter("sites", "cells")
	options := engine.Options{Now: p.now, Progress: func(_ string, done, of int) { meter.at("computing", int64(done), int64(of), "") }}
	s, err := engine.New(store, options).Siting(ctx, given)
	meter.done()
	if err != nil {
		return err
	}
	err = p.put(to, format, func(w io.Writer) error {
		switch format {
		case formatJSON:
			return writeJSON(w, s)
		case formatTable:
			return writeSites(w, s)
		}
		return encode.WriteTable(w, format, tableOfSites(s), encode.Options{})
	})
	if err == nil && !to.toStandard() {
		p.tell("✓ %s → %s", counted(len(s.Sites), "site"), to.path)
	}
	return err
}

// writeSites writes suggested sites for people.
func writeSites(w io.Writer, s *engine.Siting) error {
	said := sitesInWords(s)
	for i, sentence := range said {
		said[i] = wrap(sentence, "")
	}
	if _, err := fmt.Fprintf(w, "%s, and %s %s in all, as of %s\n", counted(int(s.Resources), "resource"), amount(s.Total), s.Demand, api.ShowMoment(s.Provenance.AsOf, s.Provenance.Zone)); err != nil {
		return err
	}
	if len(s.Sites) > 0 {
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
		if err := encode.WriteTable(w, "table", tableOfSites(s), encode.Options{Top: -1}); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "\n%s", strings.Join(said, ""))
	return err
}

// sitesInWords says in sentences what sites would do, and what that rests on.
func sitesInWords(s *engine.Siting) []string {
	if s.Now == nil {
		return append([]string{"There is no demand that could be reached: nobody is known to live, or report, there."}, s.Caveats...)
	}
	var said []string
	now := fmt.Sprintf("Now %s have a resource within %s m", shareOf(*s.Now), amount(s.Reach))
	switch {
	case len(s.Sites) == 0:
		said = append(said, now+"; no new site reaches anybody who has none.")
	default:
		said = append(said, fmt.Sprintf("%s; with %s %s would. No choice of %d could reach more than %s (%s).",
			now, counted(len(s.Sites), "new site"), shareOf(*s.Then), s.Wanted, shareOf(*s.Bound), amount(*s.Bound*s.Total)))
	}
	if n := len(s.Sites); n > 0 && n < s.Wanted {
		said = append(said, fmt.Sprintf("More than %d do not reach anybody who has none.", n))
	}
	return append(said, s.Caveats...)
}

// tableOfSites returns suggested sites as points.
func tableOfSites(s *engine.Siting) *encode.Table {
	n := len(s.Sites)
	t := &encode.Table{Name: "sites", Title: coverage.Sites.Title, IDs: make([]string, n), Shapes: make([]orb.Geometry, n)}
	choice, gain, covered := make([]int64, n), make([]float64, n), make([]float64, n)
	cells, places, names, lon, lat := make([]string, n), make([]string, n), make([]string, n), make([]float64, n), make([]float64, n)
	for i, site := range s.Sites {
		t.IDs[i], t.Shapes[i] = site.Cell.String(), orb.Point{site.Lon, site.Lat}
		choice[i], gain[i], covered[i] = int64(i+1), site.Gain, site.Covered
		cells[i], places[i], names[i], lon[i], lat[i] = t.IDs[i], site.Place, site.Name, site.Lon, site.Lat
	}
	t.Columns = []analytics.Column{
		{Name: "choice", Type: analytics.IntColumn, Title: "Choice", Ints: choice},
		{Name: "cell", Type: analytics.WordColumn, Title: "H3 cell", Words: cells},
		{Name: "place", Type: analytics.WordColumn, Title: "Code of the finest community there", Words: places},
		{Name: "place_name", Type: analytics.WordColumn, Title: "Its name", Words: names},
		{Name: "gain", Type: analytics.FloatColumn, Title: "Reached anew", Floats: gain},
		{Name: "covered", Type: analytics.FloatColumn, Unit: "share", Title: "Share in reach then", Floats: covered},
		{Name: "lon", Type: analytics.FloatColumn, Unit: "deg", Title: "Longitude", Floats: lon},
		{Name: "lat", Type: analytics.FloatColumn, Unit: "deg", Title: "Latitude", Floats: lat},
	}
	return t
}

// amount writes how much of a demand, which may be a fraction of a person.
func amount(x float64) string { return api.ShowCount(int64(math.Round(x))) }

func shareOf(share float64) string { return api.Show(share, "share", api.UnitWords{}) }
