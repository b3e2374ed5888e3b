package storetest

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

func withdrawals() []promise {
	return []promise{
		{"a fact that was taken back is in no scan", withdrawnScans},
		{"no condition brings a fact back that was taken back", withdrawnConditions},
		{"a fact that was taken back is added up nowhere", withdrawnRollups},
		{"a fact is taken back and comes again by later versions", withdrawnVersions},
		{"a fact can be taken back before it is known", withdrawnUnknown},
		{"a feed tells of a fact that was taken back", withdrawnFeed},
		{"history has a fact until it was taken back", withdrawnHistory},
		{"the version counts what was taken back, in any order", withdrawnVersion},
	}
}

// withdrawn returns the row as its source takes it back.
func withdrawn(r Row) Row {
	taken := maps.Clone(r)
	taken[data.Withdrawn] = data.AnswerYes
	return taken
}

// aFactOf returns a fact of a dataset with everything that is required.
func aFactOf(d data.Dataset, id string) Row {
	r := fact(id)
	if d != data.Incidents {
		delete(r, "status")
	}
	if delete(r, "reported_at"); data.EventTime(d) != "" {
		r[data.EventTime(d)] = at(1)
	}
	return r
}

func withdrawnScans(t *testing.T, s data.Store) {
	for _, d := range data.Datasets() {
		a, b := aFactOf(d, "a"), aFactOf(d, "b")
		put(t, s, d, a, b)
		wantChanges(t, put(t, s, d, withdrawn(a)), data.Changes{Replaced: 1})
		wantChanges(t, put(t, s, d, withdrawn(a)), data.Changes{Unchanged: 1})
		wantRows(t, s, d, b)
		for _, c := range []data.Condition{
			data.Compare{Column: "id", Op: data.Equal, Value: "a"},
			data.Compare{Column: data.Withdrawn, Op: data.Equal, Value: data.AnswerYes},
			data.Not{Condition: data.Missing{Column: data.Withdrawn}},
			data.Any{data.Compare{Column: "id", Op: data.Equal, Value: "a"}, data.In{Column: data.Withdrawn, Words: []string{data.AnswerYes}}},
			data.Test{Columns: []string{data.Withdrawn}, Of: func(data.Batch) func(int) bool { return func(int) bool { return true } }},
		} {
			for _, columns := range [][]string{nil, {"id"}, {data.Withdrawn, "id"}} {
				if rows := scan(t, s, data.Query{Dataset: d, Columns: columns, Where: c}); len(rows) > 0 {
					t.Errorf("%s, %#v: rows %v, want none", d, c, rows)
				}
			}
		}
		q := data.Query{Dataset: d, Columns: []string{data.Withdrawn, "id"}}
		if diff := cmp.Diff([]string{Row{"id": "b"}.text()}, lines(scan(t, s, q))); diff != "" {
			t.Errorf("%s: rows (-want +got):\n%s", d, diff)
		}
	}
}

// withdrawSome appends rows, takes every third back and returns the others.
func withdrawSome(t *testing.T, s data.Store, d data.Dataset, rows []Row) (live []Row) {
	t.Helper()
	put(t, s, d, rows...)
	var taken []Row
	for i, r := range rows {
		if i%3 == 0 {
			taken = append(taken, withdrawn(r))
		} else {
			live = append(live, r)
		}
	}
	wantChanges(t, put(t, s, d, taken...), data.Changes{Replaced: int64(len(taken))})
	return live
}

func withdrawnConditions(t *testing.T, s data.Store) {
	live := Batch(s.Schema(data.Inspections), withdrawSome(t, s, data.Inspections, someInspections(300))...)
	check := func(c data.Condition) {
		t.Helper()
		q := data.Query{Dataset: data.Inspections, Columns: []string{"id", "score"}, Where: c}
		filtered, err := q.Filter(live)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(lines(rowsOf(filtered)), lines(scan(t, s, q))); diff != "" {
			t.Errorf("%#v: rows (-want +got):\n%s", c, diff)
		}
	}
	for _, c := range conditionsOfAllKinds() {
		check(c)
		check(data.Not{Condition: c})
		check(data.Any{c, data.Compare{Column: "result", Op: data.Equal, Value: "fail"}})
	}
}

func withdrawnRollups(t *testing.T, s data.Store) {
	live := withdrawSome(t, s, data.Inspections, someInspections(500))
	rows := data.Rollup{Name: "rows", Dataset: data.Inspections, Counts: []data.Count{{Name: "n"}}}
	if got := addUp(t, s, rows)[""][0]; got != int64(len(live)) {
		t.Errorf("a scan counts %d rows, want %d", got, len(live))
	}
	a, ok := s.(data.Aggregator)
	if !ok {
		return
	}
	wantAnswers(t, s, a, append(someRollups(), rows))
	if _, err := a.Weigh(context.Background(), []data.Rollup{rows}); err != nil {
		t.Error(err)
	}
}

