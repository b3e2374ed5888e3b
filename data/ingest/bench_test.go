package ingest_test

import (
	"context"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
	"github.com/civgrid/civgrid/geo/locate"
)

// BenchmarkImportBoston is the whole way from the file to a store in memory,
// the quality report included.
func BenchmarkImportBoston(b *testing.B) {
	in := sharedFile(b, "boston/boston_311_2011H2.csv.gz")
	b.ReportAllocs()
	for b.Loop() {
		importFile(b, memory.New(), in, ingest.Options{})
	}
	b.ReportMetric(float64(58251*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkReadBoston is the first pass alone: reading and checking.
func BenchmarkReadBoston(b *testing.B) {
	in := sharedFile(b, "boston/boston_311_2011H2.csv.gz")
	b.ReportAllocs()
	for b.Loop() {
		importFile(b, memory.New(), in, ingest.Options{DryRun: true})
	}
	b.ReportMetric(float64(58251*b.N)/b.Elapsed().Seconds(), "rows/s")
}

// BenchmarkStamp compares stamping a batch with calling geo.CellAt and
// locate.Find for each point.
func BenchmarkStamp(b *testing.B) {
	store := memory.New()
	importBoundaries(b, store, "boston/boston_neighborhoods.geojson", ingest.BoundaryOptions{Level: data.CommunityArea})
	importFile(b, store, sharedFile(b, "boston/boston_311_2011-07.csv"), ingest.Options{})
	communities, err := store.Communities(context.Background())
	if err != nil {
		b.Fatal(err)
	}
	var batch data.Batch
	for one, err := range store.Scan(context.Background(), data.Query{Dataset: data.Incidents}) {
		if err != nil {
			b.Fatal(err)
		}
		if one.Len() > batch.Len() {
			batch = one
		}
	}
	perRow := func(b *testing.B) {
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(batch.Len()*b.N), "ns/row")
	}
	b.Run("batch", func(b *testing.B) {
		stamper, err := ingest.NewStamper(communities, nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := stamper.Stamp(data.Incidents, batch); err != nil {
				b.Fatal(err)
			}
		}
		perRow(b)
	})
	b.Run("point by point", func(b *testing.B) {
		areas := make([]locate.Area, len(communities))
		for i, c := range communities {
			areas[i] = locate.Area{Code: c.Code, Outline: c.Outline}
		}
		index, err := locate.New(areas)
		if err != nil {
			b.Fatal(err)
		}
		lon, lat := batch.Floats("lon"), batch.Floats("lat")
		b.ReportAllocs()
		for b.Loop() {
			for i := range lon {
				p := orb.Point{lon[i], lat[i]}
				for _, r := range data.DefaultResolutions() {
					if _, err := geo.CellAt(p, r); err != nil {
						b.Fatal(err)
					}
				}
				index.Find(p)
			}
		}
		perRow(b)
	})
}
