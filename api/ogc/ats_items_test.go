package ogc_test

import (
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/clip"
	"github.com/paulmach/orb/geojson"

	"github.com/civgrid/civgrid/api"
)

// geoFeature is a feature of GeoJSON with its links.
type geoFeature struct {
	ID         string
	Geometry   *geojson.Geometry
	Properties map[string]any
	Links      []api.Link
}

// shape returns the geometry, an empty one where there is none.
func (f geoFeature) shape() orb.Geometry {
	if f.Geometry == nil {
		return orb.Collection{}
	}
	return f.Geometry.Geometry()
}

func idsOf(features []geoFeature) []string {
	ids := make([]string, len(features))
	for i, f := range features {
		ids[i] = f.ID
	}
	slices.Sort(ids)
	return ids
}

// TestATSFeatures is /conf/core/fc-op, fc-response, fc-links, fc-timeStamp,
// fc-numberMatched and fc-numberReturned, /conf/core/crs84, /conf/geojson/definition and
// /conf/geojson/content (requirements of the same names, and /req/core/fc-rel-type).
// Next is followed to the end, where numberMatched features have come, each once.
func TestATSFeatures(t *testing.T) {
	a := newATS(t)
	for _, c := range a.collections {
		for _, size := range []int{1, 100, api.MaxLimit} {
			if c.ID != "waiting-district" && size == 1 {
				size = 60
			}
			seen, matched := map[string]bool{}, -1
			for at := with(a.items(c), "limit", strconv.Itoa(size)); at != ""; {
				page := a.page(at)
				checkSchema(t, "featureCollectionGeoJSON", at, page.body)
				if page.Type != "FeatureCollection" || page.NumberReturned != len(page.Features) || matched >= 0 && page.NumberMatched != matched {
					t.Errorf("%s: %s, %d returned of %d matched, there are %d and were %d", at, page.Type, page.NumberReturned, page.NumberMatched, len(page.Features), matched)
				}
				if made, err := time.Parse(time.RFC3339, page.TimeStamp); err != nil || !made.Equal(sometime()) {
					t.Errorf("%s: timeStamp %s", at, page.TimeStamp)
				}
				if size != 60 {
					a.checkSelf(at, "/collections/"+c.ID+"/items", page.Links)
				}
				for _, f := range page.Features {
					if seen[f.ID] {
						t.Errorf("%s: %s comes again", at, f.ID)
					}
					seen[f.ID] = true
					checkCRS84(t, at, f)
				}
				next, _ := relation(page.Links, "next", api.GeoJSON)
				matched, at = page.NumberMatched, next.Href
			}
			if len(seen) != matched {
				t.Errorf("%s: %d features on all pages of %d, numberMatched %d", c.ID, len(seen), size, matched)
			}
		}
	}
}

// A featurePage is an answer of items.
type featurePage struct {
	body, Type, TimeStamp         string
	NumberMatched, NumberReturned int
	Links                         []api.Link
	Features                      []geoFeature
}

// page reads a page, which is GeoJSON in CRS84.
func (a *ats) page(at string) featurePage {
	a.t.Helper()
	var page featurePage
	got := a.read(at, &page)
	if got.header.Get("Content-Type") != "application/geo+json" || got.header.Get("Content-Crs") != "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>" {
		a.t.Errorf("%s: Content-Type %s, Content-Crs %s", at, got.header.Get("Content-Type"), got.header.Get("Content-Crs"))
	}
	page.body = got.body
	return page
}

func checkCRS84(t *testing.T, at string, f geoFeature) {
	t.Helper()
	world := orb.Bound{Min: orb.Point{-180, -90}, Max: orb.Point{180, 90}}
	if b := f.shape().Bound(); f.Geometry != nil && (!world.Contains(b.Min) || !world.Contains(b.Max)) {
		t.Errorf("%s: %s at %v is not on the earth", at, f.ID, b)
	}
}

