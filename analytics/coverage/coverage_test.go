package coverage

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func request(t testing.TB, a analytics.Analysis, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(a.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	return analytics.Request{Unit: analytics.CellsOf(9), Params: values}
}

// counted is a tally of no more than how many places, or reports, a row has.
func counted(n ...int64) []analytics.Tally {
	t := analytics.Tally{Names: []string{"n"}, Counts: [][]int64{n}, Elsewhere: make([]int64, 1), Nowhere: make([]int64, 1), Keyless: make([]int64, 1)}
	for row := range n {
		t.Rows = append(t.Rows, int32(row))
	}
	return []analytics.Tally{t}
}

// town returns a disk of cells with 100 inhabitants at the centre of each, nobody in
// the first and nobody knows how many in the second, and a station at the middle.
func town(t testing.TB, rings int) (*analytics.Frame, []analytics.Tally) {
	t.Helper()
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(rings))
	at := f.Cells[f.Len()/2].Centre()
	f.Sites = []analytics.Site{{Source: "s", ID: "1", Name: "Station", Kind: "station", Lon: at[0], Lat: at[1], Capacity: 20, HasCapacity: true}}
	places := make([]int64, f.Len())
	for row, cell := range f.Cells {
		centre, err := geo.CellAt(cell.Centre(), 10)
		if err != nil {
			t.Fatal(err)
		}
		home := analytics.Home{Cell: centre, Row: int32(row), People: 100, Known: true}
		switch row {
		case 0:
			home.People = 0
		case 1:
			home.People, home.Known = 0, false
		}
		f.Homes, places[row] = append(f.Homes, home), 1
	}
	return f, counted(places...)
}

// TestWhoIsServed follows every row of a small town by hand: distances by the
// haversine formula, shares of one station's capacity.
func TestWhoIsServed(t *testing.T) {
	f, answers := town(t, 4)
	const reach = 700
	layer, err := Analysis.Compute(t.Context(), request(t, Analysis, map[string]string{"reach": "700"}), f, answers)
	if err != nil {
		t.Fatal(err)
	}
	class, away, supply := analysistest.Column(t, layer, "class"), analysistest.Column(t, layer, "nearest_m"), analysistest.Column(t, layer, "access")
	reason := analysistest.Column(t, layer, "reason")
	station := orb.Point{f.Sites[0].Lon, f.Sites[0].Lat}
	near := 0.0
	for _, cell := range f.Cells[2:] {
		if geo.Distance(cell.Centre(), station) <= reach {
			near += 100
		}
	}
	for row, cell := range f.Cells {
		d := float64(geo.Distance(cell.Centre(), station))
		if math.Abs(away.Floats[row]-d) > 1e-6 {
			t.Errorf("row %d is %v m away, want %v", row, away.Floats[row], d)
		}
		want, offered := Unserved, 0.0
		if d <= reach {
			want, offered = Served, 1000*20/near
		}
		switch row {
		case 0:
			want = Nobody
		case 1:
			want = ""
		}
		if class.Words[row] != want || class.Has(row) == (row == 1) || supply.Has(row) && math.Abs(supply.Floats[row]-offered) > 1e-9 {
			t.Errorf("row %d is %q with %v for 1,000, want %q with %v", row, class.Words[row], supply.Floats[row], want, offered)
		}
	}
	if reason.Words[1] != "no_population" {
		t.Errorf("where nobody knows how many live: %q", reason.Words[1])
	}
	if got := analysistest.Item(t, layer, "unserved").(float64); math.Abs(got-(5900-near)) > 1e-6 {
		t.Errorf("%v people without a station, want %v", got, 5900-near)
	}
}

// TestNoResourceIsNoZero: where there is no resource of the kind, nothing is told.
func TestNoResourceIsNoZero(t *testing.T) {
	f, answers := town(t, 3)
	layer, err := Analysis.Compute(t.Context(), request(t, Analysis, map[string]string{"kind": "library|toilet"}), f, answers)
	if err != nil {
		t.Fatal(err)
	}
	reached, reason := analysistest.Column(t, layer, "reached"), analysistest.Column(t, layer, "reason")
	for row := range f.Len() {
		if reached.Has(row) || reason.Words[row] != "no_resources" {
			t.Errorf("row %d: share %v, reason %q", row, reached.Floats[row], reason.Words[row])
		}
	}
	if got := analysistest.Item(t, layer, "reached"); got != nil {
		t.Errorf("share in reach %v, want none", got)
	}
	if want := "There is no resource of kind library|toilet; there are station."; !slices.Contains(layer.Caveats, want) {
		t.Errorf("caveats %q, want %q", layer.Caveats, want)
	}
}

