package stats

import (
	"math"
	"slices"
)

// A Global is a statistic of a whole map.
type Global struct {
	// Value is the statistic; 0 where Valid is false.
	Value float64
	// Expected and Variance are its moments if values were dealt to cells at
	// random, and Z its standard deviate by them; 0 where Tested is false.
	Expected, Variance, Z float64
	// NormalVariance is the variance if values were drawn from a normal
	// distribution instead; 0 where Tested is false, and for General G.
	NormalVariance float64
	// Valid says whether Value has a value, Tested whether Z has one.
	Valid, Tested bool
	// Reason says why Value, or failing that Z, has none.
	Reason Reason
	// Cells is n, the number of cells that were not missing, islands included.
	Cells int
}

// P returns the normal approximation of the p-value, false where there is none.
func (g *Global) P(side Side) (p float64, ok bool) {
	if !g.Tested {
		return 0, false
	}
	return NormalP(g.Z, side), true
}

// test sets the moments under randomisation and with them z. The variance is a
// difference of terms whose sizes add up to size: where it is rounding to them, no
// arrangement of the values differs from another.
func (g *Global) test(expected, variance, size float64) {
	if !(variance > degenerateShare*size) {
		g.Reason = DegenerateNeighbourhood
		return
	}
	g.Expected, g.Variance, g.Tested = expected, variance, true
	g.Z = (g.Value - expected) / math.Sqrt(variance)
}

// eligible says why a global statistic of a column has no value.
func eligible(m columnMoments, w Weights) Reason {
	switch {
	case m.n < 2:
		return TooFewCells
	case m.min == m.max:
		return ZeroVariance
	case w.Edges() == 0:
		return NoNeighbours
	}
	return OK
}

// matrixSums are the sums over a weights matrix that the moments of global
// statistics depend on (Cliff and Ord 1981, section 1.5).
type matrixSums struct {
	s0 float64 // Σ w_ij
	s1 float64 // ½ Σ (w_ij + w_ji)²
	s2 float64 // Σ_i (Σ_j w_ij + Σ_j w_ji)²
}

func sumMatrix(w Weights) matrixSums {
	rows := make([]float64, w.Cells())
	columns := make([]float64, w.Cells())
	next := slices.Clone(w.offsets[:w.Cells()]) // in each row, what was not passed yet
	factors := w.factors()
	var s0, s1, s2 summer
	for i := range rows {
		neighbours, weights := w.Row(i)
		for k, j := range neighbours {
			v := factors[i] * weightAt(weights, k)
			rows[i] += v
			columns[j] += v
			s1.add(v * (v + factors[j]*w.backTo(int32(i), int(j), next)))
		}
		s0.add(rows[i])
	}
	for i := range rows {
		s2.add((rows[i] + columns[i]) * (rows[i] + columns[i]))
	}
	return matrixSums{s0.total(), s1.total(), s2.total()}
}

// backTo returns the weight that row j gives cell i before row standardisation, 0 if
// it gives none. i must not fall from call to call; row j is then passed only once.
func (w Weights) backTo(i int32, j int, next []int32) float64 {
	at, end := next[j], w.offsets[j+1]
	for at < end && w.neighbours[at] < i {
		at++
	}
	next[j] = at
	switch {
	case at == end || w.neighbours[at] != i:
		return 0
	case w.values == nil:
		return 1
	}
	return w.values[at]
}
