package engine

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
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

// timed is a store of cases that were reported and closed at moments of UTC, and an
// engine on it whose clock the test turns.
func timed(t *testing.T, cases ...kase) (*memory.Store, *Engine, func(string)) {
	t.Helper()
	var now time.Time
	store := storeOf(t, "", cityOf(), cases, 50)
	e := New(store, Options{Now: func() time.Time { return now }})
	return store, e, func(at string) { now = utc(at) }
}

func utc(at string) time.Time {
	for _, layout := range []string{"2006-01-02", "2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, at); err == nil {
			return t
		}
	}
	panic("BUG: no moment: " + at)
}

// oneCase was reported at a moment of UTC, and closed at another.
func oneCase(id, reported, closed string) kase {
	return kase{id: id, status: data.StatusClosed, category: "noise", point: orb.Point{lon0 + side/2, lat0 + side/2}, community: "D1S1C1", reported: utc(reported), closed: utc(closed)}
}

// toldAt returns the version, and what of a layer the time may change.
func toldAt(t *testing.T, e *Engine, name string, given map[string]string) (version, layer string) {
	t.Helper()
	version, err := e.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l := run(t, e, name, given)
	if l.Provenance.DataVersion != version {
		t.Errorf("the layer is of version %s, want %s", l.Provenance.DataVersion, version)
	}
	l.Provenance.DataVersion = ""
	return version, fmt.Sprintf("%+v %v", l.Provenance, l.Summary)
}

// TestVersionFollowsTheTime: without any change of the data a layer changes when a
// period ends, of which it shows the last that is over, and by the minute where it is
// judged as of the present. The version changes then, and, as it is that of all layers,
// when the day, week, quarter or year of the last facts ends; not otherwise. Moments
// with a star change the layer and the version, those with a plus the version.
func TestVersionFollowsTheTime(t *testing.T) {
	f := func(name string, given map[string]string, cases []kase, moments ...string) {
		t.Helper()
		_, e, turn := timed(t, cases...)
		seen := map[string]string{}
		var version, layer string
		for i, at := range moments {
			changes, moves := strings.HasPrefix(at, "*"), strings.ContainsAny(at, "*+")
			turn(strings.Trim(at, "*+"))
			nextVersion, nextLayer := toldAt(t, e, name, given)
			if i > 0 && (changes != (nextLayer != layer) || moves != (nextVersion != version)) {
				t.Errorf("%s %v at %s: the layer changes: %t, the version: %t\n%s\n%s", name, given, at, nextLayer != layer, nextVersion != version, layer, nextLayer)
			}
			if was, again := seen[nextVersion]; again && was != nextLayer {
				t.Errorf("%s %v at %s: version %s stood for\n%s, and stands for\n%s", name, given, at, nextVersion, was, nextLayer)
			}
			version, layer, seen[nextVersion] = nextVersion, nextLayer, nextLayer
		}
	}
	past := []kase{oneCase("a", "2024-01-20", "2024-01-21"), oneCase("b", "2024-02-10", "2024-02-11")}
	cases := map[string]string{"indicator": "general.cases"}
	f("indicator", cases, past, "2024-02-29T15:59:59", "+2024-02-29T16:00", "2024-02-29T23:59:59", "*2024-03-01", // months end in Shanghai, then here,
		"2024-03-01T04:59:59", "+2024-03-01T05:00", "2024-12-31T23:59:59", "+2025-01-01", "2031-01-01") // in New York, and years here
	f("hotspot", nil, past, "2024-02-27", "2024-02-28")

	ahead := []kase{oneCase("a", "2024-01-20", "2024-01-21"), oneCase("b", "2024-02-10", "2024-02-11T08:30:30")}
	f("response", nil, ahead, "2024-02-10T09:00:10", "2024-02-10T09:00:50", "*2024-02-10T09:01:00", "*2024-02-11T08:30:20", "*2024-02-11T08:30:30", "2024-02-11T08:30:50", "2024-02-11T08:31:00")
}

// TestVersionFollowsDefinitions: with a period of its own, a new version of a definition
// changes what is shown when, and so does a calendar.
func TestVersionFollowsDefinitions(t *testing.T) {
	store, e, turn := timed(t, oneCase("a", "2024-02-09", "2024-02-09"), oneCase("b", "2024-02-10", "2024-02-10"))
	turn("2024-02-10T11:59")
	before, _ := toldAt(t, e, "indicator", map[string]string{"indicator": "general.cases"})
	file, err := indicator.Read(strings.NewReader("version: 1\ncode: town.noons\nkind: count\ndirection: none\nempty: no_data\nname: {en: Noons}\nperiod: {by: opened, unit: day, day_cut: \"12:00\", day_named: end}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := e.Publish(t.Context(), file.Pack.Indicators[0]); err != nil {
			t.Fatal(err)
		}
		if after, _ := toldAt(t, e, "indicator", map[string]string{"indicator": "town.noons"}); after == before {
			t.Errorf("publishing leaves version %s", before)
		}
	}
	given := map[string]string{"indicator": "town.noons"}
	before, morning := toldAt(t, e, "indicator", given)
	if _, err := store.PutDocument(t.Context(), data.Document{Kind: "number", Name: "x", Body: "1"}); err != nil {
		t.Fatal(err)
	}
	if after, _ := toldAt(t, e, "indicator", given); after != before {
		t.Errorf("a document that is no definition makes version %s of %s", after, before)
	}
	turn("2024-02-10T12:00")
	if after, noon := toldAt(t, e, "indicator", given); after == before || noon == morning {
		t.Errorf("noon, when a day ends, leaves version %s, and the layer: %t", after, noon == morning)
	}
}

// TestVersionOfWhatHasNoTime: resources alone are seen as of the present.
func TestVersionOfWhatHasNoTime(t *testing.T) {
	var now time.Time
	store := memory.New()
	row := storetest.Row{"source": "s", "id": "r", "location": data.LocationNone}
	if _, err := store.Append(t.Context(), data.Resources, data.Chunk{}, storetest.Batch(store.Schema(data.Resources), row)); err != nil {
		t.Fatal(err)
	}
	if err := store.PutReport(t.Context(), data.Report{Dataset: data.Resources, Rows: 1}); err != nil {
		t.Fatal(err)
	}
	e := New(store, Options{Now: func() time.Time { return now }})
	versions := map[string]bool{}
	for _, at := range []string{"2024-02-10T09:00:10", "2024-02-10T09:00:50", "2024-02-10T09:01:00"} {
		now = utc(at)
		version, err := e.Version(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		versions[version] = true
	}
	if len(versions) != 2 {
		t.Errorf("three moments of two minutes make %d versions, want 2", len(versions))
	}
}
