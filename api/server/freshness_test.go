package server

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestAnswersOfAStaleCopySaySo has the store of a copy go away for 90 seconds.
func TestAnswersOfAStaleCopySaySo(t *testing.T) {
	now := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	fresh := Freshness{Looked: now}
	h := handler(&fakeEngine{}, Options{Now: func() time.Time { return now }, Freshness: func() Freshness { return fresh }})
	ask := func(path string) *httptest.ResponseRecorder { return do(h, "GET", path, "Accept", browser) }
	state := func() (answer map[string]any) {
		if err := json.Unmarshal(ask("/status").Body.Bytes(), &answer); err != nil {
			t.Fatal(err)
		}
		return answer
	}
	before := ask("/")
	if before.Header().Get("Age") != "" || strings.Contains(before.Body.String(), `data-testid="stale"`) || state()["state"] != "current" {
		t.Errorf("an answer of the present has Age %q, state %v, or says that it is old", before.Header().Get("Age"), state())
	}
	fresh.Behind, fresh.Since = 3, now
	if got := state(); got["state"] != "catching up" || got["behind"] != 3.0 {
		t.Errorf("status %v, want that it catches up with 3 changes", got)
	}
	now = now.Add(90 * time.Second)
	fresh = Freshness{Looked: fresh.Looked, Away: fresh.Looked.Add(2 * time.Second)}
	after := ask("/")
	if got := after.Header().Get("Age"); got != "90" {
		t.Errorf("Age is %q, want 90", got)
	}
	if got := after.Header().Get("Civgrid-Store-Away-Since"); got != "Wed, 01 May 2024 12:00:02 GMT" {
		t.Errorf("away since %q, want 12:00:02", got)
	}
	if !strings.Contains(after.Body.String(), "out of reach since 2024-05-01 20:00") { // in the city's zone
		t.Error("the page does not say since when the database has been out of reach")
	}
	if after.Header().Get("ETag") == before.Header().Get("ETag") {
		t.Error("the page that says so has the ETag of the one that does not")
	}
	if got := state(); got["state"] != "store out of reach" || got["age_seconds"] != 90.0 {
		t.Errorf("status %v, want out of reach, 90 s old", got)
	}
	if w := ask("/readyz"); w.Code != 200 || !strings.HasPrefix(w.Body.String(), "ok, as of 2024-05-01T12:00:00Z") || w.Header().Get("Age") != "" {
		t.Errorf("readyz: %d %q, Age %q", w.Code, w.Body.String(), w.Header().Get("Age"))
	}
}
