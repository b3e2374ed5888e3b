package server

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/storetest"
)

// many is how many incidents QGIS is given to read: more than its pages hold, 1000.
const many = 1300

// record keeps incidents and inspections that come before all others, with floats of
// which the first ten are whole.
func (d *desk) record(t *testing.T) {
	t.Helper()
	rows := map[data.Dataset][]storetest.Row{}
	for i := range many {
		value := float64(i)
		if i >= 10 {
			value += 0.25
		}
		at := time.Date(2025, 3, 1, 0, i, 0, 0, time.UTC).Add(time.Duration(i%40) * 24 * time.Hour).UnixMicro()
		row := func() storetest.Row {
			return storetest.Row{
				"source": "aaa", "id": fmt.Sprintf("案-%04d", i), "location": data.LocationPoint, "lon": 113.92 + float64(i)/100_000, "lat": 22.505,
			}
		}
		incident, inspection := row(), row()
		incident["status"], incident["category"], incident["reported_at"] = data.StatusOpen, []string{"light", "路燈 & \"Licht\""}[i%2], at
		incident["limit_amount"], incident["reports"] = value, int64(i)
		inspection["result"], inspection["inspected_at"], inspection["score"] = []string{"pass", "fail"}[i%2], at, value
		rows[data.Incidents] = append(rows[data.Incidents], incident)
		rows[data.Inspections] = append(rows[data.Inspections], inspection)
	}
	for dataset, of := range rows {
		if _, err := d.store.Append(t.Context(), dataset, data.Chunk{}, storetest.Batch(d.store.Schema(dataset), of...)); err != nil {
			t.Fatal(err)
		}
	}
}

// A layer is what QGIS says of one.
type layer struct {
	Count, Inside, Alike, Later int
	Rows                        []map[string]any
	Types                       map[string]string
}

// TestQGISReadsFactsWithAKey reads incidents and inspections with QGIS itself, of
// Debian's package python3-qgis, with an API key as the password of HTTP Basic, and
// compares every value with what is served.
func TestQGISReadsFactsWithAKey(t *testing.T) {
	const python = "/usr/bin/python3" // Debian's, for which the package is made
	if err := exec.CommandContext(t.Context(), python, "-c", "import qgis.core").Run(); err != nil {
		t.Skip("no QGIS for Python (Debian: python3-qgis)")
	}
	d := newDesk(t)
	d.record(t)
	server := httptest.NewServer(d.service)
	t.Cleanup(server.Close)
	command := exec.CommandContext(t.Context(), python, "testdata/read_facts.py", server.URL+"/", d.reader)
	command.Env = append(os.Environ(), "QT_QPA_PLATFORM=offscreen", "XDG_RUNTIME_DIR="+t.TempDir(), "HOME="+t.TempDir())
	var failure strings.Builder
	command.Stderr = &failure
	out, err := command.Output()
	if err != nil {
		t.Fatalf("QGIS: %v\n%s", err, failure.String())
	}
	var told struct {
		Anonymous              bool
		Incidents, Inspections layer
	}
	if err := json.Unmarshal(out, &told); err != nil {
		t.Fatalf("%v: %.400s", err, out)
	}
	if told.Anonymous {
		t.Error("QGIS reads incidents without a key")
	}
	d.compare(t, incidentsAt, told.Incidents, "category=light", "incident_id")
	d.compare(t, inspectionsAt, told.Inspections, "result=fail", "inspection_id")
	if i, j := told.Incidents.Types, told.Inspections.Types; i["limit_amount"] != "Real" || j["score"] != "Real" || i["reports"] != "Integer" || i["category"] != "String" {
		t.Errorf("QGIS takes fields for %v and %v", i, j)
	}
}

// compare holds what QGIS read to what is served to the same key.
func (d *desk) compare(t *testing.T, at string, read layer, alike, id string) {
	t.Helper()
	var served struct {
		NumberMatched int
		Features      []struct {
			Properties map[string]any
			Geometry   struct{ Coordinates []float64 }
		}
	}
	matched := func(query string) int {
		decode(t, d.ask(d.reader, at+"?"+query), &served)
		return served.NumberMatched
	}
	inside, same, later := matched("bbox=113.93,22.5,113.94,22.51"), matched(alike), matched("datetime="+url.QueryEscape("2025-03-20T00:00:00Z/.."))
	all := matched("limit=10000")
	if read.Count != all || len(read.Rows) != all || all < many {
		t.Errorf("%s: QGIS counts %d and reads %d, want %d", at, read.Count, len(read.Rows), all)
	}
	if read.Inside != inside || read.Alike != same || read.Later != later || inside*same*later == 0 || max(inside, same, later) >= all {
		t.Errorf("%s: QGIS reads %d in the box, %d alike, %d later; want %d, %d, %d", at, read.Inside, read.Alike, read.Later, inside, same, later)
	}
	rows := map[any]map[string]any{}
	for _, row := range read.Rows {
		rows[fmt.Sprint(row["source"], row[id])] = row
	}
	for _, f := range served.Features {
		row := rows[fmt.Sprint(f.Properties["source"], f.Properties[id])]
		if !samePoint(row["at"], f.Geometry.Coordinates) {
			t.Errorf("%v is at %v, want %v", f.Properties[id], row["at"], f.Geometry.Coordinates)
		}
		for name, want := range f.Properties {
			if got := row[name]; fmt.Sprint(asTime(got)) != fmt.Sprint(asTime(want)) {
				t.Fatalf("%v: %s is %v in QGIS, served is %v", f.Properties[id], name, got, want)
			}
		}
	}
}

// samePoint reports whether well-known text is of a point.
func samePoint(text any, at []float64) bool {
	var lon, lat float64
	_, err := fmt.Sscanf(fmt.Sprint(text), "Point (%f %f)", &lon, &lat)
	return err == nil && max(lon-at[0], at[0]-lon, lat-at[1], at[1]-lat) < 1e-6
}

// asTime returns a time to the millisecond, which is what QGIS knows, and what is none
// as it is. Where the first ten features have no value QGIS 3.22 makes a time a text, in
// UTC without saying so.
func asTime(v any) any {
	text, _ := v.(string)
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC().Truncate(time.Millisecond)
		}
	}
	return v
}
