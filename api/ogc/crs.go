package ogc

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/crs"
)

// A system is a coordinate reference system that features are served in and boxes
// may be given in (OGC API - Features Part 2, 18-058r1). Coordinates stand in the
// order of its axes.
type system struct {
	uri string
	// turn takes longitude and latitude to the system, back the other way.
	turn func(orb.Point) (orb.Point, error)
	back func(orb.Point) (orb.Point, error)
}

const epsg = "http://www.opengis.net/def/crs/EPSG/0/"

// systems returns those there are, that of the store first. CGCS2000 is taken for WGS
// 84, from which it differs by less than a metre (see geo/crs).
func systems() []system {
	same := func(p orb.Point) (orb.Point, error) { return p, nil }
	swap := func(p orb.Point) (orb.Point, error) { return orb.Point{p[1], p[0]}, nil }
	return []system{
		{crs84, same, same},
		{epsg + "4326", swap, swap},
		{
			epsg + "3857",
			func(p orb.Point) (orb.Point, error) { return crs.FromWGS84(crs.WebMercator, p) },
			func(p orb.Point) (orb.Point, error) { return crs.ToWGS84(crs.WebMercator, p) },
		},
		{epsg + "4490", swap, swap},
	}
}

func systemURIs() []string {
	var uris []string
	for _, s := range systems() {
		uris = append(uris, s.uri)
	}
	return uris
}

// findSystem returns the system of a URI.
func findSystem(uri string) (system, error) {
	for _, s := range systems() {
		if s.uri == uri {
			return s, nil
		}
	}
	return system{}, fmt.Errorf("want one of %s", strings.Join(systemURIs(), ", "))
}

// isStored reports whether coordinates of the system are longitude and latitude.
func (s system) isStored() bool { return s.uri == crs84 }

// box returns the box between two corners in the system.
func (s system) box(low, high orb.Point) (geo.Box, error) {
	low, err := s.back(low)
	if err == nil {
		high, err = s.back(high)
	}
	return geo.Box{West: low[0], South: low[1], East: high[0], North: high[1]}, err
}

// parseDatum reads datum: the shifted datum of Chinese map services that coordinates
// are turned to, so that a layer fits on their maps. It is no coordinate system with a
// URI, and so told by the member datum and the header Content-Datum.
func (r *request) parseDatum(text string, otherwise bool) error {
	s, err := crs.Parse(text)
	switch {
	case err != nil || s != crs.GCJ02 && s != crs.BD09:
		return fmt.Errorf("want gcj02 or bd09")
	case otherwise:
		return fmt.Errorf("is another way to say where things are than crs: give one of them")
	}
	r.shown.Datum = s.String()
	r.shown.Turn = func(p orb.Point) orb.Point {
		if turned, err := crs.FromWGS84(s, p); err == nil {
			return turned
		}
		return p // what is stored is longitude and latitude
	}
	return nil
}

// setSystem says in a header which coordinates an answer has: which system (18-058r1,
// requirement 16), or which datum.
func (r *request) setSystem(h http.Header) {
	if r.shown.Datum != "" {
		h.Set("Content-Datum", r.shown.Datum)
		return
	}
	h.Set("Content-Crs", "<"+cmp.Or(r.crs, crs84)+">")
}

// systemOf reads a parameter that says in which system coordinates of another are: of
// bbox or, as filter-crs does, of geometries of the filter (19-079r2, section 6.5).
// Beside an error it is CRS84, in which the other is read for its own faults.
func systemOf(uri string, given bool, of string) (system, error) {
	s, err := findSystem(uri)
	if err != nil {
		return systems()[0], err
	}
	if !given {
		err = fmt.Errorf("is of a %s, and there is none", of)
	}
	return s, err
}

// parseCRS reads crs: what features are served in (18-058r1, requirement 6).
func (r *request) parseCRS(uri string) error {
	s, err := findSystem(uri)
	if err != nil {
		return err
	}
	if r.crs = uri; s.isStored() {
		return nil
	}
	r.shown.Turn = func(p orb.Point) orb.Point {
		if turned, err := s.turn(p); err == nil {
			return turned
		}
		return p // cells and communities lie where each of these systems is defined
	}
	return nil
}