// quarters returns two communities: one of an eastern quarter where 900 live at each
// place and a western one where 100 do, with a station at its western end, and one
// without a place.
func quarters(t testing.TB) *analytics.Frame {
	t.Helper()
	centre, err := geo.CellAt(geo.Cell(0x8931aa5085bffff).Centre(), 10)
	if err != nil {
		t.Fatal(err)
	}
	at := centre.Centre()
	f := &analytics.Frame{
		Unit: analytics.CommunitiesOf(data.Street), Communities: []data.Community{{Code: "a"}, {Code: "b"}},
		SquareKm: []float64{4, 0}, Sites: []analytics.Site{{Source: "s", ID: "w", Lon: at[0] - 0.02, Lat: at[1]}, {Source: "s", ID: "far", Lon: at[0] - 1, Lat: at[1]}},
	}
	for _, cell := range centre.Disk(12) {
		home := analytics.Home{Cell: cell, People: 100, Known: true}
		if cell.Centre()[0] > at[0] {
			home.People = 900
		}
		f.Homes = append(f.Homes, home)
	}
	return f
}

// TestCommunitiesAreTheirPlaces counts who has a resource in reach where people
// live: most of them in the part without.
func TestCommunitiesAreTheirPlaces(t *testing.T) {
	f := quarters(t)
	const reach = 2050
	given := map[string]string{"reach": "2050"}
	r := request(t, Analysis, given)
	r.Unit = f.Unit
	layer, err := Analysis.Compute(t.Context(), r, f, counted(int64(len(f.Homes)), 0))
	if err != nil {
		t.Fatal(err)
	}
	all, near, away := 0.0, 0.0, 0.0
	station := orb.Point{f.Sites[0].Lon, f.Sites[0].Lat}
	places := 0.0
	for _, h := range f.Homes {
		d := float64(geo.Distance(h.Cell.Centre(), station))
		all, away = all+h.People, away+h.People*d
		if d <= reach {
			near += h.People
			places++
		}
	}
	reached, reason := analysistest.Column(t, layer, "reached"), analysistest.Column(t, layer, "reason")
	if want := near / all; math.Abs(reached.Floats[0]-want) > 1e-9 || want > 0.4 || places < 0.5*float64(len(f.Homes)) {
		t.Errorf("share in reach %v, want %v, though %v of %d places are", reached.Floats[0], want, places, len(f.Homes))
	}
	if got := analysistest.Column(t, layer, "nearest_m").Floats[0]; math.Abs(got-away/all) > 1e-6 {
		t.Errorf("the nearest is %v m away, want %v", got, away/all)
	}
	if reason.Words[1] != "no_place" || reached.Has(1) {
		t.Errorf("a community without a place: %q", reason.Words[1])
	}
	if id, n := analysistest.Column(t, layer, "nearest_id"), analysistest.Column(t, layer, "resources"); id.Words[0] != "s/w" || n.Ints[0] != 1 || id.Has(1) || n.Has(1) {
		t.Errorf("nearest are %q, %d resources in reach; want s/w and 1, and none for the second", id.Words, n.Ints)
	}
	given["demand"] = "reports"
	r = request(t, Analysis, given)
	r.Unit = f.Unit
	if layer, err = Analysis.Compute(t.Context(), r, f, counted(90, 3)); err != nil {
		t.Fatal(err)
	}
	if got, want := analysistest.Column(t, layer, "reached").Floats[0], places/float64(len(f.Homes)); math.Abs(got-want) > 1e-9 {
		t.Errorf("share of reports in reach %v, want that of places, %v", got, want)
	}
}

// TestNeighboursShareResources: who lives outside the rows takes part of a supply,
// and Σ A P over all is what there is.
func TestNeighboursShareResources(t *testing.T) {
	f, answers := town(t, 3)
	alone, err := Analysis.Compute(t.Context(), request(t, Analysis, nil), f, answers)
	if err != nil {
		t.Fatal(err)
	}
	for i := range f.Homes {
		if i%2 == 0 {
			f.Homes[i].Row = -1
		}
	}
	shared, err := Analysis.Compute(t.Context(), request(t, Analysis, nil), f, answers)
	if err != nil {
		t.Fatal(err)
	}
	before, after := analysistest.Column(t, alone, "access"), analysistest.Column(t, shared, "access")
	taken := 0.0
	for row := range f.Len() {
		taken += before.Floats[row] / 1000 * analysistest.Column(t, alone, "demand").Floats[row]
		if after.Has(row) && math.Abs(before.Floats[row]-after.Floats[row]) > 1e-9 {
			t.Errorf("row %d: supply %v, want %v though others are in no row", row, after.Floats[row], before.Floats[row])
		}
	}
	if math.Abs(taken-20) > 1e-9 {
		t.Errorf("access times demand adds up to %v, want the supply of 20", taken)
	}
}

func BenchmarkCompute(b *testing.B) {
	f, answers := town(b, 60)
	for row := 0; row < f.Len(); row += 40 {
		at := f.Cells[row].Centre()
		f.Sites = append(f.Sites, analytics.Site{Lon: at[0], Lat: at[1], Capacity: 1, HasCapacity: true})
	}
	for b.Loop() {
		if _, err := Analysis.Compute(b.Context(), request(b, Analysis, nil), f, answers); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(f.Len())*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
}
