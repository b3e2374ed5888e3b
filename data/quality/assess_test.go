package quality_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/quality"
)

// A row is an incident as a test writes it: column to value, of the type the
// column has; times as RFC 3339.
type row map[string]any

// store returns a store with the rows as incidents. Required columns that a row
// does not name are filled in.
func store(t testing.TB, rows ...row) data.Store {
	t.Helper()
	columns := data.SchemaOf(data.Incidents, data.DefaultResolutions())
	b := data.NewBuilder(columns)
	for n, r := range rows {
		for i, c := range columns {
			v, ok := r[c.Name]
			if !ok {
				v = map[string]any{
					"source": "test", "id": fmt.Sprint(n), "status": data.StatusOpen, "reported_at": "2024-03-05T09:30:01Z", "location": data.LocationNone,
				}[c.Name]
			}
			switch v := v.(type) {
			case string:
				if c.Type != data.Time {
					b.SetText(i, v)
					continue
				}
				at, err := time.Parse(time.RFC3339, v)
				if err != nil {
					t.Fatal(err)
				}
				b.SetInt(i, at.UnixMicro())
			case float64:
				b.SetFloat(i, v)
			default:
				b.Missing(i)
			}
		}
	}
	s := memory.New()
	if _, err := s.Append(context.Background(), data.Incidents, data.Chunk{}, b.Build()); err != nil {
		t.Fatal(err)
	}
	return s
}

func communities() []data.Community {
	return []data.Community{
		{Code: "D", Level: data.District, Names: data.Names{"en": "Dongcheng", "zh-Hans": "东城区"}},
		{Code: "W", Level: data.Street, Parent: "D", Names: data.Names{"": "West side"}, Outline: orb.MultiPolygon{}},
		{Code: "E", Level: data.Street, Parent: "D", Names: data.Names{"": "East side"}},
		{Code: "P1", Level: data.Street, Names: data.Names{"": "Park"}},
		{Code: "P2", Level: data.Street, Names: data.Names{"": "park"}},
	}
}

