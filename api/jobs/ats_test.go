package jobs_test

// The abstract tests of OGC API - Processes Part 1: Core (18-062r2, annex A) that
// can be run without a network, each named by its requirement.

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/jobs"
)

const exceptions = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/"

type processDoc struct {
	ID, Title, Version                    string
	JobControlOptions, OutputTransmission []string
	Links                                 []api.Link
	Inputs                                map[string]struct {
		Title, Description   string
		Schema               map[string]any
		MinOccurs, MaxOccurs int
	}
	Outputs map[string]struct {
		Title  string
		Schema struct{ OneOf []map[string]any }
	}
}

type processList struct {
	Processes []processDoc
	Links     []api.Link
}

type jobList struct {
	Jobs  []jobDoc
	Links []api.Link
}

// TestProcessList: /req/core/process-list, /req/core/process-list-success,
// /req/core/pl-limit-definition, /req/core/pl-limit-response, /req/core/pl-links.
func TestProcessList(t *testing.T) {
	h := open(t, city(), nil)
	all := read[processList](t, h.ask("", "GET", "/processes?limit=1000", ""), 200)
	if len(all.Processes) < 13 || linkOf(all.Links, "self") == "" || linkOf(all.Links, "next") != "" {
		t.Errorf("%d processes, links %v", len(all.Processes), all.Links)
	}
	var paged []processDoc
	for target, pages := "/processes?limit=5", 0; target != "" && pages < 9; pages++ {
		page := read[processList](t, h.ask("", "GET", target, ""), 200)
		if len(page.Processes) > 5 {
			t.Errorf("%d processes on a page of 5", len(page.Processes))
		}
		paged = append(paged, page.Processes...)
		target = strings.TrimPrefix(linkOf(page.Links, "next"), base)
	}
	if diff := cmp.Diff(all.Processes, paged); diff != "" {
		t.Errorf("pages do not make the whole (-whole +pages):\n%s", diff)
	}
	for _, p := range all.Processes {
		if p.ID == "" || p.Version == "" || linkOf(p.Links, "self") != base+"/processes/"+p.ID {
			t.Errorf("process %+v", p)
		}
	}
	for _, bad := range []string{"limit=0", "limit=x", "lmit=1", "f=csv"} {
		if a := h.ask("", "GET", "/processes?"+bad, ""); a.status != 400 {
			t.Errorf("%s: %d, want 400", bad, a.status)
		}
	}
	if a := h.ask("", "HEAD", "/processes", ""); a.status != 200 {
		t.Errorf("HEAD: %d", a.status)
	}
}

// TestProcessDescription: /req/core/process, /req/core/process-success,
// /req/core/process-exception/no-such-process, /req/ogc-process-description/inputs-def,
// /req/ogc-process-description/input-def, /req/ogc-process-description/outputs-def,
// /req/ogc-process-description/output-mixed-type.
func TestProcessDescription(t *testing.T) {
	h := open(t, city(), nil)
	p := read[processDoc](t, h.ask("", "GET", "/processes/clusters", ""), 200)
	if !slices.Equal(p.JobControlOptions, []string{"sync-execute", "async-execute", "dismiss"}) || !slices.Equal(p.OutputTransmission, []string{"value", "reference"}) {
		t.Errorf("options %v, transmission %v", p.JobControlOptions, p.OutputTransmission)
	}
	if linkOf(p.Links, api.RelExecute) != base+"/processes/clusters/execution" {
		t.Errorf("links %v", p.Links)
	}
	s := p.Inputs["simulations"]
	if s.Schema["type"] != "integer" || s.Schema["minimum"] == nil || s.Schema["maximum"] == nil || s.Schema["default"] == nil || s.MinOccurs != 0 || s.MaxOccurs != 1 || s.Title == "" {
		t.Errorf("simulations is described as %+v", s)
	}
	if fill := p.Inputs["fill"].Schema; len(fill["enum"].([]any)) != 4 || fill["default"] != "overlap" {
		t.Errorf("fill is described as %v", fill)
	}
	formats := p.Outputs["layer"].Schema.OneOf
	if len(formats) < 5 || formats[0]["contentMediaType"] != "application/geo+json" || formats[0]["type"] != "object" {
		t.Errorf("the layer is described as %v", formats)
	}
	got := read[problem](t, h.ask("", "GET", "/processes/nothing", ""), 404)
	if got.Type != exceptions+"no-such-process" {
		t.Errorf("no such process: %+v", got)
	}
	if got := read[problem](t, h.ask("ada", "POST", "/processes/nothing/execution", "{}"), 404); got.Type != exceptions+"no-such-process" {
		t.Errorf("no such process to execute: %+v", got)
	}
}

