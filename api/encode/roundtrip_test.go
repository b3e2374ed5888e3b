package encode_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// A record is a row as a reader of a format gives it back: values are nil,
// int64, float64 or string.
type record struct {
	id       string
	values   map[string]any
	geometry orb.Geometry
}

// A sample is a table and what must come back of it.
type sample struct {
	name  string
	table *encode.Table
	want  []record
}

// roundTrip writes random tables of every kind and compares what is read back.
// Coordinates may differ by tolerance, values not at all; as says what a format
// makes of all rows together.
func roundTrip(t *testing.T, format string, tolerance float64, read func(*testing.T, []byte) []record, as ...func([]record) []record) {
	t.Helper()
	for seed := range uint64(8) {
		for _, s := range samples(t, rand.New(rand.NewPCG(seed, 1))) {
			check := func(how string, o encode.Options, want []record) {
				t.Helper()
				var b bytes.Buffer
				if err := encode.WriteTable(&b, format, s.table, o); err != nil {
					t.Fatal(err)
				}
				for _, change := range as {
					want = change(want)
				}
				if err := sameRecords(read(t, b.Bytes()), want, tolerance, o.Rows != nil); err != nil {
					t.Fatalf("seed %d, %s, %s: %v", seed, s.name, how, err)
				}
			}
			check("all", encode.Options{}, s.want)
			var rows []int
			var some []record
			for row := len(s.want) - 1; row >= 0; row -= 3 {
				rows, some = append(rows, row), append(some, s.want[row])
			}
			for _, size := range []int{1, 7} {
				var b bytes.Buffer
				head, parts := cut(s.table, size)
				if err := encode.Stream(&b, format, head, parts, encode.Options{}); err != nil {
					t.Fatal(err)
				}
				if err := sameRecords(read(t, b.Bytes()), s.want, tolerance, true); err != nil {
					t.Fatalf("seed %d, %s, streamed by %d: %v", seed, s.name, size, err)
				}
			}
			check("some, backwards", encode.Options{Rows: append([]int{}, rows...), Page: &encode.Page{Matched: 99, TimeStamp: time.Unix(0, 0)}}, some)
		}
	}
}

// sameRecords compares records by id, in order where that was asked for.
func sameRecords(got, want []record, tolerance float64, ordered bool) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d rows, want %d", len(got), len(want))
	}
	byID := map[string]record{}
	for _, r := range want {
		byID[r.id] = r
	}
	for i, g := range got {
		if w, ok := byID[g.id]; !ok || ordered && w.id != want[i].id {
			return fmt.Errorf("row %d has the id %q, want %q", i, g.id, want[i].id)
		}
		w := byID[g.id]
		if len(g.values) != len(w.values) {
			return fmt.Errorf("row %s has %d values, want %d: %v", g.id, len(g.values), len(w.values), g.values)
		}
		for name, value := range w.values {
			if got, has := g.values[name]; !has || got != value {
				return fmt.Errorf("row %s: %s is %#v, want %#v", g.id, name, got, value)
			}
		}
		if !sameShape(g.geometry, w.geometry, tolerance) {
			return fmt.Errorf("row %s: geometry is %v, want %v", g.id, g.geometry, w.geometry)
		}
	}
	return nil
}

func sameShape(a, b orb.Geometry, tolerance float64) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	near := func(p, q orb.Point) bool {
		return math.Abs(p[0]-q[0]) <= tolerance && math.Abs(p[1]-q[1]) <= tolerance
	}
	switch a := a.(type) {
	case orb.Point:
		b, ok := b.(orb.Point)
		return ok && near(a, b)
	case orb.Polygon:
		b, ok := b.(orb.Polygon)
		return ok && slices.EqualFunc(a, b, func(r, s orb.Ring) bool { return slices.EqualFunc(r, s, near) })
	case orb.MultiPolygon:
		b, ok := b.(orb.MultiPolygon)
		return ok && slices.EqualFunc(a, b, func(p, q orb.Polygon) bool { return sameShape(p, q, tolerance) })
	}
	return false
}

// samples returns a table of each kind: cells, points, polygons, multipolygons,
// all of them mixed, no shapes at all, and none of each.
func samples(t *testing.T, r *rand.Rand) []sample {
	kinds := map[string]func() (given, drawn orb.Geometry){
		"points":        func() (orb.Geometry, orb.Geometry) { p := randomPoint(r); return p, p },
		"polygons":      func() (orb.Geometry, orb.Geometry) { return randomPolygon(r) },
		"multipolygons": func() (orb.Geometry, orb.Geometry) { return randomMultiPolygon(r) },
		"nothing":       func() (orb.Geometry, orb.Geometry) { return nil, nil },
		"misplaced":     func() (orb.Geometry, orb.Geometry) { return orb.LineString{{1, 2}, {3, 4}}, nil },
	}
	kinds["mixed"] = func() (orb.Geometry, orb.Geometry) {
		return kinds[[]string{"points", "polygons", "multipolygons", "nothing"}[r.IntN(4)]]()
	}
	names := []string{"points", "polygons", "multipolygons", "nothing", "misplaced", "mixed"}
	list := []sample{cellSample(t, r, 37), cellSample(t, r, 0)}
	for _, name := range names {
		for _, n := range []int{0, 1, 1 + r.IntN(40)} {
			s := sample{name: fmt.Sprintf("%d %s", n, name), table: &encode.Table{Name: name, Title: "標題 \"" + name + "\"", IDs: []string{}}}
			for i := range n {
				given, drawn := kinds[name]()
				if r.IntN(7) == 0 {
					given, drawn = nil, nil
				}
				s.table.IDs = append(s.table.IDs, fmt.Sprintf("市:%d", i))
				s.table.Shapes = append(s.table.Shapes, given)
				s.want = append(s.want, record{geometry: drawn})
			}
			s.fill(r)
			list = append(list, s)
		}
	}
	return list
}

