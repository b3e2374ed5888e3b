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

// town returns a disk of cells with 100 inhabitants each, nobody in the first and
// nobody knows how many in the second, and a station at the middle.
func town(t testing.TB, rings int) (*analytics.Frame, []analytics.Tally) {
	t.Helper()
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(rings))
	at := f.Cells[f.Len()/2].Centre()
	f.Sites = []analytics.Site{{Source: "s", ID: "1", Name: "Station", Kind: "station", Lon: at[0], Lat: at[1], Capacity: 20, HasCapacity: true}}
	living := analytics.Tally{Names: []string{"n", "known", "people"}, Counts: make([][]int64, 3), Elsewhere: make([]int64, 3), Nowhere: make([]int64, 3), Keyless: make([]int64, 3)}
	for row := range f.Len() {
		known, people := int64(1), int64(100_000)
		switch row {
		case 0:
			people = 0
		case 1:
			known, people = 0, 0
		}
		living.Rows = append(living.Rows, int32(row))
		for k, n := range []int64{1, known, people} {
			living.Counts[k] = append(living.Counts[k], n)
		}
	}
	return f, []analytics.Tally{living}
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

// TestCommunitiesAreManyPoints has half of a community in reach.
func TestCommunitiesAreManyPoints(t *testing.T) {
	cells := geo.Cell(0x8931aa5085bffff).Disk(6)
	at := cells[len(cells)/2].Centre()
	square := orb.Polygon{{{at[0] - 0.02, at[1] - 0.01}, {at[0] + 0.02, at[1] - 0.01}, {at[0] + 0.02, at[1] + 0.01}, {at[0] - 0.02, at[1] + 0.01}, {at[0] - 0.02, at[1] - 0.01}}}
	f := &analytics.Frame{
		Unit: analytics.CommunitiesOf(data.Street), Communities: []data.Community{{Code: "a", Outline: orb.MultiPolygon{square}}, {Code: "b"}},
		SquareKm: []float64{4, 0}, Sites: []analytics.Site{{ID: "w", Lon: at[0] - 0.02, Lat: at[1]}},
	}
	living := analytics.Tally{
		Names: []string{"n", "known", "people"}, Rows: []int32{0, 1}, Counts: [][]int64{{9, 9}, {9, 9}, {8_000_000, 1000}},
		Elsewhere: make([]int64, 3), Nowhere: make([]int64, 3), Keyless: make([]int64, 3),
	}
	layer, err := Analysis.Compute(t.Context(), request(t, Analysis, map[string]string{"reach": "2050"}), f, []analytics.Tally{living})
	if err != nil {
		t.Fatal(err)
	}
	reached, reason := analysistest.Column(t, layer, "reached"), analysistest.Column(t, layer, "reason")
	inside, near := 0, 0
	for _, cell := range cells[0].Disk(40) {
		p := cell.Centre()
		if math.Abs(p[0]-at[0]) < 0.02 && math.Abs(p[1]-at[1]) < 0.01 {
			inside++
			if geo.Distance(p, orb.Point{at[0] - 0.02, at[1]}) <= 2050 {
				near++
			}
		}
	}
	if want := float64(near) / float64(inside); math.Abs(reached.Floats[0]-want) > 1e-9 || want < 0.3 || want > 0.7 {
		t.Errorf("share in reach %v, want %v (%d of %d cells)", reached.Floats[0], want, near, inside)
	}
	if reason.Words[1] != "no_place" {
		t.Errorf("a community without an outline: %q", reason.Words[1])
	}
}

// TestSitesReachWhatNothingDoes suggests where nobody is served yet, one site after
// another, and says how far off it can be.
func TestSitesReachWhatNothingDoes(t *testing.T) {
	f, answers := town(t, 8)
	layer, err := Sites.Compute(t.Context(), request(t, Sites, map[string]string{"reach": "900", "new": "4"}), f, answers)
	if err != nil {
		t.Fatal(err)
	}
	choice, gain, covered := analysistest.Column(t, layer, "choice"), analysistest.Column(t, layer, "gain"), analysistest.Column(t, layer, "covered")
	station := orb.Point{f.Sites[0].Lon, f.Sites[0].Lat}
	served := map[int]bool{}
	for row, cell := range f.Cells {
		served[row] = geo.Distance(cell.Centre(), station) <= 900
	}
	last := math.Inf(1)
	for k := int64(1); k <= 4; k++ {
		at := -1
		for row := range f.Len() {
			if choice.Has(row) && choice.Ints[row] == k {
				at = row
			}
		}
		if at < 0 {
			t.Fatalf("there is no choice %d", k)
		}
		want := 0.0
		for row, cell := range f.Cells {
			if geo.Distance(cell.Centre(), f.Cells[at].Centre()) <= 900 && !served[row] {
				served[row] = true
				if row > 1 {
					want += 100
				}
			}
		}
		if math.Abs(gain.Floats[at]-want) > 1e-6 || want > last {
			t.Errorf("choice %d reaches %v anew, want %v, no more than the %v before", k, gain.Floats[at], want, last)
		}
		last = want
		reached := 0.0
		for row := range f.Cells {
			if served[row] && row > 1 {
				reached += 100
			}
		}
		if total := 100 * float64(f.Len()-2); math.Abs(covered.Floats[at]-reached/total) > 1e-9 {
			t.Errorf("choice %d: share in reach %v, want %v", k, covered.Floats[at], reached/total)
		}
	}
	bound, then := analysistest.Item(t, layer, "bound").(float64), analysistest.Item(t, layer, "reached_then").(float64)
	if bound < then || bound > 1 {
		t.Errorf("no choice reaches more than %v, and this one reaches %v", bound, then)
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
