package engine

import (
	"fmt"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// maxRim is the most cells along one boundary that are looked at.
const maxRim = 5_000_000

// insideShares returns what share of each cell, ascending and of one
// resolution, lies inside the outlines, from 0 to 1.
func insideShares(cells []geo.Cell, outlines []data.Community) ([]float64, error) {
	share := make([]float64, len(cells))
	for _, c := range outlines {
		region, err := geo.NewRegion(c.Outline)
		if err != nil {
			return nil, fmt.Errorf("boundary of %s: %w", c.Code, err)
		}
		inside, err := region.Shares(cells, maxRim)
		if err != nil {
			return nil, fmt.Errorf("boundary of %s: %w", c.Code, err)
		}
		for i, s := range inside {
			share[i] = min(share[i]+s, 1) // outlines may overlap by a sliver
		}
	}
	return share, nil
}
