package web_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/web"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// hostile is a name that must come out as text wherever it is shown.
const hostile = `"><img onerror=alert(1)>`

func areas() []data.Community {
	square := func(x, y float64) orb.MultiPolygon {
		return orb.MultiPolygon{{{{x, y}, {x + 0.02, y}, {x + 0.02, y + 0.02}, {x, y + 0.02}, {x, y}}}}
	}
	return []data.Community{
		{Code: "D1", Level: data.District, Names: data.Names{"en": "East Lake", "zh-Hant": "東湖區"}, Outline: square(114.05, 22.53)},
		{Code: "D2", Level: data.District, Names: data.Names{"": hostile}, Outline: square(114.07, 22.53)},
		{Code: "S1", Level: data.Street, Parent: "D1", Names: data.Names{"": "田香街道"}, Outline: square(114.05, 22.53)},
	}
}

// cells is a layer of cells with three classes by hand.
func cells(t testing.TB, center orb.Point, res geo.Resolution, steps int) *analytics.Layer {
	t.Helper()
	origin, err := geo.CellAt(center, res)
	if err != nil {
		t.Fatal(err)
	}
	disk := origin.Disk(steps)
	slices.Sort(disk)
	rows := len(disk)
	ids, class, z, valid := make([]string, rows), make([]string, rows), make([]float64, rows), make([]bool, rows)
	counts := map[string]int{}
	for i, c := range disk {
		ids[i], z[i], valid[i] = c.String(), float64(i), i != 0
		class[i] = []string{"hot99", "ns", "cold99"}[i%3]
		if !valid[i] {
			counts[analytics.NoData]++
			continue
		}
		counts[class[i]]++
	}
	layer := &analytics.Layer{
		Name: "hotspot", Title: "Hot and cold spots of reports", Frame: &analytics.Frame{Unit: analytics.CellsOf(res), Cells: disk},
		Columns: []analytics.Column{
			{Name: "cell", Type: analytics.WordColumn, Words: ids},
			{Name: "class", Type: analytics.WordColumn, Title: "Class", Words: class, Valid: valid},
			{Name: "gi_z", Type: analytics.FloatColumn, Title: "Gi* z", Floats: z, Valid: valid},
		},
		Legend: analytics.Legend{Column: "class", Title: "Hot and cold spots", Classes: []analytics.Class{
			{Key: "hot99", Label: "Hot, 99 %", Color: "#a50f15", Rows: counts["hot99"]},
			{Key: "ns", Label: "Not significant", Color: "#f7f7f2", Rows: counts["ns"]},
			{Key: "cold99", Label: "Cold, 99 %", Color: "#2166ac", Rows: counts["cold99"]},
			{Key: analytics.NoData, Label: "Cannot be told", Color: "#d9d9d9", Rows: counts[analytics.NoData]},
		}},
		Rank:    analytics.Rank{Column: "gi_z", Descending: true, Show: []string{"class", "gi_z"}},
		Summary: []analytics.Item{{Key: "hot", Title: "Rows hot", Value: int64(12345), Unit: "count"}, {Key: "share", Title: "Share", Value: 0.5, Unit: "share"}, {Key: "x", Title: "None"}},
		Caveats: []string{"Reports show where people report. A cold spot can be a place where nobody does.", "Something nobody translated, " + hostile},
		Matrix:  &analytics.Matrix{Title: "Cases", Zone: "Asia/Shanghai"},
		Provenance: analytics.Provenance{
			DataVersion: "abc", Zone: "Asia/Shanghai", From: time.Date(2024, 12, 31, 16, 0, 0, 0, time.UTC),
			To: time.Date(2025, 12, 31, 16, 0, 0, 0, time.UTC), AsOf: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		},
	}
	layer.Matrix.Counts[1][19] = 42
	return layer
}

func page(t testing.TB) web.Page {
	return web.Page{
		Title: "Civgrid", Lang: "en", Base: "http://x", Name: "hotspot", Given: map[string]string{"res": "9", "within": ""},
		Analyses:  []analytics.Analysis{{Name: "compliance", Title: "On time"}, {Name: "hotspot", Title: "Hot and cold spots of reports"}},
		Hierarchy: data.NewHierarchy(areas()), Resolutions: data.DefaultResolutions(), Zone: "Asia/Shanghai",
		Layer: cells(t, orb.Point{114.06, 22.54}, 9, 4),
	}
}

