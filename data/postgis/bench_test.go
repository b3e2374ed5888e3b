package postgis_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/geo"
)

// benchRows is how many facts benchmarks work on: CIVGRID_BENCH_ROWS, or a
// number that continuous integration has time for.
func benchRows(b *testing.B) int {
	b.Helper()
	if text := os.Getenv("CIVGRID_BENCH_ROWS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		return n
	}
	return 100_000
}

// cityBatch makes facts of a city, some 60,000 different points in time order,
// numbered from first.
func cityBatch(b *testing.B, columns []data.Column, first, n int) data.Batch {
	b.Helper()
	random := rand.New(rand.NewPCG(uint64(first), 1))
	builder := data.NewBuilder(columns)
	words := func(stem string, of int) string { return fmt.Sprint(stem, " ", random.IntN(of)) }
	at := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	for row := range n {
		i := int64(first + row)
		spot := random.IntN(60_000)
		p := orb.Point{116.2 + float64(spot%300)*0.001, 39.8 + float64(spot/300)*0.001}
		opened := at + i*int64(15*time.Second/time.Microsecond)
		for c, column := range columns {
			switch column.Name {
			case "source":
				builder.SetText(c, "bench")
			case "id":
				builder.SetText(c, fmt.Sprintf("%010d", i))
			case "location":
				builder.SetText(c, data.LocationPoint)
			case "status":
				builder.SetText(c, data.StatusClosed)
			case "category":
				builder.SetText(c, words("category", 40))
			case "channel":
				builder.SetText(c, words("channel", 6))
			case "community":
				builder.SetText(c, fmt.Sprint("c", spot/200))
			case "lon":
				builder.SetFloat(c, p[0])
			case "lat":
				builder.SetFloat(c, p[1])
			case "updated_at", "reported_at":
				builder.SetInt(c, opened)
			case "closed_at":
				builder.SetInt(c, opened+random.Int64N(int64(240*time.Hour/time.Microsecond)))
			case "due_at":
				builder.SetInt(c, opened+int64(72*time.Hour/time.Microsecond))
			default:
				if column.Type != data.Cell {
					builder.Missing(c)
					continue
				}
				var res int
				if _, err := fmt.Sscanf(column.Name, "cell_%d", &res); err != nil {
					b.Fatal(err)
				}
				cell, err := geo.CellAt(p, geo.Resolution(res))
				if err != nil {
					b.Fatal(err)
				}
				builder.SetCell(c, cell)
			}
		}
	}
	return builder.Build()
}

const benchChunk = 20_000

