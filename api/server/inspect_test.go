package server

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"image"
	"image/jpeg"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/api/inspect"
	"github.com/civgrid/civgrid/data/photos"
)

// TestInspectorsGetTheirPage of the part of the city that they may see.
func TestInspectorsGetTheirPage(t *testing.T) {
	d := newDesk(t)
	page := d.ask(d.inspector, "/inspect?lang=zh-Hant")
	body := page.Body.String()
	if page.Code != 200 || page.Header().Get("Content-Security-Policy") != inspect.Policy || page.Header().Get("Content-Language") != "zh-Hant" {
		t.Fatalf("%d with %v: %s", page.Code, page.Header(), body)
	}
	if !strings.Contains(body, `data-testid="target"`) || !strings.Contains(body, "amber") || strings.Contains(body, "basalt") {
		t.Errorf("an inspector of the east is shown:\n%s", body)
	}
	if again := d.ask(d.inspector, "/inspect?lang=zh-Hant", "If-None-Match", page.Header().Get("ETag")); again.Code != 304 || again.Header().Get("Content-Security-Policy") != inspect.Policy {
		t.Errorf("the same again is answered with %d and %v", again.Code, again.Header())
	}
	if other := d.ask(d.west, "/inspect?lang=zh-Hant").Body.String(); strings.Contains(other, "amber") {
		t.Error("an inspector of the west is shown the east")
	}
	for _, wrong := range []string{"/inspect?nothing=1", "/inspect?start=x", "/inspect?capacity=0"} {
		if w := d.ask(d.inspector, wrong); w.Code != 400 || !strings.Contains(w.Body.String(), `data-testid="error"`) || w.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s is answered with %d: %s", wrong, w.Code, w.Body)
		}
	}
}

// TestThePlanComesInEveryFormat, with the stops in the same order.
func TestThePlanComesInEveryFormat(t *testing.T) {
	d := newDesk(t)
	var made struct {
		Features []struct {
			ID         string
			Properties struct{ Rank, Stop int }
		}
	}
	decode(t, d.ask("", "/plan.geojson?capacity=5"), &made)
	stops := made.Features[:len(made.Features)-1] // without the way
	ranks := map[int]bool{}
	for i, f := range stops {
		ranks[f.Properties.Rank] = true
		if f.Properties.Stop != i+1 {
			t.Errorf("stop %d is called %d", i+1, f.Properties.Stop)
		}
	}
	if len(stops) == 0 || len(ranks) != len(stops) || !ranks[1] || !ranks[len(stops)] {
		t.Fatalf("the stops are ranked %v", ranks)
	}
	page := d.ask("", "/inspect?capacity=5").Body.String()
	var gpx struct {
		Points []struct {
			Desc string `xml:"desc"`
		} `xml:"wpt"`
	}
	text := d.ask("", "/plan.gpx?capacity=5")
	if err := xml.Unmarshal(text.Body.Bytes(), &gpx); err != nil || len(gpx.Points) != len(stops) || !strings.Contains(text.Header().Get("Content-Disposition"), ".gpx") {
		t.Fatalf("%v: %s", err, text.Body)
	}
	for i, f := range stops {
		if !strings.Contains(gpx.Points[i].Desc, f.ID) || !strings.Contains(page, `data-cell="`+f.ID+`"`) {
			t.Errorf("stop %d, %s, is another elsewhere", i+1, f.ID)
		}
	}
	for _, extension := range []string{"kml", "csv", "txt"} {
		if w := d.ask("", "/plan."+extension+"?capacity=5"); w.Code != 200 || !strings.Contains(w.Body.String(), stops[0].ID) {
			t.Errorf("%s: %d %s", extension, w.Code, w.Body)
		}
	}
	if w := d.ask("", "/plan.shp"); w.Code != 404 {
		t.Errorf("an unknown format is answered with %d", w.Code)
	}
}

// TestThePageOfAPrivateService is closed, and its files, which say nothing, are not.
func TestThePageOfAPrivateService(t *testing.T) {
	d := newDesk(t)
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	d.service = New(d.store, Options{Now: today, Doorkeeper: doorkeeper, Private: true, NoExternalLinks: true})
	for path, want := range map[string]int{"/inspect": 401, "/plan.gpx": 401, "/inspect/inspect.mjs": 200, "/inspect/nothing.mjs": 404} {
		if got := d.ask("", path).Code; got != want {
			t.Errorf("%s is answered with %d, want %d", path, got, want)
		}
	}
	worker := d.ask("", "/inspect/sw.mjs")
	if worker.Header().Get("Service-Worker-Allowed") != "../inspect" || worker.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || worker.Header().Get("Content-Security-Policy") != inspect.Policy {
		t.Errorf("the service worker is sent with %v", worker.Header())
	}
	body := d.ask(d.inspector, "/inspect").Body.String()
	if strings.Contains(body, "https://") || !strings.Contains(body, "geo:") || strings.Contains(body, `data-testid="record"`) {
		t.Error("the page has links that leave the house, or records what is not kept")
	}
}

