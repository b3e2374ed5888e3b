package tile

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// A Ladder says for each zoom up to MaxZoom which resolution of cells is the
// finest that a tile can hold. Cells of a finer one would be too many, and too
// small to tell apart: 2,500 of them are about ten pixels wide.
type Ladder [MaxZoom + 1]geo.Resolution

// margin is by how much cells that reach over the rim of a tile, and those of
// the buffer, outnumber what the area alone holds, at 2,500 cells.
const margin = 1.12

// LadderOf returns the ladder for a box in degrees: tiles are largest where it
// comes nearest to the equator, cells are measured at its corners and centre. An
// empty box is taken for a point on the equator.
func LadderOf(box orb.Bound) Ladder {
	if box.IsEmpty() {
		box = orb.Bound{}
	}
	latitude := max(0, box.Min[1], -box.Max[1])
	return newLadder(latitude, func(r geo.Resolution) geo.SquareMetres { return CellArea(box, r) })
}

// CellArea returns the area of the smallest cell at the corners and centre of a
// box.
func CellArea(box orb.Bound, r geo.Resolution) geo.SquareMetres {
	least := geo.SquareMetres(math.Inf(1))
	for _, p := range []orb.Point{box.Center(), box.Min, box.Max, box.LeftTop(), box.RightBottom()} {
		if cell, err := geo.CellAt(p, r); err == nil {
			least = min(least, cell.Area())
		}
	}
	return least
}

// newLadder makes a ladder for tiles at a latitude and cells of some areas.
func newLadder(latitude float64, area func(geo.Resolution) geo.SquareMetres) Ladder {
	var l Ladder
	for zoom := range l {
		side := 2 * math.Pi * float64(geo.EarthRadius) * math.Cos(latitude*math.Pi/180) / float64(int(1)<<zoom)
		for r := geo.MaxResolution; r > 0; r-- {
			if side*side/float64(area(r))*margin <= MaxFeatures {
				l[zoom] = r
				break
			}
		}
	}
	return l
}

// Pick returns which of the resolutions that are served a zoom shows: the finest
// that the ladder allows, or the coarsest there is. None gives false.
func (l Ladder) Pick(zoom int, served []geo.Resolution) (geo.Resolution, bool) {
	if len(served) == 0 {
		return 0, false
	}
	best := slices.Min(served)
	for _, r := range served {
		if r <= l[zoom] {
			best = max(best, r)
		}
	}
	return best, true
}

// parentColumn names the attribute of cells that are drawn as their parent.
const parentColumn = "drawn_as"

// Coarsen returns the rows of a layer of cells drawn at a coarser resolution,
// where none so coarse can be computed: each parent by index stands for its
// worst cell, by the rank of the layer, and says whose values it shows. Nothing
// is averaged: a class belongs to the resolution it was computed at.
func Coarsen(t *encode.Table, r geo.Resolution) *encode.Table {
	order, _ := api.Ranked(t.Layer)
	worst := map[geo.Cell]int{}
	for _, row := range order {
		parent := t.Cells[row].Parent(r)
		if _, ok := worst[parent]; !ok && parent != geo.NoCell {
			worst[parent] = row
		}
	}
	coarse := &encode.Table{Name: t.Name, Title: t.Title, Layer: t.Layer, Cells: make([]geo.Cell, 0, len(worst))}
	for parent := range worst {
		coarse.Cells = append(coarse.Cells, parent)
	}
	slices.Sort(coarse.Cells)
	rows, names := make([]int, len(worst)), make([]string, len(worst))
	for i, parent := range coarse.Cells {
		rows[i], names[i] = worst[parent], parent.String()
	}
	for _, c := range t.Columns {
		coarse.Columns = append(coarse.Columns, take(c, rows))
	}
	coarse.Columns = append(coarse.Columns, analytics.Column{
		Name: parentColumn, Type: analytics.WordColumn, Title: "H3 cell that is drawn", Words: names,
		Doc: "Stands for the worst cell in it, whose values these are.",
	})
	return coarse
}

// take returns some rows of a column.
func take(c analytics.Column, rows []int) analytics.Column {
	taken := c
	taken.Ints, taken.Floats, taken.Words = pick(c.Ints, rows), pick(c.Floats, rows), pick(c.Words, rows)
	taken.Valid = pick(c.Valid, rows)
	return taken
}

func pick[T any](values []T, rows []int) []T {
	if values == nil {
		return nil
	}
	picked := make([]T, len(rows))
	for i, row := range rows {
		picked[i] = values[row]
	}
	return picked
}
