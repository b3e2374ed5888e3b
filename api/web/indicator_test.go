package web_test

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/blindspot"
	"github.com/civgrid/civgrid/analytics/clusters"
	"github.com/civgrid/civgrid/analytics/coverage"
	"github.com/civgrid/civgrid/analytics/emerging"
	"github.com/civgrid/civgrid/analytics/hotspot"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/indicator/pack"
	"github.com/civgrid/civgrid/analytics/lisa"
	"github.com/civgrid/civgrid/api/web"
	"github.com/civgrid/civgrid/data"
)

// judged is a layer of an indicator by hand: two rows, of which one misses its
// target and one has no facts.
func judged(unit analytics.Unit, rows []data.Community) *analytics.Layer {
	floats := func(name, unit string, x float64) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Floats: []float64{x, 0}, Valid: []bool{true, false}}
	}
	words := func(name string, words ...string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.WordColumn, Words: words, Valid: []bool{words[0] != "", words[1] != ""}}
	}
	legend := indicator.StatusLegend("No data")
	legend.Classes[2].Rows, legend.Classes[4].Rows = 1, 1
	return &analytics.Layer{
		Name: "indicator", Title: "Closed on time", Names: data.Names{"en": "Closed on time", "zh-Hans": "按期办结率", "zh-Hant": "按期辦結率"},
		Doc: "The share that was closed by its deadline.", Method: "Told in English.", Frame: &analytics.Frame{Unit: unit, Communities: rows},
		Columns: []analytics.Column{
			words("status", "non_compliant", ""),
			floats("value", "share", 0.689), floats("low", "share", 0.66), floats("high", "share", 0.718),
			{Name: "n", Type: analytics.IntColumn, Unit: "count", Ints: []int64{969, 0}},
			floats("change", "share_change", -0.0123), floats("change_p", "share", 0.25),
			words("reason", "", "no_facts"),
			{Name: "rank", Type: analytics.IntColumn, Ints: []int64{1, 0}, Valid: []bool{true, false}},
		},
		Legend: legend, Rank: analytics.Rank{Column: "value", Show: []string{"status", "value", "low", "high", "n", "rank", "change", "change_p"}},
		Summary: []analytics.Item{
			{Key: "indicator", Title: "Indicator", Value: "general.on_time@1"},
			{Key: "value", Title: "Closed on time", Value: 0.891, Unit: "share"},
			{Key: "low", Value: 0.881, Unit: "share"},
			{Key: "high", Value: 0.9, Unit: "share"},
			{Key: "n", Value: int64(4256), Unit: "count"},
			{Key: "target", Title: "Target, at least", Value: 0.9, Unit: "share"},
			{Key: "status", Title: "Target reached", Value: "non_compliant"},
			{Key: "previous", Title: "Value from 2025-10-01 00:00 to 2025-11-01 00:00", Value: 0.88, Unit: "share"},
			{Key: "previous_change", Value: 0.011},
			{Key: "in_force", Title: "In force", Value: "from 2024-01-01 on"},
		},
		Balances: []analytics.Balance{
			{Of: "general.on_time", Count: "closed_on_time", Total: 3791, InRows: 3791},
			{Of: "general.on_time", Count: analytics.AllFacts, Total: 4810, InRows: 4000, Outside: 30, AreaOnly: 780},
			{Of: "general.on_time", Count: "void"},
		},
		Caveats: []string{"Facts are as the store had them on 2026-01-01T08:00:00+08:00; what came later, or was corrected later, is not in them."},
		Provenance: analytics.Provenance{
			DataVersion: "abc", Zone: "Asia/Shanghai", Indicator: "general.on_time@1",
			From: time.Date(2025, 10, 31, 16, 0, 0, 0, time.UTC), To: time.Date(2025, 11, 30, 16, 0, 0, 0, time.UTC), AsOf: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		},
		Quality: &data.Report{Dataset: data.Incidents, First: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Last: time.Date(2025, 12, 31, 12, 0, 0, 0, time.UTC)},
	}
}

func indicatorPage(given map[string]string) web.Page {
	return web.Page{
		Title: "Civgrid", Lang: "en", Base: "http://x", Name: "indicator", Given: given, Zone: "Asia/Shanghai", Hierarchy: data.NewHierarchy(areas()),
		Analyses: []analytics.Analysis{indicator.Execution, hotspot.Analysis, indicator.Analysis}, Resolutions: data.DefaultResolutions(),
		Parties: []data.Level{analytics.ResponsibleUnit}, Indicator: "general.on_time",
		Indicators: []analytics.Offer{
			{Value: "general.on_time", Names: data.Names{"en": "Closed on time", "zh-Hans": "按期办结率"}},
			{Value: "general.pass_share", Names: data.Names{"en": "Inspections passed", "zh-Hans": "检查合格率"}, Lacks: "inspections"},
			{Value: "town.x", Names: data.Names{"": hostile}},
		},
		Layer: judged(analytics.CommunitiesOf(data.District), data.NewHierarchy(areas()).At(data.District)),
	}
}

