package trend

import (
	"fmt"
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics/stats"
)

// A Test is the outcome of a test for a monotonic trend.
type Test struct {
	// S is the number of pairs that rise less that of pairs that fall.
	S int64
	// Variance is that of S if the order of the values were random.
	Variance float64
	// Z is the standard deviate of S, by one less than S towards 0 (continuity
	// correction), and PlainZ without it; 0 where Valid is false.
	Z, PlainZ float64
	// Tau is Kendall's tau-b, from -1 to 1.
	Tau float64
	// Valid says whether there is a Z.
	Valid bool
	// Reason is stats.TooFewCells for fewer than three values, and
	// stats.ZeroVariance where all are equal.
	Reason stats.Reason
}

// P returns the normal approximation of the p-value, false where there is none.
func (t Test) P(side stats.Side) (p float64, ok bool) {
	if !t.Valid {
		return 0, false
	}
	return stats.NormalP(t.Z, side), true
}

// MannKendall tests a series of n finite values for a trend (Mann 1945; Kendall
// 1975, chapter 4): with t the sizes of the groups of equal values,
//
//	S = Σ_{i<j} sign(x_j - x_i)
//	V = (n (n-1) (2n+5) - Σ t (t-1) (2t+5)) / 18
//	z = (S - sign S) / sqrt V
//
// It takes n log n steps. The error is a *stats.ValueError.
func MannKendall(x []float64) (Test, error) {
	if err := checkFinite(x); err != nil {
		return Test{}, fmt.Errorf("test for a trend: %w", err)
	}
	t, _ := kendall(x)
	t.settle()
	return t, nil
}

// kendall counts pairs; ties are those of the values.
func kendall(x []float64) (t Test, ties int64) {
	n := int64(len(x))
	if n < 3 {
		t.Reason = stats.TooFewCells
		return t, 0
	}
	sorted := slices.Clone(x)
	falling := inversions(sorted, make([]float64, len(x)))
	variance := n * (n - 1) * (2*n + 5)
	for i := 0; i < len(sorted); {
		end := i
		for end < len(sorted) && sorted[end] == sorted[i] {
			end++
		}
		group := int64(end - i)
		ties += group * (group - 1) / 2
		variance -= group * (group - 1) * (2*group + 5)
		i = end
	}
	pairs := n * (n - 1) / 2
	t.S = pairs - ties - 2*falling
	t.Variance = float64(variance) / 18
	if ties < pairs {
		t.Tau = float64(t.S) / (math.Sqrt(float64(pairs-ties)) * math.Sqrt(float64(pairs)))
	}
	return t, ties
}

// settle makes z of S and its variance.
func (t *Test) settle() {
	switch {
	case t.Reason != stats.OK:
		return
	case !(t.Variance > 0):
		t.Reason = stats.ZeroVariance
		return
	}
	t.Valid = true
	sd := math.Sqrt(t.Variance)
	t.PlainZ = float64(t.S) / sd
	switch {
	case t.S > 0:
		t.Z = float64(t.S-1) / sd
	case t.S < 0:
		t.Z = float64(t.S+1) / sd
	}
}

// inversions sorts x and returns how many pairs stood the wrong way round.
func inversions(x, room []float64) (n int64) {
	if len(x) < 2 {
		return 0
	}
	half := len(x) / 2
	n = inversions(x[:half], room[:half]) + inversions(x[half:], room[half:])
	merged, i, j := room[:0], 0, half
	for i < half || j < len(x) {
		if j == len(x) || i < half && x[i] <= x[j] {
			merged = append(merged, x[i])
			i++
			continue
		}
		merged = append(merged, x[j])
		n += int64(half - i)
		j++
	}
	copy(x, merged)
	return n
}

// HamedRao is MannKendall for values that depend on those before them: the
// variance is multiplied by the correction of Hamed and Rao (1998), equations 11
// and 13, over the ranks of the series without its Sen slope,
//
//	1 + 2/(n (n-1) (n-2)) |Σ_k (n-k) (n-k-1) (n-k-2) ρ_k|
//
// of which only autocorrelations ρ_k of lag 1 to n-1 that differ from 0 at 5 %
// count. The paper has no bars: a negative sum would make the variance smaller,
// and as soon negative. Like pyMannKendall we take it by size, so that the test
// is never less careful than the plain one.
func HamedRao(x []float64) (Test, error) {
	if err := checkFinite(x); err != nil {
		return Test{}, fmt.Errorf("test for a trend of dependent values: %w", err)
	}
	t, _ := kendall(x)
	if t.Reason == stats.OK && t.Variance > 0 {
		t.Variance *= dependence(x)
	}
	t.settle()
	return t, nil
}

// dependence returns the factor of the variance of S.
func dependence(x []float64) float64 {
	n := float64(len(x))
	slope := medianSlope(slopes(x))
	residual := make([]float64, len(x))
	for i, v := range x {
		residual[i] = v - float64(i+1)*slope
	}
	ranks := averageRanks(residual)
	squares := 0.0
	for i := range ranks {
		ranks[i] -= (n + 1) / 2
		squares += ranks[i] * ranks[i]
	}
	if squares == 0 {
		return 1
	}
	bound := stats.NormalQuantile(0.975) / math.Sqrt(n)
	sum := 0.0
	for lag := 1; lag < len(x); lag++ {
		product := 0.0
		for i := lag; i < len(x); i++ {
			product += ranks[i] * ranks[i-lag]
		}
		if rho := product / squares; math.Abs(rho) > bound {
			k := float64(lag)
			sum += (n - k) * (n - k - 1) * (n - k - 2) * rho
		}
	}
	return 1 + 2/(n*(n-1)*(n-2))*math.Abs(sum)
}

// averageRanks returns the rank of each value from 1, equal values sharing the
// mean of theirs.
func averageRanks(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return 0
	})
	ranks := make([]float64, len(x))
	for i := 0; i < len(order); {
		end := i
		for end < len(order) && x[order[end]] == x[order[i]] {
			end++
		}
		for _, at := range order[i:end] {
			ranks[at] = float64(i+end+1) / 2
		}
		i = end
	}
	return ranks
}

func checkFinite(x []float64) error {
	for i, v := range x {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return &stats.ValueError{Row: i, Value: v, Why: "want a finite number"}
		}
	}
	return nil
}
