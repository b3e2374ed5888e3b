package coverage

import (
	"errors"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/geo"
)

// TestSitesStandInCommunities suggests where most live, and refuses what would not
// fit into memory.
func TestSitesStandInCommunities(t *testing.T) {
	f := quarters(t)
	r := request(t, Sites, map[string]string{"reach": "500", "new": "1"})
	r.Unit = f.Unit
	layer, err := Sites.Compute(t.Context(), r, f, counted(int64(len(f.Homes)), 0))
	if err != nil {
		t.Fatal(err)
	}
	gain, lon, lat := analysistest.Column(t, layer, "gain"), analysistest.Column(t, layer, "lon"), analysistest.Column(t, layer, "lat")
	want := 0.0
	for _, h := range f.Homes {
		if geo.Distance(h.Cell.Centre(), orb.Point{lon.Floats[0], lat.Floats[0]}) <= 500 {
			want += h.People
		}
	}
	if math.Abs(gain.Floats[0]-want) > 1e-6 || want < 900 {
		t.Errorf("the site reaches %v, want %v", gain.Floats[0], want)
	}
	s, err := newStudy(t.Context(), r, f, &counted(1, 0)[0])
	if err != nil {
		t.Fatal(err)
	}
	var many *analytics.ParamError
	if _, err := s.covers(t.Context(), r, s.open(), s.candidates(), 100); !errors.As(err, &many) {
		t.Errorf("more pairs than allowed: %v", err)
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
