package web

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
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
	v := &view{Page: p, T: w.Fill, State: "ready"}
	n := newNames(p.Layer, p.Hierarchy, w)
	v.Tabs, v.Languages = p.tabs(w), p.languages(w)
	if p.Layer == nil {
		v.State, v.Heading = "error", w.Must("error.title")
		if p.Empty {
			v.State, v.Heading = "ready", w.Must("empty.title")
		}
		n.layer = &analytics.Layer{Name: p.Name}
		v.period(w)
		v.Levels, v.Areas = p.levels(n), p.areas(n)
		return v, nil
	}
	v.Heading = w.Say("analysis."+p.Layer.Name, p.Layer.Title)
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

// Stale says in words that the store is out of reach, "" while it is not.
func (v *view) Stale() string {
	if v.Away.IsZero() {
		return ""
	}
	moment := func(t time.Time) string { return api.Local(t, v.Zone).Format("2006-01-02 15:04") }
	return v.T("stale", moment(v.Away), moment(v.AsOf))
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
		text, ok := n.words.Translate(english)
		if ok {
			return note{Text: text}
		}
		return note{text, "en"}
	}
	v.Subtitle = n.unit(v.Layer.Frame.Unit) + " · " + api.ShowCount(int64(v.Layer.Frame.Len())) + " " + n.words.Must("rows")
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
		{Key: "geojson", Label: "GeoJSON", Title: w.Must("download.geojson"), Href: file + ".geojson" + p.parameters()},
		{Key: "csv", Label: "CSV", Title: w.Must("download.csv"), Href: file + ".csv" + p.parameters("bom", "true")},
		{Key: "json", Label: "JSON", Title: w.Must("download.json"), Href: file + ".json" + p.parameters()},
		{Key: "svg", Label: "SVG", Title: w.Must("download.svg"), Href: "map.svg" + p.parameters("layer", p.Name, "lang", w.Tag)},
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
