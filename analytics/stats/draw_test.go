package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// manyInputs is how many random inputs properties are held against.
func manyInputs() int {
	if testing.Short() {
		return 5_000
	}
	return 100_000
}

// drawCount draws a count of up to most, of any magnitude.
func drawCount(rng *rand.Rand, most float64) int64 {
	return int64(math.Exp(rng.Float64()*math.Log(most+1))) - 1 + rng.Int64N(2)
}

// drawLevel draws a level of confidence, also very near 0 and 1.
func drawLevel(rng *rand.Rand) float64 {
	level := rng.Float64()
	switch rng.IntN(4) {
	case 0:
		level = 1 - math.Exp(-rng.Float64()*36)
	case 1:
		level = math.Exp(-rng.Float64() * 700)
	}
	return min(max(level, 1e-307), math.Nextafter(1, 0))
}

// drawnShares draws units with true shares from a beta distribution of the
// given mean and strength, in trials, and trials of the given mean. It returns
// the true shares as well.
func drawnShares(rng *rand.Rand, units int, mean, strength, trialsEach float64) (successes, trials []int64, truth []float64) {
	for range units {
		p := drawBeta(rng, mean*strength, (1-mean)*strength)
		n := int64(1 + rng.ExpFloat64()*(trialsEach-1))
		x := int64(0)
		for range n {
			if rng.Float64() < p {
				x++
			}
		}
		successes, trials, truth = append(successes, x), append(trials, n), append(truth, p)
	}
	return successes, trials, truth
}

// drawBeta draws from Beta(a, b) by two gamma variables.
func drawBeta(rng *rand.Rand, a, b float64) float64 {
	x := drawGamma(rng, a)
	return x / (x + drawGamma(rng, b))
}

// drawGamma draws from the gamma distribution of shape a: Marsaglia and Tsang
// (2000), with their boost below 1.
func drawGamma(rng *rand.Rand, a float64) float64 {
	if a < 1 {
		return drawGamma(rng, a+1) * math.Pow(1-rng.Float64(), 1/a)
	}
	d := a - 1.0/3
	for {
		x := rng.NormFloat64()
		v := 1 + x/math.Sqrt(9*d)
		if v = v * v * v; v > 0 && math.Log(1-rng.Float64()) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}

// rootMeanSquare returns the root of the mean square error of estimates.
func rootMeanSquare(estimate, truth []float64) float64 {
	sum := 0.0
	for i := range truth {
		sum += (estimate[i] - truth[i]) * (estimate[i] - truth[i])
	}
	return math.Sqrt(sum / float64(len(truth)))
}

func oneIf(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
