package stats

import (
	"context"
	"math"
)

// columnMoments hold what the local statistics need to know about a whole
// column.
// Values are taken in units of 1/scale, a power of two, so that nothing
// overflows; the mean is kept in two parts, so that a large common offset
// costs no digits of the deviations.
type columnMoments struct {
	n          int     // cells that count
	sum        float64 // of x, not scaled
	scale      float64 // u = x·scale - mean - rest
	mean, rest float64
	squares    float64 // Q, the sum of u²
	min, max   float64 // of x
	minCount   int     // cells equal to min
	maxCount   int
}

// maxMagnitude leaves room to add up a column without overflow. Nothing that
// is measured comes near it.
const maxMagnitude = 1e290

// momentsOf checks that every value that counts is finite and sums them up, range
// by range of rows and then in their order.
func momentsOf(x []float64, valid []bool) (columnMoments, error) {
	spans := make([]columnMoments, (len(x)+rowsPerShare-1)/rowsPerShare)
	err := shareWith(context.Background(), len(x), rowsPerShare, func() func(from, to int) error {
		return func(from, to int) (err error) {
			spans[from/rowsPerShare], err = spanOf(x, valid, from, to)
			return err
		}
	})
	if err != nil {
		return columnMoments{}, err
	}
	m := columnMoments{min: math.Inf(1), max: math.Inf(-1)}
	for _, span := range spans {
		m.join(span)
	}
	if m.n == 0 {
		return columnMoments{}, nil
	}
	m.scale = unitScale(max(math.Abs(m.min), math.Abs(m.max)))
	m.centre(x, valid)
	return m, nil
}

// spanOf returns number and range of the values in the rows from one up to
// another. The range of none is from +∞ to -∞.
func spanOf(x []float64, valid []bool, from, to int) (columnMoments, error) {
	m := columnMoments{min: math.Inf(1), max: math.Inf(-1)}
	for i := from; i < to; i++ {
		if !present(valid, i) {
			continue
		}
		v := x[i]
		if !(math.Abs(v) <= maxMagnitude) {
			return columnMoments{}, &ValueError{Row: i, Value: v, Why: "want a finite number"}
		}
		m.join(columnMoments{n: 1, min: v, max: v, minCount: 1, maxCount: 1})
	}
	return m, nil
}

// join adds number and range of other values.
func (m *columnMoments) join(other columnMoments) {
	m.n += other.n
	if other.min < m.min {
		m.min, m.minCount = other.min, 0
	}
	if other.max > m.max {
		m.max, m.maxCount = other.max, 0
	}
	if other.min == m.min {
		m.minCount += other.minCount
	}
	if other.max == m.max {
		m.maxCount += other.maxCount
	}
}

// centre computes mean and squares in three passes: the mean, what rounding
// left of it, the squares.
func (m *columnMoments) centre(x []float64, valid []bool) {
	sum := func(term func(v float64) float64) float64 {
		return sumRows(len(x), func(i int) float64 {
			if !present(valid, i) {
				return 0
			}
			return term(x[i])
		})
	}
	n := float64(m.n)
	whole := sum(func(v float64) float64 { return v * m.scale })
	m.mean = whole / n
	m.rest = sum(func(v float64) float64 { return v*m.scale - m.mean }) / n
	m.squares = sum(func(v float64) float64 {
		u := m.deviation(v)
		return u * u
	})
	m.sum = whole / m.scale
}

// deviation returns u, the scaled distance of x from the mean.
func (m *columnMoments) deviation(x float64) float64 {
	return x*m.scale - m.mean - m.rest
}

// roundingShare is what rounding may have done to a value, four times over.
const roundingShare = 0x1p-50

// offMean returns u, or 0 where x differs from the mean by no more than rounding
// may have made of it: the sign of the rest would be chance.
func (m *columnMoments) offMean(x float64) float64 {
	u := m.deviation(x)
	if math.Abs(u) <= roundingShare*max(math.Abs(m.min), math.Abs(m.max))*m.scale {
		return 0
	}
	return u
}

// tie returns the size below which a sum of deviations of that total weight is
// rounding.
func (m *columnMoments) tie(weight float64) float64 {
	return tieShare * weight * max(math.Abs(m.min), math.Abs(m.max)) * m.scale
}

