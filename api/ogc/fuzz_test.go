package ogc_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/ogc"
)

// fuzzParameter sends texts as one parameter of items: the answer is a document of JSON
// with status 200 or a problem of the client's making, never one of ours, and says the
// same when it is asked again.
func fuzzParameter(f *testing.F, name, fixed string, seeds ...string) {
	for _, seed := range seeds {
		f.Add(seed)
	}
	service := factHandler(farEngine{&fakeEngine{version: "v1"}}, &ogc.Facts{Source: someFacts(f, 20)})
	ask := func(t *testing.T, at string) *httptest.ResponseRecorder {
		t.Helper()
		response := httptest.NewRecorder()
		service.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, at, nil))
		return response
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, collection := range []string{"waiting", "communities", "incidents"} {
			at := "/collections/" + collection + "/items?limit=3" + fixed + "&" + name + "=" + url.QueryEscape(text)
			response := ask(t, at)
			if response.Code != http.StatusOK && (response.Code < 400 || response.Code > 499) || !json.Valid(response.Body.Bytes()) {
				t.Fatalf("%s=%q: %d %s", name, text, response.Code, response.Body)
			}
			if again := ask(t, at); again.Code != response.Code || again.Body.String() != response.Body.String() {
				t.Errorf("%s=%q: %d %s, then %d %s", name, text, response.Code, response.Body, again.Code, again.Body)
			}
			if response.Code == http.StatusOK {
				checkFuzzedPage(t, text, response.Body.Bytes())
			}
		}
	})
}

// checkFuzzedPage checks what holds of every page of three.
func checkFuzzedPage(t *testing.T, text string, body []byte) {
	t.Helper()
	var page featurePage
	if err := json.Unmarshal(body, &page); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if _, more := relation(page.Links, "next", api.GeoJSON); page.NumberReturned != len(page.Features) || page.NumberReturned > 3 || page.NumberMatched < page.NumberReturned || more && page.NumberReturned != 3 {
		t.Errorf("%q: %d returned of %d, more %v", text, page.NumberReturned, page.NumberMatched, more)
	}
}

func FuzzBox(f *testing.F) {
	fuzzParameter(f, "bbox", "",
		"114,22,115,23", "114,22,0,115,23,100", "177,65,-177,70", "-180,-90,180,90", "114.05,22.55,114.05,22.55", "-0,-0,0,0",
		"1e308,0,1e309,1", "NaN,0,0,0", "0x1p3,0,9,9", " 1 , 2 , 3 , 4 ", "1,2,3", "1,,2,3", "+114,22,115,23", "180,90,-180,90", "")
}

// FuzzBoxInMercator sends boxes that a projection takes to degrees.
func FuzzBoxInMercator(f *testing.F) {
	fuzzParameter(f, "bbox", "&bbox-crs="+url.QueryEscape(epsgURI+"3857"),
		"12690000,2570000,12700000,2580000", "20037508.34,0,-20037508.34,1", "-20037508.342789244,-20048966.1,20037508.342789244,20048966.1",
		"1e308,-1e308,-1e308,1e308", "0,1e9,0,1e9", "5e-324,0,1,1")
}

func FuzzDatetime(f *testing.F) {
	fuzzParameter(f, "datetime", "",
		"2018-02-12T23:20:50Z", "2018-02-12", "2018-02-12T", "../..", "/", "2018-02-12T00:00:00Z/..", "/2018-03-18T12:31:12Z",
		"2020-01-01/P2D", "P1Y2M3W4DT5H6M7S/2020-01-01", "P9999Y/2020-01-01", "2020-01-01/P9999Y9999M", "0000-01-01T00:00:00Z/9999-12-31T00:00:00Z",
		"2016-12-31T23:59:60Z", "2018-02-12T23:20:50.123456789+14:00", "2018-02-12T23:20:50 08:00", "2020-02-30", "P/2020-01-01", "2020-01-01/PT", "P1D/P1D", "1/2/3")
}

