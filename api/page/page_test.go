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
	if shown.Title != "a <b>" || !strings.Contains(text, `<td data-label="id"><a href="http://x/a">a</a></td>`) {
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

// TestTitlesAreWords: of the document where it has one, of what stands above it otherwise.
func TestTitlesAreWords(t *testing.T) {
	f := func(path, document, want string) {
		t.Helper()
		var b strings.Builder
		if err := page.WriteDocument(&b, []byte(document), page.Trail("Amber", "http://x", path), nil); err != nil {
			t.Fatal(err)
		}
		if shown := pagetest.Read(t, path, b.String()); shown.Title != want {
			t.Errorf("%s is titled %q, want %q", path, shown.Title, want)
		}
	}
	f("/collections", `{}`, "Collections of Amber")
	f("/collections/a", `{"id": "a", "title": "Waiting"}`, "Waiting")
	f("/collections/a/queryables", `{"title": "Waiting"}`, "Queryables of Waiting")
	f("/collections/a/dggs", `{}`, "Grids of a")
	f("/collections/a/items/tiles", `{"id": "tiles"}`, "Feature tiles of a")
	f("/dggs/H3/zones/89", `{"id": "89"}`, "Zone 89 of H3")
	f("/jobs", `{"jobs": []}`, "Jobs of Amber")
	f("/jobs/33284371-edd1-4312-aec0-668a57221e2a", `{"processID": "import", "jobID": "33284371-edd1-4312-aec0-668a57221e2a"}`, "Job 33284371: import")
	f("/jobs/33284371-edd1-4312-aec0-668a57221e2a/results", `{"read": 1}`, "Results of job 33284371")
	f("/items/5", `{}`, "Feature 5 of Amber")
	f("/", `{}`, "Amber")
}

// TestTablesFit: columns keep the order of members and hold plain values, numbers are
// shown as they are, and only what is long is folded.
func TestTablesFit(t *testing.T) {
	link := `{"href": "http://x/a", "rel": "self"}`
	_, text := show(t, `{"rows": [{"id": "a", "created": 1, "links": [`+strings.Repeat(link+",", 6)+link+`]},
		{"id": "b", "message": "why", "created": 2, "box": [109.83799281477731, 23.044525198543468, 110.18027818522269, 23.334757801456533], "links": [`+strings.Repeat(link+",", 10)+link+`]}]}`)
	for _, want := range []string{
		`<thead><tr><th scope="col">id</th><th scope="col">message</th><th scope="col">created</th><th scope="col">box</th></tr></thead>`,
		`<code>[109.83799281477731, 23.044525198543468, 110.18027818522269, 23.334757801456533]</code>`,
		`<summary>11 links</summary>`, `<dt class="wide">rows</dt>`, `<td class="more" colspan="4">`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %s: %s", want, text)
		}
	}
	if n := strings.Count(text, "<details>"); n != 1 {
		t.Errorf("%d values are folded, want 1", n)
	}
	_, text = show(t, `[{"id": "a", "outline": [[`+strings.Repeat(`[109.837992, 23.044525],`, 20)+`[109.837992, 23.044525]]]}]`)
	if !strings.Contains(text, `<summary>42 numbers</summary>`) {
		t.Errorf("numbers are not counted: %s", text)
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
