package tile

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/geo"
)

// MediaType is the media type of tiles (OGC API - Tiles, 20-057, requirements
// class "Mapbox Vector Tiles").
const MediaType api.MediaType = "application/vnd.mapbox-vector-tile"

// The bounds of a tile, by which a browser draws it without a pause.
const (
	// MaxFeatures is the most rows of one layer.
	MaxFeatures = 2500
	// MaxBytes is the most bytes, before compression.
	MaxBytes = 500_000
)

// A Tile is what was cut.
type Tile struct {
	// Data is the tile, empty where there is nothing.
	Data []byte
	// Features are the rows in it, of all layers.
	Features int
	// LeftOut is how many rows that lie in the tile are not shown because there
	// are too many: the smallest.
	LeftOut int
}

// An effort is how much is given up so that a tile keeps within its bounds.
type effort struct {
	grid  int32 // of polygons that are no cells, in units
	brief bool  // only what the legend needs
	most  int   // rows of a layer
}

// Cut returns one tile of some layers.
func Cut(at Address, layers []Layer) Tile {
	met := make([][]int, len(layers))
	for i, l := range layers {
		met[i] = l.meeting(at)
	}
	e := effort{grid: 1, most: MaxFeatures}
	for {
		t := cut(at, layers, met, e)
		if len(t.Data) <= MaxBytes {
			return t
		}
		switch {
		case e.grid < unitsPerPixel:
			e.grid *= 2
		case !e.brief:
			e.brief = true
		default:
			e.most /= 2
		}
	}
}

func cut(at Address, layers []Layer, met [][]int, e effort) Tile {
	var t Tile
	for i, l := range layers {
		rows := l.largest(met[i], e.most)
		grid := e.grid
		if l.Table.Cells != nil {
			grid = 1
		}
		enc := newEncoder(l, newCutter(at, Buffer, grid), e.brief)
		for _, row := range rows {
			enc.add(row)
		}
		t.Data = enc.append(t.Data, l.Name)
		t.Features += enc.count
		t.LeftOut += len(met[i]) - len(rows)
	}
	return t
}

// Meeting returns how many rows lie in a tile or its buffer.
func (l Layer) Meeting(at Address) int { return len(l.meeting(at)) }

func (l Layer) meeting(at Address) []int {
	box := at.box()
	var rows []int
	for i := range l.len() {
		if row := l.row(i); l.Table.In(row, box) {
			rows = append(rows, row)
		}
	}
	return rows
}

func (l Layer) len() int {
	if l.Rows == nil {
		return l.Table.Len()
	}
	return len(l.Rows)
}

func (l Layer) row(i int) int {
	if l.Rows == nil {
		return i
	}
	return l.Rows[i]
}

// box returns the tile with its buffer; one at the antimeridian runs across it.
func (a Address) box() geo.Box {
	b := a.reach(Buffer)
	if b.Max[0]-b.Min[0] >= 360 {
		b.Min[0], b.Max[0] = -180, 180
	}
	if b.Min[0] < -180 {
		b.Min[0] += 360
	}
	if b.Max[0] > 180 {
		b.Max[0] -= 360
	}
	return geo.Box{West: b.Min[0], South: b.Min[1], East: b.Max[0], North: b.Max[1]}
}

// largest returns the rows with the largest envelopes, in the order of the
// table. Of equal ones the first are kept.
func (l Layer) largest(rows []int, most int) []int {
	if len(rows) <= most {
		return rows
	}
	size := make(map[int]float64, len(rows))
	for _, row := range rows {
		size[row] = envelope(l.Table.Shape(row))
	}
	kept := slices.Clone(rows)
	slices.SortStableFunc(kept, func(a, b int) int { return cmp.Compare(size[b], size[a]) })
	kept = kept[:most]
	slices.Sort(kept)
	return kept
}

// envelope returns the area of the envelope of a shape in square degrees.
func envelope(shape orb.Geometry) float64 {
	if shape == nil {
		return 0
	}
	b := shape.Bound()
	return (b.Max[0] - b.Min[0]) * (b.Max[1] - b.Min[1])
}