// small asks for few rows.
const small = `{"inputs": {"level": "district"}}`

// TestExecuteAtOnce: /req/core/process-execute-op, /req/core/process-execute-default-execution-mode,
// /req/core/process-execute-default-outputs, /req/core/process-execute-sync-raw-value-one,
// /req/core/process-execute-sync-document, /req/core/process-execute-sync-raw-ref,
// /req/core/job-results-success-sync.
func TestExecuteAtOnce(t *testing.T) {
	h := open(t, city(), nil)
	type features struct {
		Type     string
		Features []any
	}
	execute := func(body string) answer { return h.ask("ada", "POST", "/processes/density/execution", body) }
	raw := execute(small)
	if got := read[features](t, raw, 200); got.Type != "FeatureCollection" || len(got.Features) != 5 {
		t.Errorf("%s of %d, want 5 districts", got.Type, len(got.Features))
	}
	monitor := raw.header.Get("Link")
	if media := raw.header.Get("Content-Type"); media != "application/geo+json" || !strings.HasPrefix(monitor, "<"+base+"/jobs/") || !strings.HasSuffix(monitor, `; rel="monitor"`) {
		t.Errorf("Content-Type %s, Link %s", media, monitor)
	}
	id := strings.TrimSuffix(strings.TrimPrefix(monitor, "<"+base+"/jobs/"), `>; rel="monitor"`)
	if j := read[jobDoc](t, h.ask("ada", "GET", "/jobs/"+id, ""), 200); j.Status != "successful" || j.ProcessID != "density" {
		t.Errorf("its job: %+v", j)
	}

	document := read[map[string]struct {
		MediaType string
		Value     features
	}](t, execute(`{"inputs": {"level": "district"}, "response": "document"}`), 200)
	if got := document["layer"]; len(document) != 1 || got.MediaType != "application/geo+json" || len(got.Value.Features) != 5 {
		t.Errorf("a document by value: %+v", document)
	}
	text := read[map[string]struct{ MediaType, Value, Encoding string }](t, execute(
		`{"inputs": {"level": "district"}, "response": "document", "outputs": {"layer": {"format": {"mediaType": "text/csv"}}}}`), 200)
	if got := text["layer"]; got.MediaType != "text/csv" || strings.Count(got.Value, "\r\n") != 6 || got.Encoding != "" {
		t.Errorf("a document of CSV: %+v", text)
	}
	binary := read[map[string]struct{ MediaType, Value, Encoding string }](t, execute(
		`{"inputs": {"level": "district"}, "response": "document", "outputs": {"layer": {"format": {"mediaType": "application/vnd.flatgeobuf"}}}}`), 200)
	if got := binary["layer"]; got.Encoding != "base64" || !strings.HasPrefix(got.Value, "ZmdiA2ZnYg") { // the magic of FlatGeobuf 3: fgb 3 fgb
		t.Errorf("a document of FlatGeobuf: %.200v", binary)
	}
	linked := read[map[string]api.Link](t, execute(`{"inputs": {"level": "district"}, "response": "document", "outputs": {"layer": {"transmissionMode": "reference"}}}`), 200)
	href := strings.TrimPrefix(linked["layer"].Href, base)
	if got := read[features](t, h.ask("ada", "GET", href, ""), 200); len(got.Features) != 5 {
		t.Errorf("what a document refers to: %d features", len(got.Features))
	}
	empty := execute(`{"inputs": {"level": "district"}, "outputs": {"layer": {"transmissionMode": "reference"}}}`)
	if empty.status != 204 || empty.body != "" || len(empty.header.Values("Link")) != 2 || !strings.Contains(empty.header.Values("Link")[1], `type="application/geo+json"`) {
		t.Errorf("raw by reference: %d %q, Link %q; want 204 and the address", empty.status, empty.body, empty.header.Values("Link"))
	}
}

