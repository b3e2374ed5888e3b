package stats

import (
	"context"
	"fmt"
	"math"
)

// GlobalGeary returns Geary's C: how much neighbours differ, 1 where there is no
// pattern, less where neighbours are alike:
//
//	C = (n-1) Σ w_ij (x_i-x_j)² / (2 S0 Q)        E = 1
//
// with the variances of Cliff and Ord (1981), equations 1.40 (normality) and
// 1.41 (randomisation), the latter from four cells on. Its z is negative where
// neighbours are alike; spdep prints the opposite sign. Arguments and errors are
// those of GlobalMoran.
func GlobalGeary(x []float64, valid []bool, w Weights) (Global, error) {
	g, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Global{}, fmt.Errorf("compute Geary's C: %w", err)
	}
	r := Global{Cells: g.m.n, Reason: eligible(g.m, g.w)}
	if r.Reason != OK {
		return r, nil
	}
	factors := g.w.factors()
	apart := sumRows(len(x), func(i int) float64 {
		if g.w.Degree(i) == 0 {
			return 0
		}
		return factors[i] * g.squaredDifferences(i)
	})
	n, s := float64(g.m.n), sumMatrix(g.w)
	r.Value, r.Valid = (n-1)*apart/(2*s.s0*g.m.squares), true
	if g.m.n < 4 {
		r.Reason = TooFewCells
		return r, nil
	}
	b2 := g.m.kurtosis(x, valid)
	unit := n * (n - 2) * (n - 3) * s.s0 * s.s0
	first := (n - 1) * s.s1 * (n*n - 3*n + 3 - (n-1)*b2) / unit
	second := (n - 1) * s.s2 / 4 * (n*n + 3*n - 6 - (n*n-n+2)*b2) / unit
	third := s.s0 * s.s0 * (n*n - 3 - (n-1)*(n-1)*b2) / unit
	if r.test(1, first-second+third, math.Abs(first)+math.Abs(second)+math.Abs(third)); r.Tested {
		r.NormalVariance = ((2*s.s1+s.s2)*(n-1) - 4*s.s0*s.s0) / (2 * (n + 1) * s.s0 * s.s0)
	}
	return r, nil
}

// squaredDifferences returns Σ w_ij (x_i-x_j)² over row i, scaled and before row
// standardisation.
func (g *getisOrd) squaredDifferences(i int) float64 {
	neighbours, weights := g.w.Row(i)
	sum := 0.0
	for k, j := range neighbours {
		d := (g.x[i] - g.x[j]) * g.m.scale
		sum += weightAt(weights, k) * d * d
	}
	return sum
}

// Geary holds the local statistic, one row per cell. The columns belong to the
// caller.
type Geary struct {
	// C is the statistic; 0 where Valid is false.
	C []float64
	// Expected and Variance are its moments and Z its standard deviate if the
	// cell keeps its value and those of all others are dealt anew; 0 where
	// Tested is false. Z is negative where the neighbours are like the cell.
	Expected, Variance, Z []float64
	// Valid says whether C has a value, Tested whether Z has one.
	Valid, Tested []bool
	// Reason says why C, or failing that Z, has none.
	Reason []Reason
	// Cells is n, the number of cells that were not missing.
	Cells int
}

// LocalGeary returns the local Geary statistic of each cell (Anselin 1995,
// equation 19), with s² = Q/(n-1) as in spdep and GeoDa:
//
//	c_i = Σ w_ij (x_i-x_j)² / s²
//
// so that Σ c_i = 2 S0 C. Its conditional moments are those of a weighted sum of
// draws without replacement from y_j = (x_i-x_j)², j ≠ i, with W and S1 as for
// Gi:
//
//	M1 = (Q + n u_i²) / (n-1)
//	M2 = (Σ u⁴ - 4 u_i Σ u³ + 6 u_i² Q + n u_i⁴) / (n-1)
//	E  = W M1 / s²        V = (M2 - M1²) ((n-1) S1 - W²) / ((n-2) s⁴)
//
// Arguments and errors are those of GlobalMoran.
func LocalGeary(x []float64, valid []bool, w Weights) (Geary, error) {
	g, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Geary{}, fmt.Errorf("compute local Geary: %w", err)
	}
	rows := len(x)
	l := Geary{
		C: make([]float64, rows), Expected: make([]float64, rows), Variance: make([]float64, rows), Z: make([]float64, rows),
		Valid: make([]bool, rows), Tested: make([]bool, rows), Reason: make([]Reason, rows), Cells: g.m.n,
	}
	cubes, fourths := g.m.powers(x, valid)
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
			l.row(i, &g, cubes, fourths)
		}
	})
	return l, nil
}

