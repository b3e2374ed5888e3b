package stats

import (
	"fmt"
	"math"
)

// GlobalMoran returns Moran's I: how alike neighbours are, from about -1 to 1,
// and near 0 where there is no pattern. With deviations u from the mean and Q
// the sum of their squares,
//
//	I = n/S0 Σ w_ij u_i u_j / Q        E = -1/(n-1)
//
// and the variances of Cliff and Ord (1981), equations 1.37 (normality) and
// 1.39 (randomisation), the latter from four cells on. Islands count in n, as
// they do in the local statistic, so that Σ I_i = S0 I. Row i of valid says
// whether x[i] is an observation; nil means that all are. The error is an
// ErrLength or a *ValueError (a value that is not finite).
func GlobalMoran(x []float64, valid []bool, w Weights) (Global, error) {
	g, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Global{}, fmt.Errorf("compute Moran's I: %w", err)
	}
	r := Global{Cells: g.m.n, Reason: eligible(g.m, g.w)}
	if r.Reason != OK {
		return r, nil
	}
	factors := g.w.factors()
	cross := sumRows(len(x), func(i int) float64 {
		if g.w.Degree(i) == 0 {
			return 0
		}
		return factors[i] * g.m.deviation(x[i]) * g.sums(i, g.m.ofAll()).deviation
	})
	n, s := float64(g.m.n), sumMatrix(g.w)
	r.Value, r.Valid = n/s.s0*cross/g.m.squares, true
	if g.m.n < 4 {
		r.Reason = TooFewCells
		return r, nil
	}
	expected := -1 / (n - 1)
	variance, size := s.varianceOfMoran(n, g.m.kurtosis(x, valid))
	if r.test(expected, variance, size); r.Tested {
		r.NormalVariance = (n*n*s.s1-n*s.s2+3*s.s0*s.s0)/((n*n-1)*s.s0*s.s0) - expected*expected
	}
	return r, nil
}

// varianceOfMoran returns the variance of I under randomisation, and the size of
// the terms that it is the difference of.
func (s matrixSums) varianceOfMoran(n, b2 float64) (variance, size float64) {
	unit := (n - 1) * (n - 2) * (n - 3) * s.s0 * s.s0
	first := n * ((n*n-3*n+3)*s.s1 - n*s.s2 + 3*s.s0*s.s0) / unit
	second := b2 * ((n*n-n)*s.s1 - 2*n*s.s2 + 6*s.s0*s.s0) / unit
	third := 1 / ((n - 1) * (n - 1))
	return first - second - third, math.Abs(first) + math.Abs(second) + third
}

// A Quadrant says how a cell and its neighbours lie to the mean.
type Quadrant uint8

// The quadrants of Moran's scatter plot (Anselin 1995), the cell first, its
// neighbours second. What equals the mean counts as low, as in PySAL.
const (
	NoQuadrant Quadrant = iota // no value, or an island
	HighHigh                   // a high value among high ones: a cluster
	LowLow                     // a low value among low ones: a cluster
	HighLow                    // a high value among low ones: an outlier
	LowHigh                    // a low value among high ones: an outlier
)

// quadrantOf returns the quadrant of a cell; a lag within tie of 0 differs from it
// by rounding only.
func quadrantOf(u, lag, tie float64) Quadrant {
	if math.Abs(lag) <= tie {
		lag = 0
	}
	switch {
	case u > 0 && lag > 0:
		return HighHigh
	case u > 0:
		return HighLow
	case lag > 0:
		return LowHigh
	}
	return LowLow
}

// Moran holds the local statistic, one row per cell. The columns belong to the
// caller.
type Moran struct {
	// I is the statistic; 0 where Valid is false.
	I []float64
	// Lag is the weighted sum of the neighbours' values, or their mean if the
	// weights are row-standardised; 0 where Valid is false.
	Lag []float64
	// Expected and Variance are its moments and Z its standard deviate if the
	// cell keeps its value and those of all others are dealt anew; 0 where
	// Tested is false.
	Expected, Variance, Z []float64
	// TotalExpected and TotalVariance are its moments if all values are dealt
	// anew, that of the cell included; 0 where Valid is false or for fewer than
	// four cells.
	TotalExpected, TotalVariance []float64
	// Quadrant says what kind of cluster or outlier the cell would be.
	Quadrant []Quadrant
	// Valid says whether I has a value, Tested whether Z has one.
	Valid, Tested []bool
	// Reason says why I, or failing that Z, has none. It is OK for a cell that
	// equals the mean, which is 0 whatever its neighbours are, as is its Z.
	Reason []Reason
	// Cells is n, the number of cells that were not missing.
	Cells int

	sign []int8 // of u
}

// LocalMoran returns the local Moran statistic of each cell (Anselin 1995,
// equation 7), with m2 = Q/n:
//
//	I_i = u_i/m2 Σ w_ij u_j
//
// and, with W and S1 as for Gi, its moments under conditional randomisation
// (Sokal, Oden and Thomson 1998),
//
//	E = -u_i² W / ((n-1) m2)
//	V = (u_i/m2)² n/(n-2) (S1 - W²/(n-1)) (m2 - u_i²/(n-1))
//
// whose z is that of Gi, with the sign of u_i; and under total randomisation
// (Anselin 1995, equations 12 to 14), with b2 = m4/m2²,
//
//	E = -W/(n-1)
//	V = S1 (n-b2)/(n-1) + (W²-S1) (2 b2-n)/((n-1)(n-2)) - E²
//
// esda and GeoDa scale I by (n-1)/n. Arguments and errors are those of
// GlobalMoran.
func LocalMoran(x []float64, valid []bool, w Weights) (Moran, error) {
	g, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Moran{}, fmt.Errorf("compute local Moran: %w", err)
	}
	l := newMoran(len(x), g.m.n)
	b2 := g.m.kurtosis(x, valid)
	shareRows(len(x), func(i int) {
		switch {
		case !present(valid, i):
			l.Reason[i] = Missing
		case g.m.n < 2:
			l.Reason[i] = TooFewCells
		case g.m.min == g.m.max:
			l.Reason[i] = ZeroVariance
		case g.w.Degree(i) == 0:
			l.Reason[i] = NoNeighbours
		default:
			l.row(i, &g, b2)
		}
	})
	return l, nil
}

