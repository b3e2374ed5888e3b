package tile

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// meanArea is the area of the sphere over the number of cells, 2 + 120·7^r
// (H3 documentation, "Total H3 cell counts by resolution").
func meanArea(r geo.Resolution) geo.SquareMetres {
	sphere := 4 * math.Pi * float64(geo.EarthRadius*geo.EarthRadius)
	return geo.SquareMetres(sphere / (2 + 120*math.Pow(7, float64(r))))
}

// TestTheLadder compares with a count by hand: 2,500 cells of mean area in a tile
// at 30 degrees, with an eighth taken off for those at its rim.
func TestTheLadder(t *testing.T) {
	want := Ladder{0, 1, 2, 3, 3, 4, 5, 6, 6, 7, 8, 8, 9, 10, 11, 12, 12, 13, 14}
	got := newLadder(30, meanArea)
	for zoom := 4; zoom <= 14; zoom++ {
		if got[zoom] != want[zoom] {
			t.Errorf("zoom %d shows resolution %d, want %d", zoom, got[zoom], want[zoom])
		}
	}
	if !slices.IsSorted(got[:]) {
		t.Errorf("the ladder goes down: %v", got)
	}
}

// TestTilesHoldWhatTheLadderAllows counts the cells that overlap tiles of real
// places, at the resolution of the ladder and at the next.
func TestTilesHoldWhatTheLadderAllows(t *testing.T) {
	places := []orb.Bound{
		{Min: orb.Point{113.75, 22.4}, Max: orb.Point{114.65, 22.87}}, // Shenzhen
		{Min: orb.Point{-0.5, 51.3}, Max: orb.Point{0.3, 51.7}},
		{Min: orb.Point{36.6, -1.45}, Max: orb.Point{37.1, -1.1}},
	}
	for _, place := range places {
		ladder := LadderOf(place)
		for _, zoom := range []int{6, 9, 10, 12, 14} {
			at := around(place.Center(), zoom)
			reach := at.reach(Buffer)
			tile := orb.MultiPolygon{{reach.ToRing()}}
			count := func(r geo.Resolution) int {
				all, err := geo.Cover(tile, r, geo.Overlap)
				if err != nil {
					t.Fatal(err)
				}
				return len(all)
			}
			if n := count(ladder[zoom]); n > MaxFeatures {
				t.Errorf("%v, zoom %d: %d cells of resolution %d", place.Center(), zoom, n, ladder[zoom])
			}
			if n := count(ladder[zoom] + 1); n < MaxFeatures*8/10 {
				t.Errorf("%v, zoom %d: resolution %d would give no more than %d cells", place.Center(), zoom, ladder[zoom]+1, n)
			}
		}
	}
}

func TestPick(t *testing.T) {
	served := []geo.Resolution{7, 8, 9, 10, 11}
	f := func(zoom int, served []geo.Resolution, want geo.Resolution) {
		t.Helper()
		ladder := newLadder(30, meanArea)
		if got, ok := ladder.Pick(zoom, served); got != want || !ok {
			t.Errorf("Pick(%d, %v) = %d, %t, want %d", zoom, served, got, ok, want)
		}
	}
	f(4, served, 7)
	f(9, served, 7)
	f(10, served, 8)
	f(12, served, 9)
	f(18, served, 11)
	f(18, []geo.Resolution{8}, 8)
	f(4, []geo.Resolution{9, 8}, 8)
	if _, ok := newLadder(0, meanArea).Pick(3, nil); ok {
		t.Error("a ladder picked from nothing")
	}
}

// TestCoarsen draws 49 cells as their 7 parents, each with the values of its
// worst.
func TestCoarsen(t *testing.T) {
	origin, err := geo.CellAt(orb.Point{114.06, 22.54}, 5)
	if err != nil {
		t.Fatal(err)
	}
	children, err := origin.Children(7)
	if err != nil {
		t.Fatal(err)
	}
	worst := map[geo.Cell]float64{}
	values, valid, ids := make([]float64, 49), make([]bool, 49), make([]string, 49)
	for row, c := range children {
		values[row], valid[row], ids[row] = float64(row*29%49), row%3 != 0, c.String()
		if valid[row] {
			worst[c.Parent(6)] = max(worst[c.Parent(6)], values[row])
		}
	}
	layer := &analytics.Layer{
		Frame: &analytics.Frame{Unit: analytics.CellsOf(7), Cells: children}, Rank: analytics.Rank{Column: "x", Descending: true},
		Columns: []analytics.Column{
			{Name: "cell", Type: analytics.WordColumn, Words: ids},
			{Name: "x", Type: analytics.FloatColumn, Floats: values, Valid: valid},
			{Name: "aside", Type: analytics.FloatColumn, Floats: values},
		},
	}
	coarse := Coarsen(encode.TableOf(layer), 6)
	if coarse.Len() != 7 || !slices.IsSorted(coarse.Cells) {
		t.Fatalf("49 cells have the parents %v", coarse.Cells)
	}
	for row, parent := range coarse.Cells {
		child, err := geo.ParseCell(coarse.Columns[0].Words[row])
		if err != nil || child.Parent(6) != parent || coarse.Columns[3].Words[row] != parent.String() {
			t.Errorf("%s stands for %s, drawn as %s", parent, child, coarse.Columns[3].Words[row])
		}
		if got := coarse.Columns[1].Floats[row]; got != worst[parent] {
			t.Errorf("%s shows %v, want its worst, %v", parent, got, worst[parent])
		}
	}
	var names []string
	for _, c := range (Layer{Table: coarse}).Columns(false) {
		names = append(names, c.Name)
	}
	if want := []string{"cell", "x", "drawn_as"}; !slices.Equal(names, want) {
		t.Errorf("a tile says %v, want %v", names, want)
	}
}
