package tile

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// TestMatricesAreThoseOfTheStandard compares with the numbers of OGC 17-083r4,
// annex D.1, as in the OGC's register (WebMercatorQuad.json).
func TestMatricesAreThoseOfTheStandard(t *testing.T) {
	want := [...][2]float64{
		{559082264.028717, 156543.033928041},
		{279541132.014358, 78271.5169640204},
		{139770566.007179, 39135.7584820102},
		{69885283.0035897, 19567.8792410051},
		{34942641.5017948, 9783.93962050256},
		{17471320.7508974, 4891.96981025128},
		{8735660.37544871, 2445.98490512564},
		{4367830.18772435, 1222.99245256282},
		{2183915.09386217, 611.49622628141},
		{1091957.54693108, 305.748113140704},
		{545978.773465544, 152.874056570352},
		{272989.386732772, 76.4370282851762},
		{136494.693366386, 38.2185141425881},
		{68247.346683193, 19.109257071294},
		{34123.6733415964, 9.55462853564703},
		{17061.8366707982, 4.77731426782351},
		{8530.91833539913, 2.38865713391175},
		{4265.45916769956, 1.19432856695587},
		{2132.72958384978, 0.597164283477939},
		{1066.36479192489, 0.29858214173897},
		{533.182395962445, 0.149291070869485},
		{266.591197981222, 0.0746455354347424},
		{133.295598990611, 0.0373227677173712},
		{66.6477994953056, 0.0186613838586856},
		{33.3238997476528, 0.0093306919293428},
	}
	got := Matrices()
	if len(got) != len(want) {
		t.Fatalf("there are %d matrices, want %d", len(got), len(want))
	}
	near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-14*math.Abs(b)*20 }
	for zoom, m := range got {
		if !near(m.ScaleDenominator, want[zoom][0]) || !near(m.CellSize, want[zoom][1]) {
			t.Errorf("matrix %d has scale 1:%v and cells of %v m, want %v and %v", zoom, m.ScaleDenominator, m.CellSize, want[zoom][0], want[zoom][1])
		}
		if !near(m.PointOfOrigin[0], -20037508.3427892) || !near(m.PointOfOrigin[1], 20037508.3427892) {
			t.Errorf("matrix %d begins at %v", zoom, m.PointOfOrigin)
		}
		if m.MatrixWidth != 1<<zoom || m.MatrixHeight != 1<<zoom || m.TileWidth != 256 || m.CornerOfOrigin != "topLeft" {
			t.Errorf("matrix %d is %+v", zoom, m)
		}
	}
}

func TestParseAddress(t *testing.T) {
	f := func(zoom, row, col string, ok bool) {
		t.Helper()
		if _, err := ParseAddress(zoom, row, col); (err == nil) != ok {
			t.Errorf("ParseAddress(%q, %q, %q) gives %v", zoom, row, col, err)
		}
	}
	f("0", "0", "0", true)
	f("18", "262143", "262143", true)
	f("18", "262144", "0", false)
	f("19", "0", "0", false)
	f("3", "7", "8", false)
	f("3", "-1", "0", false)
	f("03", "1", "1", false)
	f("3", "+1", "1", false)
	f("3", "1", "x", false)
	f("99999999999999999999", "0", "0", false)
}

// TestBoundsOfTiles compares with tiles whose corners are well known: 1/1/1 has
// the origin at its top left, and the set ends at 85.0511287798066 degrees
// (17-083r4, annex D.1).
func TestBoundsOfTiles(t *testing.T) {
	f := func(a Address, want orb.Bound) {
		t.Helper()
		got := a.Bound()
		for i := range 2 {
			if math.Abs(got.Min[i]-want.Min[i]) > 1e-9 || math.Abs(got.Max[i]-want.Max[i]) > 1e-9 {
				t.Errorf("%v reaches over %v, want %v", a, got, want)
			}
		}
	}
	const edge = 85.0511287798066
	f(Address{0, 0, 0}, orb.Bound{Min: orb.Point{-180, -edge}, Max: orb.Point{180, edge}})
	f(Address{1, 1, 1}, orb.Bound{Min: orb.Point{0, -edge}, Max: orb.Point{180, 0}})
	f(Address{2, 1, 0}, orb.Bound{Min: orb.Point{-180, 0}, Max: orb.Point{-90, 66.51326044311186}})
}
