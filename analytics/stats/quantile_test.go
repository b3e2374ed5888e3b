package stats

import (
	"math"
	"math/big"
	"slices"
	"testing"
)

func TestSampleQuantileAgainstR(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		var recorded struct {
			Cases []struct{ X, P, Type1, Type7 []float64 }
		}
		readJSON(t, &recorded, dir, "survival", "quantiles.json")
		dev := worst{name: "sample quantiles"}
		for c, want := range recorded.Cases {
			slices.Sort(want.X)
			for k, p := range want.P {
				for kind, values := range [][]float64{InverseECDF: want.Type1, Interpolated: want.Type7} {
					q, err := SampleQuantile(want.X, p, QuantileKind(kind), 0.95)
					if err != nil || q.Reason != OK {
						t.Fatalf("case %d: quantile %v: %v, %v", c, p, q.Reason, err)
					}
					dev.near(t, q.Value, values[k], 1e-9, "case %d: quantile %v of kind %d", c, p, kind)
				}
			}
		}
		dev.log(t)
	})
}

// TestSampleQuantileInterval computes the coverage of the ranks, P(l <= B < u)
// for B binomial, in rational arithmetic, and that ranks one nearer would miss
// the level on that side.
func TestSampleQuantileInterval(t *testing.T) {
	for _, n := range []int64{5, 20, 59, 60, 200} {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(i + 1) // the value is its rank
		}
		for _, num := range []int64{8, 12, 15} {
			p := big.NewRat(num, 16)
			q, err := SampleQuantile(values, float64(num)/16, InverseECDF, 0.95)
			if err != nil {
				t.Fatal(err)
			}
			low, high := int64(0), n+1
			if q.HasLow {
				low = int64(q.Low)
			}
			if q.HasHigh {
				high = int64(q.High)
			}
			tail := 0.025 * (1 + 1e-12)
			if below := binomialRange(n, p, 0, low-1); below > tail {
				t.Errorf("n = %d, p = %v: P(B < %d) = %v", n, p, low, below)
			}
			if nearer := binomialRange(n, p, 0, low); nearer <= tail {
				t.Errorf("n = %d, p = %v: low rank %d could be higher, %v", n, p, low, nearer)
			}
			if above := binomialRange(n, p, high, n); above > tail {
				t.Errorf("n = %d, p = %v: P(B >= %d) = %v", n, p, high, above)
			}
			if nearer := binomialRange(n, p, high-1, n); nearer <= tail {
				t.Errorf("n = %d, p = %v: high rank %d could be lower, %v", n, p, high, nearer)
			}
		}
	}
}

func binomialRange(n int64, p *big.Rat, from, to int64) float64 {
	q := new(big.Rat).Sub(big.NewRat(1, 1), p)
	sum := new(big.Rat)
	for k := from; k <= to; k++ {
		term := new(big.Rat).SetInt(new(big.Int).Binomial(n, k))
		term.Mul(term, power(p, k))
		sum.Add(sum, term.Mul(term, power(q, n-k)))
	}
	f, _ := sum.Float64()
	return f
}

func TestSampleQuantileOfNothing(t *testing.T) {
	if q, err := SampleQuantile(nil, 0.9, InverseECDF, 0.95); err != nil || q.Reason != NoData {
		t.Errorf("p90 of nothing = %+v, %v; want no_data", q, err)
	}
	if q, err := (Durations{}).ClosedQuantile(0.9, InverseECDF, 0.95); err != nil || q.Reason != NoData {
		t.Errorf("p90 of no durations = %+v, %v; want no_data", q, err)
	}
	if q, err := SampleQuantile([]float64{1}, 0.9, InverseECDF, 0); err != nil || q.HasLow || q.HasHigh || q.Value != 1 {
		t.Errorf("p90 of one value = %+v, %v; want 1 without limits", q, err)
	}
}

func TestSampleQuantileRejects(t *testing.T) {
	for _, values := range [][]float64{{2, 1}, {1, math.Inf(1)}, {math.NaN()}} {
		if _, err := SampleQuantile(values, 0.5, InverseECDF, 0.95); err == nil {
			t.Errorf("SampleQuantile(%v): no error", values)
		}
	}
}