func newMoran(rows, cells int) Moran {
	column := func() []float64 { return make([]float64, rows) }
	return Moran{
		I: column(), Lag: column(), Expected: column(), Variance: column(), Z: column(),
		TotalExpected: column(), TotalVariance: column(), Quadrant: make([]Quadrant, rows),
		Valid: make([]bool, rows), Tested: make([]bool, rows), Reason: make([]Reason, rows),
		Cells: cells, sign: make([]int8, rows),
	}
}

// row sets what is known of cell i, which has neighbours.
func (l *Moran) row(i int, g *getisOrd, b2 float64) {
	n := float64(g.m.n)
	u, m2 := g.m.offMean(g.x[i]), g.m.squares/n
	around := g.sums(i, g.m.ofAll())
	weight, squares, lag := around.weight, around.squares, around.deviation
	l.Lag[i] = around.lag
	if g.w.standardised {
		weight, squares, lag = 1, squares/(weight*weight), lag/weight
		l.Lag[i] /= around.weight
	}
	l.I[i], l.Valid[i] = u/m2*lag, true
	l.Quadrant[i] = quadrantOf(u, lag, g.m.tie(weight))
	l.sign[i] = signOf(u)
	if g.m.n >= 4 {
		e := -weight / (n - 1)
		l.TotalExpected[i] = e
		l.TotalVariance[i] = squares*(n-b2)/(n-1) + (weight*weight-squares)*(2*b2-n)/((n-1)*(n-2)) - e*e
	}
	if tested, reason := g.eligible(i); !tested {
		l.Reason[i] = reason
		return
	}
	r := g.row(i)
	if g.degenerate(r) {
		l.Reason[i] = DegenerateNeighbourhood
		return
	}
	l.Tested[i] = true
	l.Expected[i] = -u * u * weight / ((n - 1) * m2)
	l.Variance[i] = (u / m2) * (u / m2) * n / (n - 2) * (squares - weight*weight/(n-1)) * (m2 - u*u/(n-1))
	l.Z[i] = float64(l.sign[i]) * r.deviation / math.Sqrt(r.variance)
}

func signOf(u float64) int8 {
	switch {
	case u > 0:
		return 1
	case u < 0:
		return -1
	}
	return 0
}

// Permutation returns the p-values of I from those of the lag, which Gi and Gi*
// have: where the cell lies below the mean, a large lag makes I small. A cell
// that equals the mean has p = 1 in every direction.
func (l *Moran) Permutation(lag Permutation) Permutation {
	p := lag.clone()
	for i := range p.Valid {
		switch {
		case !l.Valid[i]:
			p.Valid[i], p.Reason[i], p.Greater[i], p.Less[i] = false, l.Reason[i], 0, 0
		case !p.Valid[i]:
		case l.sign[i] < 0:
			p.Greater[i], p.Less[i] = p.Less[i], p.Greater[i]
		case l.sign[i] == 0:
			p.Greater[i], p.Less[i] = 1, 1
		}
	}
	return p
}

// BivariateMoran returns, for each cell, how its x goes with its neighbours' y
// (Anselin, Syabri and Smirnov 2002): with both standardised by mean and
// population deviation,
//
//	I_i = zx_i Σ w_ij zy_j
//
// Only cells with both count. It has no moments: its p-values are those of
// Permutation, of the lag of y. Lag is that of y, Quadrant that of x and Lag. Errors
// are those of GlobalMoran.
func BivariateMoran(x, y []float64, valid []bool, w Weights) (Moran, error) {
	of, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Moran{}, fmt.Errorf("compute bivariate Moran: %w", err)
	}
	g, err := newGetisOrd(y, valid, w, false)
	if err != nil {
		return Moran{}, fmt.Errorf("compute bivariate Moran: %w", err)
	}
	l := newMoran(len(x), g.m.n)
	for i := range x {
		switch {
		case !present(valid, i):
			l.Reason[i] = Missing
		case g.m.n < 2:
			l.Reason[i] = TooFewCells
		case g.m.min == g.m.max || of.m.min == of.m.max:
			l.Reason[i] = ZeroVariance
		case g.w.Degree(i) == 0:
			l.Reason[i] = NoNeighbours
		default:
			around := g.sums(i, g.m.ofAll())
			lag := around.deviation
			l.Lag[i] = around.lag
			if g.w.standardised {
				lag /= around.weight
				l.Lag[i] /= around.weight
			}
			u := of.m.offMean(x[i])
			l.I[i], l.Valid[i] = u*lag*float64(g.m.n)/math.Sqrt(of.m.squares*g.m.squares), true
			l.Quadrant[i], l.sign[i] = quadrantOf(u, lag, g.m.tie(around.weight)), signOf(u)
		}
	}
	return l, nil
}
