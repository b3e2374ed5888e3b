package server

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

const reportAt = "/report?indicator=general.on_time&period=2024-01&level=district"

// TestReportIsAPageForThePrinter: title, map with legend, the four tables and how they
// came about, in the language, under a policy that lets the page have its style and
// nothing else, and nothing to press.
func TestReportIsAPageForThePrinter(t *testing.T) {
	b := newBorough(t, memory.New())
	w := do(b.handler, "GET", reportAt+"&lang=zh-Hans", "Accept", browser)
	body := w.Body.String()
	if w.Code != 200 || w.Header().Get("Content-Type") != string(api.HTML) || w.Header().Get("Content-Language") != "zh-Hans" || w.Header().Get("Content-Disposition") != "" {
		t.Fatalf("%d %v: %.300s", w.Code, w.Header(), body)
	}
	for _, want := range []string{
		`<html lang="zh-Hans">`, "按期办结率", `<figure class="map">`, `data-testid="map"`, `data-testid="legend-item" data-class="compliant"`,
		`<section class="items">`, `<section class="areas">`, `<section class="units">`, `<section class="matrix">`, `<section class="about">`, "counter(page)", "size: A4",
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	for _, not := range []string{"<a ", "<button", "<form", "<input", "<select", "<script", "style=", "http:", "https:"} {
		if strings.Contains(body, not) {
			t.Errorf("the page has %s", not)
		}
	}
	_, rest, _ := strings.Cut(body, "<style>")
	style, _, _ := strings.Cut(rest, "</style>")
	digest := sha256.Sum256([]byte(style))
	if allowed := "style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "';"; !strings.Contains(w.Header().Get("Content-Security-Policy"), allowed) {
		t.Errorf("policy %q does not allow the style of the page: want %s", w.Header().Get("Content-Security-Policy"), allowed)
	}
}

// TestNamesAreTextInReports: what a file calls a place is no markup, in tables and map.
func TestNamesAreTextInReports(t *testing.T) {
	b := newBorough(t, memory.New())
	communities, err := b.store.Communities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	communities[0].Names = data.Names{"": `"><img src=x onerror=alert(1)>`}
	if _, err := b.store.PutCommunities(t.Context(), communities); err != nil {
		t.Fatal(err)
	}
	body := do(b.handler, "GET", reportAt).Body.String()
	if shown := strings.Count(body, "&lt;img src=x"); shown < 2 || strings.Contains(body, "<img") {
		t.Errorf("a name is shown %d times as text, as markup: %v", shown, strings.Contains(body, "<img"))
	}
}

// TestReportFormats: every one of the registry, by f and by Accept, is a file with a name
// that says what it is of.
func TestReportFormats(t *testing.T) {
	b := newBorough(t, memory.New())
	const sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	f := func(query, accept string, status int, media, extension string) []byte {
		t.Helper()
		w := do(b.handler, "GET", reportAt+query, "Accept", accept)
		if w.Code != status || w.Header().Get("Content-Type") != media {
			t.Errorf("%s %q: %d %s, want %d %s", query, accept, w.Code, w.Header().Get("Content-Type"), status, media)
		}
		name := fmt.Sprintf(`attachment; filename="report-general.on_time-1-2024-01-01-2024-02-01%s"`, extension)
		if got := w.Header().Get("Content-Disposition"); extension != "" && got != name {
			t.Errorf("%s: %s, want %s", query, got, name)
		}
		return w.Body.Bytes()
	}
	f("&f=html", "", 200, string(api.HTML), "")
	f("", "", 200, string(api.HTML), "")
	f("", "*/*", 200, string(api.HTML), "")
	f("", sheet, 200, sheet, ".xlsx")
	f("&f=xlsx", "", 200, sheet, ".xlsx")
	f("", "image/png", 406, string(api.ProblemJSON), "")
	f("&f=pdf", "", 400, string(api.ProblemJSON), "")
	f("&res=8", "", 400, string(api.ProblemJSON), "")
	f("&within=none", "", 400, string(api.ProblemJSON), "")
	r := csv.NewReader(bytes.NewReader(f("&f=csv&lang=en", "", 200, string(api.CSV), ".csv")))
	r.FieldsPerRecord = -1
	if rows, err := r.ReadAll(); err != nil || len(rows) < 10 {
		t.Errorf("%d rows of CSV, error %v", len(rows), err)
	}
	text := f("&f=zip", "text/csv", 200, "application/zip", ".zip")
	if archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text))); err != nil || len(archive.File) != 5 {
		t.Errorf("the archive is no four tables and what is said of them: error %v", err)
	}
}

