package stats

import (
	"fmt"
	"math"
)

// GeneralG returns the statistic of Getis and Ord (1992), section 3: whether
// high values, or low ones, stand together. For values of 0 and more,
//
//	G = Σ w_ij x_i x_j / Σ x_i x_j        E = S0 / (n (n-1))
//
// over all i ≠ j, with the variance under randomisation of their equation 7, from
// four cells on, here worked out about the mean. A positive z means that high
// values cluster, a negative one that low values do. Where at most one cell is not
// 0 the statistic has no value (ZeroSum). Arguments and errors are those of
// GlobalMoran; a negative value is a *ValueError too.
func GeneralG(x []float64, valid []bool, w Weights) (Global, error) {
	g, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Global{}, fmt.Errorf("compute General G: %w", err)
	}
	for i, v := range x {
		if present(valid, i) && v < 0 {
			return Global{}, fmt.Errorf("compute General G: %w", &ValueError{Row: i, Value: v, Why: "want 0 or more"})
		}
	}
	r := Global{Cells: g.m.n, Reason: eligible(g.m, g.w)}
	pairs := g.m.pairs(x, valid)
	switch {
	case r.Reason == TooFewCells || r.Reason == NoNeighbours:
		return r, nil
	case !(pairs > 0):
		r.Reason = ZeroSum
		return r, nil
	case r.Reason == ZeroVariance:
		return r, nil
	}
	factors := g.w.factors()
	cross := sumRows(len(x), func(i int) float64 {
		if g.w.Degree(i) == 0 {
			return 0
		}
		return factors[i] * x[i] * g.m.scale * g.sums(i, centre{}).lag * g.m.scale
	})
	n, s := float64(g.m.n), sumMatrix(g.w)
	r.Value, r.Valid = cross/pairs, true
	if g.m.n < 4 {
		r.Reason = TooFewCells
		return r, nil
	}
	cubes, fourths := g.m.powers(x, valid)
	variance, size := s.varianceOfCross(&g.m, cubes, fourths)
	r.test(s.s0/(n*(n-1)), variance/pairs/pairs, size/pairs/pairs)
	return r, nil
}

// varianceOfCross returns the variance under randomisation of the numerator of
// General G, and the size of its terms. With x = m + u and r_i the weights of row
// and column i together,
//
//	Σ w_ij x_i x_j = S0 m² + m Σ r_i u_i + Σ w_ij u_i u_j
//
// of which the last is Moran's: where values are large and differ little, nothing
// of their own size has to cancel. With D = n S2 - 4 S0², which is n² times the
// variance of r and 0 where all cells have equal weights,
//
//	V = m² Q D / (n (n-1)) - 2 m Σu³ D / (n (n-1) (n-2)) + V(I) (S0 Q / n)²
func (s matrixSums) varianceOfCross(m *columnMoments, cubes, fourths float64) (variance, size float64) {
	n, mean := float64(m.n), m.mean+m.rest
	uneven := n*s.s2 - 4*s.s0*s.s0
	if uneven <= degenerateShare*n*s.s2 {
		uneven = 0
	}
	each := mean * mean * m.squares * uneven / (n * (n - 1))
	both := 2 * mean * cubes * uneven / (n * (n - 1) * (n - 2))
	moran, sizeOfMoran := s.varianceOfMoran(n, n*fourths/(m.squares*m.squares))
	unit := s.s0 * m.squares / n
	return each - both + moran*unit*unit, each + math.Abs(both) + sizeOfMoran*unit*unit
}
