package ingest

import (
	"fmt"
	"math"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo/crs"
)

// A hypothesis is a way coordinates may have been meant.
type hypothesis struct {
	code, message string
	hint          Advice
	point         func(pair) (orb.Point, error)
}

func hypotheses() []hypothesis {
	as := func(s crs.System) func(pair) (orb.Point, error) {
		return func(p pair) (orb.Point, error) { return crs.ToWGS84(s, orb.Point{p.x, p.y}) }
	}
	return []hypothesis{
		{"looks_wgs84", "they fit as WGS 84", advise("%s", set("crs", "wgs84")), as(crs.WGS84)},
		{"looks_gcj02", "they fit as GCJ-02", advise("%s", set("crs", "gcj02")), as(crs.GCJ02)},
		{"looks_bd09", "they fit as BD-09", advise("%s", set("crs", "bd09")), as(crs.BD09)},
		{"looks_swapped", "they fit with longitude and latitude swapped", swapCoordinates(), func(p pair) (orb.Point, error) {
			return crs.ToWGS84(crs.WGS84, orb.Point{p.y, p.x})
		}},
	}
}

// placeDoubts compares a sample with the known communities: where rows name
// their community, by how many points lie in it, else by how many lie in any.
// Another reading is suggested where it fits at least 20 points better and
// misses less than half as many.
func placeDoubts(p *plan, s *sample, stamper *Stamper) []Doubt {
	pairs, named := s.namedPairs(p, stamper)
	if len(stamper.layers) == 0 || len(pairs) < 20 || share(pairs, inDegrees) < 0.5 {
		return nil
	}
	now := stamper.fit(pairs, named, func(q pair) (orb.Point, error) { return crs.ToWGS84(p.system, orb.Point{q.x, q.y}) })
	best, bestHits := hypothesis{}, now
	for _, h := range hypotheses() {
		if hits := stamper.fit(pairs, named, h.point); hits > bestHits {
			best, bestHits = h, hits
		}
	}
	n := len(pairs)
	if bestHits < now+20 || 2*(n-bestHits) >= n-now {
		return nil
	}
	return []Doubt{{
		Code: best.code,
		Message: fmt.Sprintf("of %d points looked at %d lie where they should; %s for %d of them",
			n, now, best.message, bestHits),
		Hint: best.hint, Refuse: now*2 < n && bestHits*10 > n*9,
	}}
}

// namedPairs returns the coordinates of the sample, and the community that each
// row names, "" where none is known.
func (s *sample) namedPairs(p *plan, stamper *Stamper) (pairs []pair, named []string) {
	c := converter{plan: p}
	given := p.bindings[p.at.given]
	for _, row := range s.rows {
		xText, yText := p.text(p.bindings[p.at.lon], row), p.text(p.bindings[p.at.lat], row)
		x, okX := c.number(xText)
		y, okY := c.number(yText)
		if xText == "" || yText == "" || !okX || !okY || x == 0 && y == 0 {
			continue
		}
		text := p.text(given, row)
		if word, ok := given.values[lower(text)]; ok {
			text = word
		}
		code, _ := stamper.names.Find(text)
		pairs, named = append(pairs, pair{x, y}), append(named, code)
	}
	return pairs, named
}

// fit counts the points that lie in the community named, or in any where none
// is.
func (s *Stamper) fit(pairs []pair, named []string, point func(pair) (orb.Point, error)) int {
	var rows []int32
	at, times := make([]int32, len(pairs)), make([]int64, len(pairs))
	lon, lat := make([]float64, 0, len(pairs)), make([]float64, 0, len(pairs))
	for i, q := range pairs {
		times[i] = math.MaxInt64
		if p, err := point(q); err == nil {
			at[i] = int32(len(lon))
			rows, lon, lat = append(rows, int32(i)), append(lon, p[0]), append(lat, p[1])
		}
	}
	codes := make([]string, len(pairs))
	for _, l := range s.layers {
		rows = l.place(codes, times, rows, at, lon, lat)
	}
	hits := 0
	for i, code := range codes {
		if code != "" && (named[i] == "" || s.names.Agree(named[i], code)) {
			hits++
		}
	}
	return hits
}