func render(t testing.TB, p web.Page) string {
	t.Helper()
	var buf bytes.Buffer
	if err := p.Write(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func count(text, pattern string) int { return len(regexp.MustCompile(pattern).FindAllString(text, -1)) }

func TestThePageKeepsItsContract(t *testing.T) {
	p := page(t)
	p.Select = p.Layer.Frame.ID(7)
	html := render(t, p)
	for pattern, want := range map[string]int{
		`<html lang="en">`: 1, `<body data-state="ready" data-renderer="svg">`: 1, `data-testid="indicator"`: 1, `data-testid="level"`: 1,
		`data-testid="lang"`: 1, `data-testid="period"`: 1, `data-testid="legend"`: 1, `data-testid="legend-item" data-class="[a-z0-9_]+" data-color="#[0-9a-f]{6}"`: 4,
		`data-testid="kpi" data-key=`: 2, `data-testid="rank-row" data-code=`: 12, `data-testid="status" data-status=`: 12,
		`data-testid="heat"`: 1, `data-testid="heat-cell"`: 168, `data-dow="2" data-hour="19" data-value="42"`: 1, `data-testid="provenance"`: 1,
		`data-testid="popup" data-cell="` + p.Select: 1, `data-testid="popup-why"`: 1, `data-testid="crumb"`: 1, `data-testid="download"`: 1, `data-testid="selected"`: 1,
		`12,345`: 2, `2025-01-01 to before 2026-01-01`: 1,
	} {
		if got := count(html, pattern); got != want {
			t.Errorf("%s is there %d times, want %d", pattern, got, want)
		}
	}
}

func TestNothingInThePageNeedsAScriptOrLeavesTheOrigin(t *testing.T) {
	html := render(t, page(t))
	known := count(html, `<script (?:type="module" )?src="static/[a-z]+\.m?js"></script>`) + count(html, `<script type="application/json" `)
	if n := count(html, `<script`); n != known || !strings.Contains(html, `class="map" data-testid="map"`) {
		t.Errorf("%d scripts, of which %d are files of the service or data", n, known)
	}
	for _, pattern := range []string{` style=`, `<style`, ` on[a-z]+="`, `(?:src|href)="(?:https?:)?//`, `<img onerror`} {
		if n := count(html, pattern); n != 0 {
			t.Errorf("%s is there %d times", pattern, n)
		}
	}
	if !strings.Contains(html, `&lt;img onerror`) {
		t.Error("the hostile name is not shown at all")
	}
}

func TestThePageSpeaksEveryLanguage(t *testing.T) {
	for tag, want := range map[string][]string{
		"zh-Hans": {`<html lang="zh-Hans">`, "热点 99%", "上报数反映的是哪里有人上报", "周二"},
		"zh-Hant": {`<html lang="zh-Hant">`, "熱點 99%", "東湖區", "週二"},
	} {
		p := page(t)
		p.Lang = tag
		html := render(t, p)
		for _, text := range want {
			if !strings.Contains(html, text) {
				t.Errorf("%s: %q is missing", tag, text)
			}
		}
		if !strings.Contains(html, `<li lang="en">Something nobody translated`) {
			t.Errorf("%s: a sentence that is not translated is not marked as English", tag)
		}
	}
	for accept, want := range map[string]string{"zh-TW,zh;q=0.9": "zh-Hant", "zh-CN": "zh-Hans", "fr, zh-HK": "zh-Hant", "de": "en", "": "en"} {
		if got := web.Language("", accept); got != want {
			t.Errorf("Accept-Language %q gives %s, want %s", accept, got, want)
		}
	}
}

func TestEveryLanguageHasEveryWord(t *testing.T) {
	type words struct{ Text, Sentences map[string]string }
	read := func(tag string) (w words) {
		text, err := os.ReadFile("i18n/" + tag + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &w); err != nil {
			t.Fatal(err)
		}
		return w
	}
	english, hans, hant := read("en"), read("zh-Hans"), read("zh-Hant")
	for key, text := range english.Text {
		for tag, w := range map[string]words{"zh-Hans": hans, "zh-Hant": hant} {
			if w.Text[key] == "" || strings.Count(w.Text[key], "{}") != strings.Count(text, "{}") {
				t.Errorf("%s: %s is %q, in English %q", tag, key, w.Text[key], text)
			}
		}
	}
	for pattern, text := range hans.Sentences {
		if hant.Sentences[pattern] == "" || strings.Count(text, "{}") != strings.Count(pattern, "{}") || strings.Count(hant.Sentences[pattern], "{}") != strings.Count(pattern, "{}") {
			t.Errorf("sentence %q", pattern)
		}
	}
}

func TestStatesOtherThanALayer(t *testing.T) {
	p := page(t)
	p.Layer, p.Problem = nil, api.ProblemOf(&analytics.ParamError{Name: "res", Value: "99", Why: "want one of 7, 8, 9"})
	if html := render(t, p); !strings.Contains(html, `data-state="error"`) || !strings.Contains(html, `data-testid="error"`) || !strings.Contains(html, "want one of 7, 8, 9") {
		t.Error("the error is not shown")
	}
	if p.Problem = api.ProblemOf(errors.New("SQLSTATE")); strings.Contains(render(t, p), "SQLSTATE") {
		t.Error("the page tells what is internal")
	}
	p.Problem, p.Empty = nil, true
	if html := render(t, p); !strings.Contains(html, `data-testid="empty"`) {
		t.Error("the empty store is not shown as such")
	}
}

func svg(t testing.TB, layer *analytics.Layer) string {
	t.Helper()
	var buf bytes.Buffer
	if err := (web.Map{Layer: layer, Hierarchy: data.NewHierarchy(areas()), Lang: "zh-Hant"}).WriteSVG(&buf); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}

func TestTheMapIsWellFormedAndTheSameEveryTime(t *testing.T) {
	layer := cells(t, orb.Point{114.06, 22.54}, 9, 4)
	drawn := svg(t, layer)
	if drawn != svg(t, layer) {
		t.Error("two drawings differ")
	}
	decoder := xml.NewDecoder(strings.NewReader(drawn))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Contains(drawn, "fill-opacity") || strings.Contains(drawn, `opacity="0`) && !strings.Contains(drawn, "stroke-opacity") {
		t.Error("a fill is transparent: legend and map would differ")
	}
	for _, class := range layer.Legend.Classes {
		group := regexp.MustCompile(`<g data-class="` + class.Key + `" fill="` + class.Color + `"[^>]*>(.*?)</g>`).FindStringSubmatch(drawn)
		if group == nil || strings.Count(group[1], "M") != class.Rows {
			t.Errorf("class %s draws not its %d rows", class.Key, class.Rows)
		}
	}
}

func TestTheMapHoldsTogetherAcrossTheAntimeridian(t *testing.T) {
	drawn := svg(t, cells(t, orb.Point{180, -17}, 6, 3))
	for _, m := range regexp.MustCompile(`M(-?\d+) ?(-?\d+)`).FindAllStringSubmatch(drawn, -1) {
		if len(m[1]) > 5 || len(m[2]) > 5 {
			t.Fatalf("a row is drawn at %s, %s, outside the picture", m[1], m[2])
		}
	}
	if !strings.Contains(drawn, "20 km") && !strings.Contains(drawn, "10 km") && !strings.Contains(drawn, "5 km") {
		t.Error("the scale bar is that of the whole globe")
	}
}

func TestCommunitiesAreLinked(t *testing.T) {
	p := page(t)
	list := data.NewHierarchy(areas()).At(data.District)
	p.Layer.Frame = &analytics.Frame{Unit: analytics.CommunitiesOf(data.District), Communities: list}
	p.Layer.Columns = []analytics.Column{{Name: "class", Type: analytics.WordColumn, Words: []string{"hot99", "ns"}}, {Name: "gi_z", Type: analytics.FloatColumn, Floats: []float64{1, 2}}}
	html := render(t, p)
	if n := count(html, `<a href="\?[^"]*sel=D[12][^"]*#popup"><path data-row="D[12]"`); n != 2 {
		t.Errorf("%d districts are linked, want 2", n)
	}
}

func TestStaticFiles(t *testing.T) {
	if _, media, ok := web.Static("page.css"); !ok || !strings.HasPrefix(string(media), "text/css") {
		t.Error("no style")
	}
	for _, name := range []string{"../page.html", "nothing.css", "page.html", "a/b.css", ""} {
		if _, _, ok := web.Static(name); ok {
			t.Errorf("%q is served", name)
		}
	}
}

func BenchmarkMap(b *testing.B) {
	layer := cells(b, orb.Point{114.06, 22.54}, 9, 40)
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(int64(len(svg(b, layer))))
	}
	b.ReportMetric(float64(layer.Frame.Len()), "cells")
}

// TestManyRowsAreAPicture draws a layer of more rows than can be linked one by one: the
// page names its picture, which holds the same rows.
func TestManyRowsAreAPicture(t *testing.T) {
	p := page(t)
	p.Layer = cells(t, orb.Point{114.06, 22.54}, 9, 18)
	html := render(t, p)
	if !strings.Contains(html, `<img class="map"`) || strings.Contains(html, `<svg class="map"`) || !strings.Contains(html, `src="map.svg?bare=true&amp;`) {
		t.Error("the page has no picture, or holds the drawing itself")
	}
	var bare bytes.Buffer
	if err := (web.Map{Layer: p.Layer, Hierarchy: p.Hierarchy, Lang: "en"}).WriteBare(&bare); err != nil {
		t.Fatal(err)
	}
	if err := xml.Unmarshal(bare.Bytes(), new(struct{})); err != nil {
		t.Errorf("the picture is no XML: %v", err)
	}
	if strings.Count(bare.String(), "data-class=") != len(p.Layer.Legend.Classes) || strings.Contains(bare.String(), "legend") {
		t.Error("the picture does not have the classes of the legend, or has the legend too")
	}
}
