package engine

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// campaign is a composite of four items: points of points, a share that passes,
// a share of which less is better, and one that hardly anybody looked at.
const campaign = `
pack: test
indicators:
  - {code: test.clean, version: 1, name: {en: Clean, zh-Hans: 整洁}, kind: score, dataset: inspections, where: standard = 'clean', measure: score, of: max_score,
     period: {by: inspected}, direction: higher, min_n: 2, empty: no_data}
  - {code: test.order, version: 1, name: {en: Order}, kind: ratio, dataset: inspections, where: standard = 'order', numerator: result = 'pass', denominator: "result IN ('pass', 'fail')",
     period: {by: inspected}, direction: higher, min_n: 2, empty: no_data}
  - {code: test.repeated, version: 1, name: {en: Repeated}, kind: ratio, dataset: inspections, where: standard = 'repeated', numerator: severity = 'repeat', denominator: severity IS NOT NULL,
     period: {by: inspected}, direction: lower, scoring: {type: linear, max: 10}, min_n: 2, empty: no_data}
  - {code: test.green, version: 1, name: {en: Green}, kind: score, dataset: inspections, where: standard = 'green', measure: score, of: max_score,
     period: {by: inspected}, direction: higher, min_n: 2, empty: no_data}
  - {code: test.campaign, version: 1, name: {en: Campaign, zh-Hans: 测评}, kind: composite, dataset: inspections,
     items: [{indicator: test.clean, weight: 40}, {indicator: test.order, weight: 30}, {indicator: test.repeated, weight: 20}, {indicator: test.green, weight: 10}],
     over: nonempty, period: {by: inspected}, direction: higher, min_n: 6, empty: no_data}
  - {code: test.noise, version: 1, name: {en: Noise}, kind: score, dataset: inspections, where: standard = 'noise', measure: score, of: max_score,
     period: {by: inspected}, direction: higher, empty: no_data}
  - {code: test.partly, version: 1, kind: composite, dataset: inspections, items: [{indicator: test.noise, weight: 50}, {indicator: test.clean, weight: 50}],
     over: fixed, period: {by: inspected}, direction: higher, empty: no_data}
  - {code: test.parks, version: 1, kind: count, dataset: resources, direction: higher, empty: no_data}
  - {code: test.visits, version: 1, kind: count, dataset: inspections, period: {by: inspected}, direction: none, empty: no_data}
`

// visits are inspections by where they were made: the community as stamped or,
// for "-", no place at all and, for "+", a point beyond all boundaries; then who
// answers, and what was found.
var visits = []string{
	"D1S1C1 Greens clean 9", "D1S1C2 Greens clean 7",
	"D1S2C1 Greens clean 10", "D1S2C1 Greens clean 8",
	"D2S1C2 Greens clean 5", "+ Greens clean 6",

	"D1S1C1 Roads order pass", "D1S1C1 Roads order pass", "D1S1C2 Roads order fail", "D1S1 Roads order pass",
	"D1S2C1 Roads order pass", "D1S2C2 Roads order fail", "D1S2C2 Roads order pass", "D1S2 Roads order pass",
	"- Roads order pass", "- Roads order pass", "- Roads order fail", "D1 Roads order pass",

	"D1S1C1 Roads repeated repeat", "D1S1C1 Roads repeated minor", "D1S1C1 Roads repeated minor", "D1S1C2 Roads repeated minor",
	"D1S2C1 Roads repeated minor", "D1S2C1 Roads repeated minor",
	"D2S1C1 - repeated repeat", "D2S1C1 - repeated repeat",

	"D1S2C2 Greens green 8",
}

