package trend

import (
	"fmt"
	"math"

	"github.com/civgrid/civgrid/analytics/stats"
)

// A Window says which bins of a cube a bin is compared with.
type Window uint8

// The windows of ArcGIS.
const (
	EntireCube          Window = iota // all bins
	NeighbourhoodInTime               // all cells, of the steps that the neighbourhood has
	IndividualTimeStep                // all cells, of the bin's own step
)

// Neighbourhood says which bins belong to the neighbourhood of a bin: those of
// the cell itself and of its neighbours, in its own step and Back steps before,
// as far as there are any.
type Neighbourhood struct {
	Space stats.Weights // of cells; must be binary
	Steps int           // T, at least 1
	Back  int           // 0 or more; 1 is customary
}

// Weights returns the neighbourhoods of all bins as binary weights between them,
// the bin itself left out: what stats.ExactPermutation takes. The error tells of
// weights that are not binary, or of more than 2³¹-1 pairs.
func (h Neighbourhood) Weights() (stats.Weights, error) {
	if err := h.check(); err != nil {
		return stats.Weights{}, fmt.Errorf("make weights of a cube: %w", err)
	}
	cells := h.Space.Cells()
	pairs := int64(h.Space.Edges()+cells)*int64(h.Steps)*int64(h.Back+1) + 1
	if pairs > math.MaxInt32 {
		return stats.Weights{}, fmt.Errorf("make weights of a cube: %d cells in %d steps have up to %d pairs, more than %d", cells, h.Steps, pairs, math.MaxInt32)
	}
	offsets := make([]int32, 1, cells*h.Steps+1)
	columns := make([]int32, 0, pairs)
	for step := range h.Steps {
		for cell := range cells {
			for s := max(0, step-h.Back); s <= step; s++ {
				base := int32(s * cells)
				neighbours, _ := h.Space.Row(cell)
				own := s < step // the bin itself is no neighbour
				for _, n := range neighbours {
					if own && n > int32(cell) {
						columns, own = append(columns, base+int32(cell)), false
					}
					columns = append(columns, base+n)
				}
				if own {
					columns = append(columns, base+int32(cell))
				}
			}
			offsets = append(offsets, int32(len(columns)))
		}
	}
	return stats.NewWeights(offsets, columns, nil)
}

func (h Neighbourhood) check() error {
	switch {
	case !h.Space.Binary():
		return stats.ErrNotBinary
	case h.Steps < 1 || h.Back < 0:
		return fmt.Errorf("%d steps and %d back: want at least 1 and 0", h.Steps, h.Back)
	}
	return nil
}

// Bins holds a statistic of every bin of a cube. The columns belong to the caller.
type Bins struct {
	Z      []float64 // 0 where Valid is false
	Valid  []bool
	Reason []stats.Reason
}

// P returns the normal approximation of the p-value of each bin; 0 where Valid is
// false.
func (b Bins) P(side stats.Side) []float64 {
	p := make([]float64, len(b.Z))
	for i, z := range b.Z {
		if b.Valid[i] {
			p[i] = stats.NormalP(z, side)
		}
	}
	return p
}

// GiStar returns Gi* of every bin (Ord and Getis 1995, equation 14) over its
// neighbourhood in space and time: with W bins in it and n, mean and population
// variance s² of the bins of the window,
//
//	z = (Σ x - W mean) / sqrt(s² W (n - W) / (n-1))
//
// Row i of valid says of cell i whether it is looked at; nil means that all are.
// Missing cells count nowhere. The error is a stats.ErrLength, stats.ErrNotBinary
// or a *stats.ValueError.
func GiStar(x []float64, valid []bool, h Neighbourhood, window Window) (Bins, error) {
	if err := h.check(); err != nil {
		return Bins{}, fmt.Errorf("compute Gi* of a cube: %w", err)
	}
	cells := h.Space.Cells()
	if len(x) != cells*h.Steps || valid != nil && len(valid) != cells {
		return Bins{}, fmt.Errorf("compute Gi* of a cube: %w: %d bins and %d validities for %d cells in %d steps", stats.ErrLength, len(x), len(valid), cells, h.Steps)
	}
	if err := checkFinite(x); err != nil {
		return Bins{}, fmt.Errorf("compute Gi* of a cube: %w", err)
	}
	space, err := h.Space.Keep(valid)
	if err != nil {
		return Bins{}, fmt.Errorf("compute Gi* of a cube: %w", err)
	}
	c := cube{x: x, valid: valid, space: space, cells: cells, back: h.Back}
	bins := Bins{Z: make([]float64, len(x)), Valid: make([]bool, len(x)), Reason: make([]stats.Reason, len(x))}
	all := c.populationOf(0, h.Steps-1)
	for step := range h.Steps {
		p := all
		switch window {
		case NeighbourhoodInTime:
			p = c.populationOf(max(0, step-h.Back), step)
		case IndividualTimeStep:
			p = c.populationOf(step, step)
		}
		for cell := range cells {
			i := step*cells + cell
			bins.Z[i], bins.Reason[i] = c.z(step, cell, p)
			bins.Valid[i] = bins.Reason[i] == stats.OK
		}
	}
	return bins, nil
}

type cube struct {
	x     []float64
	valid []bool
	space stats.Weights
	cells int
	back  int
}

// A population is what a neighbourhood is compared with.
type population struct{ n, mean, variance float64 }

// populationOf sums up the bins from one step to another.
func (c cube) populationOf(from, to int) (p population) {
	bins := c.x[from*c.cells : (to+1)*c.cells]
	counts := func(i int) bool { return c.valid == nil || c.valid[i%c.cells] }
	for i, v := range bins {
		if counts(i) {
			p.n++
			p.mean += v
		}
	}
	if p.n == 0 {
		return p
	}
	p.mean /= p.n
	for i, v := range bins {
		if counts(i) {
			p.variance += (v - p.mean) * (v - p.mean)
		}
	}
	p.variance /= p.n
	return p
}

// degenerateShare is the relative size below which n - W is rounding.
const degenerateShare = 1e-12

func (c cube) z(step, cell int, p population) (float64, stats.Reason) {
	switch {
	case c.valid != nil && !c.valid[cell]:
		return 0, stats.Missing
	case p.n < 2:
		return 0, stats.TooFewCells
	case p.variance == 0:
		return 0, stats.ZeroVariance
	}
	neighbours, _ := c.space.Row(cell)
	lag, size := 0.0, 0.0
	for s := max(0, step-c.back); s <= step; s++ {
		bins := c.x[s*c.cells:]
		lag += bins[cell]
		for _, n := range neighbours {
			lag += bins[n]
		}
		size += float64(len(neighbours) + 1)
	}
	if p.n-size <= degenerateShare*p.n {
		return 0, stats.DegenerateNeighbourhood
	}
	// Counts are added before the mean is taken off, so that equal sums have equal
	// z: a trend of z must not be one of rounding.
	return (lag - size*p.mean) / math.Sqrt(p.variance*size*(p.n-size)/(p.n-1)), stats.OK
}
