package analysistest

import (
	"fmt"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// frames returns study areas of every kind, awkward ones included.
func frames(t *testing.T) map[string]*analytics.Frame {
	t.Helper()
	centre, err := geo.CellAt(orb.Point{113.9, 22.5}, 9)
	if err != nil {
		t.Fatal(err)
	}
	blank := communities(3)
	blank.SquareKm[1] = 0
	return map[string]*analytics.Frame{
		"a disk of cells": Cells(t, centre.Disk(4)),
		"one cell":        Cells(t, []geo.Cell{centre}),
		"no cell":         Cells(t, nil),
		"communities":     communities(5),
		"no outline":      blank,
		"no community":    communities(0),
	}
}

// Cells returns the frame of a study area of these cells, which ascend.
func Cells(t testing.TB, cells []geo.Cell) *analytics.Frame {
	t.Helper()
	start, rows, full, err := geo.Neighbours(cells, 1)
	if err != nil {
		t.Fatal(err)
	}
	f := &analytics.Frame{
		Unit: analytics.CellsOf(9), Key: data.ByCell{Column: data.CellColumn(9)}, Cells: cells,
		Neighbours: analytics.Adjacency{Start: start, Rows: rows},
	}
	for i, c := range cells {
		f.SquareKm = append(f.SquareKm, float64(c.Area())/1e6)
		f.Edge = append(f.Edge, !full[i])
	}
	return f
}

// communities returns a frame of n communities in a row, each beside the next.
func communities(n int) *analytics.Frame {
	f := &analytics.Frame{
		Unit: analytics.CommunitiesOf(data.District), Key: data.ByCode{Column: "community"},
		Neighbours: analytics.Adjacency{Start: []int32{0}},
	}
	for i := range n {
		f.Communities = append(f.Communities, data.Community{Code: fmt.Sprintf("c%d", i), Level: data.District})
		f.SquareKm = append(f.SquareKm, float64(i+1))
		for _, other := range []int{i - 1, i + 1} {
			if other >= 0 && other < n {
				f.Neighbours.Rows = append(f.Neighbours.Rows, int32(other))
			}
		}
		f.Neighbours.Start = append(f.Neighbours.Start, int32(len(f.Neighbours.Rows)))
	}
	return f
}
