package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

func TestBadParametersAreNamed(t *testing.T) {
	e, _ := shanghai(t)
	f := func(name, analysis string, given map[string]string) {
		t.Helper()
		_, err := e.Run(t.Context(), analysis, given)
		var wrong *analytics.ParamError
		if !errors.As(err, &wrong) || wrong.Name != name || wrong.Value != given[name] || wrong.Why == "" {
			t.Errorf("%s %v: error %v (%#v), want one that names %s", analysis, given, err, wrong, name)
		}
	}
	f("res", "hotspot", map[string]string{"res": "6"})
	f("res", "hotspot", map[string]string{"res": "12"})
	f("res", "hotspot", map[string]string{"res": "16"})
	f("res", "hotspot", map[string]string{"res": "fine"})
	f("res", "hotspot", map[string]string{"res": "9", "level": "street"})
	f("level", "hotspot", map[string]string{"level": "cell"})
	f("level", "hotspot", map[string]string{"level": "province"}) // there are none
	f("within", "hotspot", map[string]string{"within": "D3"})
	f("within", "hotspot", map[string]string{"within": "D1S1", "level": "district"})
	f("from", "hotspot", map[string]string{"from": "2024-13-01"})
	f("from", "hotspot", map[string]string{"from": "yesterday"})
	f("from", "hotspot", map[string]string{"from": "2024-02-30"})
	f("from", "hotspot", map[string]string{"from": "2030"}) // after the data
	f("to", "hotspot", map[string]string{"to": "01.02.2024"})
	f("to", "hotspot", map[string]string{"to": "2020"})
	f("to", "hotspot", map[string]string{"from": "2024-03-01", "to": "2024-03-01"})
	f("to", "hotspot", map[string]string{"from": "2024-03-02", "to": "2024-03-01"})
	f("as-of", "hotspot", map[string]string{"as-of": "now"})
	f("fill", "hotspot", map[string]string{"fill": "full"})
	f("keep-default-locations", "hotspot", map[string]string{"keep-default-locations": "no way"})
	f("measure", "hotspot", map[string]string{"measure": "all"})
	f("open-policy", "compliance", map[string]string{"open-policy": "km"})
	f("no-limit", "compliance", map[string]string{"no-limit": "late"})
	f("by", "compliance", map[string]string{"by": "closed"})
	f("target", "compliance", map[string]string{"target": "95"})
	f("min-n", "compliance", map[string]string{"min-n": "0"})
	f("funnel", "compliance", map[string]string{"funnel": "wide"})
	f("funnel-around", "compliance", map[string]string{"funnel-around": "median"})
	f("level-of-confidence", "compliance", map[string]string{"level-of-confidence": "1"})
	f("until", "response", map[string]string{"until": "disposed"})
	f("limit-hours", "response", map[string]string{"limit-hours": "0"})
	f("open-policy", "response", map[string]string{"open-policy": "matured"}) // another's
	f("colour", "response", map[string]string{"colour": "red"})
}

func TestWhatThereIsNot(t *testing.T) {
	e, _ := shanghai(t)
	if _, err := e.Run(t.Context(), "weather", nil); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("an unknown analysis: error %v, want data.ErrNotFound", err)
	}
	if _, err := Find("coverag"); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("Find of an unknown analysis: error %v, want data.ErrNotFound", err)
	}
	if _, err := New(memory.New(), Options{}).Run(t.Context(), "hotspot", nil); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("an empty store: error %v, want data.ErrNotFound", err)
	}
}

// TestThePeriodIsAllThereIs unless asked otherwise, in whole local days, and
// cases are judged as of the horizon of the data, or of now where that is
// earlier.
func TestThePeriodIsAllThereIs(t *testing.T) {
	cases := []kase{
		{id: "1", status: data.StatusClosed, reported: start.Add(26 * time.Hour), closed: start.Add(500 * time.Hour)},
		{id: "2", status: data.StatusOpen, reported: start.Add(95*time.Hour + 59*time.Minute)},
	}
	store := storeOf(t, "Asia/Shanghai", cityOf(), cases, 10)
	f := func(now func() time.Time, given map[string]string, from, to, asOf time.Time) {
		t.Helper()
		p := run(t, New(store, Options{Now: now}), "hotspot", given).Provenance
		if !p.From.Equal(from) || !p.To.Equal(to) || !p.AsOf.Equal(asOf) {
			t.Errorf("%v: from %v to %v as of %v, want %v, %v, %v", given, p.From, p.To, p.AsOf, from, to, asOf)
		}
		if p.Zone != "Asia/Shanghai" || p.From.Location() != time.UTC || p.AsOf.Location() != time.UTC {
			t.Errorf("zone %s, times %v and %v: want the store's zone, and UTC", p.Zone, p.From, p.AsOf)
		}
	}
	day := func(n int) time.Time { return start.AddDate(0, 0, n) }
	horizon := start.Add(500 * time.Hour)
	f(nil, nil, day(1), day(4), horizon)
	f(func() time.Time { return day(400) }, nil, day(1), day(4), horizon)
	f(func() time.Time { return day(10) }, nil, day(1), day(4), day(10))
	f(nil, map[string]string{"from": "2024"}, day(0), day(4), horizon)
	f(nil, map[string]string{"from": "2024-01-03", "to": "2024-02"}, day(2), day(31), horizon)
	f(nil, map[string]string{"from": "2024-01-02T08:00:00", "to": "2024-01-03T00:00:00Z"}, day(1).Add(8*time.Hour), day(2).Add(8*time.Hour), horizon)
	f(nil, map[string]string{"as-of": "2024-01-05"}, day(1), day(4), day(4))
}

