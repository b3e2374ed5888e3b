package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api/server"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// TestServiceFollowsAndOutlastsItsDatabase serves a database that others import
// into, that is killed, and that comes back with more in it.
func TestServiceFollowsAndOutlastsItsDatabase(t *testing.T) {
	if testing.Short() {
		t.Skip("kills a server of its own")
	}
	database := pgtest.Start(t)
	url := database.Database(t)
	dir := t.TempDir()
	importRow := func(id, lon string) {
		path := filepath.Join(dir, id+".csv")
		row := "id,reported_at,lat,lon\n" + id + ",2025-01-0" + id + ",22.60," + lon + "\n"
		if err := os.WriteFile(path, []byte(row), 0o644); err != nil {
			t.Fatal(err)
		}
		runs(t, url, "import", "incidents", path, "--zone", "UTC", "--source", "s")
	}
	importRow("1", "113.90")
	base := serveCopy(t, url)
	items := base + reportsByCell

	wantReports(t, items, 1)
	importRow("2", "113.95")
	wantReports(t, items, 2)
	before, _ := get(t, items)

	database.Kill()
	eventually(t, "the service to notice that the database is gone", func() bool {
		var status struct{ State string }
		body, _ := get(t, base+"/status")
		return json.Unmarshal(body, &status) == nil && status.State == "store out of reach"
	})
	during, header := get(t, items)
	if age := header.Get("Age"); age == "" || header.Get("Civgrid-Store-Away-Since") == "" {
		t.Errorf("without the database answers have Age %q, want how old they are", age)
	}
	if !bytes.Equal(withoutTime(t, before), withoutTime(t, during)) {
		t.Error("without the database answers are others than before")
	}

	database.Restart(t)
	importRow("3", "113.99")
	wantReports(t, items, 3)
	if _, header := get(t, items); header.Get("Age") != "" {
		t.Errorf("with the database back answers have Age %q", header.Get("Age"))
	}
}

// reportsByCell is the path of a layer that counts reports.
const reportsByCell = "/collections/hotspot/items?f=json&limit=1000&res=8"

// serveCopy serves a database as civgrid serve does, until the test ends, and returns
// the address of the service.
func serveCopy(t *testing.T, store string) (base string) {
	t.Helper()
	p := &program{out: io.Discard, err: io.Discard, now: time.Now, config: config{"store": {value: store}, "log-level": {value: "error"}}}
	opened, err := p.openToServe(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	service := httptest.NewServer(server.New(opened, server.Options{Freshness: freshnessOf(opened)}))
	t.Cleanup(func() {
		service.Close()
		if err := opened.Close(); err != nil {
			t.Error(err)
		}
	})
	return service.URL
}

func get(t *testing.T, url string) ([]byte, http.Header) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: status %d, %v: %s", url, response.StatusCode, err, body)
	}
	return body, response.Header
}

// withoutTime returns GeoJSON without the time of the answer.
func withoutTime(t *testing.T, body []byte) []byte {
	t.Helper()
	var collection map[string]any
	if err := json.Unmarshal(body, &collection); err != nil {
		t.Fatal(err)
	}
	delete(collection, "timeStamp")
	plain, err := json.Marshal(collection)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// wantReports waits until a layer counts so many reports.
func wantReports(t *testing.T, items string, want int64) {
	t.Helper()
	eventually(t, "the service to follow", func() bool {
		var layer struct {
			Features []struct{ Properties struct{ Observed int64 } }
		}
		body, _ := get(t, items)
		if err := json.Unmarshal(body, &layer); err != nil {
			t.Fatal(err)
		}
		sum := int64(0)
		for _, f := range layer.Features {
			sum += f.Properties.Observed
		}
		return sum == want
	})
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited 30 s for %s", what)
		}
	}
}
