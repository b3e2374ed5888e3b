package postgis_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// TestRollupsPruneByTime asks for a hundredth of the time of many facts and
// looks at the plan: the block range index leads to them, and no other part of
// the table is read. There are 300,000 facts, or with CIVGRID_TEST_LARGE set
// ten million.
func TestRollupsPruneByTime(t *testing.T) {
	if testing.Short() {
		t.Skip("fills a table")
	}
	rows := 300_000
	if os.Getenv("CIVGRID_TEST_LARGE") != "" {
		rows = 10_000_000
	}
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := open(t, url, postgis.Options{})
	defer s.Close()
	if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, citusRows(s, "s", 0, 10)); err != nil {
		t.Fatal(err) // for its words
	}
	const step = 60_000_000 // a minute
	server.Exec(t, url, fmt.Sprintf(`INSERT INTO civgrid.incident
		(seq, source, id, status, location, category, reported_at, closed_at, cell_9, content, stamped, recorded, changed)
		SELECT 1000 + i, 1, 'x' || i, 1, 1, 1, i::bigint * %d, i::bigint * %d + 86400000000, 1000 + i %% 5000, i, i, 1, 1
		FROM generate_series(1, %d) i; ANALYZE civgrid.incident`, step, step, rows))
	from := time.UnixMicro(int64(rows) / 2 * step)
	r := data.Rollup{
		Name: "cells", Dataset: data.Incidents, Keys: []data.Key{data.ByCell{Column: "cell_9"}}, Counts: []data.Count{{Name: "n"}},
		Where: data.All{
			data.Compare{Column: "reported_at", Op: data.GreaterOrEqual, Value: from},
			data.Compare{Column: "reported_at", Op: data.Less, Value: from.Add(time.Duration(rows/100) * time.Minute)},
		},
	}
	choice, err := s.Weigh(t.Context(), []data.Rollup{r})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(choice.Plan, "Bitmap Index Scan on incident_times") || strings.Contains(choice.Plan, "Seq Scan") {
		t.Errorf("plan of a rollup over a hundredth of the time:\n%s", choice.Plan)
	}
	if choice.Rows < int64(rows/200) || choice.Rows > int64(rows/50) {
		t.Errorf("%d rows expected of %d, want about a hundredth", choice.Rows, rows)
	}
	n := int64(0)
	began := time.Now()
	for b, err := range s.Aggregate(t.Context(), r) {
		if err != nil {
			t.Fatal(err)
		}
		for _, count := range b.Ints("n") {
			n += count
		}
	}
	if n != int64(rows/100) {
		t.Errorf("the rollup counts %d facts, want %d", n, rows/100)
	}
	t.Logf("%d of %d facts in %v:\n%s", n, rows, time.Since(began).Round(time.Millisecond), choice.Plan)
}

// TestWhatIsLeftToGoIsNotPushedDown asks for what the server cannot decide, such
// as the case of letters in texts.
func TestWhatIsLeftToGoIsNotPushedDown(t *testing.T) {
	s := open(t, pgtest.Shared(t).Database(t), postgis.Options{})
	defer s.Close()
	f := func(c data.Condition, want bool) {
		t.Helper()
		for _, r := range []data.Rollup{
			{Name: "where", Dataset: data.Incidents, Counts: []data.Count{{Name: "n"}}, Where: c},
			{Name: "count", Dataset: data.Incidents, Counts: []data.Count{{Name: "n", Where: c}}},
		} {
			choice, err := s.Weigh(t.Context(), []data.Rollup{r})
			if err != nil {
				t.Fatal(err)
			}
			if left := choice.Plan == ""; left != want || left && choice.PushDown {
				t.Errorf("%s %#v is left to Go: %t, want %t; pushed down: %t", r.Name, c, left, want, choice.PushDown)
			}
			var failed error
			for _, err := range s.Aggregate(t.Context(), r) {
				failed = err
			}
			if (failed != nil) != want {
				t.Errorf("%s %#v: Aggregate gives error %v", r.Name, c, failed)
			}
		}
	}
	f(data.Like{Column: "category", Pattern: "a%"}, false)
	f(data.InAnyCase{Column: "category", Words: []string{"a"}}, false)
	f(data.Like{Column: "id", Pattern: "a%"}, true)
	f(data.Not{Condition: data.InAnyCase{Column: "address", Words: []string{"a"}}}, true)
}