// TestExecuteLater: /req/core/process-execute-success-async, /req/core/process-execute-auto-execution-mode,
// /req/core/job, /req/core/job-success, /req/core/job-results, /req/core/job-results-async-raw-value-one,
// /req/core/job-results-async-document.
func TestExecuteLater(t *testing.T) {
	h := open(t, city(), nil)
	for _, prefer := range []string{"respond-async", "return=minimal, Respond-Async; x=1"} {
		a := h.ask("ada", "POST", "/processes/density/execution", `{"inputs": {"level": "district"}, "outputs": {"layer": {"format": {"mediaType": "text/csv"}}}}`, "Prefer", prefer)
		j := read[jobDoc](t, a, http.StatusCreated)
		if a.header.Get("Location") != base+"/jobs/"+j.JobID || a.header.Get("Preference-Applied") != "respond-async" {
			t.Errorf("header %v", a.header)
		}
		if j.Type != "process" || j.ProcessID != "density" || j.JobID == "" || j.Created.IsZero() {
			t.Errorf("the job %+v", j)
		}
		j = h.end(t, "ada", j.JobID)
		if j.Status != "successful" || j.Progress != 100 || j.Finished.Before(j.Started) || j.link(api.RelResults) != base+"/jobs/"+j.JobID+"/results" {
			t.Errorf("in the end %+v", j)
		}
		csv := h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", "")
		if csv.status != 200 || !strings.HasPrefix(csv.header.Get("Content-Type"), "text/csv") || strings.Count(csv.body, "\r\n") != 6 {
			t.Errorf("results: %d %s", csv.status, csv.body)
		}
		if html := h.ask("ada", "GET", "/jobs/"+j.JobID+"/results?f=html", ""); html.status != 200 || !strings.Contains(html.body, "<table") {
			t.Errorf("results as a page: %d", html.status)
		}
		if bad := h.ask("ada", "GET", "/jobs/"+j.JobID+"/results?f=doc", ""); bad.status != 400 {
			t.Errorf("results in no format: %d", bad.status)
		}
	}
}

// TestNoSuchJob: /req/core/job-exception-no-such-job, /req/core/job-results-exception/no-such-job.
func TestNoSuchJob(t *testing.T) {
	h := open(t, city(), nil)
	for _, r := range [][2]string{{"GET", "/jobs/nothing"}, {"GET", "/jobs/nothing/results"}, {"DELETE", "/jobs/nothing"}} {
		if got := read[problem](t, h.ask("ada", r[0], r[1], ""), 404); got.Type != exceptions+"no-such-job" {
			t.Errorf("%v: %+v", r, got)
		}
	}
}

// TestResultsNotReadyAndDismissal: /req/core/job-results-exception/results-not-ready,
// /req/dismiss/job-dismiss-op, /req/dismiss/job-dismiss-success.
func TestResultsNotReadyAndDismissal(t *testing.T) {
	engine := slow{make(chan struct{}, 1)}
	h := open(t, city(), func(o *jobs.Options) { o.Engine = engine })
	j := read[jobDoc](t, h.ask("ada", "POST", "/processes/density/execution", "", "Prefer", "respond-async"), 201)
	<-engine.begun
	if got := read[problem](t, h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""), 404); got.Type != exceptions+"result-not-ready" {
		t.Errorf("results of a job that runs: %+v", got)
	}
	for _, caller := range []string{"ada", "ada", "chief"} {
		if j := read[jobDoc](t, h.ask(caller, "DELETE", "/jobs/"+j.JobID, ""), 200); j.Status != "dismissed" {
			t.Errorf("dismissed: %+v", j)
		}
	}
	if a := h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""); a.status != 404 {
		t.Errorf("results of a dismissed job: %d", a.status)
	}
}

// TestResultsOfAFailedJob: /req/core/job-results-failed.
func TestResultsOfAFailedJob(t *testing.T) {
	h := open(t, city(), nil)
	j := read[jobDoc](t, h.ask("ada", "POST", "/processes/density/execution", `{"inputs": {"res": 3}}`, "Prefer", "respond-async"), 201)
	if j = h.end(t, "ada", j.JobID); j.Status != "failed" || !strings.Contains(j.Message, "resolutions") || j.link(api.RelExceptions) == "" {
		t.Errorf("a job of a resolution that is not served: %+v", j)
	}
	got := read[problem](t, h.ask("ada", "GET", "/jobs/"+j.JobID+"/results", ""), 400)
	if !strings.HasSuffix(got.Type, "/problems/invalid-parameter") || len(got.Errors) != 1 || got.Errors[0].Parameter != "res" {
		t.Errorf("why: %+v", got)
	}
	if at := h.ask("ada", "POST", "/processes/density/execution", `{"inputs": {"res": 3}}`); at.status != 400 {
		t.Errorf("at once: %d", at.status)
	}
}