// TestATSLimit is /conf/core/fc-limit-response (requirement /req/core/fc-limit-response)
// at the numbers the executable suite takes from the definition: the minimum, one
// between, the maximum, and one beyond, which is no error.
func TestATSLimit(t *testing.T) {
	a := newATS(t)
	for _, c := range a.collections {
		schema := a.parameter(c, "limit").Schema.Value
		low, high := int(*schema.Min), int(*schema.Max)
		for _, n := range []int{low, min(low+(high-low)/2, 100), high, high + 1} {
			if got := len(a.page(with(a.items(c), "limit", strconv.Itoa(n))).Features); got > min(n, high) {
				t.Errorf("%s: limit %d of at most %d gives %d", c.ID, n, high, got)
			}
		}
		if got, want := len(a.page(a.items(c)).Features), min(int(schema.Default.(float64)), len(a.all(c, "limit=10000"))); got != want {
			t.Errorf("%s without limit gives %d, the default makes it %d", c.ID, got, want)
		}
	}
}

// TestATSBox is /conf/core/fc-bbox-response (requirement /req/core/fc-bbox-response)
// with the boxes of the executable suite, among them one over the antimeridian, and
// some that part the features: all are found that orb finds by clipping.
func TestATSBox(t *testing.T) {
	a := newATS(t)
	boxes := [][4]float64{
		{-1.5, 50, 1.5, 53},
		{-80, -5, -70, 5},
		{177, 65, -177, 70},
		{-180, 85, 180, 90},
		{-180, -90, 180, -85},
		{114.05, 22.53, 114.07, 22.55},
		{114.05, 22.52, 114.15, 22.7},
		{113, 22, 114.0501, 22.54},
		{179, 0, 114.03, 80},
	}
	met := map[[4]float64]int{}
	for _, c := range a.collections {
		whole := a.all(c, "limit=10000")
		if c.Extent.Spatial != nil {
			boxes = append(boxes[:9:9], [4]float64(c.Extent.Spatial.BBox[0]))
		}
		for _, box := range boxes {
			var want []string
			for _, f := range whole {
				if meets(f.shape(), box) {
					want = append(want, f.ID)
				}
			}
			slices.Sort(want)
			met[box] += len(want)
			flat := strings.Trim(strings.ReplaceAll(fmt.Sprint(box), " ", ","), "[]")
			tall := fmt.Sprintf("%v,%v,-10,%v,%v,9000.5", box[0], box[1], box[2], box[3])
			for _, text := range []string{flat, tall} {
				if got := idsOf(a.all(c, "limit=7&bbox="+text)); !slices.Equal(got, want) && len(got)+len(want) > 0 {
					t.Errorf("%s, bbox=%s: %v, want %v", c.ID, text, got, want)
				}
			}
		}
	}
	if met[boxes[2]] == 0 || met[boxes[5]] == 0 {
		t.Error("no box parts the features, so nothing was tested")
	}
}

// meets reports whether a geometry has a part in the box, which goes over the
// antimeridian where west is greater than east. Every box meets what has no geometry.
func meets(g orb.Geometry, box [4]float64) bool {
	if g.Bound().IsEmpty() {
		return true
	}
	if box[0] > box[2] {
		return meets(g, [4]float64{box[0], box[1], 180, box[3]}) || meets(g, [4]float64{-180, box[1], box[2], box[3]})
	}
	part := clip.Geometry(orb.Bound{Min: orb.Point{box[0], box[1]}, Max: orb.Point{box[2], box[3]}}, orb.Clone(g))
	return part != nil && !part.Bound().IsEmpty()
}

