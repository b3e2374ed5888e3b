package stats

import (
	"math"
	"testing"
)

// logChoose returns the logarithm of the number of ways to take k of n.
func logChoose(n, k int) float64 {
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

// atLeast returns the probability of seen or more out of a distribution.
func atLeast(density []float64, seen int) (p float64) {
	for k := seen; k < len(density); k++ {
		p += density[k]
	}
	return p
}

// TestOneShareIsBinomial adds the binomial distribution up by hand: events that fall
// on a row and its neighbours with the share of their exposure.
func TestOneShareIsBinomial(t *testing.T) {
	seen, exposure := []float64{9, 6, 1, 14, 30}, []float64{10, 20, 30, 40, 100}
	c := ByExposure(seen, exposure, []bool{true, true, true, true, true})
	c.excess = 0
	share, events := 0.05, 60
	density := make([]float64, events+1)
	for k := range density {
		density[k] = math.Exp(logChoose(events, k) + float64(k)*math.Log(share) + float64(events-k)*math.Log1p(-share))
	}
	f := func(row int, valid []bool, hot bool, want float64) {
		t.Helper()
		if got := c.P(row, nil, valid, hot); math.Abs(got-want) > 1e-12 {
			t.Errorf("row %d, hot %t: p is %v, want %v", row, hot, got, want)
		}
	}
	valid := []bool{true, true, true, true, true}
	f(0, valid, true, 2*atLeast(density, 9))
	f(0, valid, false, 1)
	f(0, []bool{false, true, true, true, true}, true, 1) // nothing is known of the row
	c.Fewer = true
	f(0, valid, false, 2*atLeast(density, 9))
	f(0, valid, true, 1)
}

// TestManySharesAreNearlyBinomial compares with late cases dealt out at random among
// those of their category: hypergeometric numbers, added up by hand. The binomial of
// the same mean and variance must not call more unlikely what they do not.
func TestManySharesAreNearlyBinomial(t *testing.T) {
	type category struct{ here, all, late int }
	f := func(most float64, categories ...category) {
		t.Helper()
		exact, c := []float64{1}, NewChance(1)
		for _, k := range categories {
			next := make([]float64, len(exact)+k.here)
			for x := max(0, k.here+k.late-k.all); x <= min(k.here, k.late); x++ {
				p := math.Exp(logChoose(k.late, x) + logChoose(k.all-k.late, k.here-x) - logChoose(k.all, k.here))
				for y, q := range exact {
					next[x+y] += p * q
				}
			}
			exact = next
			share := float64(k.late) / float64(k.all)
			c.Expect(0, float64(k.here), share)
		}
		for seen := range exact {
			want := atLeast(exact, seen)
			if want < 1e-5 || want > 0.5 {
				continue
			}
			c.Seen[0] = float64(seen)
			got := c.P(0, nil, []bool{true}, true) / 2
			if got < 0.85*want || got > most*want {
				t.Errorf("%v: %d or more have probability %.3g, want about %.3g", categories, seen, got, want)
			}
		}
	}
	f(2, category{20, 500, 50})
	f(1.5, category{20, 500, 50}, category{30, 400, 200})
	f(1.5, category{5, 1000, 20}, category{60, 2000, 300}, category{40, 300, 270})
	f(math.Inf(1), category{3, 90, 3}, category{2, 40, 30}, category{1, 5, 2})
	f(1.5, category{400, 20_000, 5000}, category{100, 1000, 30})
}

// TestExcessIsTakenOff compares with rows that differ beyond chance: sums scatter by
// V + τ² Σ n², and the same number of events is less unlikely.
func TestExcessIsTakenOff(t *testing.T) {
	seen, exposure, valid := make([]float64, 400), make([]float64, 400), make([]bool, 400)
	for row := range seen { // rates 1/2 and 3/2, variance 1/4, less what chance is of it
		exposure[row], valid[row] = 20, true
		if seen[row] = 10; row%2 == 0 {
			seen[row] = 30
		}
	}
	c := ByExposure(seen, exposure, valid)
	share := 1.0 / 400
	if want := 0.25 - (1-share)/20; math.Abs(c.excess-want) > 1e-12 {
		t.Errorf("excess %v, want %v", c.excess, want)
	}
	z, ok := c.Deviate(0)
	if want := 10 / math.Sqrt(20*(1-share)+400*c.excess); !ok || math.Abs(z-want) > 1e-12 {
		t.Errorf("deviate %v, want %v", z, want)
	}
	p := c.P(0, []int32{2, 4, 6}, valid, true)
	c.excess = 0
	if plain := c.P(0, []int32{2, 4, 6}, valid, true); !(plain < 1e-4 && p > 0.02 && p < 0.1) {
		// 40 more than 80 are 4.5 deviates of chance and 2 of all, of which 0.046 is beyond
		t.Errorf("p is %v, and %v by chance alone; want about 0.05 and next to nothing", p, plain)
	}
}
