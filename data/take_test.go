package data

import (
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
)

func TestTakeReturnsTheRowsAskedFor(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 1))
	rows := someRows(random, everyType(), 50)
	for form, b := range forms(random, everyType(), rows) {
		f := func(at ...int32) {
			t.Helper()
			want := make([]row, len(at))
			for i, r := range at {
				want[i] = rows[r]
			}
			if diff := cmp.Diff(want, rowsOf(b.Take(at))); diff != "" {
				t.Errorf("%s: Take(%v) (-want +got):\n%s", form, at, diff)
			}
		}
		f()
		f(0)
		f(49, 0, 49, 49)
		some := make([]int32, 200)
		for i := range some {
			some[i] = random.Int32N(50)
		}
		f(some...)
	}
}

func TestTakeSharesDictionariesAndNothingElse(t *testing.T) {
	b := build(everyType(), []row{{"t", "c", int64(1), nil, int64(2), nil, 1.0, nil}, {"u", "d", int64(3), nil, int64(4), nil, 2.0, nil}})
	taken := b.Take([]int32{0, 1})
	if a, b := b.Codes("code").Words, taken.Codes("code").Words; unsafe.StringData(a[0]) != unsafe.StringData(b[0]) {
		t.Error("the words of the taken rows are copied, want them shared")
	}
	if a, b := b.Ints("int"), taken.Ints("int"); &a[0] == &b[0] {
		t.Error("the numbers of the taken rows are shared, want them copied")
	}
}

func TestTakeOfOtherRowsPanics(t *testing.T) {
	b := build(everyType(), someRows(rand.New(rand.NewPCG(2, 2)), everyType(), 8)).Slice(2, 6)
	for _, at := range []int32{-1, 4, 6} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("Take of row %d of 4 does not panic", at)
				}
			}()
			b.Take([]int32{at})
		}()
	}
}

func TestProjectPicksColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 3))
	rows := someRows(random, everyType(), 20)
	for form, b := range forms(random, everyType(), rows) {
		f := func(names ...string) {
			t.Helper()
			want := make([]row, len(rows))
			for i, r := range rows {
				want[i] = row{}
				for _, name := range names {
					want[i] = append(want[i], r[indexOf(everyType(), name)])
				}
			}
			got, err := b.Project(names...)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, rowsOf(got)); diff != "" {
				t.Errorf("%s: Project(%q) (-want +got):\n%s", form, names, diff)
			}
			if len(names) > 0 && got.Columns()[0].Name != names[0] {
				t.Errorf("%s: Project(%q) begins with %s", form, names, got.Columns()[0].Name)
			}
		}
		f()
		f("cell")
		f("int", "code", "text")
		f("time", "time")
	}
	b := build(everyType(), rows)
	some, err := b.Project("int")
	if err != nil {
		t.Fatal(err)
	}
	if &some.Ints("int")[0] != &b.Ints("int")[0] {
		t.Error("Project copies, want memory shared")
	}
	if _, err := b.Project("int", "no such"); !errors.Is(err, ErrNotFound) {
		t.Errorf("Project of an unknown column: %v, want ErrNotFound", err)
	}
}

func TestTakenBatchesAreIndependentOfTheirRows(t *testing.T) {
	b := build(everyType(), someRows(rand.New(rand.NewPCG(2, 4)), everyType(), 10))
	at := []int32{3, 1, 4}
	taken := b.Take(at)
	want := slices.Clone(rowsOf(taken))
	clear(at)
	if diff := cmp.Diff(want, rowsOf(taken)); diff != "" {
		t.Errorf("a batch changes with the list it was taken by (-want +got):\n%s", diff)
	}
}
