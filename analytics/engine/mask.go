package engine

import (
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

const (
	// maxRim is the most cells along one boundary that are looked at.
	maxRim = 5_000_000
	// finelySampled is how many cells along a boundary are sampled at 49 points
	// each; where there are more, 7 points have to do.
	finelySampled = 20_000
)

// insideShares returns what share of each cell, ascending and of one
// resolution, lies inside the outlines, from 0 to 1: exactly for cells no
// boundary comes near, and for the others as the share of the centres of their
// descendants.
func insideShares(cells []geo.Cell, r geo.Resolution, outlines []data.Community) ([]float64, error) {
	share := make([]float64, len(cells))
	for _, c := range outlines {
		if err := addInside(share, cells, r, c); err != nil {
			return nil, fmt.Errorf("boundary of %s: %w", c.Code, err)
		}
	}
	for i, s := range share {
		share[i] = min(s, 1) // outlines may overlap by a sliver
	}
	return share, nil
}

// addInside adds the share of each cell that lies inside one outline.
func addInside(share []float64, cells []geo.Cell, r geo.Resolution, c data.Community) error {
	region, err := geo.NewRegion(c.Outline)
	if err != nil {
		return err
	}
	rim, err := region.Rim(r, maxRim)
	if err != nil {
		return err
	}
	finer := r + 2
	if len(rim) > finelySampled {
		finer = r + 1
	}
	finer = min(finer, geo.MaxResolution)
	for row, cell := range cells {
		if _, near := slices.BinarySearch(rim, cell); near {
			s, err := sampled(region, cell, finer)
			if err != nil {
				return err
			}
			share[row] += s
		} else if region.Contains(cell.Centre()) {
			share[row]++
		}
	}
	return nil
}

// sampled returns the share of a cell's descendants whose centre lies in the
// region.
func sampled(region *geo.Region, cell geo.Cell, finer geo.Resolution) (float64, error) {
	children, err := cell.Children(finer)
	if err != nil {
		return 0, err
	}
	inside := 0
	for _, child := range children {
		if region.Contains(child.Centre()) {
			inside++
		}
	}
	return float64(inside) / float64(len(children)), nil
}
