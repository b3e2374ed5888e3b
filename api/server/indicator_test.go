package server

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// town is a service over twenty cases of January and February 2024 without a
// point: half of them Parks answers for, the other half Roads.
func town(t *testing.T) (http.Handler, *memory.Store) {
	t.Helper()
	store := memory.New()
	columns := store.Schema(data.Incidents)
	b := data.NewBuilder(columns)
	at := func(day int) time.Time { return time.Date(2024, 1, day, 8, 0, 0, 0, time.UTC) }
	for i := range 20 {
		words := map[string]string{
			"source": "311", "id": string(rune('a' + i)), "status": data.StatusClosed, "location": data.LocationNone,
			"responsible": []string{"Parks", "Roads"}[i%2],
		}
		times := map[string]time.Time{"reported_at": at(2 * i), "closed_at": at(2*i + 1), "due_at": at(2*i + 2)}
		for column, c := range columns {
			switch {
			case words[c.Name] != "":
				b.SetText(column, words[c.Name])
			case !times[c.Name].IsZero():
				b.SetInt(column, times[c.Name].UnixMicro())
			default:
				b.Missing(column)
			}
		}
	}
	if _, err := store.Append(t.Context(), data.Incidents, data.Chunk{}, b.Build()); err != nil {
		t.Fatal(err)
	}
	report := data.Report{Dataset: data.Incidents, Rows: 20, First: at(0), Last: at(38), Horizon: at(41)}
	if err := store.PutReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	return New(store, Options{}), store
}

func publish(t *testing.T, store data.Store, text string) {
	t.Helper()
	file, err := indicator.Read(strings.NewReader("version: 1\nkind: count\ndirection: none\nempty: no_data\nperiod: {by: opened, unit: month}\n"+text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := engine.New(store, engine.Options{}).Publish(t.Context(), file.Pack.Indicators[0]); err != nil {
		t.Fatal(err)
	}
}

func TestIndicatorsAreServedAsTheyArePublished(t *testing.T) {
	h, store := town(t)
	targets := []string{"/?layer=indicator", "/api", "/collections", "/collections/indicator/queryables", "/layers/indicator.csv?level=responsible_unit"}
	tags := map[string]string{}
	for _, target := range targets {
		w := do(h, "GET", target, "Accept", browser)
		if tags[target] = w.Header().Get("ETag"); w.Code != 200 || tags[target] == "" {
			t.Fatalf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	publish(t, store, "code: town.cases\nname: {en: Cases of the town, zh-Hans: 镇案件数}\n")
	publish(t, store, "code: town.draft\nname: {en: A draft}\nvisibility: internal\n")
	for _, target := range targets {
		if w := do(h, "GET", target, "Accept", browser, "If-None-Match", tags[target]); w.Code != 200 {
			t.Errorf("%s after publishing: %d, want 200", target, w.Code)
		}
	}
	for _, target := range []string{"/?layer=indicator", "/?layer=execution", "/api", "/collections/indicator/queryables"} {
		body := do(h, "GET", target, "Accept", browser).Body.String()
		if !strings.Contains(body, "Cases of the town") || !strings.Contains(body, "town.cases") {
			t.Errorf("%s does not offer what was published", target)
		}
		if strings.Contains(body, "A draft") || strings.Contains(body, "town.draft") {
			t.Errorf("%s tells of what is internal", target)
		}
	}
}

func TestWhatIsInternalIsNotFound(t *testing.T) {
	h, store := town(t)
	publish(t, store, "code: town.draft\nname: {en: A draft}\nvisibility: internal\n")
	for _, target := range []string{
		"/?layer=indicator&indicator=", "/?layer=execution&indicator=", "/map.svg?layer=indicator&indicator=", "/layers/indicator.json?indicator=",
		"/collections/indicator/items?indicator=", "/collections/indicator/schema?indicator=",
	} {
		there, gone := do(h, "GET", target+"town.draft", "Accept", browser), do(h, "GET", target+"town.other", "Accept", browser)
		if there.Code != 400 || gone.Code != 400 || !strings.Contains(there.Body.String(), "not found") || strings.Contains(there.Body.String(), "A draft") {
			t.Errorf("%s of what is internal: %d %s, of what there is not: %d", target, there.Code, there.Body, gone.Code)
		}
	}
	if w := do(h, "GET", "/layers/indicator.json?indicator=general.on_tme"); !strings.Contains(w.Body.String(), "did you mean general.on_time?") {
		t.Errorf("a misspelt code: %s", w.Body)
	}
	if w := do(h, "GET", "/layers/indicator.json?indicator=city.on_time"); !strings.Contains(w.Body.String(), "there are boston311.on_time, general.on_time") {
		t.Errorf("a code of an unknown pack: %s", w.Body)
	}
}

// TestThoseWhoAnswerAreServed: as rows of the page, features without geometry,
// lines of CSV, and a picture that says so.
func TestThoseWhoAnswerAreServed(t *testing.T) {
	h, _ := town(t)
	page := do(h, "GET", "/?layer=indicator&level=responsible_unit&period=2024-01&lang=zh-Hans", "Accept", browser)
	for _, want := range []string{`data-testid="placeless"`, `data-code="Parks"`, `data-key="responsible_unit"`, "按期办结率"} {
		if page.Code != 200 || !strings.Contains(page.Body.String(), want) {
			t.Errorf("the page has no %s: %d", want, page.Code)
		}
	}
	if hot := do(h, "GET", "/?layer=hotspot", "Accept", browser); strings.Contains(hot.Body.String(), `data-key="responsible_unit"`) {
		t.Error("hot spots are offered of those who have no place")
	}
	var features struct {
		Features []struct {
			ID       string
			Geometry any
		}
	}
	w := do(h, "GET", "/layers/indicator.geojson?level=responsible_unit&period=2024-01")
	if err := json.Unmarshal(w.Body.Bytes(), &features); err != nil || len(features.Features) != 2 || features.Features[0].ID != "Parks" || features.Features[0].Geometry != nil {
		t.Errorf("GeoJSON: %v %s", err, w.Body)
	}
	if w := do(h, "GET", "/layers/indicator.csv?level=responsible_unit&period=2024-01"); strings.Count(w.Body.String(), "\n") < 3 || !strings.Contains(w.Body.String(), "Roads,") {
		t.Errorf("CSV: %s", w.Body)
	}
	if w := do(h, "GET", "/map.svg?layer=indicator&level=responsible_unit&period=2024-01&lang=en"); w.Code != 200 || !strings.Contains(w.Body.String(), "no place of their own") {
		t.Errorf("the picture: %d %s", w.Code, w.Body)
	}
}
