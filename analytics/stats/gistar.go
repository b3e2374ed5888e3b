package stats

import (
	"fmt"
	"math"
)

// Local holds a local statistic, one row per cell. The columns belong to the
// caller; x and the weights they were made from must not be changed while G
// is in use.
type Local struct {
	// Z is the standard deviate; 0 where Valid is false.
	Z []float64
	// Lag is the weighted sum of x over the neighbourhood (for Gi* with the
	// cell itself), or the weighted mean if the weights are row-standardised.
	Lag []float64
	// Weight is the sum of the weights that Lag was made with.
	Weight []float64
	// Valid says whether Z has a value.
	Valid []bool
	// Reason says why Z has no value, or warns about it.
	Reason []Reason
	// Cells is n, the number of cells that were not missing.
	Cells int

	g getisOrd
}

// Gi returns the Getis-Ord statistic of each cell's neighbours, without the
// cell itself. Row i of valid says whether x[i] is an observation; nil means
// that all are. Missing cells count nowhere, islands count in n, mean and
// variance. At least three cells are needed.
//
// With W = Σ w_ij and S1 = Σ w_ij² over j ≠ i, and with m_i and s²_i the mean
// and population variance of the n-1 other cells,
//
//	z_i = (Σ w_ij x_j - W m_i) / sqrt(s²_i ((n-1) S1 - W²) / (n-2))
//
// which is Ord and Getis (1995), equation 12 for i not in its neighbourhood.
// The error is an ErrLength or a *ValueError (a value that is not finite).
func Gi(x []float64, valid []bool, w Weights) (Local, error) {
	l, err := local(x, valid, w, false)
	if err != nil {
		return Local{}, fmt.Errorf("compute Gi: %w", err)
	}
	return l, nil
}

// GiStar returns the Getis-Ord statistic of each cell and its neighbours
// together. It is Gi with the cell as its own neighbour, of weight 1 unless
// w.WithSelf says otherwise, and with mean and population variance of all n
// cells in place of m_i and s²_i:
//
//	z_i = (Σ w_ij x_j - W mean) / sqrt(s² (n S1 - W²) / (n-1))
//
// Ord and Getis (1995), equation 14. An island has the value (x-mean)/s and
// carries NoNeighbours as a warning. Getis and Ord (1996, page 267) print a
// variance divided by n-1; like spdep, ArcGIS and esda we divide by n.
func GiStar(x []float64, valid []bool, w Weights) (Local, error) {
	l, err := local(x, valid, w, true)
	if err != nil {
		return Local{}, fmt.Errorf("compute Gi*: %w", err)
	}
	return l, nil
}

// P returns the normal approximation of the p-value of each cell; 0 where
// Valid is false. On sparse counts it is far too small: see
// ExactPermutation.
func (l *Local) P(side Side) []float64 {
	p := make([]float64, len(l.Z))
	for i, z := range l.Z {
		if l.Valid[i] {
			p[i] = NormalP(z, side)
		}
	}
	return p
}

// G returns the raw statistic of cell i, the share of x that lies in its
// neighbourhood, with expectation and variance under the null hypothesis. It
// is defined where Z is and where x has no negative value and a positive sum;
// elsewhere ok is false.
func (l *Local) G(i int) (g, expected, variance float64, ok bool) {
	m := &l.g.m
	whole := m.sum
	if !l.g.star {
		whole -= l.g.x[i]
	}
	if !l.Valid[i] || m.min < 0 || !(whole > 0) {
		return 0, 0, 0, false
	}
	r := l.g.row(i)
	unit := 1 / (m.scale * whole) // from scaled x to shares
	if l.g.w.standardised {
		unit /= r.weight
	}
	n := float64(l.g.population())
	return l.Lag[i] / whole, l.Weight[i] / n, r.variance * unit * unit, true
}

// degenerateShare is the relative size below which n S1 - W² is rounding.
const degenerateShare = 1e-12

// getisOrd is one run of Gi or Gi*.
type getisOrd struct {
	x     []float64
	valid []bool
	w     Weights // without missing cells
	m     columnMoments
	star  bool
}

// neighbourhood holds the sums over one row. Deviation and variance are in
// scaled units, weights as before row standardisation.
type neighbourhood struct {
	lag       float64 // Σ w x
	weight    float64 // W
	squares   float64 // S1
	deviation float64 // Σ w (u - m_i)
	variance  float64 // of deviation under the null hypothesis
}

