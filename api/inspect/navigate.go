package inspect

import (
	"html/template"
	"net/url"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo/crs"
)

// A Link opens a map or starts navigation.
type Link struct {
	Key  string // geo, amap-marker, amap or baidu
	Href template.URL
}

// navigation returns the links to a place in WGS 84. external adds those that leave
// for services of others. Only geo: (RFC 5870), which is WGS 84 by definition, stays on
// the device.
//
//   - https://uri.amap.com/marker is told by coordinate=wgs84 what it is given.
//   - https://uri.amap.com/navigation has no such parameter and takes GCJ-02.
//   - https://api.map.baidu.com/marker is told by coord_type, and takes BD-09 without it.
//
// Outside of mainland China nothing is shifted, see [crs.InMainland]. Baidu's own step
// has no border, so there it is told wgs84.
func navigation(p orb.Point, name string, external bool) ([]Link, error) {
	links := []Link{{"geo", template.URL("geo:" + pair(p[1], p[0]) + "?q=" + pair(p[1], p[0]) + url.PathEscape("("+name+")"))}} //nolint:gosec // numbers and an escaped name
	if !external {
		return links, nil
	}
	shifted, err := crs.FromWGS84(crs.GCJ02, p)
	if err != nil {
		return nil, err
	}
	baidu, system := p, "wgs84"
	if crs.InMainland(p) {
		system = "bd09ll"
		if baidu, err = crs.FromWGS84(crs.BD09, p); err != nil {
			return nil, err
		}
	}
	add := func(key, address string, parameters ...string) {
		q := url.Values{"src": {"civgrid"}}
		for i := 0; i+1 < len(parameters); i += 2 {
			q.Set(parameters[i], parameters[i+1])
		}
		links = append(links, Link{key, template.URL(address + "?" + q.Encode())}) //nolint:gosec // as above
	}
	add("amap", "https://uri.amap.com/navigation", "to", pair(shifted[0], shifted[1])+","+plain(name), "mode", "walk", "callnative", "1")
	add("amap-marker", "https://uri.amap.com/marker", "position", pair(p[0], p[1]), "name", name, "coordinate", "wgs84", "callnative", "1")
	add("baidu", "https://api.map.baidu.com/marker", "location", pair(baidu[1], baidu[0]), "title", name, "content", name, "coord_type", system, "output", "html")
	return links, nil
}

// pair writes two coordinates with six decimals, a decimetre.
func pair(a, b float64) string { return decimals(a, 6) + "," + decimals(b, 6) }

func decimals(x float64, n int) string { return strconv.FormatFloat(x, 'f', n, 64) }

// plain takes the commas out of a name that stands in a list.
func plain(name string) string {
	b := []rune(name)
	for i, r := range b {
		if r == ',' {
			b[i] = ' '
		}
	}
	return string(b)
}
