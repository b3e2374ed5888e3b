package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestOverdispersionByHand draws the ends of ten deviates in: -9 to -1, 8 to 2.
func TestOverdispersionByHand(t *testing.T) {
	z := []float64{0, 1, -1, 2, -9, 8, 1, 0, -1, 2}
	want := (0 + 1 + 1 + 4 + 1 + 4 + 1 + 0 + 1 + 4) / 10.0
	if got := Overdispersion(z); math.Abs(got-want) > 1e-15 {
		t.Errorf("overdispersion %v, want %v", got, want)
	}
	if got := Overdispersion(nil); got != 0 {
		t.Errorf("overdispersion of nothing %v, want 0", got)
	}
}

// TestOverdispersionOfNormals: of standard normal deviates it is the variance of
// the winsorised normal, of scaled ones that times the square of the scale.
func TestOverdispersionOfNormals(t *testing.T) {
	cut := NormalQuantile(0.9)
	density := math.Exp(-cut*cut/2) / math.Sqrt(2*math.Pi)
	want := 0.8 - 2*cut*density + 0.2*cut*cut // ∫ x² φ from -c to c, and the two ends
	for _, scale := range []float64{1, 2.5} {
		rng := rand.New(rand.NewPCG(1, 1))
		z := make([]float64, 200_000)
		for i := range z {
			z[i] = scale * rng.NormFloat64()
		}
		if got := Overdispersion(z) / (scale * scale); math.Abs(got-want) > 0.01 {
			t.Errorf("overdispersion of normals of deviation %v over its square is %v, want %v", scale, got, want)
		}
	}
}
