package response

import (
	"fmt"
	"math"
	"testing"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
)

// TestFunnelOfSharesWithinTheLimit has a row that is slower than nine others: without
// open cases it stands against the limits of a binomial share of all its cases.
func TestFunnelOfSharesWithinTheLimit(t *testing.T) {
	var facts cases
	var codes []string
	add := func(community string, quick, slow, open int) {
		codes = append(codes, community)
		for range quick {
			facts = append(facts, waited(community, 3600, true))
		}
		for range slow {
			facts = append(facts, waited(community, 200*3600, true))
		}
		for i := range open {
			facts = append(facts, waited(community, float64(60*(i+1)), false))
		}
	}
	for row := range 8 {
		add(fmt.Sprint("a", row), 80, 20, 0)
	}
	add("b slow", 50, 50, 0)
	add("c open", 40, 10, 50) // half were only just reported
	add("d few", 4, 1, 0)
	layer := analysistest.LayerOf(t, Analysis, request(t, nil), frameOf(codes...), facts)
	word, z := analysistest.Column(t, layer, "funnel"), analysistest.Column(t, layer, "funnel_z")
	low := analysistest.Column(t, layer, "funnel_low_95")
	mean := (8*80 + 50 + 40.0) / (800 + 100 + 50)
	for row, want := range []string{0: indicator.InFunnel, 8: indicator.Below998, 9: indicator.InFunnel, 10: ""} {
		if want != "" && word.Words[row] != want || row == 10 && word.Has(row) {
			t.Errorf("%s is %q, want %q", codes[row], word.Words[row], want)
		}
	}
	// Of ten rows the slow one is drawn in to the next, so Φ is below 0.9 and τ² is 0.
	if want := (0.5 - mean) / math.Sqrt(mean*(1-mean)/100); math.Abs(z.Floats[8]-want) > 1e-9 {
		t.Errorf("z of the slow row is %v, want %v", z.Floats[8], want)
	}
	for row, trials := range map[int]int64{0: 100, 9: 50} { // those just reported tell nothing
		if want, _ := stats.FunnelLimit(0.025, trials, mean); math.Abs(low.Floats[row]-want) > 1e-9 {
			t.Errorf("%s has a lower limit of %v, want %v for %d cases", codes[row], low.Floats[row], want, trials)
		}
	}
}
