package main

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics/blindspot"
	"github.com/civgrid/civgrid/analytics/emerging"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/hotspot"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sample"
	"github.com/civgrid/civgrid/geo"
)

// A finding says whether something planted was found.
type finding struct {
	truth  sample.Truth
	found  bool
	looked bool // false: no analysis looks for it yet
	words  string
}

// A searcher looks for what was planted, with the analyses any user has.
type searcher struct {
	engine *engine.Engine
	store  data.Store
	report data.Report
	city   *sample.City
}

// search looks for everything planted in the city.
func (p *program) search(ctx context.Context, store data.Store, city *sample.City) ([]finding, error) {
	report, err := store.Report(ctx, data.Incidents)
	if err != nil {
		return nil, fmt.Errorf("read the quality report: %w", err)
	}
	s := searcher{engine.New(store, engine.Options{Now: p.now}), store, report, city}
	var findings []finding
	for _, truth := range city.Planted() {
		f := finding{truth: truth, looked: true}
		if err := s.lookFor(ctx, &f); err != nil {
			return nil, fmt.Errorf("look for %s: %w", truth.Title, err)
		}
		findings = append(findings, f)
		if truth.Kind == sample.Emerging {
			grows := finding{truth: truth, looked: true}
			if err := s.rising(ctx, &grows); err != nil {
				return nil, fmt.Errorf("look for the growth of %s: %w", truth.Title, err)
			}
			findings = append(findings, grows)
		}
	}
	return findings, nil
}

func (s *searcher) lookFor(ctx context.Context, f *finding) error {
	switch f.truth.Kind {
	case sample.Hotspot, sample.Emerging, sample.Cold:
		return s.spot(ctx, f)
	case sample.Unseen, sample.Unheard:
		return s.blind(ctx, f)
	case sample.SlowDistrict:
		return s.slow(ctx, f)
	case sample.DefaultLocation:
		s.defaultLocation(f)
	case sample.ShiftedSource:
		return s.shifted(ctx, f)
	case sample.AreaOnly:
		return s.areaOnly(ctx, f)
	case sample.Messy:
		return s.messy(ctx, f)
	default:
		f.looked = false
		f.words = "no analysis looks for this yet"
	}
	return nil
}

// spot looks for cells that are hot, or cold, at 95 % or more in the planted
// circle.
func (s *searcher) spot(ctx context.Context, f *finding) error {
	given := map[string]string{"res": "9"}
	if !f.truth.From.IsZero() {
		given["from"], given["to"] = f.truth.From.Format("2006-01-02T15:04:05Z07:00"), f.truth.To.Format("2006-01-02T15:04:05Z07:00")
	}
	layer, err := s.engine.Run(ctx, "hotspot", given)
	if err != nil {
		return err
	}
	wanted := []string{hotspot.Hot99, hotspot.Hot95}
	if f.truth.Kind == sample.Cold {
		wanted = []string{hotspot.Cold99, hotspot.Cold95}
	}
	class, _ := layer.Column("class")
	q, _ := layer.Column("q")
	cells, flagged, best := 0, 0, 1.0
	for row, cell := range layer.Frame.Cells {
		if geo.Distance(cell.Centre(), f.truth.Centre) > f.truth.Radius {
			continue
		}
		cells++
		if class.Words[row] == wanted[0] || class.Words[row] == wanted[1] {
			flagged++
			best = math.Min(best, q.Floats[row])
		}
	}
	f.found = flagged > 0
	f.words = fmt.Sprintf("%d of %d cells at the place are %s at 95 %% or more", flagged, cells, strings.TrimRight(wanted[0], "9"))
	if f.found {
		f.words += fmt.Sprintf(", best q %.2g", best)
	}
	return nil
}

// rising looks for cells in the planted circle that have become hot, or hotter, in
// the course of the year.
func (s *searcher) rising(ctx context.Context, f *finding) error {
	layer, err := s.engine.Run(ctx, emerging.Analysis.Name, map[string]string{"res": "9"})
	if err != nil {
		return err
	}
	urgency, _ := layer.Column("urgency")
	class, _ := layer.Column("class")
	since, _ := layer.Column("since")
	trend, _ := layer.Column("trend_z")
	cells, rising, first := 0, 0, -1
	for row, cell := range layer.Frame.Cells {
		if geo.Distance(cell.Centre(), f.truth.Centre) > f.truth.Radius {
			continue
		}
		cells++
		if urgency.Has(row) && urgency.Ints[row] > 0 && since.Has(row) && trend.Has(row) && trend.Floats[row] > 0 {
			if rising++; first < 0 || urgency.Ints[row] > urgency.Ints[first] {
				first = row
			}
		}
	}
	if f.found = rising > 0; !f.found {
		f.words = fmt.Sprintf("that it grows: none of %d cells at the place has become hot", cells)
		return nil
	}
	f.words = fmt.Sprintf("that it grows: %d of %d cells at the place have become hot, one a %s spot since %s", rising, cells, strings.ReplaceAll(class.Words[first], "_", " "), since.Words[first])
	return nil
}

