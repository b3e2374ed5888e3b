package data

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRollupAsksForWhatItReads(t *testing.T) {
	f := func(r Rollup, want ...string) {
		t.Helper()
		r.Dataset, r.Where = Inspections, Missing{"lon"}
		if diff := cmp.Diff(Query{Dataset: Inspections, Columns: want, Where: r.Where}, r.Query()); diff != "" {
			t.Errorf("query (-want +got):\n%s", diff)
		}
	}
	wait := ByWait{From: "inspected_at", To: "rectified_at"}
	f(Rollup{}, "source")
	f(Rollup{Counts: []Count{{Name: "n"}}}, "source")
	f(Rollup{Keys: []Key{ByCell{"cell_9"}}, Counts: []Count{{Name: "n"}}}, "cell_9")
	f(Rollup{Keys: []Key{ByCode{Column: "result"}, ByHourOfWeek{Column: "inspected_at"}}}, "result", "inspected_at")
	f(Rollup{Keys: []Key{wait}, Counts: []Count{{"late", CompareColumns{"rectify_due_at", Less, "rectified_at"}}, {"failed", Compare{"result", Equal, "fail"}}}},
		"inspected_at", "rectified_at", "rectify_due_at", "result")
	f(Rollup{Sums: []Sum{{Name: "s", Column: "found"}, {"t", "found", Compare{"result", Equal, "fail"}}}}, "found", "result")
	f(Rollup{Counts: []Count{{"some", Not{Missing{"found"}}}}, Sums: []Sum{{Name: "s", Column: "found"}}}, "found")
}

func TestRollupDescribesItsAnswer(t *testing.T) {
	r := Rollup{
		Keys:   []Key{ByCell{"cell_9"}, ByCode{Column: "result"}, ByHourOfWeek{Column: "inspected_at"}, ByWait{From: "inspected_at", To: "rectified_at"}},
		Counts: []Count{{Name: "n"}, {Name: "failed"}},
		Sums:   []Sum{{Name: "problems", Column: "found"}},
	}
	want := []Column{
		{Name: "cell_9", Type: Cell},
		{Name: "result", Type: Code},
		{Name: "hour_of_week", Type: Int},
		{Name: "wait", Type: Int},
		{Name: "n", Type: Int, Required: true},
		{Name: "failed", Type: Int, Required: true},
		{Name: "problems", Type: Int, Required: true},
	}
	if diff := cmp.Diff(want, r.Columns()); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
	if got := (Rollup{}).Columns(); len(got) != 0 {
		t.Errorf("a rollup of nothing has columns %v", got)
	}
}

// A foreignKey is a key that no engine knows.
type foreignKey struct{ ByCell }

func TestRollupCheck(t *testing.T) {
	columns := SchemaOf(Inspections, DefaultResolutions())
	f := func(what string, r Rollup, why string) {
		t.Helper()
		r.Name, r.Dataset = "waits", Inspections
		wantError(t, what, r.Check(columns), why)
	}
	keys := func(keys ...Key) Rollup { return Rollup{Keys: keys} }
	counts := func(counts ...Count) Rollup { return Rollup{Counts: counts} }
	sums := func(sums ...Sum) Rollup { return Rollup{Sums: sums} }
	f("nothing", Rollup{}, "")
	f("every kind of key", Rollup{
		Keys: []Key{
			ByCell{"cell_9"},
			ByCode{"result", nil},
			ByHourOfWeek{"inspected_at", time.UTC},
			ByWait{From: "inspected_at", To: "rectified_at", Bounds: []int64{0, 1, 1}},
		},
		Where:  Missing{"lon"},
		Counts: []Count{{"n", nil}, {"failed", Compare{"result", Equal, "fail"}}},
		Sums:   []Sum{{Name: "problems", Column: "found"}, {"of failed", "found", Compare{"result", Equal, "fail"}}},
	}, "")
	f("an unknown column in the condition", Rollup{Where: Missing{"no such"}}, `rollup waits: column "no such": not found`)
	f("an unknown key", keys(ByCell{"cell_3"}), `rollup waits, keys: column "cell_3": not found`)
	f("cells of a code", keys(ByCell{"result"}), "column result is of type code, want cell")
	f("words of a text", keys(ByCode{"id", nil}), "column id is of type text, want code")
	f("numbers of a code", keys(ByInt{"result", 3}), "column result is of type code, want int")
	f("numbers below none", keys(ByInt{"found", 0}), "values below 0: want 1 to 2^36")
	f("numbers below too many", keys(ByInt{"found", 1<<36 + 1}), "want 1 to 2^36")
	f("hours of a number", keys(ByHourOfWeek{"found", time.UTC}), "column found is of type int, want time")
	f("hours of no zone", keys(ByHourOfWeek{"inspected_at", nil}), "hour of the week without a time zone")
	f("a wait from a number", keys(ByWait{From: "found", To: "rectified_at"}), "column found is of type int, want time")
	f("a wait for a number", keys(ByWait{From: "inspected_at", To: "found"}), "column found is of type int, want time")
	f("bounds that descend", keys(ByWait{From: "inspected_at", To: "rectified_at", Bounds: []int64{2, 1}}), "bounds of the wait [2 1] are not ascending")
	f("no key at all", keys(nil), "key of type <nil> is unknown")
	f("a foreign key", keys(foreignKey{ByCell{"cell_9"}}), "key of type data.foreignKey is unknown")
	f("a count of an unknown column", counts(Count{"n", Missing{"no such"}}), "not found")
	f("a count of a wrong comparison", counts(Count{"n", Compare{"score", Equal, "a"}}), "rollup waits, count n: column score is of type float")
	f("a sum of an unknown column", sums(Sum{Name: "s", Column: "no such"}), `column "no such": not found`)
	f("a sum of no column", sums(Sum{Name: "s"}), `column "": not found`)
	f("a sum of floats", sums(Sum{Name: "s", Column: "score"}), "rollup waits, sum s: column score is of type float, want int")
	f("a sum of times", sums(Sum{Name: "s", Column: "inspected_at"}), "rollup waits, sum s: column inspected_at is of type time, want int")
	f("a sum of a wrong comparison", sums(Sum{"s", "found", Compare{"score", Equal, "a"}}), "rollup waits, sum s: column score is of type float")
	f("a sum called as a count", Rollup{Counts: []Count{{Name: "n"}}, Sums: []Sum{{Name: "n", Column: "found"}}}, `two columns of the answer are called "n"`)
	f("two counts of one name", counts(Count{Name: "n"}, Count{Name: "n"}), `two columns of the answer are called "n"`)
	f("two keys of one column", keys(ByCode{"result", nil}, ByCode{"result", map[string]string{"a": "b"}}), `two columns of the answer are called "result"`)
	f("a count called as a key", Rollup{Keys: []Key{ByWait{From: "inspected_at", To: "rectified_at"}}, Counts: []Count{{Name: "wait"}}}, `called "wait"`)
}
