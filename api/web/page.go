package web

import (
	"html/template"
	"io"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.ParseFS(files, "page.html"))
})

// A Page is what the first page shows.
type Page struct {
	Title string // of the service
	Lang  string
	Base  string // public address, for what people copy
	// Name is the analysis asked for; Given are its parameters as given.
	Name  string
	Given map[string]string
	// Select is the row to tell more about, All shows the whole ranking, Sort is the
	// column by which it is ordered, after - from the greatest; "" is by rank.
	Select string
	All    bool
	Sort   string

	Analyses    []analytics.Analysis
	Hierarchy   *data.Hierarchy
	Resolutions []geo.Resolution
	// Parties are the levels of those who answer for facts, as far as the facts
	// of the layer say who does.
	Parties []data.Level
	// Indicators are those there are to choose from, by code, and Indicator is the
	// code of the one that is shown, "" for analyses that show none.
	Indicators []analytics.Offer
	Indicator  string
	// From and To bound the data.
	From, To time.Time
	Zone     string

	// Open says that the answers are open data, which choose no facts and compare nothing.
	Open bool
	// Layer is what is shown; where there is none, Problem says why.
	Layer   *analytics.Layer
	Problem *api.Problem
	// Away is since when the store has been out of reach, AsOf what the data
	// shown are as of; zero while it is not.
	Away, AsOf time.Time
	// Links lead to all there is, and to the same as JSON.
	Links []api.Link
	// Empty is set where the store holds no facts at all.
	Empty bool
}

// Write writes the page as HTML.
func (p Page) Write(w io.Writer) error {
	return pageTemplate().ExecuteTemplate(w, "page.html", p.view())
}

// address returns the address of the page, relative, with some parameters
// changed; "" takes one away.
func (p Page) address(changes ...string) string {
	q := url.Values{}
	for name, value := range p.Given {
		q.Set(name, value)
	}
	q.Set("layer", p.Name)
	q.Set("lang", p.Lang)
	if p.Select != "" {
		q.Set("sel", p.Select)
	}
	if p.Sort != "" {
		q.Set("sort", p.Sort)
	}
	for i := 0; i+1 < len(changes); i += 2 {
		if changes[i+1] == "" {
			q.Del(changes[i])
		} else {
			q.Set(changes[i], changes[i+1])
		}
	}
	return "?" + q.Encode()
}

// parameters returns the query of the layer alone.
func (p Page) parameters(more ...string) string {
	q := url.Values{}
	for name, value := range p.Given {
		q.Set(name, value)
	}
	for i := 0; i+1 < len(more); i += 2 {
		if more[i+1] == "" {
			q.Del(more[i])
		} else {
			q.Set(more[i], more[i+1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// common are the parameters that hold for every analysis, kept when another is
// chosen.
func common() []string {
	return []string{"res", "level", "within", "from", "to", "category", "channel", "source", "weekday", "hour", "fill", "keep-default-locations", "as-of", "recorded"}
}

// chosen are the parameters of one analysis that are kept where another has them
// too: which indicator is meant, and of which time.
func chosen() []string { return []string{"indicator", "version", "period", "changes"} }

// onlyOf returns changes that drop the parameters that an analysis does not have
// in common with the one shown, and what it cannot make rows of.
func (p Page) onlyOf(a analytics.Analysis) []string {
	kept := map[string]bool{}
	for _, name := range common() {
		kept[name] = true
	}
	for _, param := range a.Params {
		kept[param.Name] = slices.Contains(chosen(), param.Name)
	}
	if a.Near && analytics.CommunitiesOf(data.Level(p.Given["level"])).IsParty() {
		kept["level"] = false
	}
	changes := []string{"sel", "", "sort", ""}
	for name := range p.Given {
		if !kept[name] {
			changes = append(changes, name, "")
		}
	}
	return changes
}
