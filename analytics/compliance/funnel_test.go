package compliance

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/indicator"
)

// TestFunnelLimitsAreThoseOfR compares the limits around a target with those that R
// gives, and sees that shares are outside them that chance has as seldom as they say.
func TestFunnelLimitsAreThoseOfR(t *testing.T) {
	text, err := os.ReadFile("../stats/testdata/rates/intervals.json")
	if err != nil {
		t.Fatal(err)
	}
	var recorded struct {
		Funnel []struct {
			N      int64
			Target float64
			Binom  struct{ Limit []float64 }
		}
	}
	if err := json.Unmarshal(text, &recorded); err != nil {
		t.Fatal(err)
	}
	worst, compared := 0.0, 0
	for _, c := range recorded.Funnel {
		r := request(t, map[string]string{"target": fmt.Sprint(c.Target), "funnel-around": "target"})
		var x, n []int64
		var want []string
		zones := []string{indicator.Below998, indicator.Below95, indicator.InFunnel, indicator.Above95, indicator.Above998}
		for good := range c.N + 1 {
			below, above := tails(good, c.N, c.Target)
			zone := 2
			switch {
			case below < 0.001:
				zone = 0
			case below < 0.025:
				zone = 1
			case above <= 0.001:
				zone = 4
			case above <= 0.025:
				zone = 3
			}
			x, n, want = append(x, good), append(n, c.N), append(want, zones[zone])
		}
		layer := computed(t, r, x, n)
		for k, name := range []string{"funnel_low_998", "funnel_low_95", "funnel_high_95", "funnel_high_998"} {
			compared++
			worst = max(worst, math.Abs(analysistest.Column(t, layer, name).Floats[0]-max(c.Binom.Limit[k], 0)))
		}
		got := analysistest.Column(t, layer, "funnel").Words
		for good := range want {
			if got[good] != want[good] {
				t.Errorf("%d of %d around %v is %s, want %s", good, c.N, c.Target, got[good], want[good])
			}
		}
	}
	if worst > 1e-9 || compared < 20 {
		t.Errorf("%d limits are off by %.2g", compared, worst)
	}
	t.Logf("%d limits are off by %.2g at most", compared, worst)
}

// tails returns the probabilities of at most, and of at least, so many of n.
func tails(good, n int64, share float64) (below, above float64) {
	choose := func(k int64) float64 {
		all, _ := math.Lgamma(float64(n + 1))
		in, _ := math.Lgamma(float64(k + 1))
		out, _ := math.Lgamma(float64(n - k + 1))
		return math.Exp(all - in - out + float64(k)*math.Log(share) + float64(n-k)*math.Log(1-share))
	}
	for k := range n + 1 {
		if k <= good {
			below += choose(k)
		}
		if k >= good {
			above += choose(k)
		}
	}
	return below, above
}

// TestFunnelAllowsForWhatRowsDifferBy has rows that differ more than chance explains:
// by chance alone most are outside, allowing for the scatter few, and the row that
// differs from all others either way.
func TestFunnelAllowsForWhatRowsDifferBy(t *testing.T) {
	x, n := []int64{}, []int64{}
	for row := range 40 {
		x, n = append(x, 740+int64(row%7)*20), append(n, 1000)
	}
	x[20] = 300
	f := func(given map[string]string, inside, most int) {
		t.Helper()
		layer := computed(t, request(t, given), x, n)
		words := analysistest.Column(t, layer, "funnel").Words
		count := 0
		for _, word := range words {
			if word == indicator.InFunnel {
				count++
			}
		}
		if words[20] != indicator.Below998 || count < inside || count > most {
			t.Errorf("%v: %d rows inside, want %d to %d; the odd one is %s", given, count, inside, most, words[20])
		}
		below := int64(0)
		for _, word := range words {
			if slices.Contains([]string{indicator.Below95, indicator.Below998}, word) {
				below++
			}
		}
		if got := analysistest.Item(t, layer, "funnel_below"); got != below {
			t.Errorf("%v: the summary tells %v rows below, want %d", given, got, below)
		}
	}
	f(nil, 0, 20)
	f(map[string]string{"funnel": "overdispersed"}, 34, 39)
}

// TestNoFunnel has rows without cases, and a layer in which every case is on time.
func TestNoFunnel(t *testing.T) {
	f := func(x, n []int64, want ...bool) {
		t.Helper()
		layer := computed(t, request(t, nil), x, n)
		for _, name := range []string{"funnel", "funnel_z", "funnel_low_998", "funnel_low_95", "funnel_high_95", "funnel_high_998"} {
			c := analysistest.Column(t, layer, name)
			for row := range want {
				if c.Has(row) != want[row] {
					t.Errorf("%d of %d: column %s has a value is %t, want %t", x[row], n[row], name, c.Has(row), want[row])
				}
			}
		}
	}
	f([]int64{0, 5, 3}, []int64{0, 8, 3}, false, true, true)
	f([]int64{0, 8, 3}, []int64{0, 8, 3}, false, false, false)
}
