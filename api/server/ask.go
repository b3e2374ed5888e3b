package server

import (
	"context"
	"net/url"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
)

// ask is a layer as a query asks for it, with the page's own parameters.
type ask struct {
	analysis analytics.Analysis
	given    map[string]string
	query    api.Query
}

// pageParameters are those of the page, and of its picture, beside those of the
// analysis.
func pageParameters() []string { return []string{"layer", "lang", "sel", "all", "sort", "f", "bare"} }

// ask reads the query of the page. Fields of its form that were left empty count
// as not given.
func (s *server) ask(rawQuery string, own []string) (ask, error) {
	name := firstLayer
	if values, err := url.ParseQuery(rawQuery); err == nil && values.Get("layer") != "" {
		name = values.Get("layer")
	}
	a, err := engine.Find(name)
	if err != nil {
		return ask{}, err
	}
	return askFor(a, withoutEmpty(rawQuery), own)
}

// opening returns the query of what the page opens with where it asks for none: where
// small counts are not told hardly a cell is, so there it is communities.
func (w *world) opening(ctx context.Context, rawQuery string) string {
	q, err := url.ParseQuery(rawQuery)
	if err != nil || !w.tellsOpenData() || q.Has("layer") || q.Has("level") || q.Has("res") {
		return rawQuery
	}
	h, err := w.tables.Engine().Hierarchy(ctx)
	if err != nil {
		return rawQuery // whoever asks next hears why
	}
	for _, level := range h.Levels() {
		if len(h.At(level)) > 1 {
			return strings.TrimPrefix(rawQuery+"&layer=density&level="+string(level), "&")
		}
	}
	return rawQuery
}

// tellsOpenData reports whether callers of the world are given open data.
func (w *world) tellsOpenData() bool { return w.role == api.Anonymous && w.Engine.MinCount > 0 }

// askFor reads the query of a layer.
func askFor(a analytics.Analysis, rawQuery string, own []string) (ask, error) {
	return askWith(a, engine.Params(a), rawQuery, own)
}

// askWith reads a query of some parameters.
func askWith(a analytics.Analysis, params []analytics.Param, rawQuery string, own []string) (ask, error) {
	known := append([]string(nil), own...)
	for _, p := range params {
		known = append(known, p.Name)
	}
	q, err := api.ParseQuery(rawQuery, known)
	if err != nil {
		return ask{analysis: a, given: map[string]string{}}, err
	}
	asked := ask{analysis: a, given: map[string]string{}, query: q}
	for _, p := range params {
		if q.Has(p.Name) {
			asked.given[p.Name] = q.Get(p.Name)
		}
	}
	return asked, nil
}

// hooks is what browser tests ask the page for in its query; it is the business of the
// page's script alone.
const hooks = "test=1"

// withoutEmpty leaves out the parts of a query that have no value, as a form sends fields
// that were left empty, and hooks.
func withoutEmpty(rawQuery string) string {
	var left []string
	for part := range strings.SplitSeq(rawQuery, "&") {
		if part == hooks {
			continue
		}
		if _, value, named := strings.Cut(part, "="); !named || value != "" {
			left = append(left, part)
		}
	}
	return strings.Join(left, "&")
}

// flag returns the value of a parameter that is true or false.
func (a ask) flag(name string) (bool, error) {
	switch a.query.Get(name) {
	case "true":
		return true, nil
	case "", "false":
		return false, nil
	}
	return false, &api.QueryError{Faults: []api.Fault{{Parameter: name, Detail: "want true or false"}}}
}
