package geo

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/uber/h3-go/v4"
)

func TestDiskAgreesWithH3(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		for i, c := range someCells(t, r, 60) {
			for k := range 3 + i%4 {
				if got, want := c.Disk(k), h3Disk(t, c, k); !slices.Equal(got, want) {
					t.Fatalf("%s.Disk(%d) = %v, want %v", c, k, got, want)
				}
			}
		}
	}
}

func TestDiskIsSymmetric(t *testing.T) {
	for _, r := range []Resolution{1, 4, 9, 15} {
		for _, c := range someCells(t, r, 20) {
			for _, n := range c.Disk(2) {
				if _, ok := slices.BinarySearch(n.Disk(2), c); !ok {
					t.Errorf("%s is within 2 steps of %s, but not the other way", n, c)
				}
			}
		}
	}
}

func TestRing(t *testing.T) {
	hexagon, pentagon := mustParse(t, "89309a55223ffff"), Pentagons(9)[3]
	f := func(c Cell, k, want int) {
		t.Helper()
		if got := len(c.Ring(k)); got != want {
			t.Errorf("%s.Ring(%d) has %d cells, want %d", c, k, got, want)
		}
	}
	f(hexagon, 0, 1)
	f(hexagon, 2, 12)
	f(hexagon, 50, 300)
	f(pentagon, 0, 1)
	f(pentagon, 1, 5)
	f(pentagon, 4, 20)
	f(hexagon, -1, 0)
	f(hexagon, MaxDisk+1, 0)
	f(NoCell, 1, 0)
	if got := hexagon.Disk(-1); got != nil {
		t.Errorf("Disk(-1) = %v, want nil", got)
	}
	for _, c := range someCells(t, 5, 10) {
		var all []Cell
		for k := range 5 {
			all = append(all, c.Ring(k)...)
		}
		slices.Sort(all)
		if !slices.Equal(all, c.Disk(4)) {
			t.Errorf("%s: rings 0 to 4 are not the disk", c)
		}
	}
}

func TestGridDistanceEqualsRings(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		for _, c := range someCells(t, r, 3) {
			for k := range 4 {
				for _, n := range c.Ring(k) {
					if got, err := GridDistance(c, n); got != k || err != nil {
						t.Fatalf("GridDistance(%s, %s) = %d, %v, want %d", c, n, got, err, k)
					}
				}
			}
		}
	}
}

func TestGridDistanceAcrossPentagons(t *testing.T) {
	for _, r := range []Resolution{3, 4, 7} {
		for _, p := range Pentagons(r) {
			far := p.Ring(8)
			for _, a := range far[:5] {
				seen := map[Cell]int{a: 0}
				frontier := []Cell{a}
				for d := 1; d <= 16; d++ {
					var next []Cell
					for _, c := range frontier {
						for _, n := range c.Disk(1) {
							if _, ok := seen[n]; !ok {
								seen[n] = d
								next = append(next, n)
							}
						}
					}
					frontier = next
				}
				for _, b := range far {
					if got, err := GridDistance(a, b); got != seen[b] || err != nil {
						t.Fatalf("GridDistance(%s, %s) = %d, %v, want %d", a, b, got, err, seen[b])
					}
				}
			}
		}
	}
}

func TestGridDistanceRefuses(t *testing.T) {
	a := mustParse(t, "89309a55223ffff")
	if _, err := GridDistance(a, a.Parent(8)); !errors.Is(err, ErrNoCell) {
		t.Errorf("two resolutions: error %v, want ErrNoCell", err)
	}
	if _, err := GridDistance(a, NoCell); !errors.Is(err, ErrNoCell) {
		t.Errorf("no cell: error %v, want ErrNoCell", err)
	}
	if _, err := GridDistance(a, cellAt(-60, -30, 9)); !errors.Is(err, ErrTooFar) {
		t.Errorf("the other side of the globe: error %v, want ErrTooFar", err)
	}
}

// byDisks is the neighbour table straight from its definition.
func byDisks(t testing.TB, cells []Cell, k int) (offsets, cols []int32, full []bool) {
	offsets = []int32{0}
	for _, c := range cells {
		whole := true
		for _, n := range h3Disk(t, c, k) {
			j, ok := slices.BinarySearch(cells, n)
			whole = whole && ok
			if ok && n != c {
				cols = append(cols, int32(j))
			}
		}
		full = append(full, whole)
		offsets = append(offsets, int32(len(cols)))
	}
	return offsets, cols, full
}

