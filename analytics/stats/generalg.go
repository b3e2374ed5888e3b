package stats

import "fmt"

// GeneralG returns the statistic of Getis and Ord (1992), section 3: whether
// high values, or low ones, stand together. For values of 0 and more,
//
//	G = Σ w_ij x_i x_j / Σ x_i x_j        E = S0 / (n (n-1))
//
// over all i ≠ j, with the variance under randomisation of their equation 7, from
// four cells on. A positive z means that high values cluster, a negative one that
// low values do. Where at most one cell is not 0 the statistic has no value
// (ZeroSum). Arguments and errors are those of GlobalMoran; a negative value is a
// *ValueError too.
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
	sums := g.m.rawPowers(x, valid)
	pairs := sums[0]*sums[0] - sums[1]
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
	expected := s.s0 / (n * (n - 1))
	r.test(expected, s.squareOfG(n, sums)/(pairs*pairs*n*(n-1)*(n-2)*(n-3))-expected*expected)
	return r, nil
}

// squareOfG returns the expected square of the numerator of General G times
// n (n-1) (n-2) (n-3); sums are those of the first four powers of x.
func (s matrixSums) squareOfG(n float64, sums [4]float64) float64 {
	s02 := s.s0 * s.s0
	b0 := (n*n-3*n+3)*s.s1 - n*s.s2 + 3*s02
	b1 := -((n*n-n)*s.s1 - 2*n*s.s2 + 6*s02)
	b2 := -(2*n*s.s1 - (n+3)*s.s2 + 6*s02)
	b3 := 4*(n-1)*s.s1 - 2*(n+1)*s.s2 + 8*s02
	b4 := s.s1 - s.s2 + s02
	m1, m2, m3, m4 := sums[0], sums[1], sums[2], sums[3]
	return b0*m2*m2 + b1*m4 + b2*m1*m1*m2 + b3*m1*m3 + b4*m1*m1*m1*m1
}