// TestOpenDataCompareNothing: a difference could tell a count that is not told, and a
// report tells none that its tables would not.
func TestOpenDataCompareNothing(t *testing.T) {
	b := newBorough(t, memory.New())
	b.options.Engine.MinCount = 5
	b.serve()
	for _, at := range []string{"/layers/density.csv?level=district&", "/collections/compliance-district/items?", "/map.svg?layer=density&level=district&", "/styles/density-district?", "/layers/indicator.json?level=district&"} {
		w := do(b.handler, "GET", at+"from=2024-02&to=2024-03&compare=2024-01")
		if w.Code != 400 || !strings.Contains(w.Body.String(), "do not compare periods") {
			t.Errorf("%s: %d %.300s", at, w.Code, w.Body)
		}
	}
	if w := do(b.handler, "GET", "/report?indicator=general.cases&period=2024-01&level=district&lang=en"); w.Code != 200 || !strings.Contains(w.Body.String(), "These are open data") {
		t.Errorf("a report of open data: %d %.300s", w.Code, w.Body)
	}
}

// TestDifferencesAreServedInEveryWay: as features with their schema, as tiles, styles with
// a legend of their own, and as a picture that says what is compared.
func TestDifferencesAreServedInEveryWay(t *testing.T) {
	b := newBorough(t, memory.New())
	const query = "from=2024-02-01&to=2024-02-16&compare=2024-01"
	for at, want := range map[string]string{
		"/collections/density-district/items?":                                    `"change":`,
		"/collections/density-district/items?properties=status,q&sortby=-change&": `"q":`,
		"/collections/density-district/schema?":                                   `"change_low"`,
		"/layers/compliance.csv?level=district&":                                  "value_before",
		"/layers/compliance.json?level=district&":                                 `"against":{"from":"2023-12-31T16:00:00Z","to":"2024-01-31T16:00:00Z"}`,
		"/layers/indicator.json?level=district&indicator=general.on_time&":        `"insufficient"`,
		"/styles/compliance-district?f=mapbox&":                                   "#542788",
		"/styles/compliance-district?f=qml&":                                      "Increase",
		"/map.svg?layer=density&level=district&lang=en&":                          "compared with 2024-01-01 to before 2024-02-01",
		"/map.svg?layer=compliance&level=district&lang=zh-Hant&":                  "變化：",
		"/?layer=compliance&level=district&lang=zh-Hans&f=html&":                  "与对比时段相比的变化",
	} {
		w := do(b.handler, "GET", at+query)
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d, want %s in %.600s", at, w.Code, want, w.Body)
		}
	}
	one, other := do(b.handler, "GET", "/layers/density.csv?level=district&"+query), do(b.handler, "GET", "/layers/density.csv?level=district&from=2024-02-01&to=2024-02-16")
	if one.Header().Get("ETag") == other.Header().Get("ETag") || one.Body.String() == other.Body.String() {
		t.Error("a layer and its difference have one tag or body")
	}
	if w := do(b.handler, "GET", "/layers/response.csv?compare=2024-01"); w.Code != 400 || !strings.Contains(w.Body.String(), "no interval that holds") {
		t.Errorf("waits are compared: %d %s", w.Code, w.Body)
	}
}