// powers returns the sums of u³ and u⁴.
func (m *columnMoments) powers(x []float64, valid []bool) (cubes, fourths float64) {
	var third, fourth summer
	for i, v := range x {
		if present(valid, i) {
			u := m.deviation(v)
			third.add(u * u * u)
			fourth.add(u * u * u * u)
		}
	}
	return third.total(), fourth.total()
}

// kurtosis returns b2 = m4/m2², 0 for a constant column.
func (m *columnMoments) kurtosis(x []float64, valid []bool) float64 {
	if m.squares == 0 {
		return 0
	}
	_, fourths := m.powers(x, valid)
	return float64(m.n) * fourths / (m.squares * m.squares)
}

// pairs returns Σ x_i x_j over all i ≠ j, scaled, of values of 0 and more. No term
// is taken away again, so that one large value among small ones costs no digits.
func (m *columnMoments) pairs(x []float64, valid []bool) float64 {
	var before, pairs summer
	for i, v := range x {
		if present(valid, i) {
			pairs.add(v * m.scale * before.total())
			before.add(v * m.scale)
		}
	}
	return 2 * pairs.total()
}

// constantWithout reports whether all cells but one that holds x are equal.
func (m *columnMoments) constantWithout(x float64) bool {
	switch m.n - 1 {
	case m.maxCount:
		return x == m.min
	case m.minCount:
		return x == m.max
	}
	return m.min == m.max
}

// outlierShare is the part of the variance that has to remain once a cell is
// left out for the difference of sums to be trusted. At most one cell of three
// or more can take away more than that.
const outlierShare = 1e-3

// A centre is what a neighbourhood is measured from: the mean, in two parts,
// and the population variance of the cells it is drawn from, all scaled.
type centre struct{ mean, rest, variance float64 }

// ofAll returns the centre of all cells.
func (m *columnMoments) ofAll() centre {
	return centre{mean: m.mean, rest: m.rest, variance: m.squares / float64(m.n)}
}

// without returns the centre of the cells other than i: m_i and s²_i of Gi.
func (m *columnMoments) without(i int, x []float64, valid []bool) centre {
	n := float64(m.n)
	u := m.deviation(x[i])
	variance := (m.squares - u*u*n/(n-1)) / (n - 1)
	if variance >= outlierShare*m.squares/(n-1) {
		return centre{mean: m.mean, rest: m.rest - u/(n-1), variance: variance}
	}
	var sum, squares summer
	for j, v := range x {
		if j != i && present(valid, j) {
			sum.add(v * m.scale)
		}
	}
	c := centre{mean: sum.total() / (n - 1)}
	for j, v := range x {
		if j != i && present(valid, j) {
			d := v*m.scale - c.mean
			squares.add(d * d)
		}
	}
	c.variance = squares.total() / (n - 1)
	return c
}

// unitScale returns the power of two that brings size near 1.
func unitScale(size float64) float64 {
	if size == 0 {
		return 1
	}
	_, exponent := math.Frexp(size)
	return math.Ldexp(1, min(max(-exponent, -1000), 1000))
}

// sumRows adds up a term of every row, range by range and then in the order of
// these.
func sumRows(rows int, term func(row int) float64) float64 {
	sums := make([]summer, (rows+rowsPerShare-1)/rowsPerShare)
	_ = share(context.Background(), rows, rowsPerShare, func(from, to int) {
		var s summer
		for row := from; row < to; row++ {
			s.add(term(row))
		}
		sums[from/rowsPerShare] = s
	})
	var all summer
	for _, s := range sums {
		all.add(s.sum)
		all.correction += s.correction
	}
	return all.total()
}

// A summer adds numbers with a running correction (Neumaier 1974, algorithm
// IV), so that a sum of millions keeps its last digits.
type summer struct{ sum, correction float64 }

func (s *summer) add(v float64) {
	t := s.sum + v
	if math.Abs(s.sum) >= math.Abs(v) {
		s.correction += (s.sum - t) + v
	} else {
		s.correction += (v - t) + s.sum
	}
	s.sum = t
}

func (s *summer) total() float64 { return s.sum + s.correction }
