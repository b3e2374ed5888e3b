package engine

import (
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// TestSpreadFindsEveryCell near the corners and in the middle of the
// icosahedron that H3 is drawn on, where cells are smallest and largest.
func TestSpreadFindsEveryCell(t *testing.T) {
	for _, at := range []orb.Point{{116.4, 39.9}, {121.5, 31.2}, {-71.06, 42.36}, {37.1, 10.2}, {11.25, 58.3}, {10.5, 64.7}, {36.5, 50.1}, {-58.0, -25.0}} {
		for _, metres := range []geo.Metres{500, 5000, 10_000} {
			found := map[geo.Cell]bool{}
			if err := spread(found, at, metres); err != nil {
				t.Fatal(err)
			}
			centre, err := geo.CellAt(at, placesResolution)
			if err != nil {
				t.Fatal(err)
			}
			missed := 0
			for _, c := range centre.Disk(int(metres/60) + 5) {
				if !found[c] && geo.Distance(c.Centre(), at) <= metres {
					missed++
				}
			}
			if missed > 0 {
				t.Errorf("%v: %d cells within %v m are not found, %d are", at, missed, metres, len(found))
			}
		}
	}
}
