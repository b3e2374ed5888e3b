package web

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// view is what the template fills in.
type view struct {
	Page
	T          func(key string, values ...string) string
	State      string
	Heading    string
	Subtitle   string
	Tabs       []choice // analyses
	Levels     []choice
	Languages  []choice
	Areas      []choice // to stay within
	Crumbs     []choice
	FromDay    string
	ToDay      string
	Hidden     []field
	Map        template.HTML
	LegendName string
	Legend     []legendItem
	KPIs       []kpi
	Figures    []kpi
	Rank       rankView
	Heat       *heatView
	Popup      *popupView
	Provenance string
	Notes      []note
	Method     note
	Reference  string
	Downloads  []choice
	Copies     []field
}

// choice is a link that may be the present one.
type choice struct {
	Key, Label, Href, Title string
	Here                    bool
}

// field is a name with a value.
type field struct{ Name, Value string }

// note is a sentence; Lang is set where it is not in the page's language.
type note struct{ Text, Lang string }

type legendItem struct {
	Key, Label, Color, Count string
	Swatch                   template.HTML
}

// kpi is a figure; Unit is the word behind its number.
type kpi struct{ Key, Title, Value, Unit string }

// view makes everything the template needs.
func (p Page) view() (*view, error) {
	w := languages()[Language(p.Lang, "")]
	p.Lang = w.Tag
	v := &view{Page: p, T: w.fill, State: "ready"}
	n := newNames(p.Layer, p.Hierarchy, w)
	v.Tabs, v.Languages = p.tabs(w), p.languages(w)
	if p.Layer == nil {
		v.State, v.Heading = "error", w.must("error.title")
		if p.Empty {
			v.State, v.Heading = "ready", w.must("empty.title")
		}
		n.layer = &analytics.Layer{Name: p.Name}
		v.period(w)
		v.Levels, v.Areas = p.levels(n), p.areas(n)
		return v, nil
	}
	v.Heading = w.say("analysis."+p.Layer.Name, p.Layer.Title)
	v.Levels, v.Areas, v.Crumbs = p.levels(n), p.areas(n), p.crumbs(n)
	v.period(w)
	if err := v.draw(n); err != nil {
		return nil, err
	}
	v.figures(n)
	v.Rank = p.ranking(n)
	v.Heat = heat(p.Layer.Matrix, w)
	v.Popup = p.popup(n)
	v.about(n)
	v.Downloads, v.Copies = p.downloads(w), p.copies()
	return v, nil
}

func (p Page) tabs(w *words) []choice {
	var tabs []choice
	for _, a := range p.Analyses {
		changes := append(p.onlyCommon(), "layer", a.Name)
		tabs = append(tabs, choice{
			Key: a.Name, Label: w.say("tab."+a.Name, a.Title), Title: w.say("analysis."+a.Name, a.Title),
			Href: p.address(changes...), Here: a.Name == p.Name,
		})
	}
	return tabs
}

func (p Page) languages(w *words) []choice {
	var list []choice
	for _, tag := range Languages() {
		list = append(list, choice{Key: tag, Label: languages()[tag].must("language"), Href: p.address("lang", tag), Here: tag == w.Tag})
	}
	return list
}

// levels lists what rows can be: communities of each level, cells of each
// resolution.
func (p Page) levels(n *names) []choice {
	var list []choice
	var here analytics.Unit
	if p.Layer != nil {
		here = p.Layer.Frame.Unit
	}
	if p.Hierarchy != nil {
		for _, l := range p.Hierarchy.Levels() {
			if l == data.City || l == data.Province {
				continue
			}
			list = append(list, choice{
				Key: string(l), Label: n.unit(analytics.CommunitiesOf(l)), Here: here.Level == l,
				Href: p.address("level", string(l), "res", "", "sel", "", "fill", ""),
			})
		}
	}
	for _, r := range p.Resolutions {
		list = append(list, choice{
			Key: "h3-" + r.String(), Label: "H3 " + r.String(), Title: n.unit(analytics.CellsOf(r)),
			Here: p.Layer != nil && here == analytics.CellsOf(r), Href: p.address("res", r.String(), "level", "", "sel", ""),
		})
	}
	return list
}

// areas lists the communities a layer can be cut to: those of the coarsest
// level that divides the city, and those right below the one chosen.
func (p Page) areas(n *names) []choice {
	if p.Hierarchy == nil {
		return nil
	}
	within := p.Given["within"]
	list := []choice{{Key: "", Label: n.words.must("within.all"), Here: within == ""}}
	for _, level := range p.Hierarchy.Levels() {
		at := p.Hierarchy.At(level)
		if len(at) < 2 {
			continue
		}
		for _, c := range at {
			list = append(list, choice{Key: c.Code, Label: n.community(c.Code), Here: c.Code == within})
			for _, below := range p.below(c, within) {
				list = append(list, choice{Key: below.Code, Label: "— " + n.community(below.Code), Here: below.Code == within})
			}
		}
		break
	}
	return list
}

// below returns the communities right below c where c, or something within it,
// is chosen.
func (p Page) below(c data.Community, within string) []data.Community {
	open := false
	for _, code := range p.Hierarchy.Path(within) {
		open = open || code == c.Code
	}
	if !open {
		return nil
	}
	var list []data.Community
	for _, code := range p.Hierarchy.Within(c.Code) {
		if parent, ok := p.Hierarchy.Parent(code); ok && parent == c.Code {
			child, _ := p.Hierarchy.Get(code)
			list = append(list, child)
		}
	}
	return list
}

