package postgis_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/geo"
)

// A fact is what the tests vary of an incident.
type fact struct {
	source, id string
	version    int    // hours of updated_at after a fixed moment
	note       string // the channel: who wrote it
	stamp      int    // the finest cell, 0 for none
}

// hours returns the moment of a version, in microseconds.
func hours(version int) int64 {
	return time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(version) * time.Hour).UnixMicro()
}

// batchOf returns facts as a batch of incidents.
func batchOf(columns []data.Column, facts ...fact) data.Batch {
	b := data.NewBuilder(columns)
	for _, f := range facts {
		for i, c := range columns {
			switch c.Name {
			case "source":
				b.SetText(i, f.source)
			case "id":
				b.SetText(i, f.id)
			case "location":
				b.SetText(i, data.LocationNone)
			case "status":
				b.SetText(i, data.StatusOpen)
			case "channel":
				b.SetText(i, f.note)
			case "updated_at", "reported_at":
				b.SetInt(i, hours(f.version))
			case "cell_11":
				b.SetCell(i, geo.Cell(f.stamp)) // 0 is none
			default:
				b.Missing(i)
			}
		}
	}
	return b.Build()
}

// add appends facts and returns what changed.
func add(t *testing.T, s data.Store, chunk data.Chunk, facts ...fact) data.Changes {
	t.Helper()
	changes, err := s.Append(t.Context(), data.Incidents, chunk, batchOf(s.Schema(data.Incidents), facts...))
	if err != nil {
		t.Fatal(err)
	}
	return changes
}

// openClosed opens a store that is closed when the test is over.
func openClosed(t *testing.T, url string, options postgis.Options) *postgis.Store {
	t.Helper()
	s := open(t, url, options)
	t.Cleanup(func() { s.Close() })
	return s
}

// ask puts one question to a database as any other program would.
func ask[T any](t *testing.T, url, query string, args ...any) (answer T) {
	t.Helper()
	ctx := context.Background() // also while the test cleans up
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, query, args...).Scan(&answer); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}

// A sum is what rows add up to, in any order.
type sum struct {
	Rows   int64
	Digest uint64 // of the revisions, wrapping
}

// sumOf adds up the rows of a dataset as a source has them.
func sumOf(t *testing.T, s data.Source, d data.Dataset) sum {
	t.Helper()
	total, err := trySum(t.Context(), s, d)
	if err != nil {
		t.Fatal(err)
	}
	return total
}

// trySum is sumOf where errors are expected.
func trySum(ctx context.Context, s data.Source, d data.Dataset) (total sum, err error) {
	for b, err := range s.Scan(ctx, data.Query{Dataset: d}) {
		if err != nil {
			return sum{}, err
		}
		total.Rows += int64(b.Len())
		for _, r := range data.Revisions(b) {
			total.Digest += r.Digest()
		}
	}
	return total, nil
}

// versionOf returns what a store says is its version.
func versionOf(t *testing.T, s data.Catalog) string {
	t.Helper()
	version, err := s.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return version
}

// recount returns what the version of a store must be, from its rows.
func recount(t *testing.T, s data.Store) string {
	t.Helper()
	sums := map[data.Dataset]uint64{}
	for _, d := range data.Datasets() {
		sums[d] = sumOf(t, s, d).Digest
	}
	communities, err := s.Communities(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	settings, err := s.Settings(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return data.VersionOf(sums, communities, settings)
}

// flaws are questions that count what must not be in the tables of incidents
// once nobody writes.
var flaws = map[string]string{
	"batches that are not published": "SELECT count(*) FROM civgrid.batch WHERE state < 2",
	"marks that are left out": `SELECT abs(c.mark - b.given) + abs(c.mark - b.top)
		FROM civgrid.clock c, (SELECT count(mark) AS given, coalesce(max(mark), 0) AS top FROM civgrid.batch) b`,
	"marks whose time went back":      "SELECT count(*) FROM (SELECT at - lag(at) OVER (ORDER BY mark) AS step FROM civgrid.batch WHERE mark IS NOT NULL) s WHERE step < 0",
	"rows that are not counted":       "SELECT (SELECT count(*) FROM civgrid.incident) - (SELECT rows FROM civgrid.dataset WHERE dataset = 'incidents')",
	"rows that batches did not bring": "SELECT (SELECT count(*) FROM civgrid.incident) - (SELECT coalesce(sum(inserted), 0) FROM civgrid.batch WHERE dataset = 'incidents')::bigint",
	"numbers given twice":             "SELECT count(*) - count(DISTINCT seq) FROM civgrid.incident",
	"rows of unknown batches":         "SELECT count(*) FROM civgrid.incident f WHERE NOT EXISTS (SELECT FROM civgrid.batch b WHERE b.id = f.changed) OR NOT EXISTS (SELECT FROM civgrid.batch b WHERE b.id = f.recorded)",
	"versions without a successor": `SELECT count(*) FROM civgrid.incident_past p WHERE NOT EXISTS (
		SELECT FROM (SELECT source, id, seq, recorded FROM civgrid.incident UNION ALL SELECT source, id, seq, recorded FROM civgrid.incident_past) n
		WHERE n.source = p.source AND n.id = p.id AND n.seq = p.seq AND n.recorded = p.replaced)`,
}

// audit tests that a store holds what it says it holds, and no traces of what
// went wrong on the way.
func audit(t *testing.T, s *postgis.Store, url string) {
	t.Helper()
	if got, want := versionOf(t, s), recount(t, s); got != want {
		t.Errorf("Version is %s, want %s by the rows", got, want)
	}
	for what, query := range flaws {
		if n := ask[int64](t, url, query); n != 0 {
			t.Errorf("%d %s, want none", n, what)
		}
	}
}

// A tally is a logger's end that counts notes by how they begin.
type tally struct{ notes atomic.Int64 }

func (c *tally) Enabled(context.Context, slog.Level) bool { return true }
func (c *tally) WithAttrs([]slog.Attr) slog.Handler       { return c }
func (c *tally) WithGroup(string) slog.Handler            { return c }
func (c *tally) Handle(_ context.Context, r slog.Record) error {
	if strings.HasPrefix(r.Message, "repeated") {
		c.notes.Add(1)
	}
	return nil
}
