package ogc_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"sync/atomic"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/segment"
	"github.com/civgrid/civgrid/data/sqlite"
)

// manyFacts is a source of so many incidents, in batches as stores give them. Every
// batch is made anew, and in every column that a case may have there is something.
type manyFacts struct {
	n     int
	given atomic.Int64 // rows of all scans
	ended atomic.Int64 // scans that are over
	delay time.Duration
	fail  error // after half of the rows
}

const manyBatch = 16384 // as of sqlite and postgis

func (m *manyFacts) Schema(d data.Dataset) []data.Column {
	return data.SchemaOf(d, data.DefaultResolutions())
}

func (m *manyFacts) Scan(ctx context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		defer m.ended.Add(1)
		if q.Dataset != data.Incidents {
			return
		}
		needs, err := q.Needs(m.Schema(q.Dataset))
		for from := 0; from < m.n && err == nil; from += manyBatch {
			time.Sleep(m.delay)
			if m.fail != nil && from > m.n/2 {
				err = m.fail
			} else {
				err = ctx.Err()
			}
			var b data.Batch
			if err == nil {
				b, err = q.Filter(someIncidents(needs, from, min(manyBatch, m.n-from)))
			}
			if err == nil {
				m.given.Add(int64(b.Len()))
				if !yield(b, nil) {
					return
				}
			}
		}
		if err != nil {
			yield(data.Batch{}, err)
		}
	}
}

// someIncidents returns some rows from a number on.
func someIncidents(columns []data.Column, from, rows int) data.Batch {
	b := data.NewBuilder(columns)
	for row := from; row < from+rows; row++ {
		for i, c := range columns {
			switch {
			case c.Name == "id":
				b.SetText(i, fmt.Sprintf("2025-%08d", row*7919%10_000_019))
			case c.Name == "location":
				b.SetText(i, data.LocationPoint)
			case c.Name == "lon":
				b.SetFloat(i, 114+float64(row%9973)/1e4)
			case c.Name == "lat":
				b.SetFloat(i, 22+float64(row%9967)/1e4)
			case c.Later && row%4 > 0:
				b.Missing(i)
			case c.Type == data.Code:
				b.SetText(i, codes[row%len(codes)])
			case c.Type == data.Text:
				b.SetText(i, "some text of a case, neither short nor long")
			case c.Type == data.Time, c.Type == data.Int:
				b.SetInt(i, 1_735_689_600_000_000+int64(row)*1_000_000)
			case c.Type == data.Float:
				b.SetFloat(i, float64(row)/4)
			default:
				b.SetCell(i, 0x8931aa50003ffff)
			}
		}
	}
	return b.Build()
}

var codes = func() (words [500]string) {
	for i := range words {
		words[i] = fmt.Sprintf("第%d單位", i)
	}
	return words
}()

// heapPeak looks, until it is stopped, at the bytes of the heap, with those that nobody
// has collected yet. It returns by how many they have grown at most.
func heapPeak() (stop func() int64) {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	read := func() int64 {
		metrics.Read(sample)
		return int64(sample[0].Value.Uint64())
	}
	runtime.GC()
	base := read()
	done, peak := make(chan struct{}), make(chan int64)
	go func() {
		highest := base
		for {
			highest = max(highest, read())
			select {
			case <-done:
				peak <- highest
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() int64 {
		close(done)
		return <-peak - base
	}
}

// gzipped compresses every answer, as the server does.
func gzipped(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z, _ := gzip.NewWriterLevel(w, gzip.BestSpeed)
		next.ServeHTTP(zipWriter{w, z}, r)
		z.Close()
	})
}

type zipWriter struct {
	http.ResponseWriter
	z *gzip.Writer
}

func (w zipWriter) Write(p []byte) (int, error) { return w.z.Write(p) }

// mostHeap is what a million features may take, with the batch of the store.
const mostHeap = 64 << 20

// TestAMillionFactsTakeNoMemory reads a whole dataset over HTTP in some formats, and a
// page of it. With CIVGRID_TEST_LONG it is a million in every format, and in some from
// stores as well.
func TestAMillionFactsTakeNoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("writes many rows in every format")
	}
	n, sources, extensions := 100_000, map[string]data.Source{}, []string{"geojson", "csv", "parquet"}
	if os.Getenv("CIVGRID_TEST_LONG") != "" {
		n, extensions = 1_000_000, []string{"geojson", "geojsons", "jsonfg", "csv", "fgb", "arrows", "parquet"}
		sources["sqlite"], sources["segment"] = storesOf(t, n)
	}
	sources["synthetic"] = &manyFacts{n: n}
	for name, source := range sources {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(gzipped(factHandler(&fakeEngine{version: "v1"}, &ogc.Facts{Source: source, Personal: true})))
			defer server.Close()
			paths := []string{"/collections/incidents/items?limit=1000&sortby=-reported_at&filter=S_INTERSECTS(geometry,BBOX(114,22,115,23))"}
			for _, extension := range extensions {
				if name != "synthetic" && extension != "csv" && extension != "parquet" {
					continue
				}
				paths = append(paths, "/exports/incidents."+extension)
			}
			for _, path := range paths {
				stop, begin := heapPeak(), time.Now()
				bytes := download(t, server.URL+path)
				grown := stop()
				t.Logf("%s: %d features are %d MB, the heap grows by %d MB, %v", path, n, bytes>>20, grown>>20, time.Since(begin).Round(time.Millisecond))
				if grown > mostHeap {
					t.Errorf("%s: the heap grows by %d MB, want no more than %d", path, grown>>20, mostHeap>>20)
				}
			}
		})
	}
}

// download reads an answer and returns its length when it is not compressed.
func download(t *testing.T, url string) int64 {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	n, err := io.Copy(io.Discard, response.Body)
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("GET %s: %d after %d bytes, %v", url, response.StatusCode, n, err)
	}
	return n
}

// storesOf returns stores of n incidents.
func storesOf(t *testing.T, n int) (database, cached data.Source) {
	t.Helper()
	folder := t.TempDir()
	store, err := sqlite.Open(t.Context(), filepath.Join(folder, "facts.gpkg"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	columns := store.Schema(data.Incidents)
	for from := 0; from < n; from += manyBatch {
		if _, err := store.Append(t.Context(), data.Incidents, data.Chunk{}, someIncidents(columns, from, min(manyBatch, n-from))); err != nil {
			t.Fatal(err)
		}
	}
	cache, err := segment.Open(t.Context(), store, filepath.Join(folder, "cache"), segment.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range cache.Scan(t.Context(), data.Query{Dataset: data.Incidents, Columns: []string{"id"}}) { // which fills it
		if err != nil {
			t.Fatal(err)
		}
	}
	return store, cache
}