// crumbs is the way from the whole city down to the area shown.
func (p Page) crumbs(n *names) []choice {
	within := p.Layer.Provenance.Within
	list := []choice{{Label: n.words.must("within.all"), Href: p.address("within", "", "sel", ""), Here: within == ""}}
	if p.Hierarchy == nil || within == "" {
		return list
	}
	for _, code := range p.Hierarchy.Path(within) {
		if c, ok := p.Hierarchy.Get(code); ok && (c.Level.Rank() > data.City.Rank() || code == within) {
			list = append(list, choice{Key: code, Label: n.community(code), Href: p.address("within", code, "sel", ""), Here: code == within})
		}
	}
	return list
}

// period fills in the dates of the form and what else it has to send.
func (v *view) period(*words) {
	day := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return api.Local(t, v.Zone).Format(time.DateOnly)
	}
	v.FromDay, v.ToDay = v.Given["from"], v.Given["to"]
	if v.Layer != nil {
		v.FromDay, v.ToDay = day(v.Layer.Provenance.From), day(v.Layer.Provenance.To)
	}
	v.Hidden = []field{{"layer", v.Name}, {"lang", v.Lang}}
	for _, name := range common() {
		if value := v.Given[name]; value != "" && name != "within" && name != "from" && name != "to" {
			v.Hidden = append(v.Hidden, field{name, value})
		}
	}
}

// draw makes the map and its legend.
func (v *view) draw(n *names) error {
	var drawn bytes.Buffer
	m := Map{Layer: v.Layer, Hierarchy: v.Hierarchy, Lang: v.Lang, Select: v.Select, Link: func(id string) string {
		return v.address("sel", id) + "#popup"
	}}
	if err := m.WriteInline(&drawn); err != nil {
		return fmt.Errorf("draw %s: %w", v.Layer.Name, err)
	}
	v.Map = template.HTML(drawn.String()) //nolint:gosec // every text in it went through esc
	v.LegendName = n.legend()
	for _, class := range v.Layer.Legend.Classes {
		v.Legend = append(v.Legend, legendItem{
			Key: class.Key, Label: n.class(class), Color: safeColour(class.Color), Count: api.ShowCount(int64(class.Rows)),
			Swatch: swatchHTML(class, v.Layer.Legend),
		})
	}
	return nil
}

func swatchHTML(class analytics.Class, legend analytics.Legend) template.HTML {
	return template.HTML(`<svg class="swatch" width="22" height="18" viewBox="0 0 22 18" aria-hidden="true">` + swatch(class, legend) + `</svg>`) //nolint:gosec // signs and a checked colour
}

// headline are the keys of the figures that stand out, in order of preference.
func headline() []string {
	return []string{"share", "hot", "cold", "km_p50", "km_p90", "within_limit", "n", "open_overdue", "at_default_locations", "in_rows"}
}

const headlines = 4

// figures chooses up to four figures to stand out; all stand below.
func (v *view) figures(n *names) {
	shown := map[string]kpi{}
	for _, item := range v.Layer.Summary {
		k := kpi{Key: item.Key, Title: n.item(item), Value: "–"}
		switch x := item.Value.(type) {
		case int64:
			k.Value, k.Unit, _ = strings.Cut(n.number(float64(x), item.Unit), " ")
		case float64:
			k.Value, k.Unit, _ = strings.Cut(n.number(x, item.Unit), " ")
		case string:
			k.Value = x
		}
		shown[item.Key] = k
		v.Figures = append(v.Figures, k)
	}
	for _, key := range headline() {
		if k, ok := shown[key]; ok && len(v.KPIs) < headlines {
			v.KPIs = append(v.KPIs, k)
		}
	}
}

// about fills in where the layer comes from and what to beware of.
func (v *view) about(n *names) {
	sentence := func(english string) note {
		text, ok := n.words.sentences(english)
		if ok {
			return note{Text: text}
		}
		return note{text, "en"}
	}
	v.Subtitle = n.unit(v.Layer.Frame.Unit) + " · " + api.ShowCount(int64(v.Layer.Frame.Len())) + " " + n.words.must("rows")
	v.Provenance = provenance(v.Layer, n)
	for _, caveat := range v.Layer.Caveats {
		v.Notes = append(v.Notes, sentence(caveat))
	}
	v.Method = note{v.Layer.Method, ""}
	if text, ok := n.words.Text["method."+v.Layer.Name]; ok {
		v.Method.Text = text
	} else if n.words.Tag != "en" {
		v.Method.Lang = "en"
	}
	v.Reference = v.Layer.Reference
}

func (p Page) downloads(w *words) []choice {
	file := "layers/" + p.Name
	return []choice{
		{Key: "geojson", Label: "GeoJSON", Title: w.must("download.geojson"), Href: file + ".geojson" + p.parameters()},
		{Key: "csv", Label: "CSV", Title: w.must("download.csv"), Href: file + ".csv" + p.parameters("bom", "true")},
		{Key: "json", Label: "JSON", Title: w.must("download.json"), Href: file + ".json" + p.parameters()},
		{Key: "svg", Label: "SVG", Title: w.must("download.svg"), Href: "map.svg" + p.parameters("layer", p.Name, "lang", w.Tag)},
	}
}

// copies are addresses and commands to copy.
func (p Page) copies() []field {
	layer := p.Base + "/layers/" + p.Name + ".geojson" + p.parameters()
	collection := p.Name
	if !p.Layer.Frame.Unit.IsCells() {
		collection += "-" + p.Layer.Frame.Unit.String()
	}
	return []field{
		{"QGIS · OGC API - Features", p.Base + "/"},
		{"QGIS · GeoJSON", "/vsicurl/" + layer},
		{"GDAL", "ogr2ogr -f GPKG " + collection + ".gpkg " + shellQuote("OAPIF:"+p.Base+"/") + " " + collection},
		{"curl", "curl -o " + p.Name + ".geojson " + shellQuote(layer)},
	}
}

// shellQuote puts text into single quotes for a shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