// fill appends n facts.
func fill(b *testing.B, s *postgis.Store, n int) {
	b.Helper()
	columns := s.Schema(data.Incidents)
	for first := 0; first < n; first += benchChunk {
		if _, err := s.Append(b.Context(), data.Incidents, data.Chunk{}, cityBatch(b, columns, first, min(benchChunk, n-first))); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Refresh(b.Context()); err != nil {
		b.Fatal(err)
	}
}

// values returns a batch as plain pgx loops have it: any values, row by row,
// with words as text.
func values(rows data.Batch) [][]any {
	all := make([][]any, rows.Len())
	for i := range all {
		all[i] = make([]any, len(rows.Columns()))
	}
	for c, column := range rows.Columns() {
		valid := rows.Valid(column.Name)
		for i := range all {
			if !valid.At(i) {
				continue
			}
			switch column.Type {
			case data.Text:
				all[i][c] = rows.Texts(column.Name).At(i)
			case data.Code:
				all[i][c] = rows.Codes(column.Name).At(i)
			case data.Float:
				all[i][c] = rows.Floats(column.Name)[i]
			case data.Cell:
				all[i][c] = int64(rows.Cells(column.Name)[i])
			default:
				all[i][c] = rows.Ints(column.Name)[i]
			}
		}
	}
	return all
}

// plainTable is what a program without Civgrid would make: the same columns,
// words as text, and the same indexes.
func plainTable(b *testing.B, conn *pgx.Conn, columns []data.Column) (names []string) {
	b.Helper()
	definition := ""
	types := map[data.Type]string{data.Text: "text", data.Code: "text", data.Float: "double precision"}
	for _, c := range columns {
		of, ok := types[c.Type]
		if !ok {
			of = "bigint"
		}
		definition += pgx.Identifier{c.Name}.Sanitize() + " " + of + ", "
		names = append(names, c.Name)
	}
	for _, statement := range []string{
		"DROP TABLE IF EXISTS plain", "CREATE TABLE plain (" + definition + "PRIMARY KEY (source, id))",
		"CREATE INDEX ON plain (updated_at)", "CREATE INDEX ON plain (cell_11)", "CREATE INDEX ON plain USING brin (reported_at, closed_at, due_at)",
	} {
		if _, err := conn.Exec(b.Context(), statement); err != nil {
			b.Fatal(err)
		}
	}
	return names
}

// BenchmarkAppend keeps facts: through the store, which also looks every row
// up, digests it and numbers it, and by plain pgx loops into a table with the
// same indexes.
func BenchmarkAppend(b *testing.B) {
	url := pgtest.Shared(b).Database(b)
	s := open(b, url, postgis.Options{})
	defer s.Close()
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	columns := s.Schema(data.Incidents)
	n := min(benchRows(b), benchChunk)
	ways := []struct {
		name string
		keep func(first int, rows data.Batch, plain [][]any, names []string) error
	}{
		{"store", func(_ int, rows data.Batch, _ [][]any, _ []string) error {
			_, err := s.Append(b.Context(), data.Incidents, data.Chunk{}, rows)
			return err
		}},
		{"pgx CopyFrom", func(_ int, _ data.Batch, plain [][]any, names []string) error {
			_, err := conn.CopyFrom(b.Context(), pgx.Identifier{"plain"}, names, pgx.CopyFromRows(plain))
			return err
		}},
		{"pgx upserts in batches", func(_ int, _ data.Batch, plain [][]any, names []string) error {
			return upserts(b.Context(), conn, plain, names)
		}},
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			names := plainTable(b, conn, columns)
			first := int(time.Now().UnixNano() % 1e9)
			for range b.N {
				b.StopTimer()
				rows := cityBatch(b, columns, first, n)
				plain := values(rows)
				b.StartTimer()
				if err := way.keep(first, rows, plain, names); err != nil {
					b.Fatal(err)
				}
				first += n
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// upserts keeps rows by one INSERT … ON CONFLICT a row, a thousand a round trip.
func upserts(ctx context.Context, conn *pgx.Conn, rows [][]any, names []string) error {
	list, marks, sets := "", "", ""
	for i, name := range names {
		quoted := pgx.Identifier{name}.Sanitize()
		list += "," + quoted
		marks += fmt.Sprint(",$", i+1)
		sets += "," + quoted + "=excluded." + quoted
	}
	statement := "INSERT INTO plain (" + list[1:] + ") VALUES (" + marks[1:] + ") ON CONFLICT (source, id) DO UPDATE SET " + sets[1:]
	for len(rows) > 0 {
		part := rows[:min(1000, len(rows))]
		rows = rows[len(part):]
		var batch pgx.Batch
		for _, row := range part {
			batch.Queue(statement, row...)
		}
		if err := conn.SendBatch(ctx, &batch).Close(); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkScan reads ten columns of all facts: into columns by the store, and
// by a plain pgx loop that scans into variables and appends to slices.
func BenchmarkScan(b *testing.B) {
	url := pgtest.Shared(b).Database(b)
	s := open(b, url, postgis.Options{})
	defer s.Close()
	n := benchRows(b)
	fill(b, s, n)
	names := []string{"id", "category", "channel", "community", "reported_at", "closed_at", "due_at", "lon", "lat", "cell_9"}
	b.Run("store", func(b *testing.B) {
		for range b.N {
			rows := 0
			for batch, err := range s.Scan(b.Context(), data.Query{Dataset: data.Incidents, Columns: names}) {
				if err != nil {
					b.Fatal(err)
				}
				rows += batch.Len()
			}
			if rows != n {
				b.Fatalf("%d rows, want %d", rows, n)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
	conn, err := pgx.Connect(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(b.Context()))
	b.Run("pgx loop", func(b *testing.B) {
		for range b.N {
			if rows := pgxLoop(b, conn); rows != n {
				b.Fatalf("%d rows, want %d", rows, n)
			}
		}
		b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	})
}

func pgxLoop(b *testing.B, conn *pgx.Conn) int {
	b.Helper()
	rows, err := conn.Query(b.Context(), "SELECT id, category, channel, community, reported_at, closed_at, due_at, lon, lat, cell_9 FROM civgrid.incident")
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var ids []string
	var codes [3][]*int32
	var times [3][]*int64
	var places [2][]*float64
	var cells []*int64
	for rows.Next() {
		var id string
		var code [3]*int32
		var at [3]*int64
		var place [2]*float64
		var cell *int64
		if err := rows.Scan(&id, &code[0], &code[1], &code[2], &at[0], &at[1], &at[2], &place[0], &place[1], &cell); err != nil {
			b.Fatal(err)
		}
		ids, cells = append(ids, id), append(cells, cell)
		for i := range code {
			codes[i], times[i] = append(codes[i], code[i]), append(times[i], at[i])
		}
		for i := range place {
			places[i] = append(places[i], place[i])
		}
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return min(len(ids), len(cells))
}

// BenchmarkRollup answers rollups with few, some and many groups, by push-down
// and from a scan.
func BenchmarkRollup(b *testing.B) {
	s := open(b, pgtest.Shared(b).Database(b), postgis.Options{})
	defer s.Close()
	n := benchRows(b)
	fill(b, s, n)
	counts := []data.Count{{Name: "n"}, {Name: "late", Where: data.CompareColumns{Left: "closed_at", Op: data.Greater, Right: "due_at"}}}
	hours := data.ByHourOfWeek{Column: "reported_at", Zone: time.FixedZone("", 8*3600)}
	for _, r := range []data.Rollup{
		{Name: "few groups", Keys: []data.Key{data.ByCode{Column: "community"}}},
		{Name: "some groups", Keys: []data.Key{data.ByCell{Column: "cell_9"}}},
		{Name: "many groups", Keys: []data.Key{data.ByCell{Column: "cell_9"}, hours}},
	} {
		r.Dataset, r.Counts = data.Incidents, counts
		choice, err := s.Weigh(b.Context(), []data.Rollup{r})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(r.Name+"/push-down", func(b *testing.B) {
			groups := 0
			for range b.N {
				groups = 0
				for batch, err := range s.Aggregate(b.Context(), r) {
					if err != nil {
						b.Fatal(err)
					}
					groups += batch.Len()
				}
			}
			b.ReportMetric(float64(groups), "groups")
			b.ReportMetric(float64(choice.Groups), "expected")
		})
		b.Run(r.Name+"/scan", func(b *testing.B) {
			for range b.N {
				for _, err := range s.Scan(b.Context(), r.Query()) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(n), "rows")
		})
	}
}
