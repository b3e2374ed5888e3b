package server

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// describedBy returns the definition of the interface in an answer, which must be valid,
// the defaults of parameters against their schemas included.
func describedBy(t *testing.T, w *httptest.ResponseRecorder) *openapi3.T {
	t.Helper()
	document, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := document.Validate(t.Context(), openapi3.EnableExamplesValidation(), openapi3.EnableSchemaDefaultsValidation(), openapi3.EnableSchemaPatternValidation()); err != nil {
		t.Error(err)
	}
	return document
}

// TestTheInterfaceIsOpenAPI validates the definition of a service with every analysis
// there is.
func TestTheInterfaceIsOpenAPI(t *testing.T) {
	h, _ := town(t)
	describedBy(t, do(h, "GET", "/api"))
}

// TestTheInterfacePageTellsOfKeys where callers can say who they are.
func TestTheInterfacePageTellsOfKeys(t *testing.T) {
	h, _ := town(t)
	for page, tells := range map[string]bool{do(h, "GET", "/api?f=html").Body.String(): false, newDesk(t).ask("", "/api?f=html").Body.String(): true} {
		if strings.Contains(page, "X-API-Key") != tells {
			t.Errorf("want the page to tell of keys: %v: %.800s", tells, page)
		}
	}
}

// TestTheInterfaceIsThatOfTheCaller looks at what inspectors, readers and the public are
// told that they can do, and holds a feature as it is read against what may be sent.
func TestTheInterfaceIsThatOfTheCaller(t *testing.T) {
	if testing.Short() {
		t.Skip("reads the whole interface as each caller")
	}
	d := newDesk(t)
	methods := func(key, path string) (list []string) {
		if item := describedBy(t, d.ask(key, "/api")).Paths.Value(path); item != nil {
			for method := range item.Operations() {
				list = append(list, method)
			}
		}
		slices.Sort(list)
		return list
	}
	for _, f := range []struct {
		who, key, path string
		want           []string
	}{
		{"an inspector", d.inspector, incidentsAt, []string{"GET", "POST"}},
		{"an inspector", d.inspector, incidentsAt + "/{featureId}", []string{"DELETE", "GET", "PATCH", "PUT"}},
		{"an inspector", d.inspector, "/collections/resources/items", []string{"GET"}},
		{"a reader", d.reader, incidentsAt, []string{"GET"}},
		{"the public", "", incidentsAt, nil},
	} {
		if got := methods(f.key, f.path); !slices.Equal(got, f.want) {
			t.Errorf("%s is told of %v at %s, want %v", f.who, got, f.path, f.want)
		}
	}
	body := describedBy(t, d.ask(d.inspector, "/api")).Paths.Value(incidentsAt).Post.RequestBody.Value.Content["application/geo+json"].Schema.Value
	var sent any
	decode(t, d.ask(d.inspector, incidentsAt+"/amber~20desk:amber-1"), &sent)
	if err := body.VisitJSON(sent); err != nil {
		t.Errorf("what is read cannot be sent: %v", err)
	}
	properties := sent.(map[string]any)["properties"].(map[string]any)
	if properties["status"] = "broken"; body.VisitJSON(sent) == nil {
		t.Error("a status that is refused is described as one to send")
	}
	for key, writes := range map[string]bool{d.inspector: true, d.reader: false} {
		if classes := d.ask(key, "/conformance").Body.String(); strings.Contains(classes, "ogcapi-features-4/1.0/conf/update") != writes {
			t.Errorf("classes of writing: want them told: %v, in %s", writes, classes)
		}
	}
}
