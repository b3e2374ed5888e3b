package ingest

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/locate"
)

const (
	// linkCells is about how many cells of an area are asked for their parent.
	linkCells = 200
	// wholeShare is the part of an area that has to lie in its parent for
	// nothing to be said: borders drawn by different hands differ a little.
	wholeShare = 0.98
	// parentShare is the least part of an area that has to lie in another for
	// that to be its parent.
	parentShare = 0.5
)

// link gives communities without a parent the one of the nearest coarser level
// that holds most of them, which is at least half, and notes those that do not
// lie wholly within it. A
// parent that skips a level which has come in between is replaced. It returns
// all communities, and those it linked.
func link(all []data.Community, result *BoundaryResult) (linked, changed []data.Community) {
	linked = slices.Clone(all)
	hierarchy := data.NewHierarchy(all)
	levels := hierarchy.Levels()
	for i, level := range levels {
		if i == 0 {
			continue
		}
		above := hierarchy.At(levels[i-1])
		index, err := indexOf(above)
		if err != nil {
			result.Notes = append(result.Notes, BoundaryNote{"", fmt.Sprintf("areas of level %s were not linked: %v", level, err)})
			continue
		}
		for k, c := range linked {
			if c.Level != level || !needsParent(hierarchy, c, levels[i-1]) {
				continue
			}
			parent, part := majority(index, above, c.Outline)
			if parent == "" {
				result.Notes = append(result.Notes, BoundaryNote{c.Code, fmt.Sprintf("lies in no %s", levels[i-1])})
				continue
			}
			if part < parentShare {
				result.Notes = append(result.Notes, BoundaryNote{c.Code, fmt.Sprintf("not linked: no %s holds half of it; %s holds %.0f %%, the most", levels[i-1], parent, 100*part)})
				continue
			}
			if part < wholeShare {
				result.Notes = append(result.Notes, BoundaryNote{c.Code, fmt.Sprintf("only %.0f %% of it lie in %s %s, its parent", 100*part, levels[i-1], parent)})
			}
			if c.Parent != parent {
				linked[k].Parent = parent
				changed = append(changed, linked[k])
			}
		}
	}
	return linked, changed
}

// needsParent reports whether c has no parent, or one above the level that is
// nearest.
func needsParent(h *data.Hierarchy, c data.Community, nearest data.Level) bool {
	if c.Parent == "" {
		return true
	}
	parent, ok := h.Get(c.Parent)
	return ok && parent.Level.Rank() < nearest.Rank()
}

func indexOf(communities []data.Community) (*locate.Index, error) {
	areas := make([]locate.Area, len(communities))
	for i, c := range communities {
		areas[i] = locate.Area{Code: c.Code, Outline: c.Outline}
	}
	return locate.New(areas)
}

// majority returns the area that holds most of the outline, and how much of it,
// from 0 to 1, by the centres of cells within.
func majority(index *locate.Index, areas []data.Community, outline orb.MultiPolygon) (code string, part float64) {
	points := interior(outline)
	lon, lat := make([]float64, len(points)), make([]float64, len(points))
	for i, p := range points {
		lon[i], lat[i] = p[0], p[1]
	}
	counts := make([]int, len(areas))
	best := -1
	for _, ordinal := range index.FindAll(nil, lon, lat) {
		if ordinal < 0 {
			continue
		}
		counts[ordinal]++
	}
	for i, n := range counts {
		if n > 0 && (best < 0 || n > counts[best]) {
			best = i
		}
	}
	if best < 0 {
		return "", 0
	}
	return areas[best].Code, float64(counts[best]) / float64(len(points))
}

// interior returns points spread over an outline: the centres of cells within,
// at the resolution that gives some linkCells; where even the finest cells are
// too large, the middle of the outline's first edge.
func interior(outline orb.MultiPolygon) []orb.Point {
	area := geo.AreaOf(outline)
	for r := geo.Resolution(3); r <= geo.MaxResolution; r++ {
		middle := outline.Bound().Center()
		cell, err := geo.CellAt(middle, r)
		if err != nil {
			break
		}
		if float64(area)/float64(cell.Area()) < linkCells && r < geo.MaxResolution {
			continue
		}
		cells, err := geo.Cover(outline, r, geo.Centre)
		if err != nil || len(cells) == 0 {
			break
		}
		points := make([]orb.Point, len(cells))
		for i, c := range cells {
			points[i] = c.Centre()
		}
		return points
	}
	for _, polygon := range outline {
		if len(polygon) > 0 && len(polygon[0]) > 1 {
			a, b := polygon[0][0], polygon[0][1]
			return []orb.Point{{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}}
		}
	}
	return nil
}
