package data

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/geo"
)

func TestBatchesHoldWhatWasBuilt(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{0, 1, 7, 8, 9, 64, 200} {
		want := someRows(random, everyType(), n)
		for form, b := range forms(random, everyType(), want) {
			if b.Len() != n {
				t.Errorf("%s: Len() = %d, want %d", form, b.Len(), n)
			}
			if diff := cmp.Diff(want, rowsOf(b)); diff != "" {
				t.Errorf("%d rows, %s (-want +got):\n%s", n, form, diff)
			}
		}
	}
}

func TestColumnsWithoutAnyValue(t *testing.T) {
	want := make([]row, 10)
	for i := range want {
		want[i] = make(row, len(everyType()))
	}
	b := build(everyType(), want)
	for form, b := range map[string]Batch{"built": b, "sliced": b.Slice(0, 10), "taken": b.Take([]int32{9, 8, 7, 6, 5, 4, 3, 2, 1, 0})} {
		if diff := cmp.Diff(want, rowsOf(b)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", form, diff)
		}
		for _, c := range everyType() {
			if b.Valid(c.Name).All() {
				t.Errorf("%s: Valid(%q).All() = true, want false", form, c.Name)
			}
		}
		if got := b.Texts("text").At(3) + b.Codes("code").At(3); got != "" {
			t.Errorf("%s: missing words read as %q, want the empty string", form, got)
		}
	}
}

func TestSlicesForgetWhatIsMissingElsewhere(t *testing.T) {
	b := build([]Column{{Name: "n", Type: Int}}, []row{{nil}, {int64(1)}, {int64(2)}, {nil}})
	f := func(lo, hi int, want bool) {
		t.Helper()
		if got := b.Slice(lo, hi).Valid("n").All(); got != want {
			t.Errorf("Slice(%d, %d): All() = %v, want %v", lo, hi, got, want)
		}
	}
	f(0, 4, false)
	f(1, 3, true)
	f(2, 4, false)
	f(2, 2, true)
}

func TestSliceOutsideOfTheBatchIsABug(t *testing.T) {
	b := build(everyType(), someRows(rand.New(rand.NewPCG(1, 2)), everyType(), 8)).Slice(2, 6)
	for _, at := range [][2]int{{-1, 2}, {-2, -1}, {0, 5}, {3, 2}, {5, 5}} {
		wantBug(t, "a slice of other rows", func() { b.Slice(at[0], at[1]) })
	}
}

func TestTheZeroBatchIsEmpty(t *testing.T) {
	var b Batch
	for form, b := range map[string]Batch{"zero": b, "sliced": b.Slice(0, 0), "taken": b.Take(nil)} {
		if b.Len() != 0 || len(b.Columns()) != 0 || b.Has("text") {
			t.Errorf("%s: %d rows, columns %v, want none", form, b.Len(), b.Columns())
		}
		if got := len(Select(nil, b, nil)) + len(Digests(nil, b, false)); got != 0 {
			t.Errorf("%s: %d rows selected and digested, want none", form, got)
		}
		if p, err := b.Project(); err != nil || p.Len() != 0 {
			t.Errorf("%s: Project() = %d rows, %v, want none", form, p.Len(), err)
		}
	}
	wantBug(t, "a column of the zero batch", func() { b.Valid("text") })
	wantBug(t, "rows of the zero batch", func() { b.Slice(0, 1) })
}

func TestAccessorsRefuseOtherColumns(t *testing.T) {
	b := build(everyType(), nil)
	accessors := map[string]struct {
		read  func(column string)
		types []Type
	}{
		"Texts":  {func(column string) { b.Texts(column) }, []Type{Text}},
		"Codes":  {func(column string) { b.Codes(column) }, []Type{Code}},
		"Ints":   {func(column string) { b.Ints(column) }, []Type{Time, Int}},
		"Floats": {func(column string) { b.Floats(column) }, []Type{Float}},
		"Cells":  {func(column string) { b.Cells(column) }, []Type{Cell}},
		"Valid":  {func(column string) { b.Valid(column) }, []Type{Text, Code, Time, Int, Float, Cell}},
	}
	for name, a := range accessors {
		wantBug(t, name+" of no column", func() { a.read("no such") })
		for _, c := range everyType() {
			fits := false
			for _, u := range a.types {
				fits = fits || c.Type == u
			}
			if fits {
				a.read(c.Name)
			} else {
				wantBug(t, name+" of a column of type "+c.Type.String(), func() { a.read(c.Name) })
			}
		}
	}
}

