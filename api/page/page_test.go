package page_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
	"github.com/civgrid/civgrid/api/page/pagetest"
)

// show returns the page of a document.
func show(t *testing.T, document string) (pagetest.Page, string) {
	t.Helper()
	var b strings.Builder
	trail := page.Trail("Amber", "http://x/civ", "/collections/a%20%3Cb%3E")
	itself := []api.Link{{Href: "http://x/civ/collections?f=json", Rel: "alternate", Type: "application/json", Title: "This document as JSON"}}
	if err := page.WriteDocument(&b, []byte(document), trail, itself); err != nil {
		t.Fatal(err)
	}
	return pagetest.Read(t, document, b.String()), b.String()
}

// TestDocumentsAreShownWhole shows JSON of every shape, and holds the page to it.
func TestDocumentsAreShownWhole(t *testing.T) {
	for _, document := range []string{
		`{}`, `[]`, `null`, `7`, `"text"`, `{"title": ""}`, `{"title": null}`, `{"title": {"a": 1}}`,
		`{"title": "<script>alert(1)</script>", "n": 12345678901234567890, "x": 1.50, "yes": true, "no": false, "none": null}`,
		`{"bbox": [[114, 22.5, 115.25, 23]], "interval": [["2025-01-01T00:00:00Z", null]], "empty": [], "nothing": {}, "mixed": [1, "a", {"b": 2}, [3]]}`,
		`{"properties": {"id": {"type": "string"}, "share": {"type": "number", "title": "Share & more"}}}`,
		`{"properties": {"id": {"type": "string"}}, "one": {"a": {"b": {"c": "deep"}}}}`,
		`{"collections": [{"id": "a", "links": [{"href": "http://x/a", "rel": "self"}, {"href": "http://x/b", "rel": "items", "type": "t/x", "title": "B"}]}, {"id": "b", "more": 1}]}`,
		`{"links": [{"href": "http://x/?a=1&b=2", "rel": "next", "hreflang": "en"}, {"href": "http://x/{z}", "rel": "item", "templated": true}]}`,
		`{"layer": {"href": "http://x/results", "rel": "results"}, "links": [{"href": "http://x/1", "rel": "up"}]}`,
		`{"href": "no link", "links": "none"}`, `[{"href": "http://x/1", "rel": "up"}]`, `[[1, [2, null]], [[]]]`, `[{"links": []}, {"links": [{"href": "http://x/2", "rel": "self"}]}]`,
	} {
		shown, _ := show(t, document)
		shown.Holds(t, document, []byte(document))
	}
}

func TestPagesOfDocuments(t *testing.T) {
	shown, text := show(t, `{"collections": [{"id": "a", "links": [{"href": "http://x/a", "rel": "self"}]}]}`)
	if want := []string{"http://x/civ/", "http://x/civ/collections", "http://x/civ/collections/a%20%3Cb%3E"}; !slices.Equal(shown.Links[:3], want) {
		t.Errorf("the trail leads to %v, want %v", shown.Links[:3], want)
	}
	if shown.Title != "a <b>" || !strings.Contains(text, `<td><a href="http://x/a">a</a></td>`) {
		t.Errorf("title %q; the id does not lead to what it names: %s", shown.Title, text)
	}
	if !slices.Contains(shown.Links, "http://x/civ/collections?f=json") {
		t.Errorf("links lead to %v", shown.Links)
	}
	if titled, _ := show(t, `{"id": "a", "title": "Waiting"}`); titled.Title != "Waiting" {
		t.Errorf("the title is %q, want that of the document", titled.Title)
	}
	var unsafe strings.Builder
	if err := page.WriteDocument(&unsafe, []byte(`{"links": [{"href": "javascript:alert(1)", "rel": "next"}]}`), nil, nil); err != nil || strings.Contains(unsafe.String(), "javascript:") {
		t.Errorf("a script is linked: %v, %s", err, unsafe.String())
	}
	for _, bad := range []string{``, `{`, `{"a":`, `[1,`, `{"a" 1}`, `nul`} {
		if err := page.WriteDocument(&strings.Builder{}, []byte(bad), nil, nil); err == nil {
			t.Errorf("%q is shown as a page", bad)
		}
	}
}

// FuzzWriteDocument shows any JSON there may be.
func FuzzWriteDocument(f *testing.F) {
	f.Add([]byte(`{"a": [{"links": [{"href": "x", "rel": "self"}]}, {"id": "b"}], "c": {"d": {"e": 1}, "f": {"g": [1, 2]}}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 1<<12 {
			return
		}
		var b strings.Builder
		if page.WriteDocument(&b, text, nil, nil) == nil && !strings.HasSuffix(b.String(), "</html>\n") {
			t.Errorf("%q ends early", text)
		}
	})
}