// row sets what is known of cell i, which has neighbours.
func (l *Geary) row(i int, g *getisOrd, cubes, fourths float64) {
	n := float64(g.m.n)
	s2 := g.m.squares / (n - 1)
	r := g.weightSums(i)
	weight, squares, apart := r.weight, r.squares, g.squaredDifferences(i)
	if g.w.standardised {
		weight, squares, apart = 1, squares/(weight*weight), apart/weight
	}
	l.C[i], l.Valid[i] = apart/s2, true
	u := g.m.deviation(g.x[i])
	m1 := (g.m.squares + n*u*u) / (n - 1)
	m2 := (fourths - 4*u*cubes + 6*u*u*g.m.squares + n*u*u*u*u) / (n - 1)
	switch spread := m2 - m1*m1; {
	case g.m.n < 3:
		l.Reason[i] = TooFewCells
	case g.degenerate(r):
		l.Reason[i] = DegenerateNeighbourhood
	case spread <= degenerateShare*m2:
		l.Reason[i] = ZeroVariance
	default:
		l.Tested[i] = true
		l.Expected[i] = weight * m1 / s2
		l.Variance[i] = spread * ((n-1)*squares - weight*weight) / ((n - 2) * s2 * s2)
		l.Z[i] = (l.C[i] - l.Expected[i]) / math.Sqrt(l.Variance[i])
	}
}

// GearyMonteCarlo estimates the conditional permutation p-values of the local
// Geary statistic from P random draws without replacement. Greater is the
// probability of neighbours that differ at least as much from the cell. Draws,
// options and errors are those of PermutationMonteCarlo, and it takes P k steps
// for a cell of k neighbours.
func GearyMonteCarlo(ctx context.Context, x []float64, valid []bool, w Weights, o MonteCarloOptions) (Permutation, error) {
	g, err := newGetisOrd(x, valid, w, false)
	if err != nil {
		return Permutation{}, fmt.Errorf("compute permutation of Geary: %w", err)
	}
	r, tested, err := newPermutation(ctx, &g)
	var d *draws
	if err == nil {
		d, err = draw(ctx, &g, tested, o)
	}
	if err == nil {
		r.Draws, d.progress.of = d.permutations, len(tested)
		err = share(ctx, len(tested), singlesPerShare, func(from, to int) {
			for i := from; i < to; i++ {
				if tested[i] {
					r.set(int32(i), d.countDifferences(int32(i)))
				}
			}
			d.progress.add(to - from)
		})
	}
	if err != nil {
		return Permutation{}, fmt.Errorf("compute permutation of Geary: %w", err)
	}
	return r, nil
}

// countDifferences adds up the squared differences of all samples for cell i.
func (d *draws) countDifferences(i int32) (n counts) {
	_, weights := d.g.w.Row(int(i))
	degree := d.g.w.Degree(int(i))
	observed := d.g.squaredDifferences(int(i))
	span := (d.g.m.max - d.g.m.min) * d.g.m.scale
	tie := tieShare * d.g.weightSums(int(i)).weight * span * span
	for p := range d.permutations {
		sample := d.samples[p*d.width:][:degree+1]
		sum := 0.0
		for k := range degree {
			j := sample[k]
			if j == i {
				j = sample[degree]
			}
			apart := (d.g.x[i] - d.g.x[j]) * d.g.m.scale
			sum += weightAt(weights, k) * apart * apart
		}
		n.add(sum, observed-tie, observed+tie, 1)
	}
	return n
}