// TestInputsAreValidated: /req/core/process-execute-input-validation,
// /req/core/process-execute-input-inline-object.
func TestInputsAreValidated(t *testing.T) {
	h := open(t, city(), nil)
	f := func(body string, status int, names ...string) {
		t.Helper()
		a := h.ask("ada", "POST", "/processes/clusters/execution", body)
		if status == 200 {
			if a.status != 200 {
				t.Errorf("%s: %d %s", body, a.status, a.body)
			}
			return
		}
		got := read[problem](t, a, status)
		var faulty []string
		for _, fault := range got.Errors {
			faulty = append(faulty, fault.Parameter)
		}
		if !slices.Equal(faulty, names) {
			t.Errorf("%s: faults of %v, want %v", body, faulty, names)
		}
	}
	f(`{"inputs": {"simulations": 99, "level": "street"}}`, 200)
	f(`{"inputs": {"simulations": {"value": 99.0}, "level": {"value": "street"}, "keep-default-locations": true}}`, 200)
	f(`{"inputs": {"simulations": "99"}}`, 400, "simulations")
	f(`{"inputs": {"simulations": 9.5}}`, 400, "simulations")
	f(`{"inputs": {"simulations": 1e300}}`, 400, "simulations")
	f(`{"inputs": {"simulations": [99]}}`, 400, "simulations")
	f(`{"inputs": {"simulations": null}}`, 400, "simulations")
	f(`{"inputs": {"simulations": {"value": {"value": 99}}}}`, 400, "simulations")
	f(`{"inputs": {"level": "galaxy", "simulatons": 99, "keep-default-locations": "yes"}}`, 400, "keep-default-locations", "level", "simulatons")
	f(`{"inputs": {"within": "a\u0000b"}}`, 400, "within")
	f(`{"inputs": {"within": {"href": "http://169.254.169.254/latest/meta-data"}}}`, 400, "within")
	f(`{"inputs": {"within": {"href": "file:///etc/passwd", "value": "x"}}}`, 400, "within")
	f(`{"subscriber": {"successUri": "http://127.0.0.1:9090/metrics"}}`, 400, "subscriber")
	f(`{"mode": "async"}`, 400, "mode")
	f(`{"response": "both"}`, 400, "response")
	f(`{"outputs": {"map": {}}}`, 400, "outputs")
	f(`{"outputs": {"layer": {"transmissionMode": "pigeon"}}}`, 400, "outputs")
	f(`{"outputs": {"layer": {"format": {"mediaType": "image/png"}}}}`, 400, "outputs")
	f(`{"inputs": []}`, 400, "inputs")
	f(`[]`, 400)
	f(`null`, 400)
	f(`{`, 400)
	f(strings.Repeat(`{"inputs":`, 5000), 400)
	f(`{"inputs": {"within": "`+strings.Repeat("x", 70_000)+`"}}`, 413)
	if a := h.ask("ada", "POST", "/processes/clusters/execution", small, "Content-Type", "text/xml"); a.status != 415 {
		t.Errorf("XML: %d", a.status)
	}
	if a := h.ask("ada", "POST", "/processes/clusters/execution?level=street", small); a.status != 400 {
		t.Errorf("inputs in the query: %d", a.status)
	}
}

