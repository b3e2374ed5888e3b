package encode_test

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"github.com/civgrid/civgrid/api/encode"
)

func TestParquetRoundTrip(t *testing.T) { roundTrip(t, "parquet", 0, readParquet) }

func openParquet(t *testing.T, b []byte) *file.Reader {
	t.Helper()
	r, err := file.NewParquetReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func readParquet(t *testing.T, b []byte) (list []record) {
	t.Helper()
	r := openParquet(t, b)
	last := r.MetaData().Schema.NumColumns() - 1
	for i := range r.NumRowGroups() {
		group := r.RowGroup(i)
		part := make([]record, group.NumRows())
		for c := range last + 1 {
			column, err := group.Column(c)
			if err != nil {
				t.Fatal(err)
			}
			for row, value := range columnValues(t, column, len(part)) {
				switch {
				case c == 0:
					part[row] = record{id: value.(string), values: map[string]any{}}
				case c < last:
					part[row].values[column.Descriptor().Name()] = value
				case value != nil:
					if part[row].geometry, err = wkb.Unmarshal([]byte(value.(string))); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		list = append(list, part...)
	}
	return list
}

// columnValues returns the values of a column of a group, nil where one is
// missing.
func columnValues(t *testing.T, column file.ColumnChunkReader, n int) []any {
	t.Helper()
	levels, present, values := make([]int16, n), 0, make([]any, 0, n)
	var err error
	switch column := column.(type) {
	case *file.Int64ColumnChunkReader:
		buffer := make([]int64, n)
		_, present, err = column.ReadBatch(int64(n), buffer, levels, nil)
		for _, x := range buffer[:present] {
			values = append(values, x)
		}
	case *file.Float64ColumnChunkReader:
		buffer := make([]float64, n)
		_, present, err = column.ReadBatch(int64(n), buffer, levels, nil)
		for _, x := range buffer[:present] {
			values = append(values, x)
		}
	case *file.ByteArrayColumnChunkReader:
		buffer := make([]parquet.ByteArray, n)
		_, present, err = column.ReadBatch(int64(n), buffer, levels, nil)
		for _, x := range buffer[:present] {
			values = append(values, string(x))
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	if column.Descriptor().MaxDefinitionLevel() == 0 {
		return values
	}
	spaced := make([]any, n)
	for row := range spaced {
		if levels[row] > 0 {
			spaced[row], values = values[0], values[1:]
		}
	}
	return spaced
}

// TestParquetSaysWhatItHolds checks "geo" against the specification of
// GeoParquet 1.1.0, and the schema.
func TestParquetSaysWhatItHolds(t *testing.T) {
	layer := communityLayer()
	r := openParquet(t, write(t, "parquet", layer, encode.Options{}))
	var geo struct {
		Version       string
		PrimaryColumn string `json:"primary_column"`
		Columns       map[string]struct {
			Encoding, Orientation, Edges string
			GeometryTypes                []string `json:"geometry_types"`
			BBox                         []float64
			CRS                          struct {
				ID struct{ Authority, Code string }
			}
		}
	}
	text := r.MetaData().KeyValueMetadata().FindValue("geo")
	if err := json.Unmarshal([]byte(*text), &geo); err != nil {
		t.Fatal(err)
	}
	c := geo.Columns["geometry"]
	if geo.Version != "1.1.0" || geo.PrimaryColumn != "geometry" || len(geo.Columns) != 1 || c.Encoding != "WKB" || c.Orientation != "counterclockwise" || c.Edges != "planar" {
		t.Errorf("geo is %s", *text)
	}
	if !cmp.Equal(c.GeometryTypes, []string{"MultiPolygon"}) || !cmp.Equal(c.BBox, []float64{114, 22, 117, 23}) || c.CRS.ID.Authority != "OGC" || c.CRS.ID.Code != "CRS84" {
		t.Errorf("geo is %s", *text)
	}
	if about := r.MetaData().KeyValueMetadata().FindValue("civgrid"); about == nil || !json.Valid([]byte(*about)) {
		t.Error("nothing is said of the layer")
	}
	var got []string
	for i := range r.MetaData().Schema.NumColumns() {
		d := r.MetaData().Schema.Column(i)
		got = append(got, d.Name()+" "+d.PhysicalType().String()+" "+d.LogicalType().String()+" "+d.SchemaNode().RepetitionType().String())
	}
	want := []string{"id BYTE_ARRAY String required", "code BYTE_ARRAY String optional", "share DOUBLE None optional", "geometry BYTE_ARRAY None optional"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("columns (-want +got):\n%s", diff)
	}
}

func TestParquetComesInGroups(t *testing.T) {
	table := &encode.Table{Name: "x", IDs: make([]string, 8193), Shapes: make([]orb.Geometry, 8193)}
	var b bytes.Buffer
	if err := encode.WriteTable(&b, "parquet", table, encode.Options{}); err != nil {
		t.Fatal(err)
	}
	r := openParquet(t, b.Bytes())
	if r.NumRowGroups() != 2 || r.RowGroup(0).NumRows() != 8192 || r.NumRows() != 8193 {
		t.Errorf("%d rows in %d groups, the first of %d", r.NumRows(), r.NumRowGroups(), r.RowGroup(0).NumRows())
	}
}
