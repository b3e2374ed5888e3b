package ogc

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// A gridQuery is the query of a request for zones or for their data.
type gridQuery struct {
	query    api.Query
	known    []string
	faults   []api.Fault
	format   gridFormat
	given    map[string]string // parameters of the analysis
	interval *api.Interval
	shape    encode.ZoneShape
	wanted   selection
}

// A gridFormat is one way to answer.
type gridFormat struct {
	name  string
	media api.MediaType
}

// gridQuery reads what all such requests have in common. Further faults are added by
// read; check tells them.
func newGridQuery(rawQuery string, o *origin, own []string) (*gridQuery, error) {
	g := &gridQuery{known: append(own, names(o.col.params)...), shape: encode.ZoneRegion}
	var err error
	if g.query, err = api.ParseQuery(joinSubsets(rawQuery), g.known); err != nil {
		return nil, err
	}
	g.given, g.faults = analysisParameters(g.query, o.col.params, nil)
	g.read("geometry", g.parseShape)
	g.read("datetime", func(text string) error { return g.parseTime(text, o.k.zone) })
	g.wanted.zone = o.k.zone
	g.wanted.read(g.query, g.read)
	return g, nil
}

// read parses a parameter that is given.
func (g *gridQuery) read(name string, parse func(string) error) {
	if !g.query.Has(name) {
		return
	}
	if err := parse(g.query.Get(name)); err != nil {
		g.fault(name, err.Error())
	}
}

func (g *gridQuery) fault(name, detail string) {
	g.faults = append(g.faults, api.Fault{Parameter: name, Detail: detail})
}

// check returns all faults as an error.
func (g *gridQuery) check() error {
	if len(g.faults) == 0 {
		return nil
	}
	return &api.QueryError{Faults: g.faults, Known: g.known}
}

func (g *gridQuery) parseShape(text string) error {
	shapes := []encode.ZoneShape{encode.ZoneRegion, encode.ZoneCentroid, encode.ZoneUndrawn}
	if g.shape = encode.ZoneShape(text); !slices.Contains(shapes, g.shape) {
		return fmt.Errorf("want one of zone-region, zone-centroid, none")
	}
	return nil
}

func (g *gridQuery) parseTime(text string, zone *time.Location) error {
	interval, err := api.ParseInterval(text, zone)
	if err != nil {
		return err
	}
	g.interval = &interval
	return nil
}

// subset reads the parameter subset; its time is that of datetime.
func (g *gridQuery) subset(o *origin, spatial bool) (box *geo.Box) {
	g.read("subset", func(text string) error {
		s, err := parseSubset(text, spatial)
		switch {
		case err != nil:
			return err
		case s.time != "" && g.query.Has("datetime"):
			return fmt.Errorf("says the time, and so does datetime: give one of them")
		case s.time != "":
			err = g.parseTime(s.time, o.k.zone)
		}
		box = s.box
		return err
	})
	return box
}

// period turns the interval into the period of the analysis.
func (g *gridQuery) period(zone *time.Location) {
	if g.interval == nil {
		return
	}
	if err := givePeriod(g.given, *g.interval, zone); err != nil {
		g.fault("datetime", err.Error())
	}
}

// negotiate chooses the format by f, else by Accept.
func (g *gridQuery) negotiate(accept string, offers []gridFormat) error {
	asked, words := g.query.Get("f"), make([]string, len(offers))
	medias := make([]api.MediaType, len(offers))
	for i, offer := range offers {
		if words[i], medias[i] = offer.name, offer.media; offer.name == asked {
			g.format = offer
			return nil
		}
	}
	if asked != "" {
		return &api.QueryError{Known: g.known, Faults: []api.Fault{{Parameter: "f", Detail: "want one of " + strings.Join(words, ", ")}}}
	}
	media, ok := api.Negotiate(accept, medias)
	if !ok {
		return api.NewProblem("not-acceptable", "This is served as "+joinMedia(medias)+".")
	}
	g.format = offers[slices.Index(medias, media)]
	return nil
}

// itself returns links from the answer at an address, without its query, to itself and to
// the same in other formats.
func (g *gridQuery) itself(at string, formats []gridFormat) []api.Link {
	to := func(q api.Query, rel string, f gridFormat, title string) api.Link {
		href := at
		if query := q.Canonical(); query != "" {
			href += "?" + query
		}
		return api.Link{Href: href, Rel: rel, Type: f.media.Bare(), Title: title}
	}
	links := []api.Link{to(g.query, "self", g.format, "This document")}
	for _, f := range formats {
		if f != g.format {
			links = append(links, to(g.query.With("f", f.name), "alternate", f, "This document as "+f.name))
		}
	}
	return links
}

// parseLevel reads a level, an H3 resolution.
func parseLevel(text string) (geo.Resolution, error) {
	r, err := geo.ParseResolution(text)
	if err != nil {
		return 0, fmt.Errorf("want a whole number from 0 to %d", int(geo.MaxResolution))
	}
	return r, nil
}

// parseZone reads the name of a zone: 15 hexadecimal digits, lower case.
func parseZone(text string) (geo.Cell, error) {
	zone, err := geo.ParseCell(text)
	if err != nil || zone.String() != text {
		return geo.NoCell, fmt.Errorf("want the index of an H3 cell: 15 hexadecimal digits, lower case")
	}
	return zone, nil
}

// tooMany tells that so many zones are too many.
func tooMany(zones int64) error {
	return api.NewProblem("too-many-zones", "About "+strconv.FormatInt(zones, 10)+" zones are asked for, and the limit is "+
		strconv.Itoa(api.MaxZones)+". Ask for a coarser level or a smaller place.")
}
