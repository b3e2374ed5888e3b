package encode_test

import (
	"io"
	"testing"

	"github.com/paulmach/orb/geojson"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
)

const benchCells = 100_000

// bigLayer is a layer of 100,000 cells with the columns of a usual analysis.
func bigLayer(b *testing.B) *analytics.Layer {
	origin := cellsAround(b, 114.06, 22.54, 9, 0)[0]
	cells := origin.Disk(183)[:benchCells]
	layer := cellLayer(b)
	layer.Frame = &analytics.Frame{Unit: analytics.CellsOf(9), Cells: cells}
	ids, names, n := make([]string, benchCells), make([]string, benchCells), make([]int64, benchCells)
	share, z, p := make([]float64, benchCells), make([]float64, benchCells), make([]float64, benchCells)
	for i, c := range cells {
		ids[i], names[i], n[i] = c.String(), "田香社區", int64(i%97)
		share[i], z[i], p[i] = float64(i%7)/7, float64(i%113)/17-3, 1/float64(i+1)
	}
	layer.Columns = []analytics.Column{
		{Name: "cell", Type: analytics.WordColumn, Words: ids},
		{Name: "place_name", Type: analytics.WordColumn, Words: names},
		{Name: "n", Type: analytics.IntColumn, Ints: n},
		{Name: "share", Type: analytics.FloatColumn, Floats: share},
		{Name: "gi_z", Type: analytics.FloatColumn, Floats: z},
		{Name: "p", Type: analytics.FloatColumn, Floats: p},
	}
	return layer
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }

// BenchmarkGeoJSON writes 100,000 cells: as we do, and as one would with orb.
func BenchmarkGeoJSON(b *testing.B) {
	layer := bigLayer(b)
	run := func(name string, write func(io.Writer) error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var n counter
				if err := write(&n); err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(n))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchCells, "ns/cell")
		})
	}
	run("stream", func(w io.Writer) error { return encode.Write(w, "geojson", layer, encode.Options{}) })
	run("orb", func(w io.Writer) error { return naive(w, layer) })
}

// naive collects features and marshals them together.
func naive(w io.Writer, layer *analytics.Layer) error {
	c := geojson.NewFeatureCollection()
	for row, cell := range layer.Frame.Cells {
		f := geojson.NewFeature(cell.Boundary())
		f.ID = cell.String()
		for _, column := range layer.Columns {
			switch column.Type {
			case analytics.IntColumn:
				f.Properties[column.Name] = column.Ints[row]
			case analytics.FloatColumn:
				f.Properties[column.Name] = column.Floats[row]
			default:
				f.Properties[column.Name] = column.Words[row]
			}
		}
		c.Append(f)
	}
	text, err := c.MarshalJSON()
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}

// BenchmarkOutlines is the part of the work above that is spent in H3.
func BenchmarkOutlines(b *testing.B) {
	cells := bigLayer(b).Frame.Cells
	for b.Loop() {
		for _, c := range cells {
			_ = c.Boundary()
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchCells, "ns/cell")
}
