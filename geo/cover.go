package geo

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"
)

// MaxCover is the most cells that Cover returns: 20 million, which take 160 MB.
const MaxCover = 20_000_000

// TooManyCellsError says that an area would take more cells than allowed.
type TooManyCellsError struct {
	Estimate int64 // how many cells it would take, roughly; at least Limit+1
	Limit    int64 // how many are allowed
}

// Error names both numbers.
func (e *TooManyCellsError) Error() string {
	return fmt.Sprintf("about %d cells, and the limit is %d: choose a coarser resolution", e.Estimate, e.Limit)
}

// Cover returns the cells of resolution r that stand for an area, each once and
// in ascending order; mode says which they are. Overlap holds the cell of every
// point of the area, so that an area smaller than a cell gets the cell it lies
// in. What an outline may look like says NewRegion; polygons are united, but a
// cell is Full only if one polygon alone, or one on each side of the
// antimeridian, covers all of it. An empty area has no cells.
//
// The error is a *TooManyCellsError beyond MaxCover cells; it comes before the
// work is done.
func Cover(area orb.MultiPolygon, r Resolution, mode CoverMode) ([]Cell, error) {
	return CoverLimit(area, r, mode, MaxCover)
}

// CoverLimit is Cover with a limit of the caller's choice.
func CoverLimit(area orb.MultiPolygon, r Resolution, mode CoverMode, limit int64) ([]Cell, error) {
	if err := r.check(); err != nil {
		return nil, fmt.Errorf("cover: %w", err)
	}
	if mode < Centre || mode > Full {
		return nil, fmt.Errorf("cover: unknown mode %v", mode)
	}
	region, err := NewRegion(area)
	if err != nil {
		return nil, fmt.Errorf("cover: %w", err)
	}
	cells, err := region.Cover(r, mode, limit)
	if err != nil {
		return nil, fmt.Errorf("cover at resolution %d: %w", int(r), err)
	}
	return cells, nil
}

// Cover returns the cells of resolution r that stand for the region, as the
// function Cover does.
func (g *Region) Cover(r Resolution, mode CoverMode, limit int64) ([]Cell, error) {
	if g.Empty() {
		return nil, r.check()
	}
	// Polygons that overlap may together be larger than the globe.
	inner := int64(float64(g.squareMetres()) / float64(meanArea(r)) / 2)
	if min(inner, r.cells()) > limit {
		return nil, &TooManyCellsError{Estimate: min(2*inner, r.cells()), Limit: limit}
	}
	crossed, err := g.crossed(r, limit)
	if err != nil {
		return nil, err
	}
	w := coverWalk{region: g, mode: mode, resolution: r, limit: limit, crossed: crossed}
	rim := widen(crossed)
	for _, base := range BaseCells() {
		rim = w.visit(base, rim)
	}
	if w.tooMany != nil {
		return nil, w.tooMany
	}
	return w.out, nil
}

// coverWalk walks down the tree of cells. The descendants of a cell hang
// together, so where none of them is on the rim, all of them are inside or all
// outside, and one look at one of them tells.
type coverWalk struct {
	region     *Region
	mode       CoverMode
	resolution Resolution
	limit      int64
	crossed    []Cell
	out        []Cell
	tooMany    *TooManyCellsError
}

// visit adds the descendants of c that belong to the cover. rim holds the rim
// from the first descendant of c on; what follows its last one is returned.
func (w *coverWalk) visit(c Cell, rim []Cell) (rest []Cell) {
	if w.tooMany != nil {
		return nil
	}
	_, last := c.Descendants(w.resolution)
	n := sort.Search(len(rim), func(i int) bool { return rim[i] > last })
	own, rest := rim[:n], rim[n:]
	switch {
	case n == 0:
		if w.region.Contains(c.centre()) && w.room(c.DescendantCount(w.resolution)) {
			w.out = c.appendChildren(w.out, w.resolution)
		}
	case c.Resolution() == w.resolution:
		if w.belongs(c) && w.room(1) {
			w.out = append(w.out, c)
		}
	default:
		var children [7]Cell
		for _, child := range c.appendChildren(children[:0], c.Resolution()+1) {
			own = w.visit(child, own)
		}
	}
	return rest
}

// room reports whether n more cells are within the limit, and notes if not.
func (w *coverWalk) room(n int64) bool {
	if total := int64(len(w.out)) + n; total > w.limit {
		w.tooMany = &TooManyCellsError{Estimate: total, Limit: w.limit}
	}
	return w.tooMany == nil
}

// belongs looks closely at one cell on the rim.
func (w *coverWalk) belongs(c Cell) bool {
	switch w.mode {
	case Centre:
		return w.region.Contains(c.centre())
	case Overlap:
		if _, ok := slices.BinarySearch(w.crossed, c); ok {
			return true
		}
		return slices.ContainsFunc(c.shape(), w.region.meets)
	}
	return !slices.ContainsFunc(c.shape(), func(part loop) bool { return !w.region.holds(part) })
}

// squareMetres returns the area of the region, overlaps counted repeatedly.
func (g *Region) squareMetres() SquareMetres {
	var sum float64
	for i := 0; i < len(g.edges); {
		ring, area := g.edges[i].ring, 0.0
		for ; i < len(g.edges) && g.edges[i].ring == ring; i++ {
			area += edgeSteradians(g.edges[i].a, g.edges[i].b)
		}
		sum += g.rings[ring].signed(area)
	}
	return squareMetres(sum)
}

// signed returns an area of either sign as positive for a shell and negative for
// a hole.
func (r ringRole) signed(area float64) float64 {
	if r.hole {
		return -math.Abs(area)
	}
	return math.Abs(area)
}
