package server

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data/memory"
)

// as has a caller make the requests to a handler.
func as(c api.Caller, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.ServeHTTP(w, r.WithContext(api.WithCaller(r.Context(), c)))
	})
}

func post(h http.Handler, target, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", target, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// jobOf returns the id and state of the job that an answer tells.
func jobOf(t *testing.T, w *httptest.ResponseRecorder, status int) (id, state string) {
	t.Helper()
	var j struct{ JobID, Status string }
	if err := json.Unmarshal(w.Body.Bytes(), &j); err != nil || w.Code != status {
		t.Fatalf("%d %s, %v; want a job with %d", w.Code, w.Body, err, status)
	}
	return j.JobID, j.Status
}

// TestJobsArePartOfTheService: the landing page leads to processes, anybody reads
// them, and who may hands in a file whose rows the layers then show.
func TestJobsArePartOfTheService(t *testing.T) {
	service := New(memory.New(), Options{Write: true})
	t.Cleanup(func() { _ = service.Close(t.Context()) })
	for target, word := range map[string]string{
		"/": api.RelProcesses, "/conformance": "ogcapi-processes-1/1.0/conf/dismiss",
		"/processes": `"id": "hotspot"`, "/api?f=html": "<code>POST /imports</code>",
	} {
		if w := do(service, "GET", target); w.Code != 200 || !strings.Contains(w.Body.String(), word) {
			t.Errorf("%s: %d, want it to say %s", target, w.Code, word)
		}
	}
	const file = "id,opened_at,lon,lat\n1,2024-05-01,114.1,22.5\n2,2024-05-02,114.1,22.5\n"
	if w := post(service, "/imports?dataset=incidents&source=x", file, "Content-Type", "text/csv"); w.Code != 401 {
		t.Errorf("a file of nobody: %d, want 401", w.Code)
	}
	planner := as(api.Caller{ID: "key:ada", Role: api.Planner}, service)
	id, state := jobOf(t, post(planner, "/imports?dataset=incidents&source=x", file, "Content-Type", "text/csv"), 201)
	for range 1000 {
		if state == "successful" {
			break
		}
		time.Sleep(10 * time.Millisecond)
		_, state = jobOf(t, do(planner, "GET", "/jobs/"+id), 200)
	}
	if w := do(service, "GET", "/layers/density.csv"); state != "successful" || w.Code != 200 || !strings.Contains(w.Body.String(), ",2,") {
		t.Errorf("the import is %s; the layer %d:\n%s", state, w.Code, w.Body)
	}
	if w := post(planner, "/processes/density/execution", "{}"); w.Code != 200 || w.Header().Get("Content-Type") != string(api.GeoJSON) {
		t.Errorf("executed: %d %s", w.Code, w.Header().Get("Content-Type"))
	}
}

// TestCloseWaitsForJobs: the store may be closed after it.
func TestCloseWaitsForJobs(t *testing.T) {
	hold := make(chan struct{})
	service := handler(&fakeEngine{hold: hold}, Options{})
	planner := as(api.Caller{ID: "key:ada", Role: api.Planner}, service)
	id, _ := jobOf(t, post(planner, "/processes/density/execution", "{}", "Prefer", "respond-async"), 201)
	closed := make(chan error, 1)
	go func() { closed <- service.Close(t.Context()) }()
	select {
	case err := <-closed:
		t.Fatalf("closed while a job is worked on: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(hold)
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if _, state := jobOf(t, do(planner, "GET", "/jobs/"+id), 200); state != "successful" {
		t.Errorf("the job is %s, want it to have ended", state)
	}
	if w := post(planner, "/processes/density/execution", "{}"); w.Code != 503 {
		t.Errorf("a job after that: %d, want 503", w.Code)
	}
}
