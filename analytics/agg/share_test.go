package agg

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// A watched source counts how often it is scanned.
type watched struct {
	facts
	scans *int
}

func (w watched) Scan(ctx context.Context, q data.Query) data.Batches {
	*w.scans++
	return w.facts.Scan(ctx, q)
}

// TestFactsOfOneTimeShareAScan: each rollup comes to what it does alone, and
// those whose conditions on times are the same cost one scan.
func TestFactsOfOneTimeShareAScan(t *testing.T) {
	frame, source := frameOfCells(), facts{randomFacts(8, 3000), 700}
	month := func(n int) data.Condition {
		return data.All{
			data.Compare{Column: "reported_at", Op: data.GreaterOrEqual, Value: asOf.AddDate(0, -n, 0)},
			data.All{data.Compare{Column: "reported_at", Op: data.Less, Value: asOf.AddDate(0, 1-n, 0)}},
		}
	}
	is := func(column, word string) data.Condition {
		return data.Compare{Column: column, Op: data.Equal, Value: word}
	}
	rollup := func(where ...data.Condition) data.Rollup {
		return data.Rollup{
			Dataset: data.Incidents, Where: data.All(where), Keys: []data.Key{frame.Key},
			Counts: []data.Count{{Name: "n"}, {Name: "closed", Where: is("status", "closed")}},
		}
	}
	waits := rollup(month(2), is("community", "a1"), is("status", "open"))
	waits.Keys = append(waits.Keys, data.ByWait{From: "reported_at", To: "closed_at", AsOf: asOf, Bounds: bounds})
	f := func(scans int, rollups ...data.Rollup) {
		t.Helper()
		var want []analytics.Tally
		for _, r := range rollups {
			alone, err := Collect(t.Context(), source, frame, []data.Rollup{r}, nil)
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, alone...)
		}
		n := 0
		got, err := Collect(t.Context(), watched{source, &n}, frame, rollups, nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d rollups (-each alone +together):\n%s", len(rollups), diff)
		}
		if n != scans {
			t.Errorf("%d rollups cost %d scans, want %d", len(rollups), n, scans)
		}
	}
	f(1, rollup(month(2), is("community", "a1")), rollup(month(2), is("community", "b1")), rollup(is("community", "b1"), month(2)), rollup(month(2)), waits)
	f(2, rollup(month(2), is("community", "a1")), rollup(month(3), is("community", "a1")), waits)
	f(2, rollup(is("community", "a1")), rollup(is("community", "b1"))) // of any time
	f(1, rollup(month(2), is("community", "nowhere")), rollup(month(2), is("status", "nothing")))
	f(2, rollup(month(2)), rollup(month(2), data.Compare{Column: "closed_at", Op: data.Less, Value: asOf}))
}
