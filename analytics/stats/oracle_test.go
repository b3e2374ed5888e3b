package stats

import (
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// sharedOracles returns the folder of the full set of recorded results, kept
// beside the checkout, and skips the test where there is none.
func sharedOracles(t testing.TB) string {
	t.Helper()
	dir, err := filepath.Abs(".")
	if err != nil {
		t.Fatal(err)
	}
	for parent := filepath.Dir(dir); parent != dir; dir, parent = parent, filepath.Dir(parent) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err != nil {
			continue
		}
		oracles := filepath.Join(parent, "shared", "oracles")
		if _, err := os.Stat(oracles); err == nil {
			return oracles
		}
	}
	t.Skip("no shared/oracles beside the checkout: only the copies in testdata are compared")
	return ""
}

// eachOracle runs a test over testdata and over the full set.
func eachOracle(t *testing.T, test func(t *testing.T, dir string)) {
	t.Run("testdata", func(t *testing.T) { test(t, "testdata") })
	t.Run("shared", func(t *testing.T) { test(t, sharedOracles(t)) })
}

// table is a CSV file by column name.
type table map[string][]string

func readTable(t testing.TB, path ...string) table {
	t.Helper()
	f, err := os.Open(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	c := make(table)
	for k, name := range rows[0] {
		column := make([]string, 0, len(rows)-1)
		for _, row := range rows[1:] {
			column = append(column, row[k])
		}
		c[name] = column
	}
	return c
}

// floats returns a column; empty fields and "NaN" become NaN.
func (c table) floats(t testing.TB, name string) []float64 {
	t.Helper()
	column, ok := c[name]
	if !ok {
		t.Fatalf("no column %q", name)
	}
	out := make([]float64, len(column))
	for i, s := range column {
		if s == "" {
			s = "NaN"
		}
		v, err := strconv.ParseFloat(s, 64)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = v
	}
	return out
}

func (c table) ints(t testing.TB, name string) []int64 {
	t.Helper()
	out := make([]int64, 0, len(c[name]))
	for _, v := range c.floats(t, name) {
		if v != math.Trunc(v) {
			t.Fatalf("column %q holds %v, want whole numbers", name, v)
		}
		out = append(out, int64(v))
	}
	return out
}

func readJSON(t testing.TB, into any, path ...string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
}

// worst keeps the largest deviation seen, for the test log.
type worst struct {
	name  string
	most  float64
	count int
}

func (w *worst) log(t testing.TB) {
	t.Helper()
	t.Logf("%s: largest deviation %.2g over %d values", w.name, w.most, w.count)
}

// near compares relatively, with an absolute floor of 1e-12.
func (w *worst) near(t testing.TB, got, want, tolerance float64, what string, args ...any) {
	t.Helper()
	d := math.Abs(got-want) / max(math.Abs(want), 1e-12/tolerance)
	w.compare(t, d, got, want, tolerance, what, args...)
}

// within compares absolutely.
func (w *worst) within(t testing.TB, got, want, tolerance float64, what string, args ...any) {
	t.Helper()
	w.compare(t, math.Abs(got-want), got, want, tolerance, what, args...)
}

func (w *worst) compare(t testing.TB, d, got, want, tolerance float64, what string, args ...any) {
	t.Helper()
	w.count++
	w.most = max(w.most, d)
	if !(d <= tolerance) {
		t.Errorf(what+": got %.17g, want %.17g", append(args, got, want)...)
	}
}

// grid is a recorded study area.
type grid struct {
	cells  table
	from   []int64
	to     []int64
	ring   []int64
	metres []float64
}

func readGrid(t testing.TB, dir, name string) grid {
	t.Helper()
	edges := readTable(t, dir, "grids", name, "edges.csv")
	return grid{
		cells: readTable(t, dir, "grids", name, "cells.csv"),
		from:  edges.ints(t, "i"), to: edges.ints(t, "j"), ring: edges.ints(t, "ring"),
		metres: edges.floats(t, "dist_m"),
	}
}

// weights makes weights from the pairs of cells; weigh returns 0 for no edge.
func (g grid) weights(t testing.TB, weigh func(ring int64, metres float64) float64) Weights {
	t.Helper()
	n := len(g.cells["i"])
	lists, values := make([][]int32, n), make([][]float64, n)
	binary := true
	for e := range g.from {
		if w := weigh(g.ring[e], g.metres[e]); w > 0 {
			i := g.from[e]
			lists[i], values[i] = append(lists[i], int32(g.to[e])), append(values[i], w)
			binary = binary && w == 1
		}
	}
	return makeWeights(t, lists, values, binary)
}

func makeWeights(t testing.TB, lists [][]int32, values [][]float64, binary bool) Weights {
	t.Helper()
	offsets, cols, vals := []int32{0}, []int32{}, []float64{}
	for i := range lists {
		cols = append(cols, lists[i]...)
		if !binary {
			vals = append(vals, values[i]...)
		}
		offsets = append(offsets, int32(len(cols)))
	}
	if binary {
		vals = nil
	}
	w, err := NewWeights(offsets, cols, vals)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func rings(k int64) func(ring int64, metres float64) float64 {
	return func(ring int64, _ float64) float64 {
		if ring <= k {
			return 1
		}
		return 0
	}
}

func inverseRings(k int64) func(ring int64, metres float64) float64 {
	return func(ring int64, _ float64) float64 {
		if ring <= k {
			return 1 / float64(ring)
		}
		return 0
	}
}