// TestJobList: /req/job-list/job-list-op, /req/job-list/job-list-success,
// /req/job-list/limit-definition, /req/job-list/limit-response, /req/job-list/type-response,
// /req/job-list/processid-response, /req/job-list/processID-mandatory, /req/job-list/status-response,
// /req/job-list/datetime-response, /req/job-list/links.
func TestJobList(t *testing.T) {
	h := open(t, city(), nil)
	for _, process := range []string{"density", "kernel", "density", "response", "density"} {
		j := read[jobDoc](t, h.ask("ada", "POST", "/processes/"+process+"/execution", small, "Prefer", "respond-async"), 201)
		h.end(t, "ada", j.JobID)
	}
	failed := read[jobDoc](t, h.ask("ada", "POST", "/processes/density/execution", `{"inputs": {"res": 3}}`, "Prefer", "respond-async"), 201)
	h.end(t, "ada", failed.JobID)
	f := func(query string, want int) []jobDoc {
		t.Helper()
		got := read[jobList](t, h.ask("ada", "GET", "/jobs"+query, ""), 200)
		if len(got.Jobs) != want || linkOf(got.Links, "self") == "" {
			t.Errorf("%s: %d jobs, want %d", query, len(got.Jobs), want)
		}
		for _, j := range got.Jobs {
			if j.ProcessID == "" || j.Type != "process" || j.JobID == "" {
				t.Errorf("%s: %+v", query, j)
			}
		}
		return got.Jobs
	}
	all := f("", 6)
	if all[0].JobID != failed.JobID {
		t.Error("the newest job is not the first")
	}
	f("?processID=density", 4)
	f("?processID=density,kernel", 5)
	f("?processID=nothing", 0)
	f("?status=failed", 1)
	f("?status=successful", 5)
	f("?status=failed,successful,running", 6)
	f("?status=accepted", 0)
	f("?type=process", 6)
	f("?type=import", 0)
	f("?limit=2", 2)
	today := time.Now().UTC().Format(time.DateOnly)
	f("?datetime="+today+"/..", 6)
	f("?datetime=../2020-01-01T00:00:00Z", 0)
	f("?minDuration=3600", 0)
	f("?minDuration=0&maxDuration=3600", 6)
	var paged []jobDoc
	for target := "/jobs?limit=4&status=successful"; target != ""; {
		page := read[jobList](t, h.ask("ada", "GET", target, ""), 200)
		paged = append(paged, page.Jobs...)
		target = strings.TrimPrefix(linkOf(page.Links, "next"), base)
	}
	if diff := cmp.Diff(f("?status=successful", 5), paged); diff != "" {
		t.Errorf("pages do not make the whole (-whole +pages):\n%s", diff)
	}
	for _, bad := range []string{"limit=0", "limit=-1", "status=done", "datetime=yesterday", "minDuration=-1", "maxDuration=x", "cursor=nothing", "owner=bob", "type="} {
		if a := h.ask("ada", "GET", "/jobs?"+bad, ""); a.status != 400 {
			t.Errorf("%s: %d, want 400", bad, a.status)
		}
	}
}

// TestExtensionDescribesTheRoutes: /req/core/landingpage-success, /req/core/conformance-success.
func TestExtensionDescribesTheRoutes(t *testing.T) {
	e := jobs.Extension(nil, api.Planner, true)
	for _, rel := range []string{"processes", "job-list", "conformance"} {
		if linkOf(e.Links, "http://www.opengis.net/def/rel/ogc/1.0/"+rel) == "" {
			t.Errorf("no link of relation %s", rel)
		}
	}
	for _, class := range []string{"core", "ogc-process-description", "json", "oas30", "job-list", "dismiss"} {
		if !slices.Contains(e.Classes, "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"+class) {
			t.Errorf("no class %s", class)
		}
	}
	if e.Paths["/imports"] == nil || jobs.Extension(nil, api.Planner, false).Paths["/imports"] != nil {
		t.Error("imports are described where there are none, or not where there are")
	}
}

// TestOnlyThoseWithTheRight run processes and see jobs.
func TestOnlyThoseWithTheRight(t *testing.T) {
	h := open(t, city(), nil)
	j := read[jobDoc](t, h.ask("ada", "POST", "/processes/density/execution", small, "Prefer", "respond-async"), 201)
	h.end(t, "ada", j.JobID)
	f := func(caller, method, target string, status int) {
		t.Helper()
		if a := h.ask(caller, method, target, ""); a.status != status {
			t.Errorf("%s %s of %q: %d, want %d", method, target, caller, a.status, status)
		}
	}
	for caller, status := range map[string]int{"": 401, "rita": 403} {
		f(caller, "POST", "/processes/density/execution", status)
		f(caller, "POST", "/imports?dataset=incidents", status)
		f(caller, "GET", "/jobs", status)
		f(caller, "GET", "/jobs/"+j.JobID, status)
		f(caller, "DELETE", "/jobs/"+j.JobID, status)
		f(caller, "GET", "/jobs/"+j.JobID+"/results", status)
		f(caller, "GET", "/processes", 200)
	}
	f("east", "POST", "/imports?dataset=incidents&source=x", 403)
	f("bob", "GET", "/jobs/"+j.JobID, 404)
	f("bob", "GET", "/jobs/"+j.JobID+"/results", 404)
	f("bob", "DELETE", "/jobs/"+j.JobID, 404)
	f("chief", "GET", "/jobs/"+j.JobID+"/results", 200)
	if got := read[jobList](t, h.ask("bob", "GET", "/jobs", ""), 200); len(got.Jobs) != 0 {
		t.Errorf("bob sees %d jobs of ada", len(got.Jobs))
	}
}
