package server

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/api/page"
	"github.com/civgrid/civgrid/api/page/pagetest"
)

// TestLinksAreThoseOfTheCaller: the landing page leads to what the caller is shown, the
// page in a browser as well, and to nothing else.
func TestLinksAreThoseOfTheCaller(t *testing.T) {
	d := newDesk(t)
	_, planner, err := auth.Create(t.Context(), d.store, auth.Key{Role: api.Planner}, today())
	if err != nil {
		t.Fatal(err)
	}
	facts := []string{"/collections/incidents", "/collections/inspections"}
	for _, f := range []struct {
		who, key   string
		shown, not []string
	}{
		{"the public", "", []string{"/processes"}, append(facts, "/jobs", "/jobs?type=import")},
		{"a reader", d.reader, append(facts, "/processes"), []string{"/jobs", "/jobs?type=import"}},
		{"an inspector", d.inspector, append(facts, "/processes"), []string{"/jobs", "/jobs?type=import"}},
		{"a planner", planner, append(facts, "/processes", "/jobs", "/jobs?type=import"), nil},
	} {
		var landing struct{ Links []api.Link }
		decode(t, d.ask(f.key, "/"), &landing)
		shown := landingPage(t, d.ask(f.key, "/?f=html").Body.String())
		for _, path := range slices.Concat(f.shown, f.not) {
			want := slices.Contains(f.shown, path)
			linked := slices.ContainsFunc(landing.Links, func(l api.Link) bool { return strings.TrimPrefix(l.Href, "http://example.com") == path })
			if onPage := slices.Contains(shown, "http://example.com"+path); linked != want || onPage != want {
				t.Errorf("%s has a link to %s: %v, in a browser: %v; want %v", f.who, path, linked, onPage, want)
			}
			if got := d.ask(f.key, path).Code; (got == 200) != want {
				t.Errorf("%s gets %d of %s", f.who, got, path)
			}
		}
		for _, l := range landing.Links { // /req/html/content
			if !slices.ContainsFunc(shown, func(to string) bool { return pagetest.Address(to) == pagetest.Address(l.Href) }) {
				t.Errorf("the page of %s has no link to %s", f.who, l.Href)
			}
		}
	}
}

// landingPage returns the addresses that the first page leads to.
func landingPage(t *testing.T, body string) (links []string) {
	t.Helper()
	for part := range strings.SplitSeq(body, ` href="`) {
		href, _, _ := strings.Cut(part, `"`)
		links = append(links, strings.ReplaceAll(href, "&amp;", "&"))
	}
	return links
}

// TestProcessesAndJobsHavePages: /req/html/definition and /req/html/content (17-069r4)
// of what OGC API - Processes adds, for a caller who has a job.
func TestProcessesAndJobsHavePages(t *testing.T) {
	d := newDesk(t)
	_, planner, err := auth.Create(t.Context(), d.store, auth.Key{Role: api.Planner}, today())
	if err != nil {
		t.Fatal(err)
	}
	made := d.send(planner, "POST", "/processes/density/execution", `{"inputs": {"level": "district"}}`, "Content-Type", "application/json", "Prefer", "respond-async", "Accept", "text/html")
	job := strings.TrimPrefix(made.Header().Get("Location"), "http://example.com")
	if made.Code != 201 || !strings.HasPrefix(job, "/jobs/") || made.Header().Get("Content-Type") != string(api.JSON) {
		t.Fatalf("%d %s at %q", made.Code, made.Header().Get("Content-Type"), job)
	}
	described := describedBy(t, d.ask(planner, "/api"))
	for _, path := range []string{"/processes", "/processes/{processID}", "/jobs", "/jobs/{jobID}"} {
		if described.Paths.Value(path).Get.Responses.Status(200).Value.Content["text/html; charset=utf-8"] == nil {
			t.Errorf("GET %s is not defined as HTML", path)
		}
		at := strings.NewReplacer("{processID}", "density", "/jobs/{jobID}", job).Replace(path)
		got := d.send(planner, "GET", at, "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		if got.Code != 200 || got.Header().Get("Content-Type") != string(api.HTML) || got.Header().Get("Content-Security-Policy") != page.Policy || !slices.Contains(got.Header().Values("Vary"), "Accept") {
			t.Errorf("GET %s: %d %v", at, got.Code, got.Header())
		}
		shown := pagetest.Read(t, path, got.Body.String())
		if path != "/jobs" && path != "/jobs/{jobID}" { // jobs go on meanwhile
			shown.Holds(t, path, d.ask(planner, at).Body.Bytes())
		}
		if !slices.ContainsFunc(shown.Links, func(l string) bool { return strings.HasSuffix(l, at+"?f=json") }) {
			t.Errorf("the page of %s does not lead to JSON: %v", at, shown.Links)
		}
		if plain := d.ask(planner, at); plain.Header().Get("Content-Type") != string(api.JSON) {
			t.Errorf("GET %s without Accept: %s", at, plain.Header().Get("Content-Type"))
		}
	}
}

// TestProblemsHavePages: browsers read problems of every layer of the service as pages,
// others get the same JSON whether a page is there or not.
func TestProblemsHavePages(t *testing.T) {
	d := newDesk(t)
	for _, f := range []struct {
		key, target string
		status      int
	}{
		{"", "/nowhere/<at>/all", 404},
		{"", "/collections/nothing", 404},
		{"", "/collections/hotspot/items?colour=red", 400},
		{"", "/map.svg?layer=nothing", 404},
		{"", "/problems/nothing", 404},
		{"", "/" + strings.Repeat("a/", 5000), 414},
		{"cg_00000000_NONE", "/collections", 401},
		{d.reader, "/jobs", 403},
		{"", "/jobs/nothing/results", 401},
		{d.reader, "/imports", 405},
	} {
		asJSON := d.ask(f.key, f.target)
		got := d.send(f.key, "GET", f.target, "", "Accept", browser)
		h := got.Header()
		if got.Code != f.status || h.Get("Content-Type") != string(api.HTML) || h.Get("Cache-Control") != "no-store" || !slices.Contains(h.Values("Vary"), "Accept") {
			t.Errorf("%.60s: %d %v, want a page with %d", f.target, got.Code, h, f.status)
		}
		if asJSON.Code != f.status || asJSON.Header().Get("Content-Type") != string(api.ProblemJSON) {
			t.Errorf("%.60s: %d %s without Accept", f.target, asJSON.Code, asJSON.Header().Get("Content-Type"))
		}
		if !slices.Equal(h.Values("WWW-Authenticate"), asJSON.Header().Values("WWW-Authenticate")) || (f.status == 401) != (len(h.Values("WWW-Authenticate")) == 2) {
			t.Errorf("%.60s: challenges %v", f.target, h.Values("WWW-Authenticate"))
		}
		if got.Body.Len() > 16<<10 {
			t.Errorf("%.60s: a page of %d bytes", f.target, got.Body.Len())
		}
		var p struct{ Type string }
		if err := json.Unmarshal(asJSON.Body.Bytes(), &p); err != nil {
			t.Fatal(err)
		}
		shown := pagetest.Read(t, f.target, got.Body.String())
		shown.HoldsProblem(t, f.target, asJSON.Body.Bytes())
		if !slices.Contains(shown.Links, p.Type) {
			t.Errorf("%.60s: the page leads to %v", f.target, shown.Links)
		}
	}
}
