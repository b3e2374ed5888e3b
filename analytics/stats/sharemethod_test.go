package stats

import (
	"math/rand/v2"
	"testing"
)

func TestShareMethods(t *testing.T) {
	for name, interval := range map[string]func(int64, int64, float64) (Interval, bool){
		"wilson": Wilson, "clopper_pearson": ClopperPearson, "jeffreys": Jeffreys,
	} {
		m, err := ParseShareMethod(name)
		if err != nil || m.String() != name {
			t.Errorf("ParseShareMethod(%q) = %v, %v", name, m, err)
		}
		got, ok := m.Interval(3, 17, 0.9)
		if want, _ := interval(3, 17, 0.9); !ok || got != want {
			t.Errorf("%s of 3/17 = %v, %v; want %v", m, got, ok, want)
		}
	}
	if m, err := ParseShareMethod("Wilson"); err == nil {
		t.Errorf("ParseShareMethod(Wilson) = %v, want an error", m)
	}
	none := ShareMethod(9)
	if _, ok := none.Interval(3, 17, 0.9); ok || none.String() != "share_method(9)" {
		t.Errorf("%s has an interval: %v", none, ok)
	}
	if got := ShareMethod(0); got != ByWilson {
		t.Errorf("the zero method is %v, want wilson", got)
	}
}

// TestShareMethodsOfAnything feeds random shares: intervals are within 0 and 1
// and grow with the level, and those of Wilson and Clopper-Pearson hold the
// share. Jeffreys' may not at levels near 0.
func TestShareMethodsOfAnything(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 3))
	for range manyInputs() {
		n := 1 + drawCount(rng, 500)
		x, level, m := rng.Int64N(n+1), drawLevel(rng), ShareMethod(rng.IntN(len(shareMethods)))
		iv, ok := m.Interval(x, n, level)
		if !ok || !(0 <= iv.Low && iv.Low <= iv.High && iv.High <= 1) {
			t.Fatalf("%s of %d/%d at %v = %v, %v", m, x, n, level, iv, ok)
		}
		if p := float64(x) / float64(n); m != ByJeffreys && (iv.Low > p || iv.High < p) {
			t.Fatalf("%s of %d/%d at %v = %v does not hold the share", m, x, n, level, iv)
		}
		wider, ok := m.Interval(x, n, level+(1-level)/2)
		if ok && (wider.Low > iv.Low+1e-13 || wider.High < iv.High-1e-13) {
			t.Fatalf("%s of %d/%d: %v at level %v, %v at a higher one", m, x, n, iv, level, wider)
		}
	}
}

func FuzzParseShareMethod(f *testing.F) {
	for _, name := range []string{"wilson", "clopper_pearson", "jeffreys", "", "wald"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		if m, err := ParseShareMethod(name); err == nil && m.String() != name {
			t.Errorf("ParseShareMethod(%q) = %v", name, m)
		}
	})
}