func FuzzFilter(f *testing.F) {
	fuzzParameter(f, "filter", "",
		"n < 20", "sometimes IS NULL", "NOT (sometimes > 100)", "share BETWEEN 10 AND 20.25 OR n IN (3, 200)", "place_name LIKE '香港%'", "CASEI(place_name) = casei('x')",
		"S_INTERSECTS(geometry, POLYGON((114.05 22.535, 114.065 22.535, 114.065 22.545, 114.05 22.535)))", "S_WITHIN(geometry, BBOX(114,22,115,23))",
		"S_INTERSECTS(geometry, BBOX(177,65,-177,70))", "S_CROSSES(geometry, LINESTRING(0 0, 0 0))", "S_TOUCHES(geometry, GEOMETRYCOLLECTION(POINT(1 1)))",
		"id = '89411caa003ffff'", "n = 9223372036854775808", "share = 1e999", "((((n = 1))))", "n = ", "code = 'D''1'", "valid_from > DATE('2020-01-01')", "1 = 1", "'a' LIKE 'a'")
}

// FuzzFilterJSON sends filters of the other encoding.
func FuzzFilterJSON(f *testing.F) {
	fuzzParameter(f, "filter", "&filter-lang=cql2-json",
		`{"op":"<","args":[{"property":"n"},5]}`, `{"op":"and","args":[{"op":"=","args":[{"property":"n"},1]},{"op":"isNull","args":[{"property":"share"}]}]}`,
		`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Point","coordinates":[114.05,22.54]}]}`, `{"op":"s_within","args":[{"property":"geometry"},{"bbox":[177,65,-177,70]}]}`,
		`{"op":"s_intersects","args":[{"property":"geometry"},{"type":"Polygon","coordinates":[[]]}]}`, `{"op":"in","args":[{"property":"n"},[1,2,3]]}`, `{"op":"not","args":[]}`, `{}`, `[]`, `null`, `true`, `{"op":null}`)
}

// ourCursor returns the cursor after the first three features of a collection.
func ourCursor(t testing.TB, service http.Handler, collection string) string {
	t.Helper()
	response := httptest.NewRecorder()
	service.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/collections/"+collection+"/items?limit=3", nil))
	var page featurePage
	if err := json.Unmarshal(response.Body.Bytes(), &page); err != nil {
		t.Fatal(err)
	}
	next, _ := relation(page.Links, "next", api.GeoJSON)
	parsed, err := url.Parse(next.Href)
	if err != nil || parsed.Query().Get("cursor") == "" {
		t.Fatalf("next is %q: %v", next.Href, err)
	}
	return parsed.Query().Get("cursor")
}

// FuzzCursor sends cursors: one of ours, parts and changes of it, and others.
func FuzzCursor(f *testing.F) {
	ours := ourCursor(f, handler(farEngine{&fakeEngine{version: "v1"}}), "waiting")
	fuzzParameter(f, "cursor", "",
		ours, ours[:len(ours)-1], ours[1:], ours+"A", strings.ToUpper(ours), strings.Repeat("A", 16), strings.Repeat("A", 5000), "=", "", "..", "a b", "é")
}

// FuzzForgedCursor signs cursors of its own with the key that everybody knows, that of a
// service without a secret: they lead to a page of the collection, or are refused.
func FuzzForgedCursor(f *testing.F) {
	service := handler(farEngine{&fakeEngine{version: "v1"}})
	raw, err := base64.RawURLEncoding.DecodeString(ourCursor(f, service, "waiting"))
	if err != nil {
		f.Fatal(err)
	}
	const macBytes = 12
	ours := string(raw[macBytes:])
	query := strings.Split(ours, "\n")[1]
	f.Add(ours)
	for _, row := range []string{"0", "216", "217", "-1", "+1", "1e3", "9223372036854775807", "9223372036854775808", ""} {
		f.Add("v1\n" + query + "\n" + row + "\n89411caa003ffff")
	}
	f.Add("v2\n" + query + "\n1\nx")
	f.Add("\n" + query + "\n\n")
	f.Add("v1\n\n\n\n\n")
	f.Fuzz(func(t *testing.T, payload string) {
		mac := hmac.New(sha256.New, nil)
		mac.Write([]byte("cursor\n" + payload))
		cursor := base64.RawURLEncoding.EncodeToString(append(mac.Sum(nil)[:macBytes], payload...))
		response := httptest.NewRecorder()
		service.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/collections/waiting/items?limit=3&cursor="+cursor, nil))
		switch response.Code {
		case http.StatusOK:
			checkFuzzedPage(t, payload, response.Body.Bytes())
		case http.StatusBadRequest, http.StatusGone:
		default:
			t.Errorf("%q: %d %s", payload, response.Code, response.Body)
		}
	})
}

