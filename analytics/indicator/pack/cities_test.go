package pack_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// imported returns a store with a file of the public data that may lie beside
// the repository; they are not part of it. The test is skipped without.
func imported(t *testing.T, name string) data.Store {
	t.Helper()
	path := filepath.Join("..", "..", "..", "..", "shared", "data", name)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the public data set %s is not here", name)
	}
	if testing.Short() {
		t.Skip("imports a file of tens of thousands of rows")
	}
	in, err := ingest.File(path)
	if err != nil {
		t.Fatal(err)
	}
	store := memory.New()
	if err := store.PutSettings(t.Context(), data.Settings{Resolutions: []geo.Resolution{8}}); err != nil {
		t.Fatal(err)
	}
	if _, err := ingest.Import(t.Context(), store, in, ingest.Options{Now: asOf()}, nil); err != nil {
		t.Fatal(err)
	}
	return store
}

func asOf() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

func values(t *testing.T, given map[string]string) analytics.Values {
	t.Helper()
	v, err := analytics.ParseValues(indicator.Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// overall works an indicator out for all facts of the years from first to last
// and returns its summary.
func overall(t *testing.T, c *indicator.Compiled, store data.Store, first, last int) map[string]any {
	t.Helper()
	a := indicator.AnalysisOf(c)
	frame := &analytics.Frame{
		Unit: analytics.CommunitiesOf(data.City), Key: data.ByCode{Column: "community"},
		Communities: []data.Community{{Code: "city", Level: data.City}}, SquareKm: []float64{1},
	}
	r := analytics.Request{
		Unit: frame.Unit, Zone: time.UTC, Params: values(t, nil), AsOf: asOf(),
		From: time.Date(first, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(last+1, 1, 1, 12, 0, 0, 0, time.UTC),
	}
	rollups, err := a.Plan(r, frame)
	if err != nil {
		t.Fatal(err)
	}
	tallies, err := agg.Collect(t.Context(), a.Facts(store, r), frame, rollups, nil)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := a.Compute(t.Context(), r, frame, tallies)
	if err != nil {
		t.Fatal(err)
	}
	summary := map[string]any{}
	for _, item := range layer.Summary {
		summary[item.Key] = item.Value
	}
	return summary
}

// The numbers are the city's own: rows of the file whose ontime is ONTIME and
// OVERDUE.
func TestBostonIsOnTimeByItsOwnRule(t *testing.T) {
	store := imported(t, "boston/boston_311_2011H2.csv.gz")
	got := overall(t, compiled(t, library(t), "boston311.on_time"), store, 2011, 2011)
	if got["numerator"] != 46572.0 || got["denominator"] != 46572.0+11521 {
		t.Errorf("on time are %v of %v, want 46572 of 58093", got["numerator"], got["denominator"])
	}
}

// The numbers are those of the results in the file: Pass 18,494, Fail 5,455, Pass
// w/ Conditions 3,651.
func TestChicagoPassesAsDeclared(t *testing.T) {
	store := imported(t, "chicago/chicago_food_inspections_2011_2014.csv.gz")
	f := func(conditions string, want float64) {
		t.Helper()
		l := library(t, read(t, "chicago_food", map[string]string{"conditions": conditions}))
		got := overall(t, compiled(t, l, "chicago_food.pass_share"), store, 2011, 2014)
		if got["numerator"] != want || got["denominator"] != 27600.0 {
			t.Errorf("with conditions worth %s %v of %v passed, want %v of 27600", conditions, got["numerator"], got["denominator"], want)
		}
	}
	f("1", 18494+3651)
	f("0", 18494)
	f("0.5", 18494+1825.5)
}