// blind looks for cells in the planted circle where complaints and inspections
// disagree the way they were made to.
func (s *searcher) blind(ctx context.Context, f *finding) error {
	layer, err := s.engine.Run(ctx, blindspot.Analysis.Name, map[string]string{"res": "9"})
	if err != nil {
		return err
	}
	wanted, says := blindspot.Unseen, "many complain and inspections pass"
	if f.truth.Kind == sample.Unheard {
		wanted, says = blindspot.Unheard, "inspections fail and hardly anybody complains"
	}
	class, _ := layer.Column("class")
	q, _ := layer.Column("q")
	cells, found, best := 0, 0, 1.0
	for row, cell := range layer.Frame.Cells {
		if geo.Distance(cell.Centre(), f.truth.Centre) > f.truth.Radius {
			continue
		}
		if cells++; class.Has(row) && class.Words[row] == wanted {
			found++
			best = math.Min(best, q.Floats[row])
		}
	}
	if f.found = found > 0; !f.found {
		f.words = fmt.Sprintf("that %s: shown by none of %d cells at the place", says, cells)
		return nil
	}
	f.words = fmt.Sprintf("that %s: shown by %d of %d cells at the place, best q %.2g (%.0f %% of inspections there fail, %.0f %% elsewhere)", says, found, cells, best, 100*f.truth.Share, 100*f.truth.OthersShare)
	return nil
}

func (s *searcher) defaultLocation(f *finding) {
	for _, d := range s.report.Defaults {
		if geo.Distance(f.truth.Centre, orb.Point{d.Lon, d.Lat}) < 1 {
			f.found = true
			f.words = fmt.Sprintf("%v, %v (latitude, longitude) holds %d records, %.1f %% of those with a point; left out of maps", d.Lat, d.Lon, d.Rows, 100*d.Share)
			return
		}
	}
	f.words = fmt.Sprintf("%d default locations were flagged, not this one", len(s.report.Defaults))
}

// shifted looks whether the records of the GCJ-02 source landed inside the
// city's boundaries.
func (s *searcher) shifted(ctx context.Context, f *finding) error {
	placed, outside, err := s.countSource(ctx, f.truth.Source)
	if err != nil {
		return err
	}
	f.found = placed == int64(f.truth.Count) && outside == 0
	f.words = fmt.Sprintf("%d records read as GCJ-02, %d outside every boundary after conversion", placed, outside)
	return nil
}

func (s *searcher) countSource(ctx context.Context, source string) (placed, outside int64, err error) {
	query := data.Query{Dataset: data.Incidents, Columns: []string{"community"}, Where: data.All{
		data.Compare{Column: "source", Op: data.Equal, Value: source},
		data.Compare{Column: "crs_given", Op: data.Equal, Value: "gcj02"},
		data.Compare{Column: "location", Op: data.Equal, Value: data.LocationPoint},
	}}
	for b, err := range s.store.Scan(ctx, query) {
		if err != nil {
			return 0, 0, err
		}
		valid := b.Valid("community")
		for row := range b.Len() {
			placed++
			if !valid.At(row) {
				outside++
			}
		}
	}
	return placed, outside, nil
}

// areaOnly looks whether records without a point are counted in their
// community.
func (s *searcher) areaOnly(ctx context.Context, f *finding) error {
	layer, err := s.engine.Run(ctx, "hotspot", map[string]string{"level": string(data.CommunityArea)})
	if err != nil {
		return err
	}
	var without int64
	for _, item := range layer.Summary {
		if item.Key == "without_place" {
			without, _ = item.Value.(int64)
		}
	}
	f.found = s.report.AreaOnly == int64(f.truth.Count)
	f.words = fmt.Sprintf("%d records without a point are placed by community; %d have no place at that level", s.report.AreaOnly, without)
	return nil
}

// messy looks for bad rows among the quality rules, and among the rows that
// imports rejected.
func (s *searcher) messy(ctx context.Context, f *finding) error {
	for _, rule := range s.report.Rules {
		if rule.Rule == f.truth.Rule {
			f.found = rule.Rows >= int64(f.truth.Count)
			f.words = fmt.Sprintf("%d rows: %s", rule.Rows, rule.Title)
			return nil
		}
	}
	imports, err := s.store.Imports(ctx)
	if err != nil {
		return err
	}
	var rejected, repeated int64
	for _, i := range imports {
		if i.Dataset != string(data.Incidents) {
			continue
		}
		rejected += i.Reasons[f.truth.Rule]
		repeated += i.Read - i.Rejected - i.Changes.Rows()
	}
	switch {
	case rejected > 0:
		f.found = rejected == int64(f.truth.Count)
		f.words = fmt.Sprintf("%d rows were rejected for it, with line, column and value", rejected)
	case f.truth.Rule == "repeated":
		f.found = repeated == int64(f.truth.Count)
		f.words = fmt.Sprintf("%d rows gave way to a later row of the same id", repeated)
	default:
		f.looked = false
		f.words = "no quality rule looks for this yet"
	}
	return nil
}

// sayFindings prints what was planted and found, and returns how many items
// were missed.
func (p *program) sayFindings(findings []finding) (missed int) {
	type line struct {
		Kind, Title, Outcome, Words string
	}
	var lines []line
	for _, f := range findings {
		l := line{f.truth.Kind, f.truth.Title, "found", f.words}
		switch {
		case !f.looked:
			l.Outcome = "not yet looked for"
		case !f.found:
			l.Outcome = "MISSED"
			missed++
		}
		lines = append(lines, l)
	}
	if p.json {
		p.answer(map[string]any{"planted": lines, "missed": missed})
		return missed
	}
	p.say("Planted in the data, and what the analyses found:")
	marks := map[string]string{"found": "✓", "MISSED": "✗", "not yet looked for": "–"}
	for _, l := range lines {
		p.say("  %s %-18s %s", marks[l.Outcome], l.Outcome, l.Title)
		p.say("    %s", l.Words)
	}
	p.say("")
	return missed
}
