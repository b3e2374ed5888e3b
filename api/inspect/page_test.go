package inspect

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

const hostile = `"><img src=x onerror=alert(1)>`

// made returns a page of two stops on both sides of the antimeridian, the second drawn.
func made(t *testing.T, lang string) Page {
	t.Helper()
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	it := &analytics.Itinerary{
		Begin: begin, End: begin.Add(time.Hour), Start: analytics.Point{Lon: 179.99, Lat: -17}, Days: 7, Metres: 2345,
		Settings: analytics.ItinerarySettings{Recent: 28},
		Caveats:  []string{"The plan rests on old reports: none is known of the 14 days before, and the latest are of the week from 2026-02-09. Weeks of which nothing is known count as weeks without reports, so few are expected."},
	}
	for i, lon := range []float64{179.995, -179.995} {
		at := orb.Point{lon, -17}
		cell, err := geo.CellAt(at, 9)
		if err != nil {
			t.Fatal(err)
		}
		stop := analytics.Stop{
			Cell: cell, Point: analytics.Point{Lon: lon, Lat: -17}, Names: data.Names{"": hostile}, Drawn: i == 1, Rank: 2 - i, Arrive: begin, Expected: 1.5, High: 4,
			Reasons: []analytics.Reason{{Code: analytics.ReasonOverdue, N: 1}, {Code: analytics.ReasonFailed, N: 1}},
		}
		if i == 1 {
			stop.Reasons = []analytics.Reason{{Code: analytics.ReasonDrawn, N: 9}, {Code: analytics.ReasonNever}}
		}
		it.Stops = append(it.Stops, stop)
	}
	return Page{Title: "T", Lang: lang, Given: map[string]string{"capacity": "2"}, Itinerary: it, External: true, Records: true, Keys: true}
}

func written(t *testing.T, p Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := p.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestThePageHasWhatItPromises(t *testing.T) {
	text := written(t, made(t, "en"))
	for _, want := range []string{
		`data-testid="target" data-cell="`, `data-rank="2"`, `data-rank="1"`, `data-testid="target-distance"`, `data-testid="nav-link"`, `data-testid="record"`, `data-testid="sync-state"`,
		"1 open case overdue", "failed when last inspected, 1 day ago", "drawn by lot from 9 cells", "Random check", "1.5 reports in 7 days (90 %: 0 to 4)",
		`href="geo:-17.000000,179.995000?q=`, "uri.amap.com/navigation", "plan.gpx?capacity=2", "2 stops from 09:00 to 10:00, 2.3 km on the way",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if strings.Index(text, `data-testid="targets"`) > strings.Index(text, `data-testid="map"`) {
		t.Error("the map comes before the list")
	}
	if strings.Contains(text, "ZgotmplZ") {
		t.Error("a link was refused")
	}
}

func TestThePageTrustsNoName(t *testing.T) {
	p := made(t, "en")
	p.Hierarchy = data.NewHierarchy([]data.Community{{Code: "C", Level: data.Street, Names: data.Names{"": hostile}, Outline: orb.MultiPolygon{{{{179, -18}, {179.9999, -18}, {179.9999, -16}, {179, -16}, {179, -18}}}}}})
	text := written(t, p)
	if strings.Contains(text, "<img") || strings.Contains(text, " style=") || strings.Contains(text, "onclick") {
		t.Error("a name, or what stands in the page, can run")
	}
	if !strings.Contains(text, `class="name"`) {
		t.Error("the area is not named on the map")
	}
}

// TestTheMapCrossesTheAntimeridian: stops a kilometre apart are drawn as such.
func TestTheMapCrossesTheAntimeridian(t *testing.T) {
	_, f := mapOf(made(t, "en").Itinerary, nil, "en")
	x1, y1 := f.at(orb.Point{179.995, -17})
	x2, y2 := f.at(orb.Point{-179.995, -17})
	if x2-x1 < mapWidth/4 || x2-x1 > mapWidth || y1 != y2 {
		t.Errorf("the stops are drawn at %d, %d and %d, %d", x1, y1, x2, y2)
	}
	if p := f.back(x2, y2); geo.Distance(p, orb.Point{-179.995, -17}) > 2 {
		t.Errorf("what is drawn there is %v", p)
	}
}

// TestEveryLanguageSaysEverything: only English has forms for one of a thing.
func TestEveryLanguageSaysEverything(t *testing.T) {
	english := languages()["en"]
	for _, tag := range api.Languages()[1:] {
		w := languages()[tag]
		for key := range english.Text {
			if w.Text[key] == "" && !strings.HasSuffix(key, ".one") {
				t.Errorf("%s has no %s", tag, key)
			}
			if w.Text[key] != "" && strings.Count(w.Text[key], "{}") != strings.Count(english.Text[key], "{}") {
				t.Errorf("%s of %s has places for other values", key, tag)
			}
		}
		text := written(t, made(t, tag))
		for _, english := range []string{"Priority", "Random", "expected", "Weeks of which", "Last visit"} {
			if strings.Contains(text, english) {
				t.Errorf("the page in %s says %q", tag, english)
			}
		}
	}
}

func TestStatic(t *testing.T) {
	for _, name := range []string{"", "x", "page.html", "../page.html", "nothing.css", "i18n/en.json"} {
		if _, _, ok := Static(name); ok {
			t.Errorf("there is %q", name)
		}
	}
	if _, media, ok := Static("inspect.mjs"); !ok || media != "text/javascript; charset=utf-8" {
		t.Errorf("the script is served as %s", media)
	}
	manifest, _, _ := Static("manifest.webmanifest")
	if !json.Valid(manifest) {
		t.Errorf("the manifest is no JSON")
	}
}

func TestAPageWithoutAPlanSaysWhy(t *testing.T) {
	text := written(t, Page{Lang: "zh-Hant", Problem: api.NewProblem("not-found", "Nothing is there."), Keys: true})
	for _, want := range []string{`data-state="error"`, `data-testid="error"`, "Nothing is there.", `data-testid="key"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	p := made(t, "en")
	p.Itinerary.Stops = nil
	if text := written(t, p); !strings.Contains(text, `data-testid="empty"`) {
		t.Error("a plan without stops is not told as such")
	}
}

// TestLongListsAreLaidOut as they come into sight, and short ones at once.
func TestLongListsAreLaidOut(t *testing.T) {
	p := made(t, "en")
	for _, n := range []int{2, 42} {
		for len(p.Itinerary.Stops) < n {
			p.Itinerary.Stops = append(p.Itinerary.Stops, p.Itinerary.Stops[0])
		}
		if got := strings.Contains(written(t, p), `class="list long"`); got != (n > 40) {
			t.Errorf("a list of %d is long: %v", n, got)
		}
	}
}