// has tests that a text holds others.
func has(t *testing.T, text string, wanted ...string) {
	t.Helper()
	for _, want := range wanted {
		if !strings.Contains(text, want) {
			t.Errorf("%s is missing", want)
		}
	}
}

func TestThePageShowsAnIndicator(t *testing.T) {
	html := render(t, indicatorPage(map[string]string{"level": "district", "changes": "true", "period": "2025-11", "category": "noise"}))
	has(t, html,
		`<h1 id="heading">Closed on time</h1>`, `general.on_time@1 · District · 2 rows · 2025-11-01 – 2025-11-30`,
		`<optgroup label="Any city"><option value="general.on_time" selected>Closed on time</option><option value="general.pass_share" disabled>Inspections passed (there are no inspections)</option></optgroup>`,
		`<optgroup label="town"><option value="town.x">&#34;&gt;&lt;img`,
		`<optgroup label="Months"><option value="2025-12">2025-12</option><option value="2025-11" selected>2025-11</option>`, `<option value="2025-Q4">`, `<option value="2025">`,
		`name="changes" value="true" checked`, `<input type="hidden" name="category" value="noise">`,
		`<span class="value">89.1%</span><span class="title">All facts together</span><span class="below">Interval <span>88.1–90.0%</span></span>`,
		`</svg>Not compliant</span><span class="title">Target reached</span>`, `data-key="target"><span class="value">90.0%</span><span class="title">Target, at least</span>`,
		`<strong>Facts: 4,810</strong> = <span data-key="in_rows">4,000 in rows</span> + <span data-key="outside">30 with a point in no row</span> + <span data-key="area_only">780 by a community in no row</span></p>`,
		`<td class="number">66.0–71.8%</td><td class="number">−1.2 pp</td>`, `Value from 2025-10-01 00:00 to 2025-11-01 00:00`,
		`OAPIF:http://x/collections/indicator-district?category=noise&amp;changes=true&amp;period=2025-11`,
	)
	if n := count(html, `<tr><th scope="row">`); n != 2 {
		t.Errorf("the balances have %d rows, want those of the 2 counts that have facts", n)
	}
	for _, pattern := range []string{`type="date"`, `<input type="hidden" name="(?:indicator|period|changes|within|from|to)"`} {
		if count(html, pattern) != 0 {
			t.Errorf("%s is there, and says what the form says already", pattern)
		}
	}
}

func TestAnIndicatorIsToldInEveryLanguage(t *testing.T) {
	for tag, want := range map[string][]string{
		"zh-Hans": {">按期办结率</h1>", "检查合格率（无检查记录）", "不达标", "目标值（不低于）", "−1.2 个百分点", "记录为数据库在 2026-01-01T08:00:00&#43;08:00 时的状态", "2025-10-01 00:00 至 2025-11-01 00:00 的数值", "自 2024-01-01 起"},
		"zh-Hant": {">按期辦結率</h1>", "不達標", "目標值（不低於）", "−1.2 個百分點", "記錄為資料庫在"},
	} {
		p := indicatorPage(map[string]string{"level": "district", "changes": "true"})
		p.Lang = tag
		html := render(t, p)
		has(t, html, want...)
		has(t, html, `<p class="quiet" lang="en">The share that was closed by its deadline.</p>`, `<p class="quiet" lang="en">Told in English.</p>`)
		if strings.Contains(html, `<li lang="en">`) {
			t.Errorf("%s: a caveat of the layer is not translated", tag)
		}
	}
}

// TestDaysAndNamesOfPeriodsExcludeEachOther: the form says the time in one way.
func TestDaysAndNamesOfPeriodsExcludeEachOther(t *testing.T) {
	html := render(t, indicatorPage(map[string]string{"from": "2025-11-01", "to": "2025-12-01", "level": "district"}))
	has(t, html, `<input type="date" name="from" value="2025-11-01">`, `>Choose a period by name</a>`)
	if strings.Contains(html, `name="period"`) {
		t.Error("the form asks for days and for a name")
	}
	html = render(t, indicatorPage(map[string]string{"level": "district", "period": "2024-W07"}))
	has(t, html, `<option value="2024-W07" selected>2024-W07</option>`, `from=2025-11-01&amp;lang=en&amp;layer=indicator&amp;level=district&amp;to=2025-12-01`)
}