// campaignEngine is an engine on the visits, with the definitions published.
func campaignEngine(t testing.TB) *Engine {
	t.Helper()
	store := memory.New()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := store.PutCommunities(t.Context(), cityOf())
	must(err)
	first := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	columns := store.Schema(data.Inspections)
	b := data.NewBuilder(columns)
	for i, visit := range visits {
		fields := strings.Fields(visit)
		row := map[string]string{"source": "field", "id": fmt.Sprint(i), "standard": fields[2], "location": data.LocationArea, "community": fields[0], "responsible": fields[1]}
		switch fields[0] {
		case "-":
			row["location"], row["community"] = data.LocationNone, ""
		case "+":
			row["location"], row["community"] = data.LocationPoint, ""
		}
		if fields[1] == "-" {
			row["responsible"] = ""
		}
		row[map[string]string{"order": "result", "repeated": "severity"}[fields[2]]] = fields[3]
		for c, column := range columns {
			switch {
			case column.Name == "inspected_at":
				b.SetInt(c, first.Add(time.Duration(i)*time.Hour).UnixMicro())
			case column.Name == "score" && len(fields[3]) <= 2:
				var points float64
				fmt.Sscan(fields[3], &points)
				b.SetFloat(c, points)
			case column.Name == "max_score":
				b.SetFloat(c, 10)
			case row[column.Name] != "":
				b.SetText(c, row[column.Name])
			default:
				b.Missing(c)
			}
		}
	}
	_, err = store.Append(t.Context(), data.Inspections, data.Chunk{}, b.Build())
	must(err)
	must(store.PutReport(t.Context(), data.Report{Dataset: data.Inspections, Rows: int64(len(visits)), First: first, Last: first.AddDate(0, 0, 2), Horizon: first.AddDate(0, 1, 0)}))
	e := New(store, Options{})
	file, err := indicator.Read(strings.NewReader(campaign), nil)
	must(err)
	for _, d := range file.Pack.Indicators {
		_, err := e.Publish(t.Context(), d)
		must(err)
	}
	return e
}

func report(t testing.TB, e *Engine, given map[string]string) *analytics.Report {
	t.Helper()
	r, err := e.Report(t.Context(), given)
	if err != nil {
		t.Fatalf("report %v: %v", given, err)
	}
	return r
}

// cells returns a table as it would be written down: nil is no value.
func cells(table analytics.ReportTable) map[string][]any {
	rows := map[string][]any{}
	for i, entry := range table.Rows {
		name := entry.Code
		if entry.All {
			name = "all"
		}
		for _, c := range table.Columns {
			var cell any
			switch {
			case !c.Has(i):
			case c.Type == analytics.IntColumn:
				cell = int(c.Ints[i])
			case c.Type == analytics.FloatColumn:
				cell = c.Floats[i]
			default:
				cell = c.Words[i]
			}
			rows[name] = append(rows[name], cell)
		}
	}
	return rows
}

// TestReport states the four tables as they come out by hand.
func TestReport(t *testing.T) {
	r := report(t, campaignEngine(t), map[string]string{"indicator": "test.campaign", "period": "2026-03"})
	few := indicator.Insufficient
	// What the items reached, of all: clean (9+7+10+8+5+6)/60 = 45/60 = 0.75; order
	// 9 of 12 = 0.75; repeated 3 of 8, so 5/8 = 0.625 is not; green 8/10 = 0.8. They
	// give 0.75 × 40 = 30, 0.75 × 30 = 22.5, 0.625 × 20 = 12.5 and 0.8 × 10 = 8, which
	// is 73 together. Passed are 45 + 9 + 5 + 8 = 67 of 60 + 12 + 8 + 10 = 90.
	all := []any{100.0, 73.0, 67.0 / 90, nil, 27, nil}
	want := []map[string][]any{
		{
			"test.clean":    {40.0, 30.0, 0.75, 1, 6, nil},
			"test.order":    {30.0, 22.5, 0.75, 1, 12, nil},
			"test.repeated": {20.0, 12.5, 0.625, 3, 8, nil},
			"test.green":    {10.0, 8.0, 0.8, nil, 1, few},
			"all":           all,
		},
		{
			// clean 16/20, order 3/4, repeated 1/4: 0.8 × 40 + 0.75 × 30 + 0.75 × 20 = 69.5, and
			// with 90 of 100 points to be had 69.5 × 100/90. Passed 16 + 3 + 3 of 20 + 4 + 4.
			"D1S1": {100.0, 69.5 * 100 / 90, 22.0 / 28, 2, 10, nil, nil},
			// clean 18/20, order 3/4, repeated 0/2, green 8/10: 36 + 22.5 + 20 + 8. Passed
			// 18 + 3 + 2 + 8 of 20 + 4 + 2 + 10.
			"D1S2": {100.0, 86.5, 31.0 / 36, 1, 9, nil, nil},
			// clean 5/10, repeated 2/2: 20 + 0 of 60 points, so 20 × 100/60. Passed 5 of 12.
			"D2S1": {100.0, 20.0 * 100 / 60, 5.0 / 12, nil, 3, few, nil},
			"D2S2": {100.0, nil, nil, nil, 0, nil, indicator.NothingScored},
			"all":  append(slices.Clone(all), nil),
		},
		{
			// clean 45/60 and green 8/10: 30 + 8 of 50 points, so 38 × 2. Passed 53 of 70.
			"Greens": {100.0, 76.0, 53.0 / 70, 2, 7, nil},
			// order 9/12 and repeated 1/6: 22.5 + 5/6 × 20, of 50 points. Passed 9 + 5 of 12 + 6.
			"Roads": {100.0, 2 * (22.5 + 100.0/6), 14.0 / 18, 1, 18, nil},
			"all":   all,
		},
		{
			"test.clean":    {40.0, 32.0, 36.0, 20.0, nil, 30.0},
			"test.order":    {30.0, 22.5, 22.5, nil, nil, 22.5},
			"test.repeated": {20.0, 15.0, 20.0, 0.0, nil, 12.5},
			"test.green":    {10.0, nil, 8.0, nil, nil, 8.0},
			"all":           {100.0, 69.5 * 100 / 90, 86.5, 20.0 * 100 / 60, nil, 73.0},
		},
	}
	for i, table := range r.Tables {
		if diff := cmp.Diff(want[i], cells(table), cmpopts.EquateApprox(0, 1e-9)); diff != "" {
			t.Errorf("table %s (-want +got):\n%s", table.Name, diff)
		}
	}
	matrix := r.Tables[3]
	if !matrix.Few[2][0] || matrix.Few[0][0] || !matrix.Few[1][3] || !matrix.Few[2][4] {
		t.Errorf("few facts %v: want D2S1 clean, D1S2 green and D2S1 as a whole", matrix.Few)
	}
}