func assess(t testing.TB, s data.Store) data.Report {
	t.Helper()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	r, err := quality.Assess(context.Background(), s, communities(), data.Incidents, zone, time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Each rule counts the row made for it, and no other rule does but those named.
func TestEachRuleFindsItsRow(t *testing.T) {
	sound := row{
		"due_at": "2024-03-12T09:30:01Z", "closed_at": "2024-03-06T10:00:01Z", "status": data.StatusClosed, "verdict": data.VerdictOnTime,
		"location": "area", "community": "E", "community_given": "E",
	}
	f := func(change row, want ...string) {
		t.Helper()
		r := row{}
		for k, v := range sound {
			r[k] = v
		}
		for k, v := range change {
			r[k] = v
		}
		var got []string
		for _, rule := range assess(t, store(t, r)).Rules {
			if rule.Rows > 0 {
				got = append(got, rule.Rule)
			}
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%v (-want +got): %s", change, d)
		}
	}
	f(row{})
	f(row{"due_at": nil}, "without_due")
	f(row{"closed_at": nil, "status": data.StatusOpen}, "never_closed")
	f(row{"verdict": nil}, "without_verdict")
	f(row{"closed_at": "2024-03-05T09:00:01Z"}, "closed_before_reported")
	f(row{"due_at": "2024-03-04T09:00:01Z"}, "due_before_reported")
	f(row{"due_at": "2025-03-05T09:30:01Z"})
	f(row{"due_at": "2025-03-05T09:30:02Z"}, "due_after_a_year")
	f(row{"due_at": "2059-01-01T05:00:00Z"}, "due_after_a_year", "due_far_future")
	f(row{"closed_at": "2025-02-01T10:00:01Z"}, "closed_in_future")
	f(row{"updated_at": "2025-02-01T10:00:01Z"}, "updated_in_future", "updated_long_after_close")
	f(row{"updated_at": "2024-06-05T10:00:01Z"}, "updated_long_after_close")
	f(row{"updated_at": "2024-01-05T10:00:01Z"}, "updated_before_reported")
	f(row{"closed_at": nil}, "never_closed", "closed_without_time")
	f(row{"status": data.StatusOpen}, "open_with_closing_time")
	f(row{"status": data.StatusVoid})
	f(row{"closed_at": "2024-03-05T09:30:01Z"}, "zero_duration")
	f(row{"updated_at": "1900-01-01T04:56:02Z"}, "updated_before_reported", "year_1900")
	f(row{"closed_at": "2024-03-06T05:00:00Z"}, "closed_at_midnight")
	f(row{"reported_at": "2024-03-05T05:00:00Z"}, "reported_at_midnight")
	f(row{"reported_at": "2024-03-05T00:00:00Z"}) // seven in the evening there
	f(row{"duplicate_of": "7"}, "duplicate_marked")
	stages := row{
		"accepted_at": "2024-03-05T10:00:01Z", "registered_at": "2024-03-05T11:00:01Z", "dispatched_at": "2024-03-05T12:00:01Z",
		"disposed_at": "2024-03-06T08:00:01Z", "checked_at": "2024-03-06T09:00:01Z", "extended_due_at": "2024-03-13T09:30:01Z",
		"pauses": "2024-03-05T13:00:00Z/2024-03-05T14:00:00Z",
	}
	for k, v := range stages {
		sound[k] = v
	}
	f(row{})
	for _, stage := range []string{"accepted_at", "registered_at", "dispatched_at"} {
		f(row{stage: "2024-03-05T09:00:01Z"}, "stage_before_reported")
	}
	f(row{"disposed_at": "2024-03-05T11:30:01Z"}, "disposed_before_dispatched")
	f(row{"disposed_at": "2024-03-05T11:30:01Z", "dispatched_at": nil})
	f(row{"checked_at": "2024-03-06T07:00:01Z"}, "checked_before_disposed")
	f(row{"extended_due_at": "2024-03-11T09:30:01Z"}, "extended_before_due")
	f(row{"pauses": "2024-03-05T09:00:00Z/2024-03-05T14:00:00Z"}, "paused_outside")
	f(row{"pauses": "2024-03-06T10:00:02Z/.."}, "paused_outside")
	f(row{"pauses": "2024-03-06T09:00:02Z/.."})
	f(row{"pauses": "last week"}, "paused_outside")
	f(row{"x_given": 0.0, "y_given": 0.0, "crs_given": "wgs84"}, "zero_coordinates")
	f(row{"lon": -71.123, "lat": 42.123, "location": "point", "community": nil, "community_given": nil}, "outside")
	f(row{"lon": -71.12, "lat": 42.5, "location": "point"}, "rounded_coordinates")
	f(row{"location": "none", "community": nil, "community_given": nil}, "unplaced_unnamed")
	f(row{"community": nil, "community_given": "Nowhere"}, "unplaced_unknown", "community_unknown")
	f(row{"lon": -71.123, "lat": 42.123, "location": "point", "community": "W", "community_given": "Nowhere"}, "community_unknown")
	f(row{"community_given": "east side", "community": "E", "location": "area"})
	f(row{"lon": -71.123, "lat": 42.123, "location": "point", "community": "W", "community_given": "E"}, "community_differs")
	f(row{"lon": -71.123, "lat": 42.123, "location": "point", "community": "W", "community_given": "东城区"}) // its district
}

func TestHourThatClocksRepeat(t *testing.T) {
	f := func(at string, want int64) {
		t.Helper()
		r := assess(t, store(t, row{"reported_at": at}))
		for _, rule := range r.Rules {
			if rule.Rule == "time_occurs_twice" && rule.Rows != want {
				t.Errorf("%s counts %d, want %d", at, rule.Rows, want)
			}
		}
	}
	f("2011-11-06T04:59:59Z", 0)
	f("2011-11-06T05:00:00Z", 1) // 01:00 EDT
	f("2011-11-06T05:59:59Z", 1)
	f("2011-11-06T06:00:00Z", 1) // 01:00 EST
	f("2011-11-06T06:59:59Z", 1)
	f("2011-11-06T07:00:00Z", 0)
	f("2011-03-13T07:00:00Z", 0)
}

func TestReportCountsPlacesAndPeriod(t *testing.T) {
	r := assess(t, store(t,
		row{"lon": -71.123, "lat": 42.123, "location": "point", "community": "W", "reported_at": "2024-01-02T10:00:00Z"},
		row{"lon": -70.123, "lat": 42.123, "location": "point", "closed_at": "2024-11-02T10:00:00Z", "due_at": "2024-12-02T10:00:00Z"},
		row{"community": "W", "community_given": "W", "location": "area", "closed_at": "2026-11-02T10:00:00Z"},
		row{"community_given": "Nowhere", "location": "area", "reported_at": "2024-05-02T10:00:00Z"},
		row{},
	))
	if r.Rows != 5 || r.Located != 1 || r.Outside != 1 || r.AreaOnly != 1 || r.Unplaced != 2 {
		t.Errorf("rows %d, located %d, outside %d, area only %d, unplaced %d; want 5, 1, 1, 1, 2", r.Rows, r.Located, r.Outside, r.AreaOnly, r.Unplaced)
	}
	for name, pair := range map[string][2]string{
		"first":   {r.First.Format(time.RFC3339), "2024-01-02T10:00:00Z"},
		"last":    {r.Last.Format(time.RFC3339), "2024-05-02T10:00:00Z"},
		"horizon": {r.Horizon.Format(time.RFC3339), "2024-11-02T10:00:00Z"}, // what is to come does not count
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s is %s, want %s", name, pair[0], pair[1])
		}
	}
}

func TestReportNamesUnknownCommunities(t *testing.T) {
	located := func(word string) row {
		return row{"lon": -71.123, "lat": 42.123, "location": "point", "community": "W", "community_given": word}
	}
	named := func(word string) row { return row{"location": "area", "community_given": word} }
	r := assess(t, store(t,
		named("CB3"), named("Atlantis"), located("Atlantis"), named("CB 3"), named("Park"), named("Park"), named("Park"),
		located("W"), row{"location": "area", "community": "E", "community_given": "east side"}, row{},
	))
	want := []data.UnknownCommunity{
		{Word: "Park", Rows: 3, Unplaced: 3, Several: true},
		{Word: "Atlantis", Rows: 2, Unplaced: 1},
		{Word: "CB 3", Rows: 1, Unplaced: 1},
		{Word: "CB3", Rows: 1, Unplaced: 1},
	}
	if d := cmp.Diff(want, r.Unknown); d != "" {
		t.Errorf("unknown communities (-want +got): %s", d)
	}
	var many []row
	for i := range 30 {
		many = append(many, named(fmt.Sprintf("%02d th place", i)))
	}
	if r := assess(t, store(t, many...)); len(r.Unknown) != 20 || r.Unknown[0].Word != "00 th place" || r.Unplaced != 30 {
		t.Errorf("of thirty words there are %d, beginning with %+v", len(r.Unknown), r.Unknown[0])
	}
}

func TestEmptyDatasetsHaveReports(t *testing.T) {
	for _, d := range data.Datasets() {
		r, err := quality.Assess(context.Background(), memory.New(), nil, d, time.UTC, time.Time{})
		if err != nil || r.Rows != 0 || !r.Horizon.IsZero() || len(r.Rules) != len(quality.Rules(d)) {
			t.Errorf("%s: %+v, %v", d, r, err)
		}
	}
}

func TestRulesSayWhatTheyAre(t *testing.T) {
	for _, d := range data.Datasets() {
		seen := map[string]bool{}
		for _, r := range quality.Rules(d) {
			if seen[r.Key] || r.Key == "" || r.Title == "" || strings.HasSuffix(r.Title, ".") {
				t.Errorf("rule %q of %s: twice, or incomplete", r.Key, d)
			}
			seen[r.Key] = true
		}
	}
}
