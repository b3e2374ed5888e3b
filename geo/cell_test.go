package geo

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/uber/h3-go/v4"
)

// someCells returns valid cells of one resolution: spread over the globe, all
// pentagons and their neighbourhoods, and the cells of the poles and of the
// antimeridian.
func someCells(t testing.TB, r Resolution, n int) []Cell {
	t.Helper()
	rng := rand.New(rand.NewPCG(7, uint64(r)))
	cells := Pentagons(r)
	for _, c := range cells[:12] {
		found, err := h3.GridDisk(h3.Cell(c), 3)
		if err != nil {
			t.Fatal(err)
		}
		cells = append(cells, fromH3(found)...)
	}
	for range n {
		cells = append(cells, cellAt(360*rng.Float64()-180, degrees(math.Asin(2*rng.Float64()-1)), r))
		cells = append(cells, cellAt(180, 180*rng.Float64()-90, r))
	}
	cells = append(cells, cellAt(0, 90, r), cellAt(0, -90, r))
	slices.Sort(cells)
	return slices.Compact(cells)
}

// h3Disk returns the disk of a cell as h3-go gives it, in ascending order.
func h3Disk(t testing.TB, c Cell, k int) []Cell {
	t.Helper()
	found, err := h3.GridDisk(h3.Cell(c), k)
	if err != nil {
		t.Fatal(err)
	}
	cells := fromH3(found)
	slices.Sort(cells)
	return cells
}

func TestBitsAgreeWithH3(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		for _, c := range someCells(t, r, 200) {
			if !c.Valid() || c.Resolution() != r {
				t.Fatalf("%s: Valid() = %v, Resolution() = %d, want true, %d", c, c.Valid(), c.Resolution(), r)
			}
			if got, want := c.IsPentagon(), h3.Cell(c).IsPentagon(); got != want {
				t.Errorf("%s.IsPentagon() = %v, want %v", c, got, want)
			}
			for up := Resolution(0); up <= r; up++ {
				want, err := h3.Cell(c).Parent(int(up))
				if got := c.Parent(up); got != Cell(want) || err != nil {
					t.Errorf("%s.Parent(%d) = %s, want %s", c, up, got, Cell(want))
				}
				first, last := c.Parent(up).Descendants(r)
				if c < first || c > last {
					t.Errorf("%s is not between %s and %s", c, first, last)
				}
			}
			if text := h3.Cell(c).String(); c.String() != text {
				t.Errorf("String() = %q, want %q", c.String(), text)
			}
		}
	}
}

func TestValidAgreesWithH3OnBrokenCells(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for r := Resolution(0); r <= MaxResolution; r++ {
		for _, c := range someCells(t, r, 100) {
			for range 20 {
				broken := c ^ 1<<rng.IntN(64)
				if rng.IntN(2) == 0 {
					broken ^= 1 << rng.IntN(64)
				}
				if got, want := broken.Valid(), h3.Cell(broken).IsValid(); got != want {
					t.Fatalf("Cell(%#x).Valid() = %v, want %v", uint64(broken), got, want)
				}
			}
		}
	}
	for _, c := range []Cell{NoCell, math.MaxUint64, 1} {
		if c.Valid() {
			t.Errorf("Cell(%#x).Valid() = true", uint64(c))
		}
	}
}

func TestChildren(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		for _, c := range someCells(t, r, 20) {
			for down := r; down <= min(r+2, MaxResolution); down++ {
				got, err := c.Children(down)
				if err != nil {
					t.Fatal(err)
				}
				found, err := h3.Cell(c).Children(int(down))
				if err != nil {
					t.Fatal(err)
				}
				want := fromH3(found)
				slices.Sort(want)
				if !slices.Equal(got, want) {
					t.Errorf("%s.Children(%d) = %v, want %v", c, down, got, want)
				}
				if int64(len(got)) != c.DescendantCount(down) {
					t.Errorf("%s.DescendantCount(%d) = %d, want %d", c, down, c.DescendantCount(down), len(got))
				}
				first, last := c.Descendants(down)
				if got[0] != first || got[len(got)-1] != last {
					t.Errorf("%s.Descendants(%d) = %s, %s, want %s, %s", c, down, first, last, got[0], got[len(got)-1])
				}
			}
		}
	}
}

func TestChildrenRefuses(t *testing.T) {
	c := mustParse(t, "89309a55223ffff")
	for _, r := range []Resolution{8, 16, -1} {
		if _, err := c.Children(r); !errors.Is(err, ErrNoCell) {
			t.Errorf("Children(%d): error %v, want ErrNoCell", r, err)
		}
	}
	if _, err := BaseCells()[0].Children(8); err == nil {
		t.Error("Children eight steps down: no error")
	}
	for _, r := range []Resolution{10, -1} {
		if got := c.Parent(r); got != NoCell {
			t.Errorf("Parent(%d) = %s, want none", r, got)
		}
	}
	if got := NoCell.Parent(0); got != NoCell {
		t.Errorf("NoCell.Parent(0) = %s, want none", got)
	}
}

