package coverage

import (
	"context"
	"math"

	"github.com/civgrid/civgrid/geo"
)

// A Decay says how much less a resource counts that is farther away.
type Decay string

// The decays. Beyond the reach nothing counts.
const (
	NoDecay  Decay = "none"     // 1 up to the reach: Luo and Wang 2003
	Steps    Decay = "steps"    // 1, 0.68 and 0.22 by thirds of the reach: Luo and Qi 2009
	Gaussian Decay = "gaussian" // exp(-½ (d/σ)²), σ a third of the reach
)

// weight returns how much a distance counts, from 0 to 1.
func (d Decay) weight(metres, reach float64) float64 {
	switch {
	case metres > reach:
		return 0
	case d == Steps && metres > 2*reach/3:
		return 0.22
	case d == Steps && metres > reach/3:
		return 0.68
	case d == Gaussian:
		sigma := reach / 3
		return math.Exp(-0.5 * metres * metres / (sigma * sigma))
	}
	return 1
}

// A demand is people, or cases, at a point.
type demand struct {
	at     geo.Spot
	amount float64
}

// supplies is what resources offer, and where.
type supplies struct {
	near   *geo.Spots
	amount []float64
}

// access returns how much supply there is for each unit of demand at each point:
// two-step floating catchment areas (Luo and Wang 2003, equations 1 and 2; Luo and
// Qi 2009 with weights),
//
//	R_j = S_j / Σ_i P_i W(d_ij)        A_i = Σ_j R_j W(d_ij)
//
// A supply that nobody reaches is shared by nobody: its R is 0. Σ A_i P_i is the sum
// of the supplies that somebody reaches. The error is that of ctx, or errManyPairs.
func access(ctx context.Context, points []demand, s supplies, reach float64, decay Decay) ([]float64, error) {
	shared, pairs := make([]float64, len(s.amount)), 0
	each := func(visit func(point int, site int32, weight float64)) error {
		for i, p := range points {
			if i%4096 == 0 {
				if err := ctx.Err(); err != nil {
					return err
				}
				if pairs > maxPairs {
					return errManyPairs
				}
			}
			s.near.Within(p.at, geo.Metres(reach), func(j int32) {
				pairs++
				visit(i, j, decay.weight(float64(p.at.Distance(s.near.At(j))), reach))
			})
		}
		return nil
	}
	if err := each(func(i int, j int32, w float64) { shared[j] += points[i].amount * w }); err != nil {
		return nil, err
	}
	found := make([]float64, len(points))
	err := each(func(i int, j int32, w float64) {
		if shared[j] > 0 {
			found[i] += s.amount[j] / shared[j] * w
		}
	})
	return found, err
}