func TestNeighboursEqualsDisks(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	centres := append(Pentagons(6)[:3], cellAt(116, 40, 6), cellAt(180, -17, 6), cellAt(0, 90, 6))
	var cells []Cell
	for _, c := range centres {
		for _, n := range c.Disk(9) {
			if rng.IntN(10) > 0 { // with holes
				cells = append(cells, n)
			}
		}
	}
	cells = append(cells, cells[0].Parent(5)) // a lone cell of another resolution
	slices.Sort(cells)
	for k := range 5 {
		offsets, cols, full, err := Neighbours(cells, k)
		if err != nil {
			t.Fatal(err)
		}
		wantOffsets, wantCols, wantFull := byDisks(t, cells, k)
		if !slices.Equal(offsets, wantOffsets) || !slices.Equal(cols, wantCols) || !slices.Equal(full, wantFull) {
			t.Errorf("k = %d: the table differs from one made of disks", k)
		}
	}
}

func TestNeighboursLooksAcrossHoles(t *testing.T) {
	c := mustParse(t, "89309a55223ffff")
	ring := c.Ring(2) // c and its first ring are the hole
	offsets, _, full, err := Neighbours(ring, 4)
	if err != nil {
		t.Fatal(err)
	}
	for i := range ring {
		if got := offsets[i+1] - offsets[i]; got != 11 || full[i] {
			t.Errorf("%s has %d neighbours within 4 steps, full %v, want 11, false", ring[i], got, full[i])
		}
	}
}

func TestNeighboursRefuses(t *testing.T) {
	c := mustParse(t, "89309a55223ffff")
	f := func(why string, cells []Cell, k int) {
		t.Helper()
		if _, _, _, err := Neighbours(cells, k); err == nil {
			t.Errorf("Neighbours with %s: no error", why)
		}
	}
	f("k below 0", []Cell{c}, -1)
	f("k too great", []Cell{c}, MaxDisk+1)
	f("a repeated cell", []Cell{c, c}, 1)
	f("NoCell", []Cell{NoCell, c}, 1)
	offsets, cols, full, err := Neighbours(nil, 1)
	if len(offsets) != 1 || len(cols) != 0 || len(full) != 0 || err != nil {
		t.Errorf("Neighbours of nothing = %v, %v, %v, %v", offsets, cols, full, err)
	}
}

// BenchmarkNeighbours makes the table of a million cells, and in turns with it makes
// it disk by disk, as for large k, and looks the disks of h3-go up in a map, for some
// of the cells, reckoned up to all. It reports the medians of the ratios of the rounds.
func BenchmarkNeighbours(b *testing.B) {
	cells := cellAt(116.4, 39.9, 10).Disk(577) // 1,000,519 cells
	positions := make(map[h3.Cell]int32, len(cells))
	for i, c := range cells {
		positions[h3.Cell(c)] = int32(i)
	}
	const some = 20 // one in so many
	timed := func(work func()) float64 {
		start := time.Now()
		work()
		return float64(time.Since(start)) / float64(len(cells))
	}
	for k := 1; k <= 2; k++ {
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			measured := map[string][]float64{}
			for b.Loop() {
				var cols []int32
				ours := timed(func() {
					var err error
					if _, cols, _, err = Neighbours(cells, k); err != nil {
						b.Fatal(err)
					}
				})
				t := neighbourTable{offsets: []int32{0}, set: cells}
				disks := timed(func() {
					if err := t.addByDisks(k); err != nil {
						b.Fatal(err)
					}
				})
				if !slices.Equal(t.cols, cols) {
					b.Fatal("the tables differ")
				}
				var row []int32
				asked := timed(func() {
					for i := 0; i < len(cells); i += some {
						row = row[:0]
						for _, n := range h3Disk(b, cells[i], k) {
							if j, ok := positions[h3.Cell(n)]; ok && n != cells[i] {
								row = append(row, j)
							}
						}
						slices.Sort(row)
						if !slices.Equal(row, cols[t.offsets[i]:t.offsets[i+1]]) {
							b.Fatal("the tables differ")
						}
					}
				})
				measured["ours-ns/cell"] = append(measured["ours-ns/cell"], ours)
				measured["disks/ours"] = append(measured["disks/ours"], disks/ours)
				measured["h3-go/ours"] = append(measured["h3-go/ours"], asked*some/ours)
			}
			for name, of := range measured {
				slices.Sort(of)
				b.ReportMetric(of[len(of)/2], name)
			}
		})
	}
}
