package analytics

import "testing"

func bound(x float64) *float64 { return &x }

func TestLegendClassesOfNumbers(t *testing.T) {
	g := Legend{Column: "x", Classes: []Class{
		{Key: "low", High: bound(10)},
		{Key: "middle", Low: bound(10), High: bound(20)},
		{Key: "high", Low: bound(20)},
		{Key: NoData},
	}}
	f := func(x float64, valid bool, want int) {
		t.Helper()
		floats := Column{Type: FloatColumn, Floats: []float64{x}, Valid: []bool{valid}}
		ints := Column{Type: IntColumn, Ints: []int64{int64(x)}, Valid: []bool{valid}}
		for _, c := range []Column{floats, ints} {
			if got := g.Of(c, 0); got != want {
				t.Errorf("%s %v, valid %t, is of class %d, want %d", c.Type, x, valid, got, want)
			}
		}
	}
	f(-1e9, true, 0)
	f(9, true, 0)
	f(10, true, 1) // Low is included
	f(19, true, 1)
	f(20, true, 2) // High is not
	f(1e9, true, 2)
	f(0, false, 3)
}

func TestLegendClassesOfWords(t *testing.T) {
	g := Legend{Classes: []Class{{Key: "hot"}, {Key: "cold"}, {Key: NoData}}}
	c := Column{Type: WordColumn, Words: []string{"cold", "hot", "ns", "hot", NoData}, Valid: []bool{true, true, true, false, true}}
	for row, want := range []int{1, 0, -1, 2, -1} {
		if got := g.Of(c, row); got != want {
			t.Errorf("row %d, %q, is of class %d, want %d", row, c.Words[row], got, want)
		}
	}
}

func TestLayerSetReplacesValuesAndKeepsTheDescription(t *testing.T) {
	l := Layer{Columns: []Column{{Name: "n", Type: IntColumn, Title: "Cases", Unit: "count"}}}
	l.Set("n", Column{Ints: []int64{7}, Valid: []bool{true}})
	c, ok := l.Column("n")
	if !ok || c.Title != "Cases" || c.Unit != "count" || c.Ints[0] != 7 || !c.Has(0) {
		t.Errorf("column n is %+v", c)
	}
	if _, ok := l.Column("m"); ok {
		t.Error("there is a column m")
	}
	defer func() {
		if recover() == nil {
			t.Error("setting a column there is not did not panic")
		}
	}()
	l.Set("m", Column{})
}
