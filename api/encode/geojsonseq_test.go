package encode_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"github.com/civgrid/civgrid/api/encode"
)

// textTolerance is half of the seventh decimal, and a little for the halves.
const textTolerance = 0.50001e-7

func TestGeoJSONRoundTrip(t *testing.T) {
	roundTrip(t, "geojson", textTolerance, func(t *testing.T, b []byte) []record {
		var c struct{ Features []json.RawMessage }
		if err := json.Unmarshal(b, &c); err != nil {
			t.Fatal(err)
		}
		var list []record
		for _, f := range c.Features {
			list = append(list, recordOf(t, f))
		}
		return list
	})
}

func TestGeoJSONSeqRoundTrip(t *testing.T) {
	roundTrip(t, "geojsonseq", textTolerance, readGeoJSONSeq)
}

func readGeoJSONSeq(t *testing.T, b []byte) (list []record) {
	t.Helper()
	for i, text := range strings.Split(string(b), "\x1e") {
		if i == 0 {
			if text != "" {
				t.Fatalf("%q stands before the first record separator", text)
			}
			continue
		}
		if strings.Index(text, "\n") != len(text)-1 {
			t.Fatalf("text %q does not end with its one line feed", text)
		}
		list = append(list, recordOf(t, []byte(text)))
	}
	return list
}

// recordOf reads a Feature.
func recordOf(t *testing.T, feature []byte) record {
	t.Helper()
	var f struct {
		Type       string
		ID         string
		Geometry   *geojson.Geometry
		Properties map[string]any
	}
	d := json.NewDecoder(bytes.NewReader(feature))
	d.UseNumber()
	if err := d.Decode(&f); err != nil || f.Type != "Feature" {
		t.Fatalf("feature %s: %v", feature, err)
	}
	r := record{id: f.ID, values: f.Properties}
	for name, value := range f.Properties {
		number, ok := value.(json.Number)
		if !ok {
			continue
		}
		var err error
		if strings.ContainsAny(number.String(), ".eE") {
			r.values[name], err = number.Float64()
		} else {
			r.values[name], err = number.Int64()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if f.Geometry != nil {
		r.geometry = f.Geometry.Geometry()
	}
	return r
}

// TestGeoJSONSeqByHand compares with a text written by hand after the grammar
// of RFC 7464, section 2.2: RS, JSON text, LF.
func TestGeoJSONSeqByHand(t *testing.T) {
	table := &encode.Table{Name: "x", IDs: []string{"a", "b"}, Shapes: []orb.Geometry{orb.Point{114.5, 22.25}, nil}}
	var b bytes.Buffer
	if err := encode.WriteTable(&b, "geojsonseq", table, encode.Options{}); err != nil {
		t.Fatal(err)
	}
	want := "\x1e" + `{"type":"Feature","id":"a","geometry":{"type":"Point","coordinates":[114.5,22.25]},"properties":{}}` + "\n" +
		"\x1e" + `{"type":"Feature","id":"b","geometry":null,"properties":{}}` + "\n"
	if b.String() != want {
		t.Errorf("written is %q, want %q", &b, want)
	}
}