// TestDaysBegin looks at days whose midnight is skipped or comes twice. The
// changes of the clock are those of the tz database.
func TestDaysBegin(t *testing.T) {
	f := func(zone string, year int, month time.Month, date int, want string) {
		t.Helper()
		location, err := time.LoadLocation(zone)
		if err != nil {
			t.Fatal(err)
		}
		if got := analytics.DayStart(year, month, date, location).UTC().Format(time.RFC3339); got != want {
			t.Errorf("%d-%d-%d in %s begins at %s, want %s", year, month, date, zone, got, want)
		}
	}
	f("UTC", 2024, 1, 1, "2024-01-01T00:00:00Z")
	f("UTC", 2024, 1, 32, "2024-02-01T00:00:00Z")
	f("Asia/Shanghai", 2024, 1, 1, "2023-12-31T16:00:00Z")
	f("Europe/Zurich", 2040, 12, 31, "2040-12-30T23:00:00Z") // beyond the transitions that are listed
	f("Europe/Zurich", 2041, 1, 1, "2040-12-31T23:00:00Z")
	f("America/New_York", 2073, 1, 1, "2073-01-01T05:00:00Z")
	f("Pacific/Kiritimati", 2024, 1, 1, "2023-12-31T10:00:00Z")
	f("America/Sao_Paulo", 2018, 11, 3, "2018-11-03T03:00:00Z")
	f("America/Sao_Paulo", 2018, 11, 4, "2018-11-04T03:00:00Z") // at one o'clock
	f("America/Sao_Paulo", 2018, 11, 5, "2018-11-05T02:00:00Z")
	f("America/Sao_Paulo", 2018, 2, 18, "2018-02-18T03:00:00Z") // eleven at night came twice the day before
	f("Asia/Beirut", 2021, 3, 28, "2021-03-27T22:00:00Z")       // at one o'clock
	f("Asia/Amman", 2021, 10, 29, "2021-10-28T21:00:00Z")       // midnight comes twice
	f("America/Havana", 2024, 11, 3, "2024-11-03T04:00:00Z")    // midnight comes twice
	f("America/New_York", 2024, 3, 10, "2024-03-10T05:00:00Z")
	f("America/New_York", 2024, 3, 11, "2024-03-11T04:00:00Z")
	f("Pacific/Apia", 2011, 12, 30, "2011-12-30T10:00:00Z") // there was none
	f("Pacific/Apia", 2011, 12, 31, "2011-12-30T10:00:00Z")
}

// TestDaysWithoutMidnight asks for such a day, and has such a day follow the
// last one with data.
func TestDaysWithoutMidnight(t *testing.T) {
	zone, err := time.LoadLocation("America/Sao_Paulo")
	if err != nil {
		t.Fatal(err)
	}
	f := func(last time.Time, given map[string]string, from, to string) {
		t.Helper()
		cases := []kase{{id: "1", status: data.StatusOpen, reported: last.AddDate(0, 0, -3)}, {id: "2", status: data.StatusOpen, reported: last}}
		p := run(t, New(storeOf(t, zone.String(), nil, cases, 10), Options{}), "hotspot", given).Provenance
		if got := p.From.Format(time.RFC3339); got != from {
			t.Errorf("last report %v, %v: from %s, want %s", last, given, got, from)
		}
		if got := p.To.Format(time.RFC3339); got != to {
			t.Errorf("last report %v, %v: to %s, want %s", last, given, got, to)
		}
	}
	f(time.Date(2018, 11, 3, 0, 30, 0, 0, zone), nil, "2018-10-31T03:00:00Z", "2018-11-04T03:00:00Z")
	f(time.Date(2018, 11, 3, 23, 59, 0, 0, zone), nil, "2018-10-31T03:00:00Z", "2018-11-04T03:00:00Z")
	f(time.Date(2018, 11, 4, 1, 0, 0, 0, zone), nil, "2018-11-01T03:00:00Z", "2018-11-05T02:00:00Z")
	f(time.Date(2018, 11, 8, 1, 0, 0, 0, zone), map[string]string{"from": "2018-11-04", "to": "2018-11-06"}, "2018-11-04T03:00:00Z", "2018-11-06T02:00:00Z")
	f(time.Date(2018, 11, 3, 12, 0, 0, 0, zone), map[string]string{"to": "2018-11-04"}, "2018-10-31T03:00:00Z", "2018-11-04T03:00:00Z")
}

func TestDefaultResolution(t *testing.T) {
	f := func(want geo.Resolution, served ...geo.Resolution) {
		t.Helper()
		if got := DefaultResolution(data.Settings{Resolutions: served}); got != want {
			t.Errorf("of %v the default is %v, want %v", served, got, want)
		}
	}
	f(9, data.DefaultResolutions()...)
	f(8, 6, 7, 8)
	f(8, 7, 8, 10)
	f(10, 10, 11)
	f(9, 9)
}

func TestRunStops(t *testing.T) {
	e, _ := shanghai(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, a := range Analyses() {
		if _, err := e.Run(ctx, a.Name, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context: error %v, want context.Canceled", a.Name, err)
		}
	}
	if _, err := e.Reconcile(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("Reconcile with a cancelled context: error %v, want context.Canceled", err)
	}
}
