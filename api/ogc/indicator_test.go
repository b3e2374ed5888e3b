package ogc_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// document reads a JSON document of the service.
func document[T any](t *testing.T, url string) T {
	t.Helper()
	var v T
	a := get(t, "GET", url)
	if err := json.Unmarshal([]byte(a.body), &v); err != nil || a.status != 200 {
		t.Fatalf("GET %s: %d %v %s", url, a.status, err, a.body)
	}
	return v
}

// TestIndicatorsAreOffered looks at where clients learn which there are.
func TestIndicatorsAreOffered(t *testing.T) {
	server, _ := serve(t)
	type schema struct {
		Default      any
		Enum         []string
		Descriptions []string `json:"x-enum-descriptions"`
		OneOf        []struct{ Const, Title, Description string }
	}
	type parameter struct {
		Name   string
		Schema schema
		Ref    string `json:"$ref"`
	}
	api := document[struct {
		Paths map[string]struct {
			Get struct{ Parameters []parameter }
		}
		Components struct{ Parameters map[string]parameter }
	}](t, server.URL+"/api")
	for _, path := range []string{"", "/items", "/items/{featureId}", "/schema", "/queryables"} {
		found := false
		for _, p := range api.Paths["/collections/waiting"+path].Get.Parameters {
			if p.Ref != "" {
				p = api.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]
			}
			if p.Name != "indicator" {
				continue
			}
			found = true
			if s := p.Schema; strings.Join(s.Enum, " ") != "a.one a.two" || strings.Join(s.Descriptions, " ") != "One 二" || s.Default != "a.one" {
				t.Errorf("%s describes the parameter as %+v", path, s)
			}
		}
		if !found {
			t.Errorf("%s has no parameter indicator", path)
		}
	}
	queryables := document[struct{ Properties map[string]schema }](t, server.URL+"/collections/waiting/queryables")
	s, ok := queryables.Properties["indicator"]
	if !ok || strings.Join(s.Enum, " ") != "a.one a.two" || len(s.OneOf) != 2 || s.OneOf[0].Const != "a.one" || s.OneOf[0].Title != "One" || s.OneOf[0].Description != "What one means." {
		t.Errorf("queryables describe it as %+v", s)
	}
}

// TestDocumentsOfACollectionTakeItsParameters: GDAL hands the query of an address
// on to every document that it reads.
func TestDocumentsOfACollectionTakeItsParameters(t *testing.T) {
	server, engine := serve(t)
	at := server.URL + "/collections/waiting"
	for _, path := range []string{"", "/schema", "/queryables", "/feature-schema", "/items"} {
		plain, chosen := get(t, "GET", at+path), get(t, "GET", at+path+"?indicator=a.two")
		if chosen.status != 200 || chosen.header.Get("ETag") == plain.header.Get("ETag") {
			t.Errorf("%s with a parameter: %d, ETag %s", path, chosen.status, chosen.header.Get("ETag"))
		}
		if path != "" && engine.given["indicator"] != "a.two" {
			t.Errorf("%s does not hand the parameter on: %v", path, engine.given)
		}
		if a := get(t, "GET", at+path+"?indicatr=a.two"); a.status != 400 || !strings.Contains(a.body, "did you mean indicator?") {
			t.Errorf("%s with a parameter there is not: %d %s", path, a.status, a.body)
		}
	}
	if a := get(t, "GET", at+"?indicator=a.two"); !strings.Contains(a.body, `"`+at+`/feature-schema?indicator=a.two"`) || !strings.Contains(a.body, `"`+at+`/items"`) {
		t.Errorf("the description links to %s", a.body)
	}
	if a := get(t, "GET", at+"/schema?min-n=0"); a.status != 400 || !strings.Contains(a.body, `"parameter":"min-n"`) {
		t.Errorf("a schema of a value that is refused: %d %s", a.status, a.body)
	}
	if a := get(t, "GET", server.URL+"/collections/communities?indicator=a.two"); a.status != 400 {
		t.Errorf("communities take an indicator: %d", a.status)
	}
}

// TestThoseWhoAnswerHaveNoGeometry: they are features all the same, which every box
// meets (17-069r4, /req/core/fc-bbox-response, C).
func TestThoseWhoAnswerHaveNoGeometry(t *testing.T) {
	server, _ := serve(t)
	if a := get(t, "GET", server.URL+"/collections/waiting-responsible_unit/items"); a.status != 200 || strings.Count(a.body, `"geometry":null`) != 2 || !strings.Contains(a.body, `"id":"Parks"`) {
		t.Errorf("those who answer: %d %s", a.status, a.body)
	}
	if a := get(t, "GET", server.URL+"/collections/waiting-responsible_unit/items?bbox=1,2,3,4"); !strings.Contains(a.body, `"numberMatched":2`) {
		t.Errorf("a box leaves out what has no place: %s", a.body)
	}
	if a := get(t, "GET", server.URL+"/collections/waiting-responsible_unit/items?f=csv"); a.status != 200 || !strings.HasPrefix(a.body, "code") {
		t.Errorf("as CSV: %d %s", a.status, a.body)
	}
	if a := get(t, "GET", server.URL+"/collections/near-responsible_unit"); a.status != 404 {
		t.Errorf("an analysis of what is near lists those who have no place: %d", a.status)
	}
}