// FuzzForgedFactCursor does the same with cursors among facts, sorted by two columns.
func FuzzForgedFactCursor(f *testing.F) {
	service := factHandler(&fakeEngine{version: "v1"}, &ogc.Facts{Source: someFacts(f, 20)})
	const sorted = "incidents/items?sortby=-reports,category&limit=3"
	response := httptest.NewRecorder()
	service.ServeHTTP(response, httptest.NewRequestWithContext(f.Context(), http.MethodGet, "/collections/"+sorted, nil))
	_, next, _ := strings.Cut(response.Header().Get("Link"), "cursor=")
	next, _, _ = strings.Cut(next, "&")
	raw, err := base64.RawURLEncoding.DecodeString(next)
	if err != nil || len(raw) < 50 {
		f.Fatalf("next is %q: %v", response.Header().Get("Link"), err)
	}
	const macBytes, digest = 12, 24
	head := string(raw[macBytes : macBytes+len("facts\n")+digest])
	f.Add(string(raw[macBytes+len(head):]))
	f.Add("\x00\x00\x01\x01")
	f.Add("\x02\x80\x02x\x02s\x02i")
	f.Add("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
	f.Fuzz(func(t *testing.T, rest string) {
		mac := hmac.New(sha256.New, nil)
		mac.Write([]byte("cursor\n" + head + rest))
		cursor := base64.RawURLEncoding.EncodeToString(append(mac.Sum(nil)[:macBytes], head+rest...))
		response := httptest.NewRecorder()
		service.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/collections/"+sorted+"&cursor="+cursor, nil))
		switch response.Code {
		case http.StatusOK:
			checkFuzzedPage(t, rest, response.Body.Bytes())
		case http.StatusBadRequest:
		default:
			t.Errorf("%q: %d %s", rest, response.Code, response.Body)
		}
	})
}

// FuzzItems sends any value of any parameter, in whatever format it asks for.
func FuzzItems(f *testing.F) {
	for _, seed := range [][2]string{
		{"sortby", "+n,-share"},
		{"properties", "n,cell"},
		{"skipGeometry", "true"},
		{"limit", "0"},
		{"limit", "99999999999999999999"},
		{"f", "fgb"},
		{"crs", "x"},
		{"datum", "bd09"},
		{"n", "3"},
		{"min-n", "-1"},
		{"reported_at", "2025-01-01T00:00:00Z"},
		{"cell_9", "8931aa50003ffff"},
		{"reports", "1e3"},
		{"limit_amount", "-0x1p-2"},
	} {
		f.Add(seed[0], seed[1])
	}
	service := factHandler(&fakeEngine{version: "v1"}, &ogc.Facts{Source: someFacts(f, 20), Personal: true})
	f.Fuzz(func(t *testing.T, name, value string) {
		for _, collection := range []string{"waiting", "incidents"} {
			response := httptest.NewRecorder()
			service.ServeHTTP(response, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/collections/"+collection+"/items?"+url.Values{name: {value}}.Encode(), nil))
			if response.Code >= 500 || response.Code != http.StatusOK && response.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%s=%q: %d %s", name, value, response.Code, response.Body)
			}
		}
	})
}
