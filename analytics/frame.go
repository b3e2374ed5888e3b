package analytics

import (
	"slices"
	"strings"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A Frame is the study area as the rows of a grid: every cell or community
// that belongs to it, with facts or without. It is immutable.
type Frame struct {
	Unit Unit
	// Key is the key by which facts are added up to rows.
	Key data.Key
	// Cells are the rows, ascending, if the unit is cells.
	Cells []geo.Cell
	// Communities are the rows, by code, if the unit is a level.
	Communities []data.Community
	// SquareKm is the exact area of each row.
	SquareKm []float64
	// Inside is the share of each cell that lies inside the outermost
	// boundaries, beyond which nothing is known, from 0 to 1. Nil means all of
	// each, or that no boundaries are known.
	Inside []float64
	// Edge marks cells with a ring-1 neighbour outside the study area; nil for
	// communities.
	Edge []bool
	// Neighbours holds, for cells, the ring-1 neighbours within the frame in
	// compressed sparse rows: those of row i are
	// Neighbours.Rows[Neighbours.Start[i]:Neighbours.Start[i+1]].
	Neighbours Adjacency
	// Tables keeps the wider neighbourhoods that Around makes; nil keeps none.
	Tables *NeighbourTables
	// Sites are all resources that exist at the moment of judgement, by source and
	// id, wherever they stand: nil unless the analysis asks for them.
	Sites []Site
	// SitesNowhere is how many resources have no point and are not among Sites.
	SitesNowhere int
	// Homes are all places where people live, by cell, those of other rows too: nil
	// unless the analysis asks for sites and its plan counts in Places.
	Homes []Home
	// Paths holds the codes of the communities that each row lies in, coarsest
	// first, down to the row itself or, for cells, to the finest at its centre.
	// Nil means that none are known. Rows share slices, which are read-only.
	Paths [][]string
	// Within is the community the study area was cut to, "" for all.
	Within string
	// Describe says in words how the study area was made.
	Describe string
}

// Len returns the number of rows.
func (f *Frame) Len() int {
	if f.Unit.IsCells() {
		return len(f.Cells)
	}
	return len(f.Communities)
}

// ID returns the cell number in hexadecimal or the community's code.
func (f *Frame) ID(row int) string {
	if f.Unit.IsCells() {
		return f.Cells[row].String()
	}
	return f.Communities[row].Code
}

// RowOf returns the row with that ID.
func (f *Frame) RowOf(id string) (int, bool) {
	if !f.Unit.IsCells() {
		return slices.BinarySearchFunc(f.Communities, id, func(c data.Community, id string) int {
			return strings.Compare(c.Code, id)
		})
	}
	cell, err := geo.ParseCell(id)
	if err != nil {
		return 0, false
	}
	return slices.BinarySearch(f.Cells, cell)
}

// KmInside returns the area of a row within the outermost boundaries, in km²: 0 for
// a community without an outline.
func (f *Frame) KmInside(row int) float64 {
	if f.Inside == nil {
		return max(0, f.SquareKm[row])
	}
	return max(0, f.SquareKm[row]) * f.Inside[row]
}

// MostlyOutside reports whether less than half of a row lies within the outermost
// boundaries: few facts there say nothing.
func (f *Frame) MostlyOutside(row int) bool { return f.Inside != nil && f.Inside[row] < 0.5 }

// Path returns the codes of the communities that a row lies in, coarsest first.
func (f *Frame) Path(row int) []string {
	if f.Paths == nil {
		return nil
	}
	return f.Paths[row]
}

// Parents returns, for each row, the code of the area that it is compared
// within, "" for none: the community above it or, for a cell, the coarsest that
// it lies in and that does not hold all cells.
func (f *Frame) Parents() []string {
	parents := make([]string, f.Len())
	depth := f.parting()
	for row := range parents {
		path := f.Path(row)
		if !f.Unit.IsCells() {
			depth = len(path) - 2
		}
		if depth >= 0 && depth < len(path) {
			parents[row] = path[depth]
		}
	}
	return parents
}

// parting returns the first depth at which paths differ.
func (f *Frame) parting() int {
	var first []string
	for _, path := range f.Paths {
		if len(path) == 0 {
			continue
		}
		if first == nil {
			first = path
		}
		same := 0
		for same < len(first) && same < len(path) && first[same] == path[same] {
			same++
		}
		first = first[:same]
	}
	return len(first)
}