func withdrawnVersions(t *testing.T, s data.Store) {
	v := func(hours int) Row { return fact("a", Row{"updated_at": at(hours)}) }
	put(t, s, data.Incidents, v(2))
	wantChanges(t, put(t, s, data.Incidents, withdrawn(v(1))), data.Changes{Stale: 1})
	wantRows(t, s, data.Incidents, v(2))
	wantChanges(t, put(t, s, data.Incidents, withdrawn(v(3))), data.Changes{Replaced: 1})
	wantRows(t, s, data.Incidents)
	wantChanges(t, put(t, s, data.Incidents, v(2)), data.Changes{Stale: 1})
	wantRows(t, s, data.Incidents)
	wantChanges(t, put(t, s, data.Incidents, v(4)), data.Changes{Replaced: 1})
	wantRows(t, s, data.Incidents, v(4))
	wantChanges(t, put(t, s, data.Incidents, withdrawn(v(5)), v(6), withdrawn(v(7))), data.Changes{Replaced: 3})
	wantRows(t, s, data.Incidents)
	wantChanges(t, put(t, s, data.Incidents, fact("a")), data.Changes{Replaced: 1})
	wantRows(t, s, data.Incidents, fact("a"))
}

func withdrawnUnknown(t *testing.T, s data.Store) {
	a := fact("a", Row{"updated_at": at(1)})
	later := withdrawn(fact("a", Row{"updated_at": at(2)}))
	wantChanges(t, put(t, s, data.Incidents, later), data.Changes{Inserted: 1})
	wantChanges(t, put(t, s, data.Incidents, a), data.Changes{Stale: 1})
	wantRows(t, s, data.Incidents)
}

func withdrawnFeed(t *testing.T, s data.Store) {
	f := feed(t, s)
	a, b := fact("a"), fact("b")
	put(t, s, data.Incidents, a, b)
	first := mark(t, f, data.Incidents)
	_, before := since(t, s, data.Incidents, 0)
	put(t, s, data.Incidents, withdrawn(a))
	for _, from := range []int64{0, first} {
		want := []Row{withdrawn(a)}
		if from == 0 {
			want = append(want, b)
		}
		got, seqs := since(t, s, data.Incidents, from)
		if diff := cmp.Diff(lines(want), lines(got)); diff != "" {
			t.Errorf("rows since %d (-want +got):\n%s", from, diff)
		}
		if seqs["a"] != before["a"] {
			t.Errorf("number of a went from %d to %d", before["a"], seqs["a"])
		}
	}
}

func withdrawnHistory(t *testing.T, s data.Store) {
	h, ok := s.(data.Historian)
	if !ok {
		t.Skip("the store is no data.Historian")
	}
	a, b := fact("a"), fact("b")
	put(t, s, data.Incidents, a, b)
	first := between()
	put(t, s, data.Incidents, withdrawn(a))
	second := between()
	again := fact("a", Row{"category": "again"})
	put(t, s, data.Incidents, again)
	last := between()
	wantRows(t, h.AsOf(first), data.Incidents, a, b)
	wantRows(t, h.AsOf(second), data.Incidents, b)
	wantRows(t, h.AsOf(last), data.Incidents, again, b)
	q := data.Query{Dataset: data.Incidents, Columns: []string{"id"}, Where: data.Not{Condition: data.Missing{Column: data.Withdrawn}}}
	for _, moment := range []time.Time{first, second, last} {
		if rows := scan(t, h.AsOf(moment), q); len(rows) > 0 {
			t.Errorf("rows %v were taken back, want none", rows)
		}
	}
}

func withdrawnVersion(t *testing.T, s data.Store) {
	rows := []Row{withdrawn(fact("a", Row{"updated_at": at(2)})), fact("b"), fact("c")}
	sum, alive := uint64(0), uint64(0)
	for i, r := range data.Revisions(Batch(s.Schema(data.Incidents), rows...)) {
		if sum += r.Digest(); i > 0 {
			alive += r.Digest()
		}
	}
	settings, err := s.Settings(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	versionOf := func(sum uint64) string {
		return data.VersionOf(map[data.Dataset]uint64{data.Incidents: sum}, nil, settings)
	}
	put(t, s, data.Incidents, rows[2], fact("a", Row{"updated_at": at(1)}), withdrawn(rows[1]))
	put(t, s, data.Incidents, rows[0])
	put(t, s, data.Incidents, rows[1])
	if got := version(t, s); got != versionOf(sum) || got == versionOf(alive) {
		t.Errorf("Version is %s, want %s of all rows", got, versionOf(sum))
	}
	wantRows(t, s, data.Incidents, rows[1:]...)
}
