package ogc_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/civgrid/civgrid/api"
)

// parameter returns what the definition says of a parameter of items.
func (a *ats) parameter(c described, name string) *openapi3.Parameter {
	a.t.Helper()
	p := a.operation("/collections/"+c.ID+"/items").Parameters.GetByInAndName("query", name)
	if p == nil {
		a.t.Fatalf("the definition has no parameter %s of %s", name, c.ID)
	}
	return p
}

// TestATSDefinition is /conf/core/api-definition-op, api-definition-success,
// /conf/oas30/oas-definition-1 and oas-definition-2 (requirements of the same names): a
// document of OpenAPI 3.0, and a page for people.
func TestATSDefinition(t *testing.T) {
	a := newATS(t)
	for rel, media := range map[string]api.MediaType{"service-desc": api.OpenAPI, "service-doc": api.HTML} {
		link, ok := relation(a.landing.Links, rel, media)
		if !ok {
			t.Errorf("the landing page has no link %s of type %s", rel, media)
			continue
		}
		if got := get(t, "GET", link.Href); got.status != http.StatusOK || got.header.Get("Content-Type") != string(media) {
			t.Errorf("GET %s: %d %s, want %s", link.Href, got.status, got.header.Get("Content-Type"), media)
		}
	}
	page := get(t, "GET", a.root+"/api", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8").body
	for _, path := range a.api.Paths.InMatchingOrder() {
		if !strings.Contains(page, "<code>"+path+"</code>") {
			t.Errorf("the page does not name %s", path)
		}
	}
	if strings.Contains(page, "ZgotmplZ") || strings.Contains(page, "no value") {
		t.Errorf("the page has holes: %s", page)
	}
	if !strings.HasPrefix(a.api.OpenAPI, "3.0.") {
		t.Errorf("the definition is of OpenAPI %s", a.api.OpenAPI)
	}
	if err := a.api.Validate(t.Context()); err != nil {
		t.Errorf("the definition is not valid: %v", err)
	}
}

// TestATSParameters is /conf/core/fc-limit-definition, fc-bbox-definition and
// fc-time-definition and, of Part 2, the definitions of crs and bbox-crs (requirements
// /req/core/fc-limit-definition, fc-bbox-definition, fc-time-definition,
// /req/crs/fc-crs-definition, fc-bbox-crs-definition). The executable suite reads
// minimum and default of limit without asking whether they are there.
func TestATSParameters(t *testing.T) {
	a := newATS(t)
	for _, c := range a.collections {
		for name, kind := range map[string]string{"limit": "integer", "bbox": "array", "datetime": "string", "crs": "string", "bbox-crs": "string"} {
			p := a.parameter(c, name)
			if p.Required || p.Style != "form" || p.Explode == nil || *p.Explode || !p.Schema.Value.Type.Is(kind) {
				t.Errorf("%s of %s: required %v, style %s, explode %v, type %v", name, c.ID, p.Required, p.Style, p.Explode, p.Schema.Value.Type)
			}
		}
		limit := a.parameter(c, "limit").Schema.Value
		if low, ok := limit.Default.(float64); limit.Min == nil || *limit.Min < 0 || !ok || low < *limit.Min {
			t.Errorf("limit of %s: minimum %v, default %v", c.ID, limit.Min, limit.Default)
		}
		box := a.parameter(c, "bbox").Schema.Value
		if !box.Items.Value.Type.Is("number") || box.MinItems != 4 || box.MaxItems == nil || *box.MaxItems != 6 {
			t.Errorf("bbox of %s has %d to %v numbers of type %v", c.ID, box.MinItems, box.MaxItems, box.Items.Value.Type)
		}
	}
}

// TestATSOperations is /conf/oas30/oas-impl, completeness, exceptions-codes and security
// (requirements of the same names): what is defined is there, in each encoding, and each
// answer, whether of success or not, is defined; so is what links lead to.
func TestATSOperations(t *testing.T) {
	a := atsOf(t, &fakeEngine{version: "v1"})
	if len(a.api.Security) > 0 || len(a.api.Components.SecuritySchemes) > 0 {
		t.Error("the definition wants credentials, the service does not")
	}
	for _, path := range a.api.Paths.InMatchingOrder() {
		at := a.root + a.fill(path)
		tag := a.defined(path, get(t, "GET", at)).header.Get("ETag")
		a.defined(path, get(t, "GET", at, "If-None-Match", tag))
		a.defined(path, get(t, "GET", with(at, "unknownQueryParameter12345", "1")))
		a.defined(path, get(t, "GET", at, "Accept", "image/png"))
		for _, media := range a.encodings(path) {
			if got := a.defined(path, get(t, "GET", at, "Accept", media)); got.status >= http.StatusBadRequest && !strings.HasSuffix(at, "/none") {
				t.Errorf("GET %s as %s: %d %s", at, media, got.status, got.body)
			}
		}
	}
	for _, c := range a.collections {
		a.defined("/collections/"+c.ID+"/items/{featureId}", get(t, "GET", a.items(c)+"/none"))
		for _, l := range append(slices.Clone(a.landing.Links), c.Links...) {
			path, _, _ := strings.Cut(strings.TrimPrefix(l.Href, a.root), "?")
			a.operation(path)
		}
	}
}

// fill puts values for the parameters of a path.
func (a *ats) fill(path string) string {
	path = strings.NewReplacer("{extension}", "csv", "{dggrsId}", "H3", "{zoneId}", "8941195a8c3ffff", "{tileMatrix}", "0", "{tileRow}", "0", "{tileCol}", "0").Replace(path)
	if collection, ok := strings.CutSuffix(path, "/{featureId}"); ok {
		path = collection + "/none"
		if features := a.page(with(a.root+collection, "limit", "1")).Features; len(features) > 0 {
			path = collection + "/" + features[0].ID
		}
	}
	return path
}

// defined checks that the definition has the status of an answer and, where it has a
// body, its media type.
func (a *ats) defined(path string, got answer) answer {
	a.t.Helper()
	responses := a.operation(path).Responses
	response := responses.Status(got.status)
	if response == nil {
		response = responses.Default()
	}
	if response == nil {
		a.t.Errorf("GET %s: %d is not defined", path, got.status)
		return got
	}
	media := got.header.Get("Content-Type")
	if defined := response.Value.Content; got.body != "" && defined.Get(media) == nil || got.status == http.StatusNotModified && len(defined) > 0 {
		a.t.Errorf("GET %s: %d has a body of %d bytes, %s, that is not defined so", path, got.status, len(got.body), media)
	}
	return got
}
