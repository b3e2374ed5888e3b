package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestFalseDiscoveryAgainstR(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		var recorded struct {
			Cases []struct{ P, BH, BY []float64 }
		}
		readJSON(t, &recorded, dir, "rates", "p_adjust.json")
		dev := worst{name: "q"}
		for c, want := range recorded.Cases {
			bh, err := BenjaminiHochberg(want.P, nil)
			if err != nil {
				t.Fatal(err)
			}
			by, err := BenjaminiYekutieli(want.P, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i := range want.P {
				dev.near(t, bh[i], want.BH[i], 1e-9, "case %d: Benjamini-Hochberg q of %d", c, i)
				dev.near(t, by[i], want.BY[i], 1e-9, "case %d: Benjamini-Yekutieli q of %d", c, i)
			}
		}
		dev.log(t)
	})
}

func TestFalseDiscoveryProperties(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	p := make([]float64, 500)
	for i := range p {
		p[i] = math.Round(random.Float64()*300) / 300
	}
	q, err := BenjaminiHochberg(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range p {
		if q[i] < p[i] || q[i] > 1 {
			t.Errorf("q = %v for p = %v, want p <= q <= 1", q[i], p[i])
		}
		for j := range p {
			if p[i] < p[j] && q[i] > q[j] {
				t.Fatalf("p %v < %v, but q %v > %v", p[i], p[j], q[i], q[j])
			}
		}
	}
	back := func(i int) int { return len(p) - 1 - i }
	reversed, err := BenjaminiHochberg(permuted(p, back), nil)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(permuted(q, back), reversed) {
		t.Error("q depends on the order of rows")
	}
}

// TestFalseDiscoveryCountsOnlyValues mixes in rows without a value.
func TestFalseDiscoveryCountsOnlyValues(t *testing.T) {
	q, err := BenjaminiHochberg([]float64{0.01, math.NaN(), 0.02, 7, 0.5}, []bool{true, false, true, false, true})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.03, 0, 0.03, 0, 0.5} {
		if math.Abs(q[i]-want) > 1e-15 {
			t.Errorf("q[%d] = %v, want %v", i, q[i], want)
		}
	}
	if q, err := BenjaminiHochberg(nil, nil); err != nil || len(q) != 0 {
		t.Errorf("no tests: %v, %v", q, err)
	}
}

func TestFalseDiscoveryRejects(t *testing.T) {
	for _, bad := range []float64{-0.1, 1.1, math.NaN(), math.Inf(1)} {
		var value *ValueError
		if _, err := BenjaminiYekutieli([]float64{0.5, bad}, nil); !errors.As(err, &value) || value.Row != 1 {
			t.Errorf("p = %v: error %v, want a *ValueError for row 1", bad, err)
		}
	}
	if _, err := BenjaminiHochberg([]float64{0.5}, []bool{}); !errors.Is(err, ErrLength) {
		t.Errorf("no validity: error %v, want ErrLength", err)
	}
}

// TestDrawsForOneDiscovery holds that one cell of the smallest p can be reported.
func TestDrawsForOneDiscovery(t *testing.T) {
	for _, tests := range []int{0, 1, 249, 250, 2000, 2499, 1_000_000} {
		draws := DrawsFor(tests)
		least := 2 / float64(draws+1)
		if draws < 9_999 || draws > 99_999 || tests <= 2499 && least*float64(tests) > 0.05 {
			t.Errorf("DrawsFor(%d) = %d, smallest p %v", tests, draws, least)
		}
	}
}