// TestWhatIsChosenIsKeptWhereItIsMeant looks at the links to other analyses.
func TestWhatIsChosenIsKeptWhereItIsMeant(t *testing.T) {
	html := render(t, indicatorPage(map[string]string{
		"indicator": "general.on_time", "period": "2025-11", "recorded": "as-of", "level": "responsible_unit", "version": "1",
	}))
	tab := func(key string) string {
		found := regexp.MustCompile(`<a href="([^"]*)"[^>]*data-key="` + key + `"`).FindStringSubmatch(html)
		if found == nil {
			t.Fatalf("there is no link to %s", key)
		}
		return strings.ReplaceAll(found[1], "&amp;", "&")
	}
	for key, want := range map[string]string{
		"execution": "?indicator=general.on_time&lang=en&layer=execution&level=responsible_unit&recorded=as-of&version=1",
		"hotspot":   "?lang=en&layer=hotspot&recorded=as-of",
	} {
		if got := tab(key); got != want {
			t.Errorf("the link to %s is %s, want %s", key, got, want)
		}
	}
	has(t, html, `<input type="number" name="version" min="1" value="1">`)
}

func TestRowsWithoutAPlace(t *testing.T) {
	p := indicatorPage(map[string]string{"level": "responsible_unit"})
	p.Layer = judged(analytics.CommunitiesOf(analytics.ResponsibleUnit), []data.Community{
		{Code: "Parks", Level: analytics.ResponsibleUnit, Names: data.Names{"": "Parks"}}, {Code: "Roads", Level: analytics.ResponsibleUnit, Names: data.Names{"": "Roads"}},
	})
	p.Select = "Parks"
	html := render(t, p)
	has(t, html, `data-testid="placeless">These rows answer for facts`, `data-code="Parks"`, `data-code="Roads"`, `<th scope="col">Responsible unit</th>`,
		`data-key="responsible_unit" aria-current="true">Responsible unit</a>`, `data-testid="popup" data-cell="Parks"`)
	if strings.Contains(html, `data-testid="map"`) || strings.Contains(html, "Zoom to this area") {
		t.Error("there is a map of what has no place")
	}
	var buf bytes.Buffer
	if err := (web.Map{Layer: p.Layer, Hierarchy: p.Hierarchy, Lang: "zh-Hant"}).WriteSVG(&buf); err != nil {
		t.Fatal(err)
	}
	has(t, buf.String(), "按期辦結率", "因此不繪地圖", `data-class="non_compliant"`)
	if strings.Contains(buf.String(), "東湖區") {
		t.Error("the picture names areas where there is no map")
	}
}

// TestAnIndicatorWithoutATargetIsRankedByValue: nothing is pressing about it, and
// a column without any value is no column.
func TestAnIndicatorWithoutATargetIsRankedByValue(t *testing.T) {
	p := indicatorPage(map[string]string{"level": "district"})
	for _, name := range []string{"status", "rank"} {
		p.Layer.Set(name, analytics.Column{Words: []string{"", ""}, Ints: []int64{0, 0}, Valid: []bool{false, false}})
	}
	one := 0.5
	p.Layer.Legend = analytics.Legend{Column: "value", Title: "Closed on time", Unit: "share", Classes: []analytics.Class{
		{Key: "class1", Label: "under 0.5", Color: "#f0f921", High: &one}, {Key: "class2", Label: "0.5 or more", Color: "#414487", Low: &one},
	}}
	html := render(t, p)
	has(t, html, ">Rows by value</h2>", "<strong>Closed on time</strong>", "<span>under 50%</span>", "<span>50% or more</span>")
	if strings.Contains(html, `<th scope="col">Status</th>`) {
		t.Error("a column without any value is shown")
	}
}

// TestEverythingAnIndicatorSaysHasWords holds the words of the page against what
// layers of indicators can say.
func TestEverythingAnIndicatorSaysHasWords(t *testing.T) {
	var words struct{ Text map[string]string }
	text, err := os.ReadFile("i18n/en.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &words); err != nil {
		t.Fatal(err)
	}
	f := func(keys ...string) {
		t.Helper()
		for _, key := range keys {
			if words.Text[key] != "" {
				return
			}
		}
		t.Errorf("there is no text for %s", strings.Join(keys, " or "))
	}
	for _, a := range []analytics.Analysis{
		indicator.Analysis, indicator.Execution, hotspot.Analysis, blindspot.Analysis, clusters.Analysis, coverage.Analysis, coverage.Sites, emerging.Analysis, lisa.Analysis,
	} {
		f("analysis." + a.Name)
		f("tab." + a.Name)
		for _, c := range a.Columns {
			f("column."+a.Name+"."+c.Name, "column."+c.Name)
		}
	}
	for _, class := range indicator.StatusLegend("").Classes {
		f("class.indicator."+class.Key, "class."+class.Key)
	}
	for _, word := range []string{
		indicator.NoFacts, indicator.NotReached, indicator.NoArea, indicator.NoPopulation, indicator.GateClosed, indicator.GateUnknown, indicator.Vetoed,
		indicator.NothingScored, indicator.Compliant, indicator.NonCompliant, indicator.Undetermined, indicator.Insufficient,
	} {
		f("word." + word)
	}
	for _, p := range indicator.PopulationTitles() {
		f("item." + p[0])
		f("column." + p[0])
	}
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range library.Definitions() {
		name, _, _ := strings.Cut(d.Code, ".")
		f("pack." + name)
		f("lacks." + string(d.Counts()))
	}
}
