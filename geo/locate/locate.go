package locate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// Area is one area to be found.
type Area struct {
	// Code names the area in answers and decides between areas that hold the
	// same point: the lowest in byte order wins. Areas may share a code; among
	// them the first given wins.
	Code string
	// Outline is the area in degrees. It is not changed and not kept. Empty
	// outlines are allowed and hold no point.
	Outline orb.MultiPolygon
}

// Index finds the area that holds a point. It does not change and is safe for
// concurrent use.
type Index struct {
	codes      []string
	regions    []*geo.Region
	resolution geo.Resolution
	table      table
}

// Bounds on the grid of an index.
const (
	// maxBorderCells is about how many cells the borders of all areas may pass
	// through. Four times as many make a table that takes five times as long to
	// build and answers hardly faster.
	maxBorderCells = 15_000
	// finestResolution is where a finer grid stops paying: few points are left
	// near a border.
	finestResolution geo.Resolution = 12
)

// New prepares an index of areas. The ordinals it answers with are positions in
// areas. An outline with a coordinate that is not finite or no place gives an
// error that wraps geo.ErrOutline and names the area; geo.Repair mends such
// outlines. No areas at all give an index that finds nothing.
func New(areas []Area) (*Index, error) {
	if len(areas) > math.MaxInt32 {
		return nil, fmt.Errorf("index %d areas: more than %d", len(areas), math.MaxInt32)
	}
	x := &Index{codes: make([]string, len(areas)), regions: make([]*geo.Region, len(areas))}
	for i, a := range areas {
		region, err := geo.NewRegion(a.Outline)
		if err != nil {
			return nil, fmt.Errorf("index area %q: %w", a.Code, err)
		}
		x.codes[i], x.regions[i] = a.Code, region
	}
	rims, err := x.chooseResolution()
	if err != nil {
		return nil, err
	}
	x.table = newTable(x.resolution, x.order(), x.regions, rims)
	return x, nil
}

// order returns the ordinals of the areas that hold anything, the winner first.
func (x *Index) order() []int32 {
	order := make([]int32, 0, len(x.codes))
	for i, region := range x.regions {
		if !region.Empty() {
			order = append(order, int32(i))
		}
	}
	slices.SortStableFunc(order, func(a, b int32) int { return strings.Compare(x.codes[a], x.codes[b]) })
	return order
}

// chooseResolution sets the finest resolution at which the borders stay within
// bounds and returns the rim of every area there.
func (x *Index) chooseResolution() ([][]geo.Cell, error) {
	var metres geo.Metres
	for _, region := range x.regions {
		metres += region.BorderLength()
	}
	x.resolution = finestResolution
	for x.resolution > 0 && float64(metres/geo.EdgeLength(x.resolution)) > maxBorderCells {
		x.resolution--
	}
	rims := make([][]geo.Cell, len(x.regions))
	for i, region := range x.regions {
		rim, err := region.Rim(x.resolution, math.MaxInt64)
		if err != nil {
			return nil, fmt.Errorf("index area %q: %w", x.codes[i], err)
		}
		rims[i] = rim
	}
	return rims, nil
}

// Resolution returns the resolution of the cells that FindCells can use.
func (x *Index) Resolution() geo.Resolution { return x.resolution }

// Empty returns the ordinals of the areas that hold no point, because their
// outline has no ring with an area, in ascending order.
func (x *Index) Empty() []int {
	var empty []int
	for i, region := range x.regions {
		if region.Empty() {
			empty = append(empty, i)
		}
	}
	return empty
}

// Code returns the code of the area with an ordinal, from 0 to one less than
// the number of areas.
func (x *Index) Code(ordinal int) string { return x.codes[ordinal] }

// Find returns the code of the area that holds p, a longitude and latitude in
// degrees. ok is false when no area does, or p is not finite or not on the globe.
func (x *Index) Find(p orb.Point) (code string, ok bool) {
	i, ok := x.FindIndex(p)
	if !ok {
		return "", false
	}
	return x.codes[i], true
}

// FindIndex returns the ordinal of the area that holds p, or -1 and false.
func (x *Index) FindIndex(p orb.Point) (ordinal int, ok bool) {
	cell, err := geo.CellAt(p, x.resolution)
	if errors.Is(err, geo.ErrNoCell) {
		return -1, false
	}
	i := x.resolve(x.table.find(cell), p)
	return int(i), i >= 0
}

// chunk is how many points are indexed at a time.
const chunk = 4096

// FindAll appends to dst the ordinal of the area that holds each point, or -1,
// and returns the extended slice. lon and lat are degrees and equally long; where
// they are not, the shorter counts. Points in order of place are found fastest.
func (x *Index) FindAll(dst []int32, lon, lat []float64) []int32 {
	n := min(len(lon), len(lat))
	lon, lat = lon[:n], lat[:n]
	dst = slices.Grow(dst, n)
	cells := make([]geo.Cell, 0, min(n, chunk))
	for len(lon) > 0 {
		m := min(len(lon), chunk)
		cells = geo.CellsAt(cells[:0], lon[:m], lat[:m], x.resolution)
		dst = x.FindCells(dst, cells, lon[:m], lat[:m])
		lon, lat = lon[m:], lat[m:]
	}
	return dst
}

// FindCells is FindAll for points whose cells are known: cells[i] holds point i
// and has the resolution of the index, as geo.CellsAt gives it. A parent of a
// finer cell will not do. geo.NoCell, or a cell of another resolution, finds
// nothing. The shortest of the three slices counts.
func (x *Index) FindCells(dst []int32, cells []geo.Cell, lon, lat []float64) []int32 {
	n := min(len(cells), len(lon), len(lat))
	last, run := geo.NoCell, nowhere
	for i, c := range cells[:n] {
		switch {
		case c == last:
		case c.Resolution() == x.resolution:
			last, run = c, x.table.find(c)
		default:
			last, run = c, nowhere
		}
		if run >= nowhere {
			dst = append(dst, run)
			continue
		}
		dst = append(dst, x.resolve(run, orb.Point{lon[i], lat[i]}))
	}
	return dst
}

// resolve turns what the table says about the cell of p into an ordinal or -1.
func (x *Index) resolve(found int32, p orb.Point) int32 {
	if found >= nowhere {
		return found
	}
	near, otherwise := x.table.choices(found)
	for _, i := range near {
		if x.regions[i].Contains(p) {
			return i
		}
	}
	return otherwise
}
