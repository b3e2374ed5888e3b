package geo_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

func ExampleCellAt() {
	c, err := geo.CellAt(orb.Point{116.3913, 39.9075}, 9)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%s has %.0f m² and %d neighbours\n", c, c.Area(), len(c.Ring(1)))
	// Output: 8931aa428cfffff has 75118 m² and 6 neighbours
}

func ExampleCellsAt() {
	cells := geo.CellsAt(nil, []float64{116.3913, 200}, []float64{39.9075, 10}, 9)
	fmt.Printf("%q\n", cells)
	// Output: ["8931aa428cfffff" ""]
}

func ExampleCover() {
	yard := orb.MultiPolygon{{{{116.390, 39.907}, {116.391, 39.907}, {116.391, 39.908}, {116.390, 39.908}, {116.390, 39.907}}}}
	for _, mode := range []geo.CoverMode{geo.Centre, geo.Overlap, geo.Full} {
		cells, err := geo.Cover(yard, 9, mode)
		fmt.Println(mode, len(cells), err)
	}
	// Output:
	// centre 0 <nil>
	// overlap 2 <nil>
	// full 0 <nil>
}

func ExampleNeighbours() {
	middle, _ := geo.ParseCell("8931aa428cfffff")
	cells := middle.Disk(1)
	offsets, cols, full, err := geo.Neighbours(cells, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range cells {
		fmt.Println(i, cols[offsets[i]:offsets[i+1]], full[i])
	}
	// Output:
	// 0 [2 4 6] false
	// 1 [2 5 6] false
	// 2 [0 1 6] false
	// 3 [4 5 6] false
	// 4 [0 3 6] false
	// 5 [1 3 6] false
	// 6 [0 1 2 3 4 5] true
}

func ExampleRepair() {
	bow := orb.MultiPolygon{{{{0, 0}, {4, 4}, {4, 0}, {0, 4}}}}
	mended, notes := geo.Repair(bow)
	fmt.Println(len(mended))
	for _, note := range notes {
		fmt.Println(note)
	}
	// Output:
	// 2
	// polygon 1, ring 1: closed
	// polygon 1, ring 1: met itself, taken apart into 2
}

func ExampleRegion_Shares() {
	cell, _ := geo.ParseCell("8931aa428cfffff")
	at := cell.Centre()
	west, err := geo.NewRegion(orb.MultiPolygon{{{{at[0] - 1, at[1] - 1}, {at[0], at[1] - 1}, {at[0], at[1] + 1}, {at[0] - 1, at[1] + 1}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	shares, err := west.Shares([]geo.Cell{cell}, 10_000)
	fmt.Printf("%.2f of the cell %v\n", shares, err)
	// Output:
	// [0.50] of the cell <nil>
}

func ExampleSpots() {
	near := geo.NewSpots([]geo.Spot{geo.SpotAt(120.6, 31.3), geo.SpotAt(120.7, 31.3)})
	here := geo.SpotAt(120.61, 31.3)
	i := near.Nearest(here)
	fmt.Printf("number %d, %.0f m away\n", i, here.Distance(near.At(i)))
	// Output:
	// number 0, 950 m away
}
