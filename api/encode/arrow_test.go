package encode_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/civgrid/civgrid/api/encode"
)

func TestArrowRoundTrip(t *testing.T) { roundTrip(t, "arrow", 0, readArrow) }

func readArrow(t *testing.T, b []byte) (list []record) {
	t.Helper()
	r, err := ipc.NewReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	for r.Next() {
		batch := r.Record()
		for row := range int(batch.NumRows()) {
			list = append(list, arrowRecord(t, batch, row))
		}
	}
	if r.Err() != nil {
		t.Fatal(r.Err())
	}
	return list
}

func arrowRecord(t *testing.T, batch arrow.Record, row int) record {
	t.Helper()
	r := record{values: map[string]any{}}
	for i, field := range batch.Schema().Fields() {
		column := batch.Column(i)
		var value any
		if column.IsValid(row) {
			switch c := column.(type) {
			case *array.Int64:
				value = c.Value(row)
			case *array.Float64:
				value = c.Value(row)
			case *array.String:
				value = c.Value(row)
			case *array.Binary:
				g, err := wkb.Unmarshal(c.Value(row))
				if err != nil {
					t.Fatal(err)
				}
				r.geometry = g
			case *array.FixedSizeList:
				xy := c.ListValues().(*array.Float64)
				r.geometry = orb.Point{xy.Value(2 * (row + c.Offset())), xy.Value(2*(row+c.Offset()) + 1)}
			}
		}
		switch {
		case i == 0:
			r.id, _ = value.(string)
		case i < int(batch.NumCols())-1:
			r.values[field.Name] = value
		}
	}
	return r
}

// TestArrowSaysWhatItHolds checks types and metadata against GeoArrow's
// extension-types.md and metadata of the layer.
func TestArrowSaysWhatItHolds(t *testing.T) {
	schema := func(b []byte) *arrow.Schema {
		r, err := ipc.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return r.Schema()
	}
	layer := cellLayer(t)
	s := schema(write(t, "arrow", layer, encode.Options{}))
	var got []string
	for _, f := range s.Fields() {
		null := ""
		if f.Nullable {
			null = "?"
		}
		got = append(got, f.Name+" "+f.Type.String()+null)
	}
	if diff := cmp.Diff([]string{"id utf8", "cell utf8?", "place_name utf8?", "n int64?", "share float64?", "geometry binary?"}, got); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if unit, ok := s.Field(4).Metadata.GetValue("unit"); !ok || unit != "share" {
		t.Errorf("unit of share is %q", unit)
	}
	about, _ := s.Metadata().GetValue("civgrid")
	var known struct{ Method string }
	if err := json.Unmarshal([]byte(about), &known); err != nil || known.Method != layer.Method {
		t.Errorf("the schema says of the layer: %s", about)
	}
	checkExtension(t, s.Field(5), "geoarrow.wkb")

	points := &encode.Table{Name: "p", IDs: []string{"a", "b"}, Shapes: []orb.Geometry{nil, orb.Point{114, 22}}}
	var b bytes.Buffer
	if err := encode.WriteTable(&b, "arrow", points, encode.Options{}); err != nil {
		t.Fatal(err)
	}
	field := schema(b.Bytes()).Field(1)
	checkExtension(t, field, "geoarrow.point")
	if list := field.Type.(*arrow.FixedSizeListType); list.Len() != 2 || list.ElemField().Name != "xy" || list.ElemField().Nullable || list.Elem() != arrow.PrimitiveTypes.Float64 {
		t.Errorf("points are stored as %s", field.Type)
	}
}

func checkExtension(t *testing.T, f arrow.Field, want string) {
	t.Helper()
	name, _ := f.Metadata.GetValue("ARROW:extension:name")
	text, _ := f.Metadata.GetValue("ARROW:extension:metadata")
	var metadata struct {
		CRS struct {
			Type string
			ID   struct{ Authority, Code string }
		}
		CRSType string `json:"crs_type"`
	}
	if err := json.Unmarshal([]byte(text), &metadata); err != nil {
		t.Fatal(err)
	}
	if name != want || metadata.CRSType != "projjson" || metadata.CRS.Type != "GeographicCRS" || metadata.CRS.ID.Authority != "OGC" || metadata.CRS.ID.Code != "CRS84" {
		t.Errorf("%s is of type %s, want %s, with %+v", f.Name, name, want, metadata)
	}
}

func TestArrowComesInBatches(t *testing.T) {
	f := func(rows int, shape orb.Geometry, want ...int64) {
		t.Helper()
		table := &encode.Table{Name: "x", IDs: make([]string, rows), Shapes: make([]orb.Geometry, rows)}
		for i := range table.Shapes {
			table.Shapes[i] = shape
		}
		var b bytes.Buffer
		if err := encode.WriteTable(&b, "arrow", table, encode.Options{}); err != nil {
			t.Fatal(err)
		}
		r, err := ipc.NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		var got []int64
		for r.Next() {
			got = append(got, r.Record().NumRows())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%d rows come in batches (-want +got):\n%s", rows, diff)
		}
	}
	f(0, nil)
	f(4096, nil, 4096)
	f(4097, nil, 4096, 1)
	ring := make(orb.Ring, 1<<17) // 2 MB
	for i := range ring[1:] {
		ring[i+1] = orb.Point{float64(i) / 1000, float64(i%2) + 1}
	}
	ring[len(ring)-1] = ring[0]
	f(3, orb.Polygon{ring}, 2, 1)
}
