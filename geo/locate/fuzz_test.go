package locate

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
)

func FuzzFind(f *testing.F) {
	f.Add([]byte{0, 1, 2, 0}, 10.0, 50.0)
	f.Add([]byte{0x00, 0x44, 0x40, 0x04, 0x00, 255, 0x11, 0x15, 0x55, 0x51}, 10.002, 50.002)
	f.Add([]byte{0x11, 0x15, 0x55, 0x51, 254, 0x22, 0x32, 0x33, 255, 255, 254, 254}, 10.01, 50.03)
	f.Add([]byte{0x11, 0x11, 0x11}, math.NaN(), math.Inf(1))
	f.Fuzz(func(t *testing.T, data []byte, lon, lat float64) {
		areas := []Area{{Code: "a", Outline: orb.MultiPolygon{{{}}}}}
		for i, b := range data[:min(len(data), 300)] {
			outline := areas[len(areas)-1].Outline
			rings := outline[len(outline)-1]
			switch b {
			case 255:
				areas = append(areas, Area{Code: string(rune('a' + i%7)), Outline: orb.MultiPolygon{{{}}}})
			case 254:
				outline[len(outline)-1] = append(rings, orb.Ring{})
			default: // a place on a lattice with steps of some hundred metres
				rings[len(rings)-1] = append(rings[len(rings)-1], orb.Point{10 + float64(b%16)/200, 50 + float64(b/16)/200})
			}
		}
		x, err := New(areas)
		if err != nil {
			t.Fatal(err)
		}
		p := orb.Point{lon, lat}
		got, ok := x.FindIndex(p)
		if ok != (got >= 0) || got >= len(areas) {
			t.Fatalf("FindIndex(%v) = %d, %v", p, got, ok)
		}
		want := -1
		for i, a := range areas {
			if x.regions[i].Contains(p) && (want < 0 || a.Code < areas[want].Code) {
				want = i
			}
		}
		if onGlobe := math.Abs(lon) <= 180 && math.Abs(lat) <= 90; onGlobe && got != want {
			t.Fatalf("FindIndex(%v) = %d, want %d", p, got, want)
		}
	})
}
