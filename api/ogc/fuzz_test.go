package ogc_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
)

// FuzzItems asks for items with any value of a parameter: the answer is features or a
// problem that is the client's, never one of the service.
func FuzzItems(f *testing.F) {
	for _, seed := range [][2]string{
		{"bbox", "114,22,115,23"},
		{"bbox", "170,-90,0,-170,90,1"},
		{"bbox", "NaN,0,1e400,1"},
		{"datetime", "2024-03-01T00:00:00Z/.."},
		{"datetime", "2024-03-01/P2D"},
		{"datetime", "0000-01-01T00:00:00Z/9999-12-31"},
		{"datetime", "2024-03-01T"},
		{"cursor", "AAAAAAAAAAAAAAAAdjEKeApvbmUKMQpp"},
		{"cursor", "///"},
		{"filter", "n > 3 AND S_INTERSECTS(geometry, BBOX(114, 22, 115, 23))"},
		{"filter", "place_name LIKE '%\\'"},
		{"filter", "n IN (1, 2) OR NOT (share IS NULL)"},
		{"sortby", "+n,-share"},
		{"properties", "n,cell"},
		{"limit", "0"},
		{"limit", "99999999999999999999"},
		{"f", "fgb"},
		{"crs", "x"},
		{"datum", "bd09"},
		{"n", "3"},
		{"min-n", "-1"},
	} {
		f.Add(seed[0], seed[1])
	}
	handler := handler(&fakeEngine{version: "v1"})
	f.Fuzz(func(t *testing.T, name, value string) {
		query := url.Values{name: {value}, "limit": {"3"}}
		if name == "limit" {
			query = url.Values{name: {value}}
		}
		r := httptest.NewRequest(http.MethodGet, "/collections/waiting/items", nil)
		r.URL.RawQuery = query.Encode()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 || w.Code != 200 && w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s=%q: %d %s", name, value, w.Code, w.Body.String())
		}
	})
}

// FuzzFilterJSON asks for items with any filter in JSON.
func FuzzFilterJSON(f *testing.F) {
	for _, seed := range []string{
		`{"op":"<","args":[{"property":"n"},5]}`,
		`{"op":"s_within","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[[114,22],[115,22],[115,23],[114,22]]]}]}`,
		`{"op":"not","args":[{"op":"isNull","args":[{"property":"sometimes"}]}]}`, `{`, `true`,
	} {
		f.Add(seed)
	}
	handler := handler(&fakeEngine{version: "v1"})
	f.Fuzz(func(t *testing.T, filter string) {
		r := httptest.NewRequest(http.MethodGet, "/collections/waiting/items", nil)
		r.URL.RawQuery = url.Values{"filter": {filter}, "filter-lang": {"cql2-json"}, "limit": {"3"}}.Encode()
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Errorf("%s: %d %s", filter, w.Code, w.Body.String())
		}
	})
}
