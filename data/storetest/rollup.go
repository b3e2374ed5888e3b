package storetest

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

func rollups() []promise {
	return []promise{{"adding up where the rows are equals adding up a scan", aggregate}}
}

func aggregate(t *testing.T, s data.Store) {
	a, ok := s.(data.Aggregator)
	if !ok {
		t.Skip("the store is no data.Aggregator")
	}
	put(t, s, data.Inspections, someInspections(500)...)
	rollups := someRollups()
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

// someRollups returns rollups of inspections with every kind of key and count.
func someRollups() []data.Rollup {
	zone := time.FixedZone("", 8*3600)
	bounds := []int64{0, int64(time.Hour / time.Microsecond), int64(2 * time.Hour / time.Microsecond)}
	counts := []data.Count{{Name: "rows"}, {Name: "failed", Where: data.Compare{Column: "result", Op: data.Equal, Value: "fail"}}}
	return []data.Rollup{
		{Name: "all", Dataset: data.Inspections, Counts: counts},
		{Name: "cells", Dataset: data.Inspections, Counts: counts, Keys: []data.Key{data.ByCell{Column: "cell_8"}}},
		{Name: "words", Dataset: data.Inspections, Counts: counts[:1], Keys: []data.Key{data.ByCode{Column: "result"}, data.ByHourOfWeek{Column: "inspected_at", Zone: zone}}},
		{Name: "recoded", Dataset: data.Inspections, Counts: counts, Keys: []data.Key{data.ByCode{Column: "result", Recode: map[string]string{"pass": "ok", "": "ok"}}}},
		{
			Name: "waits", Dataset: data.Inspections, Counts: counts, Where: data.Missing{Column: "found"},
			Keys: []data.Key{data.ByWait{From: "inspected_at", To: "rectified_at", AsOf: time.UnixMicro(at(4)), Bounds: bounds}},
		},
	}
}

// addParts adds the rows of an answer to counts by key.
func addParts(sums map[string][]int64, r data.Rollup, b data.Batch) {
	for _, row := range rowsOf(b) {
		var key strings.Builder
		for _, k := range r.Keys {
			fmt.Fprintf(&key, "%v|", row[k.Result().Name])
		}
		for i, c := range r.Counts {
			n, _ := row[c.Name].(int64)
			add(sums, key.String(), len(r.Counts), i, n)
		}
	}
}

func add(sums map[string][]int64, key string, counts, i int, n int64) {
	if sums[key] == nil {
		sums[key] = make([]int64, counts)
	}
	sums[key][i] += n
}

// addUp answers a rollup row by row, slowly and plainly.
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
			for j, c := range r.Counts {
				n := int64(0)
				if data.Select(nil, b.Slice(i, i+1), c.Where)[0] {
					n = 1
				}
				add(sums, key.String(), len(r.Counts), j, n)
			}
		}
	}
	return sums
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
