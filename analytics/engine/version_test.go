package engine

import (
	"testing"

	"github.com/civgrid/civgrid/data"
)

// TestVersionFollowsTheReport: what is left out depends on the quality report,
// so layers before and after a new report are not the same.
func TestVersionFollowsTheReport(t *testing.T) {
	cases := incidents(1, 200)
	store := storeOf(t, "Asia/Shanghai", cityOf(), cases, 50)
	e := New(store, Options{})
	before, err := e.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	report, err := store.Report(t.Context(), data.Incidents)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	if again, err := e.Version(t.Context()); again != before || err != nil {
		t.Errorf("the same report again makes version %s of %s (%v), want the same", again, before, err)
	}
	report.Defaults = append(report.Defaults, data.DefaultLocation{PileUp: data.PileUp{Lon: 1, Lat: 2, Rows: 3}})
	if err := store.PutReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	if after, err := e.Version(t.Context()); after == before || err != nil {
		t.Errorf("a report with another default location leaves version %s (%v), want another", after, err)
	}
}
