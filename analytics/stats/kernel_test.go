package stats

import (
	"math"
	"testing"
)

// TestQuarticIsADensity integrates the kernel over the plane in rings, and its second
// moment along an axis, which is h²/8.
func TestQuarticIsADensity(t *testing.T) {
	for _, h := range []float64{0.5, 1, 800} {
		const steps = 200_000
		sum, second := 0.0, 0.0
		for i := range steps {
			d := h * 1.2 * (float64(i) + 0.5) / steps
			ring := 2 * math.Pi * d * h * 1.2 / steps * Quartic(d, h)
			sum += ring
			second += ring * d * d / 2
		}
		if math.Abs(sum-1) > 1e-8 || math.Abs(second/(h*h/8)-1) > 1e-8 {
			t.Errorf("of bandwidth %v it adds up to %v, with second moment %v of h²", h, sum, second/(h*h))
		}
	}
	if Quartic(1, 1) != 0 || Quartic(7, 1) != 0 {
		t.Error("it does not end at the bandwidth")
	}
}

// TestQuarticBandwidth compares with the constant that Silverman prints, 2.78, and
// finds the least error of all bandwidths where points are normal: by his equation
// 4.12 the mean integrated square error is ¼h⁴μ₂²∫(∇²f)² + R(K)/(nh²).
func TestQuarticBandwidth(t *testing.T) {
	got, ok := QuarticBandwidth(300, 64_000)
	if want := 2.78 * 300 / math.Pow(64_000, 1.0/6); !ok || math.Abs(got/want-1) > 1e-3 {
		t.Errorf("bandwidth %v, want %v", got, want)
	}
	const sigma, n = 1.0, 1000.0
	bend := 1 / (2 * math.Pi * math.Pow(sigma, 6)) // ∫(∇²f)² of the normal density
	err := func(h float64) float64 {
		mu := h * h / 8
		return 0.25*mu*mu*bend + 9/(5*math.Pi)/(n*h*h)
	}
	best, _ := QuarticBandwidth(sigma, n)
	if err(best) > err(best*1.01) || err(best) > err(best/1.01) {
		t.Errorf("bandwidth %v is not the best: error %v, nearby %v and %v", best, err(best), err(best*1.01), err(best/1.01))
	}
	for _, c := range []struct {
		sigma float64
		n     int64
	}{{0, 9}, {3, 1}, {3, 0}, {math.NaN(), 9}} {
		if h, ok := QuarticBandwidth(c.sigma, c.n); ok || h != 0 {
			t.Errorf("of %d points with deviation %v the bandwidth is %v", c.n, c.sigma, h)
		}
	}
}
