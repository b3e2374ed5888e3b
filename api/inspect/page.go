package inspect

import (
	"embed"
	"html/template"
	"io"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// Policy is the Content-Security-Policy under which the page works: nothing comes from
// elsewhere, nothing goes elsewhere, and nothing stands in the page that runs.
const Policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'self'"

//go:embed page.html static/*
var files embed.FS

// Static returns a file that the page needs, with its media type.
func Static(name string) (content []byte, media api.MediaType, ok bool) {
	kinds := map[string]api.MediaType{
		".css": "text/css; charset=utf-8", ".mjs": "text/javascript; charset=utf-8", ".svg": api.SVG, ".webmanifest": "application/manifest+json",
	}
	media, known := kinds[path.Ext(name)]
	if !known || strings.ContainsAny(name, `/\`) {
		return nil, "", false
	}
	content, err := files.ReadFile("static/" + name)
	return content, media, err == nil
}

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "page.html"))
})

// Defaults are the parameters of the plan that the page asks for where the address says
// nothing: as many stops as fit on two sheets.
func Defaults() map[string]string { return map[string]string{"capacity": "12", "minutes": "240"} }

// A Page is what the inspector's page shows.
type Page struct {
	Title string // of the service
	Lang  string
	// Given are the parameters of the plan as they were asked for, Query those among
	// them that the address named.
	Given, Query map[string]string
	// Itinerary is what is shown; where there is none, Problem says why.
	Itinerary *analytics.Itinerary
	Problem   *api.Problem
	Hierarchy *data.Hierarchy
	// External adds links to map services of others.
	External bool
	// Records says that the service keeps records, Keys that callers have to show a key
	// for that.
	Records, Keys bool
	// Photos says that it keeps pictures as well.
	Photos bool
}

// A view is what the template is executed with.
type view struct {
	Page
	T         func(string) string
	Day       string
	About     string
	Cards     []card
	Caveats   []said
	Map       template.HTML
	Frame     frame
	Languages []choice
	Downloads []choice
	Places    []string
	Fields    []field
	Results   []string
	Words     map[string]string // of the script
}

// A card is a stop.
type card struct {
	analytics.Stop
	N                    int
	Lon, Lat             string
	Place, Where, Search string
	Reasons              []string
	Visited, Expected    string
	Clock                string
	Links                []namedLink
	Mini                 string
}

type namedLink struct {
	Link
	Name string
}

// said is a text that may be in another language than the page.
type said struct{ Text, Lang string }

// A choice leads to the same in another language or format.
type choice struct {
	Name, Href, Lang string
	Current          bool
}

// A field is a parameter that can be changed on the page.
type field struct{ Name, Label, Value, Kind string }

// Write writes the page as HTML.
func (p Page) Write(w io.Writer) error {
	v, err := p.view()
	if err != nil {
		return err
	}
	return pageTemplate().ExecuteTemplate(w, "page.html", v)
}

func (p Page) view() (*view, error) {
	s := speaker{languages()[p.Lang], p.Itinerary}
	v := &view{Page: p, T: s.Must, Results: []string{"pass", "fail", "na"}, Words: map[string]string{}}
	for key, text := range s.Text {
		if name, ok := strings.CutPrefix(key, "js."); ok {
			v.Words[name] = text
		}
	}
	names := map[string]string{"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
	for _, tag := range api.Languages() {
		v.Languages = append(v.Languages, choice{names[tag], p.address("", "lang", tag), tag, tag == p.Lang})
	}
	for _, f := range []field{{Name: "start", Kind: "text"}, {Name: "capacity", Kind: "number"}, {Name: "minutes", Kind: "number"}} {
		f.Label, f.Value = s.Must("plan."+f.Name), p.Given[f.Name]
		v.Fields = append(v.Fields, f)
	}
	if p.Itinerary == nil {
		return v, nil
	}
	return v, v.itinerary(s)
}

// itinerary fills in what there is to see of the plan.
func (v *view) itinerary(s speaker) error {
	it := v.Itinerary
	v.Day = it.Begin.Format("2006-01-02")
	v.About = s.counted("about", int64(len(it.Stops)), it.Begin.Format("15:04"), it.End.Format("15:04"), short(it.Metres/1000))
	for _, caveat := range it.Caveats {
		text, known := s.Translate(caveat)
		note := said{text, v.Lang}
		if !known {
			note.Lang = "en"
		}
		v.Caveats = append(v.Caveats, note)
	}
	for _, extension := range []string{"gpx", "kml", "geojson", "csv"} {
		v.Downloads = append(v.Downloads, choice{Name: strings.ToUpper(extension), Href: v.address("plan." + extension)})
	}
	if len(it.Stops) > 0 {
		v.Map, v.Frame = mapOf(it, v.Hierarchy, v.Lang)
	}
	seen := map[string]bool{}
	for i, stop := range it.Stops {
		c, err := v.card(s, i, stop)
		if err != nil {
			return err
		}
		v.Cards = append(v.Cards, c)
		if !seen[c.Place] {
			seen[c.Place] = true
			v.Places = append(v.Places, c.Place)
		}
	}
	return nil
}

func (v *view) card(s speaker, i int, stop analytics.Stop) (card, error) {
	c := card{
		Stop: stop, N: i + 1, Lon: decimals(stop.Lon, 7), Lat: decimals(stop.Lat, 7), Reasons: s.reasons(stop), Visited: s.visited(stop),
		Expected: s.Fill("expected", short(stop.Expected), short(s.it.Days), api.ShowCount(int64(stop.Low)), api.ShowCount(int64(stop.High))),
		Clock:    stop.Arrive.Format("15:04"), Mini: v.Frame.mini(stop),
	}
	c.Place, c.Where = v.place(stop)
	c.Search = strings.ToLower(c.Place + " " + c.Where + " " + stop.Community + " " + stop.Cell.String())
	links, err := navigation([2]float64{stop.Lon, stop.Lat}, s.Fill("stop", api.ShowCount(int64(c.N)))+" "+c.Place, v.External)
	for _, link := range links {
		c.Links = append(c.Links, namedLink{link, s.Must("nav." + link.Key)})
	}
	return c, err
}

// place names where a stop is, and what holds that, without the city, which holds all.
func (v *view) place(stop analytics.Stop) (place, where string) {
	place = stop.Names.In(v.Lang)
	if place == "" {
		place = stop.Community
	}
	if v.Hierarchy != nil {
		var above []string
		for _, code := range v.Hierarchy.Path(stop.Community) {
			area, ok := v.Hierarchy.Get(code)
			if name := area.Names.In(v.Lang); ok && code != stop.Community && name != "" && area.Level.Rank() > data.City.Rank() {
				above = append(above, name)
			}
		}
		where = strings.Join(above, " · ")
	}
	if place == "" {
		place = stop.Cell.String()
	}
	return place, where
}

// address returns the address of the page or of the same plan at another path, with
// some parameters set.
func (p Page) address(path string, changes ...string) string {
	q := url.Values{}
	given := p.Query
	if path != "" {
		given = p.Given // which no default of the page is behind
	} else {
		q.Set("lang", p.Lang)
	}
	for name, value := range given {
		q.Set(name, value)
	}
	for i := 0; i+1 < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
	}
	return path + "?" + q.Encode()
}
