package stats

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// disk returns a centre, cell 0, with six neighbours in a ring around it.
func disk(t testing.TB) Weights {
	t.Helper()
	lists := [][]int32{{1, 2, 3, 4, 5, 6}}
	for i := range int32(6) {
		lists = append(lists, []int32{0, 1 + (i+5)%6, 1 + (i+1)%6})
	}
	w, err := NeighbourLists(lists)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestNewWeightsSortsRows(t *testing.T) {
	w, err := NewWeights([]int32{0, 3, 3, 4, 4}, []int32{3, 1, 2, 0}, []float64{30, 10, 20, 5})
	if err != nil {
		t.Fatal(err)
	}
	row, weights := w.Row(0)
	if d := cmp.Diff([]int32{1, 2, 3}, row); d != "" {
		t.Errorf("Row(0) neighbours (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]float64{10, 20, 30}, weights); d != "" {
		t.Errorf("Row(0) weights (-want +got):\n%s", d)
	}
	if w.Cells() != 4 || w.Edges() != 4 || w.Degree(1) != 0 || w.Binary() {
		t.Errorf("got %d cells, %d edges, degree %d, binary %v; want 4, 4, 0, false",
			w.Cells(), w.Edges(), w.Degree(1), w.Binary())
	}
}

func TestNewWeightsRejects(t *testing.T) {
	f := func(name string, offsets, neighbours []int32, values []float64) {
		t.Helper()
		if _, err := NewWeights(offsets, neighbours, values); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	f("no offsets", nil, nil, nil)
	f("offsets that do not begin at 0", []int32{1, 1}, []int32{0}, nil)
	f("offsets that end too soon", []int32{0, 0, 0}, []int32{1}, nil)
	f("offsets that fall", []int32{0, 2, 1, 2}, []int32{1, 2}, nil)
	f("a neighbour that is no cell", []int32{0, 1, 1}, []int32{2}, nil)
	f("a negative neighbour", []int32{0, 1, 1}, []int32{-1}, nil)
	f("a cell next to itself", []int32{0, 1, 1}, []int32{0}, nil)
	f("a neighbour twice", []int32{0, 2, 2}, []int32{1, 1}, nil)
	f("values of another length", []int32{0, 1, 1}, []int32{1}, []float64{1, 2})
	f("a weight of zero", []int32{0, 1, 1}, []int32{1}, []float64{0})
	f("a negative weight", []int32{0, 1, 1}, []int32{1}, []float64{-1})
	f("a weight that is no number", []int32{0, 1, 1}, []int32{1}, []float64{math.NaN()})
	f("an infinite weight", []int32{0, 1, 1}, []int32{1}, []float64{math.Inf(1)})
}

func TestZeroWeights(t *testing.T) {
	var w Weights
	if w.Cells() != 0 || w.Edges() != 0 {
		t.Errorf("got %d cells and %d edges, want none", w.Cells(), w.Edges())
	}
	if l, err := GiStar(nil, nil, w); err != nil || len(l.Z) != 0 {
		t.Errorf("GiStar of nothing = %v, %v; want an empty result", l.Z, err)
	}
}

func TestKeep(t *testing.T) {
	w := disk(t)
	if same, err := w.Keep(nil); err != nil || &same.neighbours[0] != &w.neighbours[0] {
		t.Errorf("Keep(nil) made a copy, or failed: %v", err)
	}
	kept, err := w.Keep([]bool{true, false, true, true, true, true, true})
	if err != nil {
		t.Fatal(err)
	}
	var got [][]int32
	for i := range kept.Cells() {
		row, _ := kept.Row(i)
		got = append(got, row)
	}
	want := [][]int32{{2, 3, 4, 5, 6}, {}, {0, 3}, {0, 2, 4}, {0, 3, 5}, {0, 4, 6}, {0, 5}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("rows without cell 1 (-want +got):\n%s", d)
	}
	if _, err := w.Keep([]bool{true}); !errors.Is(err, ErrLength) {
		t.Errorf("Keep of one row: error %v, want ErrLength", err)
	}
}

func TestWithSelfRejects(t *testing.T) {
	for _, v := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if _, err := disk(t).WithSelf(v); err == nil {
			t.Errorf("WithSelf(%v): no error", v)
		}
	}
}