func TestBuilderRefusesOtherTypes(t *testing.T) {
	setters := map[string]struct {
		set   func(b *Builder, i int)
		types []Type
	}{
		"SetText":  {func(b *Builder, i int) { b.SetText(i, "") }, []Type{Text, Code}},
		"SetInt":   {func(b *Builder, i int) { b.SetInt(i, 0) }, []Type{Time, Int}},
		"SetFloat": {func(b *Builder, i int) { b.SetFloat(i, 0) }, []Type{Float}},
		"SetCell":  {func(b *Builder, i int) { b.SetCell(i, 1) }, []Type{Cell}},
		"Missing":  {func(b *Builder, i int) { b.Missing(i) }, []Type{Text, Code, Time, Int, Float, Cell}},
	}
	for name, s := range setters {
		for i, c := range everyType() {
			b := NewBuilder(everyType())
			fits := false
			for _, u := range s.types {
				fits = fits || c.Type == u
			}
			if fits {
				s.set(b, i)
			} else {
				wantBug(t, name+" of a column of type "+c.Type.String(), func() { s.set(b, i) })
			}
		}
	}
	b := NewBuilder(everyType()[:2])
	b.SetText(0, "a")
	wantBug(t, "a row of one column out of two", func() { b.Build() })
}

func TestBuilderKeepsNoNumberForNoValue(t *testing.T) {
	columns := []Column{{Name: "float", Type: Float}, {Name: "cell", Type: Cell}}
	b := NewBuilder(columns)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), math.Copysign(0, -1)} {
		b.SetFloat(0, v)
		b.SetCell(1, geo.NoCell)
	}
	if got := b.Len(); got != 4 {
		t.Errorf("Len() = %d, want 4", got)
	}
	built := b.Build()
	if diff := cmp.Diff([]row{{nil, nil}, {nil, nil}, {nil, nil}, {0.0, nil}}, rowsOf(built)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if math.Signbit(built.Floats("float")[3]) {
		t.Error("minus zero is kept, want zero")
	}
}

func TestBuilderBeginsAnew(t *testing.T) {
	b := NewBuilder([]Column{{Name: "word", Type: Code}})
	for _, words := range [][]string{{"a", "b", "a"}, {"c", ""}, {}, {"b"}} {
		for _, w := range words {
			b.SetText(0, w)
		}
		built := b.Build()
		seen := map[string]bool{}
		for i, w := range words {
			seen[w] = true
			if got := built.Codes("word").At(i); got != w {
				t.Errorf("row %d of %q reads %q", i, words, got)
			}
		}
		if got := len(built.Codes("word").Words); got != len(seen) {
			t.Errorf("the dictionary of %q has %d words, want %d", words, got, len(seen))
		}
		if b.Len() != 0 {
			t.Errorf("after Build, Len() = %d, want 0", b.Len())
		}
	}
}

func TestNewBatchTestsTheLayout(t *testing.T) {
	b := build(everyType(), nil)
	f := func(what string, columns []Column, why string) {
		t.Helper()
		_, err := NewBatch(columns, b.Record())
		wantError(t, what, err, why)
	}
	f("the same columns", everyType(), "")
	f("a column less", everyType()[1:], "8 columns described as 7")
	other := everyType()
	other[4].Type = Float
	f("another type", other, "column int is int64, want float64")
	other = everyType()
	other[2].Type = Int
	f("a number for a time", other, "column time is timestamp")
}

func TestArrowFieldsSayUnitAndMeaning(t *testing.T) {
	field := ArrowSchema([]Column{{Name: "at", Type: Time, Unit: "µs", Doc: "When.", Required: true}, {Name: "to", Type: Time}}).Field(0)
	if !arrow.TypeEqual(field.Type, arrow.FixedWidthTypes.Timestamp_us) || field.Name != "at" || field.Nullable {
		t.Errorf("field %v, want at: timestamp[us], not nullable", field)
	}
	unit, _ := field.Metadata.GetValue("unit")
	doc, _ := field.Metadata.GetValue("doc")
	if unit != "µs" || doc != "When." {
		t.Errorf("metadata says unit %q and doc %q, want µs and When.", unit, doc)
	}
}

func TestAccessorsDoNotAllocatePerRow(t *testing.T) {
	b := build(everyType(), someRows(rand.New(rand.NewPCG(1, 3)), everyType(), 1000))
	allocs := testing.AllocsPerRun(10, func() {
		texts, codes, n := b.Texts("text"), b.Codes("code"), 0
		for i := range b.Ints("time") {
			n += len(texts.At(i)) + len(codes.At(i))
		}
		_ = n + len(b.Ints("int")) + len(b.Floats("float")) + len(b.Cells("cell"))
	})
	if allocs > 2 {
		t.Errorf("reading 1000 rows allocates %v times, want at most 2", allocs)
	}
}
