package page_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
	"github.com/civgrid/civgrid/api/page/pagetest"
)

// TestProblemsAsTheyAreAskedFor: as a page for those who want one, as JSON for others.
func TestProblemsAsTheyAreAskedFor(t *testing.T) {
	const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
	const document = `{"type":"http://x/problems/invalid-parameter","title":"Invalid parameter","status":400,"detail":"limit: <want> a number.","instance":"urn:civgrid:request:r1","errors":[{"parameter":"limit","detail":"<want> a number"}],"known_parameters":["limit"],"links":[{"href":"http://x/rows?f=csv","rel":"alternate","type":"text/csv","title":"Rows"}]}` + "\n"
	f := func(method, target, accept string, wantPage bool) {
		t.Helper()
		p := api.NewProblem("invalid-parameter", "limit: <want> a number.")
		p.Errors, p.Known = []api.Fault{{Parameter: "limit", Detail: "<want> a number"}}, []string{"limit"}
		p.Members = map[string]any{"links": []api.Link{{Href: "http://x/rows?f=csv", Rel: "alternate", Type: "text/csv", Title: "Rows"}}}
		w := httptest.NewRecorder()
		w.Header().Set("X-Request-Id", "r1")
		w.Header().Set("ETag", `"a"`)
		r := httptest.NewRequest(method, target, nil)
		r.Header.Set("Accept", accept)
		page.WriteProblem(w, r, "Amber", "http://x", p)
		if h := w.Header(); w.Code != http.StatusBadRequest || h.Get("ETag") != "" || h.Get("Cache-Control") != "no-store" || !slices.Equal(h.Values("Vary"), []string{"Accept"}) {
			t.Errorf("%s %s: %d %v", method, target, w.Code, h)
		}
		if !wantPage {
			if unescaped := strings.NewReplacer(`\u003c`, "<", `\u003e`, ">").Replace(w.Body.String()); unescaped != document || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s %s for %q: %s", method, target, accept, w.Body)
			}
			return
		}
		if w.Header().Get("Content-Type") != string(api.HTML) {
			t.Fatalf("%s %s for %q: %v", method, target, accept, w.Header())
		}
		shown := pagetest.Read(t, target, w.Body.String())
		shown.HoldsProblem(t, target, []byte(document))
		want := []string{"http://x/", "http://x/collections", "http://x/rows?f=csv", "http://x/problems/invalid-parameter"}
		if !slices.Equal(shown.Links, want) {
			t.Errorf("the page leads to %v, want %v", shown.Links, want)
		}
	}
	f("GET", "/collections?limit=x", browser, true)
	f("HEAD", "/collections?limit=x", browser, true)
	f("GET", "/collections?f=csv", browser, true)
	f("GET", "/collections?f=html", "", true)
	f("GET", "/collections?f=json", browser, false)
	f("GET", "/collections", "*/*", false)
	f("GET", "/collections", "", false)
	f("GET", "/collections", "application/json, text/html;q=0.9", false)
	f("GET", "/collections", "application/problem+json, text/html;q=0.9", false)
	f("POST", "/collections", browser, false)
}
