package beidou

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"
)

func degrees(d, m, s float64) float64 { return d + m/60 + s/3600 }

// TestWorkedExample has the example that is told of the standard: 116°18'45.37" E,
// 39°59'35.38" N.
func TestWorkedExample(t *testing.T) {
	at := orb.Point{degrees(116, 18, 45.37), degrees(39, 59, 35.38)}
	for level, want := range map[int]string{1: "N50J", 6: "N50J47539B82", 9: "N50J47539B82553461"} {
		if got, err := Encode(at, level); err != nil || got != want {
			t.Errorf("level %d: %s (%v), want %s", level, got, err, want)
		}
		cell, got, err := Decode(want)
		if err != nil || got != level || !cell.Contains(at) {
			t.Errorf("%s: level %d, cell %v (%v), want level %d and a cell that holds %v", want, got, cell, err, level, at)
		}
	}
}

// TestSizes has the sizes of cells in seconds of arc.
func TestSizes(t *testing.T) {
	sizes := [MaxLevel][2]float64{
		{6 * 3600, 4 * 3600}, {1800, 1800}, {900, 600}, {60, 60}, {4, 4}, {2, 2}, {1. / 4, 1. / 4}, {1. / 32, 1. / 32}, {1. / 256, 1. / 256}, {1. / 2048, 1. / 2048},
	}
	for level := 1; level <= MaxLevel; level++ {
		code, err := Encode(orb.Point{114.057868, 22.543099}, level)
		if err != nil {
			t.Fatal(err)
		}
		cell, _, err := Decode(code)
		if err != nil {
			t.Fatal(err)
		}
		want := sizes[level-1]
		if w, h := 3600*(cell.Max[0]-cell.Min[0]), 3600*(cell.Max[1]-cell.Min[1]); math.Abs(w-want[0]) > 1e-6 || math.Abs(h-want[1]) > 1e-6 {
			t.Errorf("level %d: %v by %v seconds, want %v", level, w, h, want)
		}
	}
}

// TestCellsHoldTheirPlaces: a code begins with those of coarser levels, and its cell
// holds the place, its corner among them.
func TestCellsHoldTheirPlaces(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 9))
	for range 5000 {
		at := orb.Point{rng.Float64() * 180, rng.Float64() * 88}
		if rng.IntN(3) == 0 { // on the sides of cells
			at = orb.Point{math.Round(at[0]*60) / 60, math.Round(at[1]*6) / 6}
		}
		before := ""
		for level := 1; level <= MaxLevel; level++ {
			code, err := Encode(at, level)
			if errors.Is(err, ErrOutside) {
				break
			}
			cell, got, err := Decode(code)
			if err != nil || got != level || !strings.HasPrefix(code, before) {
				t.Fatalf("%v: %s after %s, level %d (%v), want %d", at, code, before, got, err, level)
			}
			const rounding = 1e-12
			if at[0] < cell.Min[0]-rounding || at[0] > cell.Max[0]+rounding || at[1] < cell.Min[1]-rounding || at[1] > cell.Max[1]+rounding {
				t.Fatalf("%v is not in the cell of %s, %v", at, code, cell)
			}
			middle := orb.Point{(cell.Min[0] + cell.Max[0]) / 2, (cell.Min[1] + cell.Max[1]) / 2}
			if again, err := Encode(middle, level); err != nil || again != code {
				t.Fatalf("the middle of %s is in %s (%v)", code, again, err)
			}
			before = code
		}
	}
}

func TestWhatIsNoCode(t *testing.T) {
	for _, p := range []orb.Point{{-1, 10}, {10, -1}, {180, 10}, {10, 88}, {math.NaN(), 1}, {1, math.Inf(1)}} {
		if code, err := Encode(p, 5); !errors.Is(err, ErrOutside) {
			t.Errorf("%v is %s (%v), want ErrOutside", p, code, err)
		}
	}
	for _, level := range []int{0, -1, 11} {
		if _, err := Encode(orb.Point{1, 1}, level); err == nil {
			t.Errorf("there is a level %d", level)
		}
	}
	for _, code := range []string{"", "N50", "S50J", "N61A", "N30A", "N50W", "N5xJ", "N50J4", "N50JC0", "N50J08", "N50J476", "N50J47539B", "N50J4753x", "N50J47539B824", "N50J47539B82553461770"} {
		if cell, _, err := Decode(code); err == nil {
			t.Errorf("%q is the code of %v", code, cell)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add("N50J47539B82553461")
	f.Add("N31A")
	f.Fuzz(func(t *testing.T, code string) {
		cell, level, err := Decode(code)
		if err != nil {
			return
		}
		middle := orb.Point{(cell.Min[0] + cell.Max[0]) / 2, (cell.Min[1] + cell.Max[1]) / 2}
		if again, err := Encode(middle, level); err != nil || again != code {
			t.Fatalf("%s: its middle is in %s (%v)", code, again, err)
		}
	})
}
