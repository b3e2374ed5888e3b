package web

import (
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
	Crumbs     []choice
	Form       formView
	Steps      *stepsView    // nil where there is one month, or none
	Chips      []choice      // what facts are narrowed to
	Swap       string        // address with the two periods that are compared swapped, "" for none
	Report     string        // address of the report for the printer
	Map        template.HTML // "" where it is the picture at an address
	Picture    string
	Glass      *glass // nil where there is no interactive map
	Placeless  bool   // no row has a place: there is no map
	LegendName string
	Legend     []legendItem
	KPIs       []kpi
	Figures    []kpi
	Balance    *balanceView // of the count with the most facts
	Balances   []balanceView
	Rank       rankView
	Heat       *heatView
	Popup      *popupView
	Provenance string
	Notes      []note
	Method     []note
	Reference  string
	Downloads  []choice
	Copies     []field
}

// choice is a link that may be the present one.
type choice struct {
	Key, Label, Href, Title string
	Here, Off               bool
}

// field is a name with a value.
type field struct{ Name, Value string }

// note is a sentence; Lang is set where it is not in the page's language.
type note struct{ Text, Lang string }

type legendItem struct {
	Key, Label, Color, Count string
	Swatch                   template.HTML
}

// view makes everything the template needs.
func (p Page) view() *view {
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
		v.Levels, v.Form = p.levels(n), p.form(n)
		return v
	}
	v.Heading = n.heading()
	v.Levels, v.Form, v.Crumbs = p.levels(n), p.form(n), p.crumbs(n)
	v.draw(n)
	v.Steps, v.Chips, v.Swap, v.Report = p.steps(n), p.chips(w), p.swapped(), p.report()
	v.figures(n)
	v.Rank = p.ranking(n)
	v.Heat = p.heat(w)
	v.Popup = p.popup(n)
	v.about(n)
	v.Downloads, v.Copies = p.downloads(w), p.copies()
	return v
}

// HasMap reports whether the page can have the interactive map.
func (*view) HasMap() bool { return hasMap() }

// Stale says in words that the store is out of reach, "" while it is not.
func (v *view) Stale() string {
	if v.Away.IsZero() {
		return ""
	}
	moment := func(t time.Time) string { return api.Local(t, v.Zone).Format("2006-01-02 15:04") }
	return v.T("stale", moment(v.Away), moment(v.AsOf))
}

// draw makes the map and its legend.
func (v *view) draw(n *names) {
	v.Placeless = placeless(v.Layer.Frame)
	d := newDrawing(Map{Layer: v.Layer, Hierarchy: v.Hierarchy, Lang: v.Lang, Select: v.Select, Link: func(id string) string {
		return v.address("sel", id) + "#popup"
	}})
	if v.Layer.Frame.Len() > maxLinked {
		v.Picture = "map.svg" + v.parameters("layer", v.Name, "lang", v.Lang, "sel", v.Select, "bare", "true")
	} else {
		d.inline("")
		v.Map = template.HTML(d.buf) //nolint:gosec // every text in it went through esc
	}
	v.Glass = v.glass(d)
	v.LegendName = n.legend()
	for _, class := range v.Layer.Legend.Classes {
		v.Legend = append(v.Legend, legendItem{
			Key: class.Key, Label: n.class(class), Color: safeColour(class.Color), Count: api.ShowCount(int64(class.Rows)),
			Swatch: swatchHTML(class, v.Layer.Legend),
		})
	}
}

func swatchHTML(class analytics.Class, legend analytics.Legend) template.HTML {
	return template.HTML(`<svg class="swatch" width="22" height="18" viewBox="0 0 22 18" aria-hidden="true">` + swatch(class, legend) + `</svg>`) //nolint:gosec // signs and a checked colour
}

// about fills in where the layer comes from and what to beware of.
func (v *view) about(n *names) {
	rows := api.ShowCount(int64(v.Layer.Frame.Len())) + " " + n.words.Must("rows")
	v.Subtitle = n.unit(v.Layer.Frame.Unit) + " · " + rows
	if v.Layer.Provenance.Indicator != "" {
		v.Subtitle = v.Layer.Provenance.Indicator + " · " + v.Subtitle + " · " + n.span()
	}
	v.Provenance = provenance(v.Layer, n)
	for _, caveat := range v.Layer.Caveats {
		text, known := n.words.Translate(caveat)
		v.Notes = append(v.Notes, marked(n.words, text, known))
	}
	v.Method, v.Reference = v.method(n), v.Layer.Reference
}

// method says what the layer means and how it was computed: in the language as
// far as it is known there, and what is told of an indicator alone in English.
func (v *view) method(n *names) []note {
	if n.differs() {
		return []note{{Text: n.words.Must("change.method")}}
	}
	told := marked(n.words, v.Layer.Method, false)
	meaning := marked(n.words, v.Layer.Doc, false)
	key := "method." + v.Layer.Name
	text, ok := n.words.Text[key]
	switch {
	case !ok && meaning.Text == "":
		return []note{told}
	case !ok:
		return []note{meaning, told}
	case v.Layer.Names == nil:
		return []note{{Text: text}}
	}
	p := v.Layer.Provenance
	text = n.words.Fill(key, p.Indicator, api.ShowMoment(p.From, p.Zone), api.ShowMoment(p.To, p.Zone), api.ShowMoment(p.AsOf, p.Zone))
	return []note{{Text: text}, meaning, told}
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

// collection returns the collection that the layer is of, and the query that makes it
// the layer, with more parameters.
func (p Page) collection(more ...string) (id, query string) {
	unit := p.Layer.Frame.Unit
	if unit.IsCells() {
		return p.Name, p.parameters(append(more, "res", unit.Resolution.String())...)
	}
	return p.Name + "-" + unit.String(), p.parameters(append(more, "level", "", "res", "", "fill", "")...)
}

// copies are addresses and commands to copy.
func (p Page) copies() []field {
	layer := p.Base + "/layers/" + p.Name + ".geojson" + p.parameters()
	collection, query := p.collection()
	return []field{
		{"QGIS · OGC API - Features", p.Base + "/"},
		{"QGIS · GeoJSON", "/vsicurl/" + layer},
		{"GDAL", "ogr2ogr -f GPKG " + collection + ".gpkg " + shellQuote("OAPIF:"+p.Base+"/collections/"+collection+query) + " " + collection},
		{"curl", "curl -o " + p.Name + ".geojson " + shellQuote(layer)},
	}
}

// shellQuote puts text into single quotes for a shell.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
