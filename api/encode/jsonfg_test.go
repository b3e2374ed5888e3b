package encode_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

func TestJSONFGRoundTrip(t *testing.T) {
	roundTrip(t, "jsonfg", textTolerance, func(t *testing.T, b []byte) (list []record) {
		for _, f := range readJSONFG(t, b).Features {
			list = append(list, recordOf(t, f))
		}
		return list
	})
}

// A collectionFG is a JSON-FG FeatureCollection, with the members that the
// schema featurecollection.json of version 1.0.0 names.
type collectionFG struct {
	Type, FeatureType, CoordRefSys string
	ConformsTo                     []string
	GeometryDimension              *int
	NumberMatched                  *int
	Links                          []any
	Features                       []json.RawMessage
}

func readJSONFG(t *testing.T, b []byte) (c collectionFG) {
	t.Helper()
	if err := json.Unmarshal(b, &c); err != nil {
		t.Fatal(err)
	}
	want := []string{"http://www.opengis.net/spec/json-fg-1/1.0/conf/core", "http://www.opengis.net/spec/json-fg-1/1.0/conf/types-schemas"}
	if c.Type != "FeatureCollection" || c.FeatureType == "" || c.CoordRefSys != "http://www.opengis.net/def/crs/OGC/0/CRS84" || !cmp.Equal(c.ConformsTo, want) {
		t.Fatalf("no JSON-FG collection: %+v", c)
	}
	for _, f := range c.Features {
		var members map[string]any
		if err := json.Unmarshal(f, &members); err != nil {
			t.Fatal(err)
		}
		// A feature of a collection says neither of these (featurecollection.json).
		for _, name := range []string{"coordRefSys", "conformsTo"} {
			if _, has := members[name]; has {
				t.Fatalf("feature has %s: %s", name, f)
			}
		}
		if place, has := members["place"]; !has || place != nil {
			t.Fatalf("place is %v: %s", place, f)
		}
	}
	return c
}

// times returns the member "time" of every feature.
func times(t *testing.T, c collectionFG) (list []string) {
	t.Helper()
	for _, feature := range c.Features {
		var f struct{ Time json.RawMessage }
		if err := json.Unmarshal(feature, &f); err != nil {
			t.Fatal(err)
		}
		list = append(list, string(f.Time))
	}
	return list
}

func TestJSONFGSaysWhenFeaturesHold(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2026, 3, d, 0, 0, 0, 0, time.UTC) }
	table := &encode.Table{
		Name: "x", IDs: []string{"a", "b", "c", "d", "e"},
		Begin: []time.Time{day(1), day(1), {}, {}, day(1).Add(time.Microsecond)},
		End:   []time.Time{day(3), {}, day(3), {}, day(1).Add(2 * time.Microsecond)},
	}
	var b bytes.Buffer
	if err := encode.WriteTable(&b, "jsonfg", table, encode.Options{}); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`{"interval":["2026-03-01T00:00:00Z","2026-03-02T23:59:59Z"]}`,
		`{"interval":["2026-03-01T00:00:00Z",".."]}`,
		`{"interval":["..","2026-03-02T23:59:59Z"]}`,
		`null`,
		`{"interval":["2026-03-01T00:00:00.000001Z","2026-03-01T00:00:00.000001Z"]}`,
	}
	if diff := cmp.Diff(want, times(t, readJSONFG(t, b.Bytes()))); diff != "" {
		t.Errorf("times (-want +got):\n%s", diff)
	}
	// The layer is about January 2026.
	if got := times(t, readJSONFG(t, write(t, "jsonfg", cellLayer(t), encode.Options{})))[6]; got != `{"interval":["2026-01-01T00:00:00Z","2026-01-31T23:59:59Z"]}` {
		t.Errorf("a cell of the layer holds for %s", got)
	}
}

func TestJSONFGSaysTheDimension(t *testing.T) {
	f := func(want string, table *encode.Table) {
		t.Helper()
		var b bytes.Buffer
		if err := encode.WriteTable(&b, "jsonfg", table, encode.Options{Page: &encode.Page{Matched: 3}}); err != nil {
			t.Fatal(err)
		}
		c := readJSONFG(t, b.Bytes())
		got, err := json.Marshal(c.GeometryDimension)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want || *c.NumberMatched != 3 || c.Links == nil {
			t.Errorf("dimension %s, want %s; page %v, %v", got, want, *c.NumberMatched, c.Links)
		}
	}
	point, area := orb.Point{1, 2}, orb.MultiPolygon{{{{0, 0}, {1, 0}, {0, 1}, {0, 0}}}}
	f("2", encode.TableOf(cellLayer(t)))
	f("2", encode.Communities("c", "C", []data.Community{{Code: "1", Outline: area}}))
	f("null", encode.Communities("c", "C", []data.Community{{Code: "1"}}))
	f("0", &encode.Table{Name: "x", IDs: []string{"a"}, Shapes: []orb.Geometry{point}})
	f("null", &encode.Table{Name: "x", IDs: []string{"a", "b"}, Shapes: []orb.Geometry{point, area}})
	f("null", &encode.Table{Name: "x", IDs: []string{}})
}