func cellSample(t *testing.T, r *rand.Rand, n int) sample {
	cells := cellsAround(t, -180+r.Float64()*360, r.Float64()*160-80, geo.Resolution(r.IntN(12)), 3)
	s := sample{name: fmt.Sprintf("%d cells", n), table: &encode.Table{Name: "cells", Title: "Cells", Cells: cells[:min(n, len(cells))]}}
	for _, c := range s.table.Cells {
		var drawn orb.Geometry = c.Boundary()
		if len(c.Boundary()) == 1 {
			drawn = c.Boundary()[0]
		}
		s.want = append(s.want, record{geometry: drawn})
	}
	s.fill(r)
	return s
}

// fill gives the rows their columns, with what they read back as.
func (s *sample) fill(r *rand.Rand) {
	n := s.table.Len()
	whole := analytics.Column{Name: "whole", Type: analytics.FloatColumn, Title: "Whole", Unit: "km2"}
	some := analytics.Column{Name: "some", Type: analytics.FloatColumn, Valid: []bool{}}
	count := analytics.Column{Name: "count", Type: analytics.IntColumn, Title: "Zählung", Doc: "How many.", Valid: []bool{}}
	word := analytics.Column{Name: "字", Type: analytics.WordColumn, Valid: []bool{}}
	named := analytics.Column{Name: "ID", Type: analytics.WordColumn, Title: "Not the id"}
	floats := []float64{0, 1, -2.5, 5e-324, math.MaxFloat64, 1.0 / 3, 1e21, math.NaN(), math.Inf(1), math.Inf(-1)}
	ints := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1<<53 + 1}
	words := []string{"", "田香社區", "=1+1", "a,\"b\"\r\n\tc", "<script>&amp;", "🦊\u2028", "\x00\x1e", "bad \xff\xfe"}
	for i := range n {
		whole.Floats = append(whole.Floats, float64(i))
		some.Floats, some.Valid = append(some.Floats, floats[r.IntN(len(floats))]), append(some.Valid, r.IntN(4) > 0)
		count.Ints, count.Valid = append(count.Ints, ints[r.IntN(len(ints))]), append(count.Valid, r.IntN(4) > 0)
		word.Words, word.Valid = append(word.Words, words[r.IntN(len(words))]), append(word.Valid, r.IntN(4) > 0)
		named.Words = append(named.Words, fmt.Sprint(i))
		s.want[i].id = s.table.ID(i)
		s.want[i].values = map[string]any{"whole": float64(i), "some": nil, "count": nil, "字": nil, "ID": fmt.Sprint(i)}
		if x := some.Floats[i]; some.Valid[i] && !math.IsNaN(x) && !math.IsInf(x, 0) {
			s.want[i].values["some"] = x
		}
		if count.Valid[i] {
			s.want[i].values["count"] = count.Ints[i]
		}
		if word.Valid[i] {
			s.want[i].values["字"] = string([]rune(word.Words[i])) // U+FFFD for each bad byte
		}
	}
	s.table.Columns = []analytics.Column{whole, some, count, word, named}
}

func randomPoint(r *rand.Rand) orb.Point {
	return orb.Point{r.Float64()*360 - 180, r.Float64()*180 - 90}
}

// randomPolygon returns a triangle, at times with a hole: as it is given, which
// may be open or turned the wrong way, and as RFC 7946 wants it.
func randomPolygon(r *rand.Rand) (given, drawn orb.Polygon) {
	o, d := randomPoint(r), 0.1+r.Float64()
	drawn = orb.Polygon{{o, {o[0] + 3*d, o[1]}, {o[0], o[1] + 3*d}, o}}
	if r.IntN(2) == 0 {
		p := orb.Point{o[0] + d/2, o[1] + d/2}
		drawn = append(drawn, orb.Ring{p, {p[0], p[1] + d/4}, {p[0] + d/4, p[1]}, p})
	}
	for _, ring := range drawn {
		ring = slices.Clone(ring)
		if r.IntN(2) == 0 {
			slices.Reverse(ring)
		}
		if r.IntN(2) == 0 {
			ring = ring[:len(ring)-1]
		}
		given = append(given, ring)
	}
	return given, drawn
}

func randomMultiPolygon(r *rand.Rand) (given, drawn orb.MultiPolygon) {
	for range 1 + r.IntN(3) {
		g, d := randomPolygon(r)
		given, drawn = append(given, g), append(drawn, d)
	}
	return given, drawn
}