// TestReportAccounts checks that facts in no row are told, by why.
func TestReportAccounts(t *testing.T) {
	r := report(t, campaignEngine(t), map[string]string{"indicator": "test.campaign", "period": "2026-03"})
	for table, want := range map[int][][6]int64{ // total, in rows, outside, area only, unlocated
		1: {{6, 5, 1, 0, 0}, {12, 8, 0, 1, 3}, {8, 8, 0, 0, 0}, {1, 1, 0, 0, 0}},
		2: {{6, 6, 0, 0, 0}, {12, 12, 0, 0, 0}, {8, 6, 0, 2, 0}, {1, 1, 0, 0, 0}},
	} {
		var got [][6]int64
		for _, b := range r.Tables[table].Balances {
			got = append(got, [6]int64{b.Total, b.InRows, b.Outside, b.AreaOnly, b.Unlocated})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("balances of %s (-want +got):\n%s", r.Tables[table].Name, diff)
		}
	}
	if p := r.Tables[2].Provenance; p.Indicator != "test.campaign@1" || p.Unit != "responsible_unit" || p.Definition == "" || p.Boundaries == "" || p.DataVersion == "" {
		t.Errorf("provenance %+v is not complete", p)
	}
}

// TestReportIsTheIndicator compares a report with the layers that it is made of.
func TestReportIsTheIndicator(t *testing.T) {
	e := campaignEngine(t)
	given := map[string]string{"indicator": "test.campaign", "period": "2026-03", "level": "district"}
	areas := report(t, e, given).Tables[1]
	layer := run(t, e, "indicator", given)
	value, _ := layer.Column("value")
	score, _ := areas.Column("score")
	for row := range layer.Frame.Len() {
		if areas.Rows[row].Code != layer.Frame.ID(row) || value.Floats[row] != score.Floats[row] || value.Has(row) != score.Has(row) {
			t.Errorf("row %d is %v %v, want %s %v", row, areas.Rows[row], score.Floats[row], layer.Frame.ID(row), value.Floats[row])
		}
	}
}

// TestReportOfOneIndicator reports shares and numbers that are no composite.
func TestReportOfOneIndicator(t *testing.T) {
	e := campaignEngine(t)
	f := func(code, unit string, want []any) {
		t.Helper()
		r := report(t, e, map[string]string{"indicator": code, "period": "2026-03"})
		if diff := cmp.Diff(want, cells(r.Tables[0])[code]); diff != "" || r.Unit != unit {
			t.Errorf("%s in %s (-want +got):\n%s", code, r.Unit, diff)
		}
	}
	f("test.clean", "share", []any{1.0, 0.75, 0.75, 1, 6, nil})
	f("test.repeated", "points", []any{10.0, 6.25, 0.625, 1, 8, nil})
	f("test.visits", "count", []any{nil, 27.0, nil, nil, 27, nil})
}

