package ogc

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/geo"
)

// joinSubsets makes one parameter subset of several (21-038r1, requirement
// /req/zone-query/subset, part J), where the query says it more than once.
func joinSubsets(rawQuery string) string {
	var parts, subsets []string
	for part := range strings.SplitSeq(rawQuery, "&") {
		if value, ok := strings.CutPrefix(part, "subset="); ok && value != "" {
			subsets = append(subsets, value)
		} else {
			parts = append(parts, part)
		}
	}
	if len(subsets) > 0 {
		parts = append(parts, "subset="+strings.Join(subsets, "%2C"))
	}
	return strings.Join(parts, "&")
}

// isCRS84 reports whether a name is one of longitude and latitude on WGS 84: its
// URI with either scheme, or the safe CURIE (requirement /req/zone-query/bbox-crs).
func isCRS84(name string) bool {
	switch name {
	case crs84, strings.Replace(crs84, "http:", "https:", 1), "[OGC:CRS84]", "OGC:CRS84":
		return true
	}
	return false
}

func parseFinite(text string) (float64, error) {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0, fmt.Errorf("%q is not a number", text)
	}
	return x, nil
}

// A subset is what the parameter subset asks for.
type subset struct {
	box  *geo.Box // nil without an axis of space
	time string   // as datetime says it; "" without the axis of time
}

// subsetPattern is one axis of the parameter: name(low:high) or name(point), where
// text stands in quotes.
var subsetPattern = regexp.MustCompile(`^\s*([A-Za-z]+)\(\s*("[^"]*"|[^":(),]+)(?:\s*:\s*("[^"]*"|[^":(),]+))?\s*\)\s*(?:,|$)`)

// parseSubset reads subset (requirement /req/zone-query/subset). Bounds beyond the
// globe are cut to it. spatial is false where the zone alone says the place
// (/req/data-subsetting/subset, part F).
func parseSubset(text string, spatial bool) (subset, error) {
	found := subset{}
	box := geo.Box{West: -180, South: -90, East: 180, North: 90}
	seen := map[string]bool{}
	for rest := text; rest != ""; {
		m := subsetPattern.FindStringSubmatch(rest)
		if m == nil {
			return subset{}, fmt.Errorf(`want axes such as Lat(22.5:22.6),Lon(114:114.1) or time("2025-01-01":"2025-02-01")`)
		}
		rest = rest[len(m[0]):]
		axis, low, high := axisName(m[1]), strings.Trim(m[2], `" `), strings.Trim(m[3], `" `)
		if seen[axis] {
			return subset{}, fmt.Errorf("axis %s is given more than once", m[1])
		}
		seen[axis] = true
		if high == "" {
			high = low
		}
		var err error
		switch {
		case axis == "time":
			found.time = timeBetween(low, high)
		case axis == "Lat" && spatial:
			box.South, box.North, err = axisBetween(low, high, 90)
			if err == nil && box.South > box.North {
				err = fmt.Errorf("is south to north: the first is greater")
			}
		case axis == "Lon" && spatial:
			box.West, box.East, err = axisBetween(low, high, 180)
		default:
			return subset{}, fmt.Errorf("there is no axis %s here", m[1])
		}
		if err != nil {
			return subset{}, fmt.Errorf("axis %s %w", m[1], err)
		}
	}
	if seen["Lat"] || seen["Lon"] {
		found.box = &box
	}
	return found, nil
}

// axisName returns the name of an axis without its synonyms (recommendation
// /rec/zone-query/subset-crs-axis-names).
func axisName(given string) string {
	switch strings.ToLower(given) {
	case "lat", "latitude":
		return "Lat"
	case "lon", "long", "longitude":
		return "Lon"
	case "time":
		return "time"
	}
	return given
}

// axisBetween reads the bounds of an axis that runs from -limit to limit; * is the
// end of it. Bounds the other way round stay so.
func axisBetween(low, high string, limit float64) (from, to float64, err error) {
	from, to = -limit, limit
	if low != "*" {
		if from, err = parseFinite(low); err != nil {
			return 0, 0, err
		}
	}
	if high != "*" {
		if to, err = parseFinite(high); err != nil {
			return 0, 0, err
		}
	}
	if min(from, to) > limit || max(from, to) < -limit || from > to && (from > limit || to < -limit) {
		return 0, 0, fmt.Errorf("lies beyond ±%v", limit)
	}
	return max(from, -limit), min(to, limit), nil
}

// timeBetween writes bounds of time as datetime has them.
func timeBetween(low, high string) string {
	if low == high && low != "*" {
		return low
	}
	return strings.Replace(low, "*", "..", 1) + "/" + strings.Replace(high, "*", "..", 1)
}
