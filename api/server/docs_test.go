package server

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api/page/pagetest"
	"github.com/civgrid/civgrid/data/memory"
)

// TestManual: pages of the manual and the notices are shown to everybody, in the language
// that is asked for.
func TestManual(t *testing.T) {
	handler := New(memory.New(), Options{Commands: "# Command line\n\nFlags of every command."})
	f := func(target, accept string, wantStatus int, want string) {
		t.Helper()
		r := httptest.NewRequest(http.MethodGet, target, nil)
		r.Header.Set("Accept-Language", accept)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code != wantStatus || !strings.Contains(w.Body.String(), want) {
			t.Fatalf("%s in %q: %d, want %d with %q: %s", target, accept, w.Code, wantStatus, want, w.Body)
		}
		if w.Code != http.StatusOK {
			return
		}
		pagetest.Read(t, target, w.Body.String())
		again := httptest.NewRecorder()
		r.Header.Set("If-None-Match", w.Header().Get("ETag"))
		handler.ServeHTTP(again, r)
		if again.Code != http.StatusNotModified {
			t.Errorf("%s is sent again: %d", target, again.Code)
		}
	}
	f("/docs", "", http.StatusOK, "Hot and cold spots")
	f("/docs", "zh-CN, en;q=0.5", http.StatusOK, "手册")
	f("/docs?lang=zh-Hant", "en", http.StatusOK, "手冊")
	f("/docs/hotspot", "", http.StatusOK, "Getis")
	f("/docs/hotspot", "", http.StatusOK, "OAPIF:http://example.com/ hotspot -oo PAGE_SIZE=10000")
	f("/docs/hotspot?lang=zh-Hans", "", http.StatusOK, "http://example.com/styles/hotspot?f=mapbox")
	f("/docs/commands", "", http.StatusOK, "every command")
	f("/licenses", "", http.StatusOK, ">go<")
	f("/docs/nothing", "", http.StatusNotFound, "not-found")
	f("/docs/hotspot?language=en", "", http.StatusBadRequest, "language")
}