// TestReportOfAnEmptyItem checks that what is said of an item is not said of the
// whole.
func TestReportOfAnEmptyItem(t *testing.T) {
	r := report(t, campaignEngine(t), map[string]string{"indicator": "test.partly", "period": "2026-03"})
	want := []analytics.Note{{Of: data.Names{"en": "Noise"}, Text: "No fact of the period meets the conditions."}}
	if diff := cmp.Diff(want, r.Notes); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
	}
	// Over fixed weights, clean gives 0.75 × 50 and noise nothing.
	if diff := cmp.Diff([]any{50.0, nil, nil, nil, 0, nil, indicator.NoFacts}, cells(r.Tables[0])["test.noise"]); diff != "" {
		t.Errorf("noise (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{100.0, 37.5, 0.75, nil, 6, nil, nil}, cells(r.Tables[0])["all"]); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	for _, table := range r.Tables {
		if table.Title == "" {
			t.Errorf("table %s has no title", table.Name)
		}
	}
}

// TestReportWithoutUnits reports facts of which nobody says who answers for them.
func TestReportWithoutUnits(t *testing.T) {
	e := campaignEngine(t)
	first := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if err := e.store.PutReport(t.Context(), data.Report{Dataset: data.Resources, Rows: 1, First: first, Last: first, Horizon: first}); err != nil {
		t.Fatal(err)
	}
	units := report(t, e, map[string]string{"indicator": "test.parks"}).Tables[2]
	if len(units.Rows) != 1 || len(units.Notes) != 1 || units.Provenance.Unit != "responsible_unit" || units.Provenance.Indicator != "test.parks@1" {
		t.Errorf("units %+v: want all together alone, and why", units)
	}
}

// TestReportLevels finds the level that is meant.
func TestReportLevels(t *testing.T) {
	e := campaignEngine(t)
	f := func(within, level, want string) {
		t.Helper()
		given := map[string]string{"indicator": "test.campaign", "period": "2026-03"}
		for name, value := range map[string]string{"within": within, "level": level} {
			if value != "" {
				given[name] = value
			}
		}
		if got := report(t, e, given).Provenance.Unit; got != want {
			t.Errorf("within %q, level %q: rows are %s, want %s", within, level, got, want)
		}
	}
	f("", "", "street")
	f("D1", "", "street")
	f("D1S1", "", "community")
	f("D1S1C1", "", "community")
	f("", "district", "district")
	units := report(t, e, map[string]string{"indicator": "test.campaign", "period": "2026-03", "within": "D2"}).Tables[2]
	// In D2 there is one fact of Greens, clean 5 of 10, and none of Roads.
	if diff := cmp.Diff([]any{100.0, 50.0, 0.5, nil, 1, indicator.Insufficient}, cells(units)["Greens"]); diff != "" || len(units.Rows) != 2 {
		t.Errorf("units of D2 are %v, want Greens and all (-want +got):\n%s", cells(units), diff)
	}
	for _, given := range []map[string]string{{"res": "9"}, {"level": "responsible_unit"}, {"changes": "true"}, {"indicator": "test.campain"}} {
		var param *analytics.ParamError
		if _, err := e.Report(t.Context(), given); !errors.As(err, &param) {
			t.Errorf("%v: error %v, want one of a parameter", given, err)
		}
	}
}

// TestReportHasNoNaN looks at every cell of a report of a period without facts.
func TestReportHasNoNaN(t *testing.T) {
	r := report(t, campaignEngine(t), map[string]string{"indicator": "test.campaign", "period": "2025-03"})
	for _, table := range r.Tables {
		for _, c := range table.Columns {
			for row, x := range c.Floats {
				if math.IsNaN(x) || c.Has(row) && c.Name != "quota" {
					t.Errorf("%s, %s, row %d is %v, want no value", table.Name, c.Name, row, x)
				}
			}
		}
	}
	if len(r.Notes) == 0 || r.Notes[0].Text != "No fact of the period meets the conditions." {
		t.Errorf("notes %v do not say that there are no facts", r.Notes)
	}
}
