package coverage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/geo"
)

// pointResolution is the H3 resolution of the points that stand for a community.
const pointResolution geo.Resolution = 9

// A study is demand at points, and the resources there are for it.
type study struct {
	frame  *analytics.Frame
	reach  float64
	demand []float64 // of each row
	known  []bool    // whether it is
	points []demand  // by row
	starts []int32   // the points of row i are points[starts[i]:starts[i+1]]
	sites  []analytics.Site
	offer  supplies
	rated  int // resources with a capacity
}

func newStudy(ctx context.Context, r analytics.Request, f *analytics.Frame, t *analytics.Tally) (*study, error) {
	s := &study{frame: f, reach: r.Params.Number("reach"), known: make([]bool, f.Len()), demand: make([]float64, f.Len())}
	if byPeople(r) {
		known := t.Dense("known", f.Len())
		for row, thousandths := range t.Dense("people", f.Len()) {
			s.demand[row], s.known[row] = float64(thousandths)/1000, known[row] > 0
		}
	} else {
		for row, n := range t.Dense("n", f.Len()) {
			s.demand[row], s.known[row] = float64(n), true
		}
	}
	s.starts = make([]int32, 1, f.Len()+1)
	for row := range f.Len() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if err := s.addPoints(row); err != nil {
			return nil, err
		}
	}
	s.addSites(r.Params.Text("kind"))
	return s, nil
}

// addPoints spreads the demand of a row over its points: the centre of a cell, the
// centres of the cells of a community.
func (s *study) addPoints(row int) error {
	cells := s.frame.Cells
	if s.frame.Unit.IsCells() {
		cells = cells[row : row+1]
	} else {
		var err error
		if cells, err = geo.Cover(s.frame.Communities[row].Outline, pointResolution, geo.Centre); err != nil {
			return fmt.Errorf("points of %s: %w", s.frame.ID(row), err)
		}
	}
	for _, cell := range cells {
		at := cell.Centre()
		s.points = append(s.points, demand{placeAt(at[0], at[1]), s.demand[row] / float64(len(cells))})
	}
	s.starts = append(s.starts, int32(len(s.points)))
	return nil
}

// addSites takes the resources of the kinds that are named, all if none is. A
// resource without a capacity offers 1, unless others say what they offer.
func (s *study) addSites(kinds string) {
	named := strings.Split(kinds, "|")
	for _, site := range s.frame.Sites {
		if kinds == "" || slices.Contains(named, site.Kind) {
			s.sites = append(s.sites, site)
		}
	}
	places := make([]place, len(s.sites))
	for i, site := range s.sites {
		places[i] = placeAt(site.Lon, site.Lat)
		if site.HasCapacity && site.Capacity >= 0 {
			s.rated++
		}
	}
	s.offer = supplies{tree: newTree(places), amount: make([]float64, len(s.sites))}
	for i, site := range s.sites {
		switch {
		case s.rated == 0:
			s.offer.amount[i] = 1
		case site.HasCapacity && site.Capacity >= 0:
			s.offer.amount[i] = site.Capacity
		}
	}
}

// served reports whether a point has a resource in reach, and which is nearest.
func (s *study) served(p place) (in bool, nearest int32, away float64) {
	nearest = s.offer.tree.nearest(p)
	if nearest < 0 {
		return false, -1, 0
	}
	away = metres(p, s.offer.tree.points[nearest])
	return away <= s.reach, nearest, away
}
