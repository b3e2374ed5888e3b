package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/server"
	"github.com/civgrid/civgrid/data/sample"
)

// TestTheServiceImportsAsTheCommandDoes: of one file with bad rows, civgrid import and
// POST /imports make equal stores, reject the same rows, and give the import the same
// name.
func TestTheServiceImportsAsTheCommandDoes(t *testing.T) {
	if testing.Short() {
		t.Skip("imports the letters of a year twice")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "hotline-12345.csv")
	var source sample.File
	for _, f := range sample.New(demoSeed).Files() {
		if f.Name == filepath.Base(file) {
			source = f
		}
	}
	if err := os.WriteFile(file, source.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	args := []string{"import", "incidents", file, "--source", source.Source, "--zone", source.Zone, "--store", filepath.Join(dir, "command.gpkg")}
	for column, from := range source.Mapping {
		args = append(args, "--map", column+"="+from)
	}
	p := &program{out: io.Discard, err: io.Discard, now: time.Now}
	if code := p.run(t.Context(), args); code != exitRejected {
		t.Fatalf("civgrid import ended with %d, want %d: the file has bad rows", code, exitRejected)
	}
	rejects, err := os.Open(filepath.Join(dir, "hotline-12345.rejects.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer rejects.Close()
	want, err := csv.NewReader(rejects).ReadAll()
	if err != nil {
		t.Fatal(err)
	}

	store := openStore(t, filepath.Join(dir, "service.gpkg"))
	service := server.New(store, server.Options{Write: true})
	t.Cleanup(func() { _ = service.Close(t.Context()) })
	get := func(method, target string, body io.Reader) string {
		r := httptest.NewRequestWithContext(api.WithCaller(t.Context(), api.Caller{ID: "key:ada", Role: api.Planner}), method, target, body)
		r.Header.Set("Content-Type", "text/csv")
		w := httptest.NewRecorder()
		service.ServeHTTP(w, r)
		if w.Code >= http.StatusBadRequest {
			t.Fatalf("%s %s: %d %s", method, target, w.Code, w.Body)
		}
		return w.Body.String()
	}
	mapping, err := json.Marshal(map[string]any{"map": source.Mapping})
	if err != nil {
		t.Fatal(err)
	}
	query := url.Values{
		"dataset": {"incidents"}, "filename": {filepath.Base(file)}, "source": {source.Source}, "zone": {source.Zone}, "mapping": {string(mapping)},
	}
	var job struct{ JobID, Status string }
	answer := get("POST", "/imports?"+query.Encode(), strings.NewReader(string(source.Bytes())))
	for range 6000 {
		if err := json.Unmarshal([]byte(answer), &job); err != nil {
			t.Fatal(err)
		}
		if job.Status != "accepted" && job.Status != "running" {
			break
		}
		time.Sleep(10 * time.Millisecond)
		answer = get("GET", "/jobs/"+job.JobID, nil)
	}
	got, err := csv.NewReader(strings.NewReader(get("GET", "/jobs/"+job.JobID+"/results?f=csv", nil))).ReadAll()
	if err != nil || len(got) != len(want) {
		t.Fatalf("the service rejects %d rows, %v; the command %d", len(got)-1, err, len(want)-1)
	}
	for i := 1; i < len(want); i++ {
		reasons := want[i][len(want[i])-4:] // row, column, code and message follow the row itself
		if got[i][0] != reasons[0] || got[i][1] != reasons[1] || got[i][3] != reasons[2] {
			t.Errorf("reject %d is %v, want %v", i, got[i], reasons)
		}
	}
	byCommand := openStore(t, filepath.Join(dir, "command.gpkg"))
	a, err := byCommand.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	b, err := store.Version(t.Context())
	if err != nil || a != b {
		t.Errorf("the store of the command is %s, that of the service %s, %v", a, b, err)
	}
	first, err := byCommand.Imports(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second, err := store.Imports(t.Context())
	if err != nil || len(first) != 1 || len(second) != 1 || first[0].ID != second[0].ID || first[0].File != second[0].File {
		t.Errorf("imports of the command %+v, of the service %+v, %v", first, second, err)
	}
}
