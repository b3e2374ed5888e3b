package response

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
)

// TestEveryCaseIsCountedOnce has one case of every sort.
func TestEveryCaseIsCountedOnce(t *testing.T) {
	hour := func(n int) time.Time { return asOf.Add(time.Duration(n) * time.Hour) }
	closed, open := data.StatusClosed, data.StatusOpen
	facts := cases{
		{"a", closed, hour(-10), time.Time{}, hour(-5)},
		{"a", closed, hour(-10), time.Time{}, hour(-10)}, // at once
		{"a", closed, hour(-10), time.Time{}, asOf},      // as of the very moment
		{"a", closed, hour(-10), time.Time{}, hour(1)},   // not known to be closed yet
		{"a", open, hour(-10), time.Time{}, time.Time{}}, //
		{"a", open, asOf, time.Time{}, time.Time{}},      // reported this moment
		{"a", open, hour(1), time.Time{}, time.Time{}},   // not known yet
		{"a", open, hour(-10), time.Time{}, hour(-5)},    // the date says closed
		{"a", data.StatusSuspended, hour(-10), time.Time{}, time.Time{}},
		{"a", data.StatusVoid, hour(-10), time.Time{}, hour(-5)},   // no case
		{"a", closed, hour(-10), time.Time{}, time.Time{}},         // undated
		{"a", closed, hour(-10), time.Time{}, hour(-11)},           // ends before it begins
		{"zz", closed, hour(-10), time.Time{}, hour(-5)},           // elsewhere
		{"zz", closed, hour(-10), time.Time{}, time.Time{}},        // elsewhere, undated
		{"", closed, hour(-10), time.Time{}, hour(-11)},            // nowhere, and ends before it begins
		{"a", closed, asOf.AddDate(-300, 0, 0), time.Time{}, asOf}, // before the period
	}
	layer := analysistest.LayerOf(t, Analysis, request(t, nil), frameOf("a"), facts)
	for name, want := range map[string]int64{"n": 8, "closed": 4, "open": 4, "undated": 1} {
		if got := analysistest.Column(t, layer, name).Ints[0]; got != want {
			t.Errorf("column %s is %d, want %d", name, got, want)
		}
	}
	want := map[string]any{
		"n": int64(8), "closed": int64(4), "open": int64(4), "undated": int64(1), "without_wait": int64(1),
		"in_rows": int64(10), "elsewhere": int64(2), "without_place": int64(1),
	}
	got := map[string]any{}
	for key := range want {
		got[key] = analysistest.Item(t, layer, key)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if len(layer.Caveats) != 2 {
		t.Errorf("caveats %q, want one on undated cases and one on those that end before they begin", layer.Caveats)
	}
	reports := int64(0)
	for _, day := range layer.Matrix.Counts {
		for _, n := range day {
			reports += n
		}
	}
	if reports != 10 {
		t.Errorf("the matrix holds %d reports, want the 10 in rows", reports)
	}
}

func TestWaitsUntilResponse(t *testing.T) {
	var facts cases
	for i := range 20 {
		reported := asOf.Add(-48 * time.Hour)
		facts = append(facts, kase{"a", data.StatusClosed, reported, reported.Add(time.Duration(i+1) * time.Minute), asOf})
	}
	layer := analysistest.LayerOf(t, Analysis, request(t, map[string]string{"until": "responded"}), frameOf("a"), facts)
	if got := analysistest.Column(t, layer, "km_p50").Floats[0]; got < 600*0.995 || got > 660*1.005 {
		t.Errorf("half are responded to within %v s, want 10 to 11 minutes", got)
	}
	if got := analysistest.Column(t, layer, "naive_p90").Floats[0]; got < 1080*0.995 || got > 1080*1.005 {
		t.Errorf("nine tenths are responded to within %v s, want 18 minutes", got)
	}
}

func TestWhyThereIsNoQuantile(t *testing.T) {
	var facts cases
	add := func(community string, closed, open int) {
		for range closed {
			facts = append(facts, waited(community, 3600, true))
		}
		for range open {
			facts = append(facts, waited(community, 7200, false))
		}
	}
	add("a few", 9, 0)
	add("enough", 10, 0)
	add("half open", 10, 10)
	add("mostly open", 2, 10)
	layer := analysistest.LayerOf(t, Analysis, request(t, nil), frameOf("a few", "enough", "half open", "mostly open", "none"), facts)
	for row, want := range []struct {
		reason   string
		p50, p90 bool
	}{{"too_few_cases", false, false}, {"", true, true}, {"not_reached", true, false}, {"not_reached", false, false}, {"", false, false}} {
		reason, p50, p90 := analysistest.Column(t, layer, "reason"), analysistest.Column(t, layer, "km_p50"), analysistest.Column(t, layer, "km_p90")
		if reason.Words[row] != want.reason || p50.Has(row) != want.p50 || p90.Has(row) != want.p90 {
			t.Errorf("row %d: reason %q, p50 %t, p90 %t, want %+v", row, reason.Words[row], p50.Has(row), p90.Has(row), want)
		}
	}
}

// TestHoursAreLocal counts reports around changes of the clock.
func TestHoursAreLocal(t *testing.T) {
	f := func(zone, at string, weekday, hour int) {
		t.Helper()
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		instant, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		r := request(t, nil)
		r.Zone = location
		m := analysistest.LayerOf(t, Analysis, r, frameOf("a"), cases{{community: "a", status: data.StatusOpen, reported: instant}}).Matrix
		if m.Counts[weekday][hour] != 1 || m.Zone != zone {
			t.Errorf("%s in %s (%s): counts %v, want one on day %d at %d", at, zone, m.Zone, m.Counts, weekday, hour)
		}
	}
	const monday, saturday, sunday = 0, 5, 6
	f("UTC", "2024-06-24T00:00:00Z", monday, 0)
	f("UTC", "2024-06-23T23:59:59Z", sunday, 23)
	f("Asia/Shanghai", "2024-06-23T16:00:00Z", monday, 0)
	f("America/New_York", "2024-03-10T06:59:59Z", sunday, 1) // clocks skip two o'clock
	f("America/New_York", "2024-03-10T07:00:00Z", sunday, 3)
	f("America/New_York", "2023-11-05T05:30:00Z", sunday, 1) // one o'clock comes twice
	f("America/New_York", "2023-11-05T06:30:00Z", sunday, 1)
	f("America/Sao_Paulo", "2018-11-04T02:59:59Z", saturday, 23) // clocks skip midnight
	f("America/Sao_Paulo", "2018-11-04T03:00:00Z", sunday, 1)
}

func TestComputeStops(t *testing.T) {
	r := request(t, nil)
	frame := frameOf("a")
	for i := range 5000 {
		frame.Communities = append(frame.Communities, frameOf(fmt.Sprintf("b%04d", i)).Communities...)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	empty := analytics.Tally{Names: []string{"closed", "open", "undated", "n"}, Counts: make([][]int64, 4)}
	if _, err := Analysis.Compute(ctx, r, frame, []analytics.Tally{empty, empty}); !errors.Is(err, context.Canceled) {
		t.Errorf("compute with a cancelled context returned %v, want context.Canceled", err)
	}
}