// TestARecordIsKeptOnce however often the device sends it, and is kept as it was sent.
func TestARecordIsKeptOnce(t *testing.T) {
	d := newDesk(t)
	at := inspectionsAt + "/field:6f9619ff-8b86-4011-b42d-00c04fc964ff"
	body := `{"type":"Feature","geometry":` + inTheEast + `,"properties":{"result":"fail","inspected_at":"2025-05-31T08:00:00.123Z","point":"89411ab5107ffff","channel":"patrol","campaign":"plan 2025-06-01","attributes":"{\"note\":\"lamp\",\"drawn\":false}"}}`
	for i, want := range []int{201, 412, 412, 412} {
		if w := d.send(d.inspector, "PUT", at, body, "If-None-Match", "*"); w.Code != want {
			t.Fatalf("attempt %d is answered with %d, want %d: %s", i+1, w.Code, want, w.Body)
		}
	}
	var all struct{ Features []json.RawMessage }
	decode(t, d.ask(d.inspector, inspectionsAt+"?point=89411ab5107ffff"), &all)
	if len(all.Features) != 1 || !strings.Contains(string(all.Features[0]), `lamp`) {
		t.Errorf("there are %d records: %s", len(all.Features), all.Features)
	}
}

// TestPhotosAreKeptOnce and shown to those who may see personal data.
func TestPhotosAreKeptOnce(t *testing.T) {
	d := newDesk(t)
	if w := d.send(d.inspector, "PUT", "/photos/x", ""); w.Code != 404 {
		t.Errorf("without a folder: %d", w.Code)
	}
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	d.service = New(d.store, Options{Now: today, Doorkeeper: doorkeeper, Write: true, Photos: photos.In(t.TempDir())})
	t.Cleanup(func() { _ = d.service.Close(context.Background()) })
	var picture bytes.Buffer
	if err := jpeg.Encode(&picture, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	at := fmt.Sprintf("/photos/%x", sha256.Sum256(picture.Bytes()))
	for _, f := range []struct {
		key, method, path, body string
		want                    int
	}{
		{d.inspector, "GET", at, "", 404},
		{"", "PUT", at, picture.String(), 401},
		{d.reader, "PUT", at, picture.String(), 403},
		{d.inspector, "PUT", at, "else", 415},
		{d.inspector, "PUT", at, strings.Repeat("x", photos.MaxBytes+1), 413},
		{d.inspector, "PUT", at, picture.String(), 201},
		{d.inspector, "PUT", at, picture.String(), 204},
		{"", "GET", at, "", 401},
		{d.reader, "GET", at, "", 403},
		{d.inspector, "GET", at, "", 200},
		{d.inspector, "GET", "/photos/..%2Fx", "", 404},
	} {
		w := d.send(f.key, f.method, f.path, f.body, "Content-Type", "image/jpeg")
		if w.Code != f.want {
			t.Errorf("%s %s of %d bytes: %d, want %d: %s", f.method, f.path, len(f.body), w.Code, f.want, w.Body)
		}
		if w.Code == 200 && (w.Body.String() != picture.String() || w.Header().Get("Content-Type") != "image/jpeg") {
			t.Errorf("another picture comes back, as %s", w.Header().Get("Content-Type"))
		}
	}
	describedBy(t, d.ask(d.inspector, "/api"))
}

// TestThePageHasATagOfWhatItOffers: where recording is allowed from one start to the next,
// no browser keeps the page without it.
func TestThePageHasATagOfWhatItOffers(t *testing.T) {
	d := newDesk(t)
	tags := map[string]bool{}
	for _, options := range []Options{{}, {Write: true}, {Write: true, Photos: photos.In(t.TempDir())}} {
		options.Now = today
		d.service = New(d.store, options)
		tags[d.ask("", "/inspect").Header().Get("ETag")] = true
	}
	if len(tags) != 3 || tags[""] {
		t.Errorf("three pages have the tags %v", tags)
	}
}

// TestWarm makes what is opened first, for nobody, and nothing where nobody may see it.
func TestWarm(t *testing.T) {
	d := newDesk(t)
	f := func(made, notMade string, options Options) {
		t.Helper()
		options.Now, options.Engine.Now = today, today
		service := New(d.store, options)
		if err := service.Warm(t.Context()); err != nil {
			t.Error(err)
		}
		layers := func(analysis string) float64 {
			n, _ := sample(scrape(t, service), "civgrid_layer_duration_seconds", "analysis", analysis, "outcome", "ok")
			return n
		}
		if made != "" && layers(made) == 0 || layers(notMade) != 0 {
			t.Errorf("%s was made %v times, %s %v times", made, layers(made), notMade, layers(notMade))
		}
	}
	f("hotspot", "density", Options{})
	f("density", "none", Options{Engine: engine.Options{MinCount: 5}})
	f("", "hotspot", Options{Private: true})
}