// TestATSDatetime is /conf/core/fc-time-response (requirement /req/core/fc-time-response)
// in every form of it, in those the executable suite makes of the extent — an instant,
// an interval, and a date with a duration — and together with bbox (/conf/core/fc-op).
// D2 is in force from 2020-01-01 in the zone of the data, the others always.
func TestATSDatetime(t *testing.T) {
	a := newATS(t)
	for _, c := range a.collections {
		for _, text := range a.times(c) {
			a.page(with(a.items(c), "datetime", text))
		}
	}
	districts := a.collection("communities")
	for text, in := range map[string]bool{
		"2018-02-12T23:20:50Z": false, "2021-02-12T23:20:50Z": true, "2019-12-30": false, "2020-01-01": true,
		"2018-02-12T00:00:00Z/2018-03-18T12:31:12Z": false, "2018-02-12T00:00:00Z/2020-03-18T12:31:12Z": true,
		"2018-02-12T00:00:00Z/..": true, "2018-02-12T00:00:00Z/": true, "../2018-03-18T12:31:12Z": false, "/2018-03-18T12:31:12Z": false,
		"../..": true, "2019-12-31/P2D": true, "2019-12-29/P2D": false, "P2D/2019-12-30": false,
	} {
		for box, always := range map[string][]string{"114,22.5,114.3,22.7": {"D1", "S1"}, "114.15,22.5,114.3,22.7": nil, "-180,-90,180,90": {"D1", "D9", "S1"}} {
			want := slices.Clone(always)
			if in {
				want = append(want, "D2")
			}
			slices.Sort(want)
			if got := idsOf(a.all(districts, strings.TrimPrefix(with("", "datetime", text, "bbox", box), "?"))); !slices.Equal(got, want) && len(got)+len(want) > 0 {
				t.Errorf("datetime=%s, bbox=%s: %v, want %v", text, box, got, want)
			}
		}
	}
}

// times returns what the executable suite makes of the extent in time.
func (a *ats) times(c described) []string {
	if c.Extent.Temporal == nil {
		return nil
	}
	begin, end := *c.Extent.Temporal.Interval[0][0], *c.Extent.Temporal.Interval[0][1]
	quarter := end.Sub(begin) / 4
	from, to := begin.Add(quarter), begin.Add(2*quarter)
	return []string{begin.Format(time.RFC3339), from.Format(time.RFC3339Nano) + "/" + to.Format(time.RFC3339Nano), from.Format(time.DateOnly) + "/P2D"}
}

// TestATSQueryParameters is /conf/core/query-param-invalid and query-param-unknown
// (requirements of the same names), on every resource.
func TestATSQueryParameters(t *testing.T) {
	a := newATS(t)
	refused := func(at, parameter string) {
		t.Helper()
		got := get(t, "GET", at)
		if got.status != http.StatusBadRequest || got.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(got.body, strconv.Quote(parameter)) {
			t.Errorf("GET %s: %d %s, want 400 that names %s", at, got.status, got.body, parameter)
		}
	}
	for _, path := range a.api.Paths.InMatchingOrder() {
		if !strings.Contains(path, "{") {
			refused(with(a.root+path, "unknownQueryParameter12345", "1"), "unknownQueryParameter12345")
		}
	}
	for _, c := range a.collections {
		for name, value := range map[string]string{
			"limit": "unlimited", "bbox": "1,2,3", "datetime": "2018-02-30T00:00:00Z", "crs": "http://www.opengis.net/def/crs/0/unsupported",
		} {
			refused(with(a.items(c), name, value), name)
		}
		for _, f := range a.page(with(a.items(c), "limit", "1")).Features {
			refused(with(a.items(c)+"/"+f.ID, "unknownQueryParameter12345", "1"), "unknownQueryParameter12345")
		}
	}
}

// TestATSFeature is /conf/core/f-op, f-success and f-links, and /conf/geojson/content
// (requirements of the same names): every feature has an address, and is there what it
// is in its collection.
func TestATSFeature(t *testing.T) {
	a := newATS(t)
	for _, c := range a.collections {
		for i, listed := range a.all(c, "limit=1000") {
			at := a.items(c) + "/" + listed.ID
			var alone geoFeature
			got := a.read(at, &alone)
			if !reflect.DeepEqual(alone.Geometry, listed.Geometry) || !reflect.DeepEqual(alone.Properties, listed.Properties) || alone.ID != listed.ID {
				t.Errorf("%s is not the feature of the collection: %s", at, got.body)
			}
			if got.header.Get("Content-Type") != "application/geo+json" {
				t.Errorf("%s: Content-Type %s", at, got.header.Get("Content-Type"))
			}
			if i%40 > 0 {
				continue
			}
			checkSchema(t, "featureGeoJSON", at, got.body)
			a.checkSelf(at, "/collections/"+c.ID+"/items/{featureId}", alone.Links)
			if up, ok := relation(alone.Links, "collection", ""); !ok || up.Href != a.root+"/collections/"+c.ID {
				t.Errorf("%s: the link to its collection is %q", at, up.Href)
			}
		}
	}
}