func mustParse(t testing.TB, s string) Cell {
	t.Helper()
	c, err := ParseCell(s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestParseCell(t *testing.T) {
	f := func(s string, want Cell) {
		t.Helper()
		got, err := ParseCell(s)
		if got != want || (want == NoCell) != errors.Is(err, ErrNoCell) {
			t.Errorf("ParseCell(%q) = %#x, %v, want %#x", s, uint64(got), err, uint64(want))
		}
	}
	f("89309a55223ffff", 0x89309a55223ffff)
	f("089309A55223FFFF", 0x89309a55223ffff)
	f("", NoCell)
	f("0", NoCell)
	f("0x89309a55223ffff", NoCell)
	f("89309a55223fffe", NoCell)
	f("89309a55223ffff89309a55223ffff", NoCell)
	f("-9309a55223ffff", NoCell)
	f("115283473fffffff", NoCell) // a directed edge
}

func TestCellText(t *testing.T) {
	type row struct{ Cell Cell }
	for _, want := range []row{{0x89309a55223ffff}, {NoCell}} {
		text, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got row
		if err := json.Unmarshal(text, &got); err != nil || got != want {
			t.Errorf("%s reads back as %v, %v, want %v", text, got, err, want)
		}
	}
	c := Cell(5)
	if err := c.UnmarshalText([]byte("no")); !errors.Is(err, ErrNoCell) || c != 5 {
		t.Errorf("UnmarshalText of no cell: %v, %v, want ErrNoCell and c unchanged", c, err)
	}
}

func TestResolutionText(t *testing.T) {
	for r := Resolution(0); r <= MaxResolution; r++ {
		if got, err := ParseResolution(r.String()); got != r || err != nil {
			t.Errorf("ParseResolution(%q) = %v, %v", r.String(), got, err)
		}
	}
	for _, s := range []string{"", "16", "-1", "+1", "9 ", "9.0", "x", "999999999999"} {
		if _, err := ParseResolution(s); err == nil {
			t.Errorf("ParseResolution(%q): no error", s)
		}
	}
	for m := Centre; m <= Full; m++ {
		if got, err := ParseCoverMode(m.String()); got != m || err != nil {
			t.Errorf("ParseCoverMode(%q) = %v, %v", m.String(), got, err)
		}
	}
	if _, err := ParseCoverMode("center"); err == nil {
		t.Error(`ParseCoverMode("center"): no error`)
	}
}

func TestCellAt(t *testing.T) {
	inf, nan := math.Inf(1), math.NaN()
	for _, p := range []orb.Point{{nan, 0}, {0, nan}, {inf, 0}, {0, -inf}, {180.0001, 0}, {-181, 0}, {0, 90.01}, {0, -91}} {
		if c, err := CellAt(p, 9); c != NoCell || !errors.Is(err, ErrNoCell) {
			t.Errorf("CellAt(%v) = %s, %v, want ErrNoCell", p, c, err)
		}
	}
	if _, err := CellAt(orb.Point{}, 16); err == nil || errors.Is(err, ErrNoCell) {
		t.Errorf("CellAt at resolution 16: error %v", err)
	}
	for r := Resolution(0); r <= MaxResolution; r++ {
		for _, lat := range []float64{-80, 0, 33.3} {
			a, _ := CellAt(orb.Point{180, lat}, r)
			b, _ := CellAt(orb.Point{-180, lat}, r)
			if a != b {
				t.Errorf("at latitude %v: cell %s at 180, %s at -180", lat, a, b)
			}
		}
		for _, lat := range []float64{-90, 90} {
			want, _ := CellAt(orb.Point{0, lat}, r)
			for _, lon := range []float64{-180, -1, 77, 180} {
				if got, _ := CellAt(orb.Point{lon, lat}, r); got != want {
					t.Errorf("CellAt(%v, %v) = %s, want %s", lon, lat, got, want)
				}
			}
		}
	}
}

func TestCellsAt(t *testing.T) {
	lon := []float64{116.4, math.NaN(), -180, 181, 0}
	lat := []float64{39.9, 1, -16, 0}
	got := CellsAt([]Cell{7}, lon, lat, 9)
	want := []Cell{7, 0, NoCell, 0, NoCell}
	want[1], _ = CellAt(orb.Point{116.4, 39.9}, 9)
	want[3], _ = CellAt(orb.Point{-180, -16}, 9)
	if !slices.Equal(got, want) {
		t.Errorf("CellsAt = %v, want %v", got, want)
	}
	if got := CellsAt(nil, lon, lat, 16); !slices.Equal(got, make([]Cell, 4)) {
		t.Errorf("CellsAt at resolution 16 = %v, want no cells", got)
	}
}
