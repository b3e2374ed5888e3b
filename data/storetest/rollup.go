package storetest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

func rollups() []promise {
	return []promise{
		{"adding up where the rows are equals adding up a scan", aggregate},
		{"sums are exact as long as they fit, and errors that name them beyond", extremeSums},
	}
}

func aggregate(t *testing.T, s data.Store) {
	a, ok := s.(data.Aggregator)
	if !ok {
		t.Skip("the store is no data.Aggregator")
	}
	put(t, s, data.Inspections, someInspections(500)...)
	wantAnswers(t, s, a, someRollups())
}

// wantAnswers compares what a store adds up with its scans.
func wantAnswers(t *testing.T, s data.Source, a data.Aggregator, rollups []data.Rollup) {
	t.Helper()
	got := make([]map[string][]int64, len(rollups))
	for i := range got {
		got[i] = map[string][]int64{}
	}
	for b, err := range a.Aggregate(context.Background(), rollups...) {
		if err != nil {
			t.Fatal(err)
		}
		addParts(got[b.Rollup], rollups[b.Rollup], b.Batch)
	}
	for i, r := range rollups {
		if diff := cmp.Diff(addUp(t, s, r), got[i]); diff != "" {
			t.Errorf("%s: (-want +got):\n%s", r.Name, diff)
		}
	}
}

// extremeSums keeps inspections of two results: the problems found in those
// that pass fit 64 bits together, though not in every order, and those in others
// do not.
func extremeSums(t *testing.T, s data.Store) {
	a, ok := s.(data.Aggregator)
	if !ok {
		t.Skip("the store is no data.Aggregator")
	}
	var rows []Row
	add := func(result string, found ...int64) {
		for _, n := range found {
			rows = append(rows, Row{"source": "s", "id": fmt.Sprint(len(rows)), "location": "none", "inspected_at": at(0), "result": result, "found": n})
		}
	}
	add("pass", math.MaxInt64, math.MaxInt64, 5, math.MinInt64, math.MinInt64, -7)
	add("most", math.MaxInt64-1, 1)
	add("least", math.MinInt64)
	add("above", math.MaxInt64, 1)
	add("below", math.MinInt64, -1)
	add("zero", math.MinInt64, math.MinInt64)
	rows = append(rows, Row{"source": "s", "id": "none", "location": "none", "inspected_at": at(0), "result": "none"})
	put(t, s, data.Inspections, rows...)
	is := func(word string) data.Condition { return data.Compare{Column: "result", Op: data.Equal, Value: word} }
	for _, word := range []string{"pass", "most", "least", "none"} {
		wantAnswers(t, s, a, []data.Rollup{
			{Name: word, Dataset: data.Inspections, Where: is(word), Sums: []data.Sum{{Name: "problems", Column: "found"}}},
			{Name: "only " + word, Dataset: data.Inspections, Sums: []data.Sum{{Name: "problems", Column: "found", Where: is(word)}}},
		})
	}
	for _, word := range []string{"above", "below", "zero"} {
		r := data.Rollup{
			Name: word, Dataset: data.Inspections, Where: data.In{Column: "result", Words: []string{word, "none"}},
			Keys: []data.Key{data.ByCode{Column: "result"}},
			Sums: []data.Sum{{Name: "few", Column: "found", Where: is("pass")}, {Name: "too much", Column: "found"}},
		}
		var err error
		for _, failed := range a.Aggregate(context.Background(), r) {
			err = failed
		}
		if !errors.Is(err, data.ErrOverflow) || !strings.Contains(err.Error(), "sum too much: ") {
			t.Errorf("problems of result %s: error %v, want data.ErrOverflow that names the sum", word, err)
		}
	}
}

