package docs

import (
	"bytes"
	"embed"
	"html/template"
	"slices"
	"sync"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
)

//go:embed i18n/*.json
var wordFiles embed.FS

// languages reads the word files, once.
var languages = sync.OnceValue(func() map[string]*api.Words { return api.ReadWords(wordFiles, "i18n") })

// A Manual makes the pages of the manual as the service at an address shows them.
type Manual struct {
	// Title is that of the service, Base its address without a slash at the end.
	Title, Base string
	// Lang is the language that pages are in where there are in it.
	Lang string
	// Commands is the Markdown of the page of the command line. Empty means that there
	// is none.
	Commands string
	// Layers are the names of the layers that are served without further parameters.
	// Pages of these names tell how other programs open them.
	Layers []string
}

// Link returns the link that leads to the manual.
func (m Manual) Link() api.Link {
	return api.Link{Href: m.Base + "/docs?lang=" + m.Lang, Rel: "help", Type: api.HTML.Bare(), Hreflang: m.Lang, Title: languages()[m.Lang].Must("manual")}
}

// A view is what the templates show.
type view struct {
	page.Head
	Contents  []heading
	Body      template.HTML
	Words     *api.Words
	Languages []api.Link
	Foreign   bool // not in the language that was asked for
	Uses      []use
}

// A use is what to type into another program to open a layer.
type use struct{ Program, Text string }

// uses returns what opens a layer, each text as it works.
func (m Manual) uses(name string) []use {
	if !slices.Contains(m.Layers, name) {
		return nil
	}
	style := m.Base + "/styles/" + name
	return []use{
		{"QGIS (WFS / OGC API - Features)", m.Base + "/"},
		{"QGIS (QML)", style + "?f=qml"},
		{"ArcGIS Pro (OGC API)", m.Base + "/"},
		{"MapLibre", style + "?f=mapbox"},
		{"GDAL", "ogr2ogr -f GPKG " + name + ".gpkg OAPIF:" + m.Base + "/ " + name + " -oo PAGE_SIZE=10000"},
		{"curl", "curl -o " + name + ".geojson '" + m.Base + "/exports/" + name + ".geojson'"},
	}
}

var (
	article = page.Frame(`{{if .Foreign}}<p><em>{{.Words.Must "untranslated"}}</em></p>
{{end}}{{template "languages" .}}{{if gt (len .Contents) 2}}<nav class="contents" aria-label="{{.Words.Must "contents"}}"><ul>
{{range .Contents}}<li><a href="#{{.ID}}">{{.Text}}</a></li>
{{end}}</ul></nav>
{{end}}<article class="prose"{{if .Foreign}} lang="en"{{end}}>
{{.Body}}</article>
{{with .Uses}}<h2>{{$.Words.Must "uses"}}</h2>
<dl class="facts">
{{range .}}<dt>{{.Program}}</dt><dd><code>{{.Text}}</code></dd>
{{end}}</dl>
{{end}}` + languageLinks)

	index = page.Frame(`{{template "languages" .}}{{$words := .Words}}{{range .Sections}}<h2>{{$words.Must .Title}}</h2>
<dl>
{{range .Pages}}<dt><a href="{{.Href}}"{{if .Foreign}} hreflang="en"{{end}}>{{.Title}}</a></dt>
<dd{{if .Foreign}} lang="en"{{end}}>{{.Lead}}</dd>
{{end}}</dl>
{{end}}<p><a href="{{.Notices}}">{{.Words.Must "notices"}}</a></p>
` + languageLinks)
)

// languageLinks is the template of links to a page in other languages.
const languageLinks = `{{define "languages"}}{{with .Languages}}<ul class="languages">
{{range .}}<li><a href="{{.Href}}" lang="{{.Hreflang}}" hreflang="{{.Hreflang}}">{{.Title}}</a></li>
{{end}}</ul>
{{end}}{{end}}`

// Index returns the first page of the manual.
func (m Manual) Index() ([]byte, error) {
	type entry struct {
		Href, Title, Lead string
		Foreign           bool
	}
	type part struct {
		Title string
		Pages []entry
	}
	words := languages()[m.Lang]
	shown := struct {
		view
		Sections []part
		Notices  string
	}{Notices: m.Base + "/licenses?lang=" + m.Lang, view: view{Head: page.Head{Title: words.Must("manual"), Lang: m.Lang, Trail: m.trail()}, Words: words, Languages: m.in(api.Languages(), "/docs")}}
	for _, s := range Sections() {
		listed := part{Title: s.Title}
		for _, name := range s.Pages {
			if text, lang, ok := m.text(name); ok {
				title, lead := titleOf(text)
				listed.Pages = append(listed.Pages, entry{m.address(name), title, lead, lang != m.Lang})
			}
		}
		shown.Sections = append(shown.Sections, listed)
	}
	var b bytes.Buffer
	err := index.ExecuteTemplate(&b, "frame", shown)
	return b.Bytes(), err
}

// Page returns a page, ok false if there is none of that name.
func (m Manual) Page(name string) (html []byte, ok bool, err error) {
	text, lang, ok := m.text(name)
	if !ok {
		return nil, false, nil
	}
	r, err := render(text, m.address)
	if err != nil {
		return nil, true, err
	}
	shown := view{
		Head: page.Head{Title: r.Title, Lang: m.Lang}, Contents: r.Contents, Body: r.Body, Words: languages()[m.Lang],
		Languages: m.in(Languages(name), "/docs/"+name), Foreign: lang != m.Lang, Uses: m.uses(name),
	}
	shown.Trail = append(m.trail(), api.Link{Href: m.address(name), Title: r.Title})
	var b bytes.Buffer
	err = article.ExecuteTemplate(&b, "frame", shown)
	return b.Bytes(), true, err
}

// text returns the Markdown of a page, and the language that it is in.
func (m Manual) text(name string) (text, lang string, ok bool) {
	if name == Commands {
		return m.Commands, "en", m.Commands != ""
	}
	if text, ok = Text(m.Lang, name); ok {
		return text, m.Lang, true
	}
	text, ok = Text("en", name)
	return text, "en", ok
}

func (m Manual) address(name string) string { return m.Base + "/docs/" + name + "?lang=" + m.Lang }

func (m Manual) trail() []api.Link {
	return []api.Link{{Href: m.Base + "/", Title: m.Title}, m.Link()}
}

// in returns links to a path in each of some languages, none where there is only one.
func (m Manual) in(tags []string, path string) []api.Link {
	if len(tags) < 2 {
		return nil
	}
	var links []api.Link
	for _, tag := range tags {
		links = append(links, api.Link{Href: m.Base + path + "?lang=" + tag, Title: languages()[tag].Must("language"), Hreflang: tag})
	}
	return links
}
