package inspect

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo"
)

// linksOf returns the links to a place by their key.
func linksOf(t *testing.T, p orb.Point, name string, external bool) map[string]*url.URL {
	t.Helper()
	links, err := navigation(p, name, external)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*url.URL{}
	for _, link := range links {
		if all[link.Key], err = url.Parse(string(link.Href)); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// place reads two numbers of a list, the latitude first where it is told so.
func place(t *testing.T, text string, latitudeFirst bool) orb.Point {
	t.Helper()
	parts := strings.Split(text, ",")
	if len(parts) < 2 {
		t.Fatalf("%q is no place", text)
	}
	x, errX := strconv.ParseFloat(parts[0], 64)
	y, errY := strconv.ParseFloat(parts[1], 64)
	if errX != nil || errY != nil {
		t.Fatalf("%q is no place", text)
	}
	if latitudeFirst {
		x, y = y, x
	}
	return orb.Point{x, y}
}

// TestLinksLeadWhereTheyShould compares with the values in the manuals of two public
// converters: GCJ-02 of npm's coordtransform, BD-09 of gcoord.
func TestLinksLeadWhereTheyShould(t *testing.T) {
	near := func(what string, got, want orb.Point) {
		t.Helper()
		if off := geo.Distance(got, want); off > 1 {
			t.Errorf("%s leads to %v, %.1f m from %v", what, got, float64(off), want)
		}
	}
	at := orb.Point{116.404, 39.915}
	links := linksOf(t, at, "A, B", true)
	near("geo", place(t, links["geo"].Opaque, true), at)
	marker := links["amap-marker"].Query()
	near("AMap's marker", place(t, marker.Get("position"), false), at)
	if marker.Get("coordinate") != "wgs84" || marker.Get("name") != "A, B" || links["amap-marker"].Host != "uri.amap.com" {
		t.Errorf("AMap's marker is %s", links["amap-marker"])
	}
	walk := links["amap"].Query()
	near("AMap's navigation", place(t, walk.Get("to"), false), orb.Point{116.41024449916938, 39.91640428150164})
	if walk.Has("coordinate") || strings.Count(walk.Get("to"), ",") != 2 {
		t.Errorf("AMap's navigation is %s", links["amap"])
	}
	baidu := linksOf(t, orb.Point{116.403988, 39.914266}, "A", true)["baidu"].Query()
	near("Baidu", place(t, baidu.Get("location"), true), orb.Point{116.41661560068297, 39.92196580126834})
	if baidu.Get("coord_type") != "bd09ll" {
		t.Errorf("Baidu is told %q", baidu.Get("coord_type"))
	}
}

// TestLinksOutsideOfTheMainlandAreNotShifted: Taipei and Hong Kong stay where they are,
// to the last digit that is written.
func TestLinksOutsideOfTheMainlandAreNotShifted(t *testing.T) {
	for _, at := range []orb.Point{{121.5645, 25.0375}, {114.1694, 22.3193}, {-71.0589, 42.3601}} {
		links := linksOf(t, at, "A", true)
		if got := place(t, links["amap"].Query().Get("to"), false); got != at {
			t.Errorf("AMap leads from %v to %v", at, got)
		}
		baidu := links["baidu"].Query()
		if got := place(t, baidu.Get("location"), true); got != at || baidu.Get("coord_type") != "wgs84" {
			t.Errorf("Baidu leads from %v to %v in %s", at, got, baidu.Get("coord_type"))
		}
	}
}

func TestLinksCanBeKeptInTheHouse(t *testing.T) {
	links := linksOf(t, orb.Point{116.4, 39.9}, "A", false)
	if len(links) != 1 || links["geo"].Scheme != "geo" {
		t.Errorf("without external links there are %v", links)
	}
}