// someRollups returns rollups of inspections with every kind of key, count and
// sum.
func someRollups() []data.Rollup {
	zone := time.FixedZone("", 8*3600)
	bounds := []int64{0, int64(time.Hour / time.Microsecond), int64(2 * time.Hour / time.Microsecond)}
	counts := []data.Count{{Name: "rows"}, {Name: "failed", Where: data.Compare{Column: "result", Op: data.Equal, Value: "fail"}}}
	sums := []data.Sum{{Name: "problems", Column: "found"}, {Name: "problems of failed", Column: "found", Where: counts[1].Where}}
	return []data.Rollup{
		{Name: "all", Dataset: data.Inspections, Counts: counts, Sums: sums},
		{Name: "sums alone", Dataset: data.Inspections, Sums: sums[1:]},
		{Name: "no rows", Dataset: data.Inspections, Where: data.Any{}, Counts: counts, Sums: sums},
		{Name: "no values", Dataset: data.Inspections, Where: data.Missing{Column: "found"}, Counts: counts, Sums: sums},
		{Name: "cells", Dataset: data.Inspections, Counts: counts, Sums: sums, Keys: []data.Key{data.ByCell{Column: "cell_8"}}},
		{Name: "words", Dataset: data.Inspections, Counts: counts[:1], Keys: []data.Key{data.ByCode{Column: "result"}, data.ByHourOfWeek{Column: "inspected_at", Zone: zone}}},
		{Name: "recoded", Dataset: data.Inspections, Counts: counts, Sums: sums[:1], Keys: []data.Key{data.ByCode{Column: "result", Recode: map[string]string{"pass": "ok", "": "ok"}}}},
		{Name: "numbers", Dataset: data.Inspections, Counts: counts, Sums: sums, Keys: []data.Key{data.ByInt{Column: "found", Below: 3}}},
		{
			Name: "patterns", Dataset: data.Inspections, Where: data.Not{Condition: data.Like{Column: "result", Pattern: "f%"}},
			Counts: []data.Count{{Name: "passed", Where: data.InAnyCase{Column: "result", Words: []string{"PASS", "NA"}}}},
		},
		{
			Name: "waits", Dataset: data.Inspections, Counts: counts, Sums: sums, Where: data.Not{Condition: data.Missing{Column: "score"}},
			Keys: []data.Key{data.ByWait{From: "inspected_at", To: "rectified_at", AsOf: time.UnixMicro(at(4)), Bounds: bounds}},
		},
	}
}

// addParts adds the rows of an answer to counts and sums by key.
func addParts(sums map[string][]int64, r data.Rollup, b data.Batch) {
	for _, row := range rowsOf(b) {
		var key strings.Builder
		for _, k := range r.Keys {
			fmt.Fprintf(&key, "%v|", row[k.Result().Name])
		}
		var values []int64
		for _, c := range r.Columns()[len(r.Keys):] {
			n, _ := row[c.Name].(int64)
			values = append(values, n)
		}
		add(sums, key.String(), values)
	}
}

func add(sums map[string][]int64, key string, values []int64) {
	if sums[key] == nil {
		sums[key] = make([]int64, len(values))
	}
	for i, v := range values {
		sums[key][i] += v
	}
}

// addUp answers a rollup row by row, slowly and plainly. Numbers may wrap
// around on the way to one that fits.
func addUp(t *testing.T, s data.Source, r data.Rollup) map[string][]int64 {
	t.Helper()
	sums := map[string][]int64{}
	for b, err := range s.Scan(context.Background(), r.Query()) {
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range rowsOf(b) {
			var key strings.Builder
			for _, k := range r.Keys {
				fmt.Fprintf(&key, "%v|", keyOf(k, row))
			}
			add(sums, key.String(), valuesOf(r, row, b.Slice(i, i+1)))
		}
	}
	return sums
}

// valuesOf returns what one row, which is also a batch, adds to each count and
// sum.
func valuesOf(r data.Rollup, row Row, one data.Batch) []int64 {
	var values []int64
	meets := func(c data.Condition) bool { return data.Select(nil, one, c)[0] }
	for _, c := range r.Counts {
		n := int64(0)
		if meets(c.Where) {
			n = 1
		}
		values = append(values, n)
	}
	for _, s := range r.Sums {
		n, _ := row[s.Column].(int64)
		if !meets(s.Where) {
			n = 0
		}
		values = append(values, n)
	}
	return values
}

// keyOf returns the value of a key, nil where it is missing.
func keyOf(k data.Key, row Row) any {
	switch k := k.(type) {
	case data.ByCell:
		return row[k.Column]
	case data.ByCode:
		word, ok := row[k.Column].(string)
		if ok && k.Recode != nil {
			word, ok = k.Recode[word]
		}
		if !ok {
			return nil
		}
		return word
	case data.ByHourOfWeek:
		micros, ok := row[k.Column].(int64)
		if !ok {
			return nil
		}
		local := time.UnixMicro(micros).In(k.Zone)
		return int64((int(local.Weekday())+6)%7*24 + local.Hour())
	case data.ByInt:
		n, ok := row[k.Column].(int64)
		if !ok || n < 0 || n >= k.Below {
			return nil
		}
		return n
	case data.ByWait:
		return waitOf(k, row)
	}
	panic(fmt.Sprintf("BUG: key %T", k))
}

func waitOf(k data.ByWait, row Row) any {
	from, ok := row[k.From].(int64)
	to, ended := row[k.To].(int64)
	asOf := k.AsOf.UnixMicro()
	if !ok || from > asOf {
		return nil
	}
	if !ended || to > asOf {
		to = asOf
	}
	if to < from {
		return nil
	}
	return int64(sort.Search(len(k.Bounds), func(i int) bool { return k.Bounds[i] >= to-from }))
}
