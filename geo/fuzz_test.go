package geo

import (
	"bytes"
	"encoding/binary"
	"math"
	"testing"

	"github.com/paulmach/orb"
)

// outlineOf makes an outline of any bytes. A byte of 255 begins a polygon, 254 a
// ring; 253 takes eight bytes as a raw float for each coordinate, and others are
// places on a small lattice, where corners and edges coincide.
func outlineOf(data []byte) orb.MultiPolygon {
	mp := orb.MultiPolygon{{{}}}
	for len(data) > 0 && len(data) < 2000 {
		polygon := &mp[len(mp)-1]
		ring := &(*polygon)[len(*polygon)-1]
		switch b := data[0]; {
		case b == 255:
			mp = append(mp, orb.Polygon{{}})
		case b == 254:
			*polygon = append(*polygon, orb.Ring{})
		case b == 253 && len(data) >= 17:
			x := math.Float64frombits(binary.BigEndian.Uint64(data[1:]))
			y := math.Float64frombits(binary.BigEndian.Uint64(data[9:]))
			*ring = append(*ring, orb.Point{x, y})
			data = data[16:]
		default:
			*ring = append(*ring, orb.Point{float64(b%16)*24 - 180, float64(b/16)*12 - 90})
		}
		data = data[1:]
	}
	return mp
}

func FuzzRepair(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte{0, 1, 2, 0})
	f.Add([]byte{0x00, 0x44, 0x40, 0x04, 0x00})                             // a figure of eight
	f.Add([]byte{0x11, 0x15, 0x55, 0x51, 254, 0x22, 0x32, 0x33, 255, 0x11}) // a hole, a lone point
	f.Add([]byte{0x10, 0x1f, 0x5f, 0x50, 0x10})                             // around the globe
	f.Add([]byte{0x17, 0x47, 0x17, 0x47, 0x27, 0x28, 0x27})                 // spikes
	f.Add(append([]byte{253}, make([]byte, 16)...))
	f.Add([]byte{0x11, 0x15, 253, 0x7f, 0xf8, 0, 0, 0, 0, 0, 0, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0, 0x55})
	f.Add(bytes.Repeat([]byte{0x10, 0x1f, 0xdf, 0xd0, 0x10, 255}, 30)) // larger than the globe in all
	f.Fuzz(func(t *testing.T, data []byte) {
		before := outlineOf(data)
		after, notes := Repair(before)
		g, err := NewRegion(after)
		if err != nil {
			t.Fatalf("a repaired outline is refused: %v\n%v\n%v", err, before, notes)
		}
		for _, polygon := range after {
			for _, ring := range polygon {
				if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
					t.Fatalf("a repaired ring is not closed: %v", ring)
				}
				if newLoop(ring).flat() {
					t.Fatalf("a repaired ring holds no area: %v", ring)
				}
				for _, p := range ring {
					g.Contains(p)
				}
			}
		}
		if area := AreaOf(after); !(area >= 0) && len(notes) == 0 {
			t.Fatalf("a repaired outline has area %v", area)
		}
		for mode := Centre; mode <= Full; mode++ {
			if _, err := CoverLimit(after, 1, mode, 1000); err != nil {
				t.Fatalf("%v cover: %v", mode, err)
			}
		}
	})
}

func FuzzParseCell(f *testing.F) {
	f.Add("89309a55223ffff")
	f.Add("")
	f.Add("8fffffffffffffff")
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseCell(s)
		if err != nil {
			return
		}
		if again, err := ParseCell(c.String()); again != c || err != nil {
			t.Fatalf("%q is %s, which reads back as %s, %v", s, c, again, err)
		}
		if len(c.Boundary()) == 0 || c.Area() <= 0 || len(c.Disk(1)) < 6 {
			t.Fatalf("%s has no boundary, no area or no neighbours", c)
		}
	})
}