func newGetisOrd(x []float64, valid []bool, w Weights, star bool) (getisOrd, error) {
	if err := checkLength(len(x), w.Cells()); err != nil {
		return getisOrd{}, err
	}
	w, err := w.Keep(valid)
	if err != nil {
		return getisOrd{}, err
	}
	m, err := momentsOf(x, valid)
	return getisOrd{x: x, valid: valid, w: w, m: m, star: star}, err
}

func local(x []float64, valid []bool, w Weights, star bool) (Local, error) {
	g, err := newGetisOrd(x, valid, w, star)
	if err != nil {
		return Local{}, err
	}
	n := len(x)
	l := Local{
		Z: make([]float64, n), Lag: make([]float64, n), Weight: make([]float64, n),
		Valid: make([]bool, n), Reason: make([]Reason, n), Cells: g.m.n, g: g,
	}
	shareRows(n, l.row)
	return l, nil
}

// row sets what is known of cell i.
func (l *Local) row(i int) {
	g := &l.g
	l.Valid[i], l.Reason[i] = g.eligible(i)
	if l.Reason[i] == Missing {
		return
	}
	r := g.row(i)
	l.Lag[i], l.Weight[i] = r.lag, r.weight
	if g.w.standardised && r.weight > 0 {
		l.Lag[i], l.Weight[i] = r.lag/r.weight, 1
	}
	if l.Valid[i] && g.degenerate(r) {
		l.Valid[i], l.Reason[i] = false, DegenerateNeighbourhood
	}
	if l.Valid[i] {
		l.Z[i] = r.deviation / math.Sqrt(r.variance)
	}
}

// population returns the number of cells that a neighbourhood is drawn from.
func (g *getisOrd) population() int {
	if g.star {
		return g.m.n
	}
	return g.m.n - 1
}

// eligible reports whether cell i can have a value as far as is known without
// its sums, with the reason or warning.
func (g *getisOrd) eligible(i int) (bool, Reason) {
	island := g.w.Degree(i) == 0
	switch {
	case !present(g.valid, i):
		return false, Missing
	case g.population() < 2:
		return false, TooFewCells
	case g.m.min == g.m.max:
		return false, ZeroVariance
	case island && !g.star:
		return false, NoNeighbours
	case !g.star && g.m.constantWithout(g.x[i]):
		return false, ZeroVariance
	case island:
		return true, NoNeighbours
	}
	return true, OK
}

// degenerate reports whether the sum over the neighbourhood cannot vary.
func (g *getisOrd) degenerate(r neighbourhood) bool {
	ns := float64(g.population()) * r.squares
	return ns-r.weight*r.weight <= degenerateShare*ns
}

// row sums up the neighbourhood of cell i about the centre of the cells it is
// drawn from. Gi is Gi* on the n-1 other cells: the two differ in that centre,
// in the count, and in the cell itself.
func (g *getisOrd) row(i int) neighbourhood {
	var c centre
	switch {
	case g.star:
		c = g.m.ofAll()
	case g.m.n > 2:
		c = g.m.without(i, g.x, g.valid)
	}
	r := g.sums(i, c)
	if g.star {
		self := g.w.selfWeight()
		r.lag += self * g.x[i]
		r.weight += self
		r.squares += self * self
		r.deviation += self * g.m.deviation(g.x[i])
	}
	n := float64(g.population())
	r.variance = c.variance * (n*r.squares - r.weight*r.weight) / (n - 1)
	return r
}

// sums adds up the neighbours of cell i.
func (g *getisOrd) sums(i int, c centre) (r neighbourhood) {
	neighbours, weights := g.w.Row(i)
	scale := g.m.scale
	if weights == nil {
		for _, j := range neighbours {
			x := g.x[j]
			r.lag += x
			r.deviation += x*scale - c.mean - c.rest
		}
		r.weight = float64(len(neighbours))
		r.squares = r.weight
		return r
	}
	for k, j := range neighbours {
		x, w := g.x[j], weights[k]
		r.lag += w * x
		r.weight += w
		r.squares += w * w
		r.deviation += w * (x*scale - c.mean - c.rest)
	}
	return r
}
