package segment

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// epoch is when the facts of the tests begin.
var epoch = time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)

// fakes makes n rows of a dataset with ids below people, so that many are new
// versions of known ones. A third of the optional values is missing.
func fakes(r *rand.Rand, columns []data.Column, n, people int) data.Batch {
	b := data.NewBuilder(columns)
	for range n {
		for i, c := range columns {
			switch {
			case c.Name == "source":
				b.SetText(i, "hotline")
			case c.Name == "id":
				b.SetText(i, fmt.Sprint("c", r.IntN(people)))
			case c.Name == "updated_at", c.Name == data.Withdrawn, !c.Required && r.IntN(3) == 0:
				b.Missing(i)
			default:
				fake(r, b, i, c)
			}
		}
	}
	return b.Build()
}

func fake(r *rand.Rand, b *data.Builder, i int, c data.Column) {
	switch c.Type {
	case data.Text, data.Code:
		b.SetText(i, strings.Repeat("é", r.IntN(3))+fmt.Sprint(r.IntN(9)))
	case data.Time:
		b.SetInt(i, epoch.Add(time.Duration(r.IntN(1000))*time.Hour).UnixMicro())
	case data.Int:
		b.SetInt(i, int64(r.IntN(20)-10))
	case data.Float:
		b.SetFloat(i, float64(r.IntN(41)-20)/4)
	case data.Cell:
		b.SetCell(i, geo.Cell(1+r.IntN(60)))
	}
}

func put(t testing.TB, store data.Sink, d data.Dataset, rows data.Batch) {
	t.Helper()
	if _, err := store.Append(context.Background(), d, data.Chunk{}, rows); err != nil {
		t.Fatal(err)
	}
}

// open opens a cache that is closed at the end of the test.
func open(t testing.TB, store FeedStore, dir string, options Options) *Cache {
	t.Helper()
	c, err := Open(context.Background(), store, dir, options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// scan returns the rows as lines of text, sorted.
func scan(t testing.TB, source data.Source, q data.Query) []string {
	t.Helper()
	var lines []string
	for b, err := range source.Scan(context.Background(), q) {
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, format(b)...)
	}
	slices.Sort(lines)
	return lines
}

func format(b data.Batch) []string {
	lines := make([]string, b.Len())
	for _, c := range b.Columns() {
		valid := b.Valid(c.Name)
		value := printer(b, c)
		for i := range lines {
			if valid.At(i) {
				lines[i] += c.Name + "=" + value(i) + " "
			}
		}
	}
	return lines
}

func printer(b data.Batch, c data.Column) func(i int) string {
	switch c.Type {
	case data.Text:
		texts := b.Texts(c.Name)
		return texts.At
	case data.Code:
		codes := b.Codes(c.Name)
		return codes.At
	case data.Float:
		floats := b.Floats(c.Name)
		return func(i int) string { return fmt.Sprint(floats[i]) }
	case data.Cell:
		cells := b.Cells(c.Name)
		return func(i int) string { return cells[i].String() }
	}
	ints := b.Ints(c.Name)
	return func(i int) string { return fmt.Sprint(ints[i]) }
}

// condition makes up a condition on the columns.
func condition(r *rand.Rand, columns []data.Column, depth int) data.Condition {
	op := data.Op(r.IntN(5))
	c := columns[r.IntN(len(columns))]
	switch k := r.IntN(8); {
	case k == 0 && depth > 0:
		return data.All{condition(r, columns, depth-1), condition(r, columns, depth-1)}
	case k == 1 && depth > 0:
		return data.Any{condition(r, columns, depth-1), condition(r, columns, depth-1)}
	case k == 2 && depth > 0:
		return data.Not{Condition: condition(r, columns, depth-1)}
	case k == 3:
		return data.Missing{Column: c.Name}
	}
	switch c.Type {
	case data.Text, data.Code:
		return data.In{Column: c.Name, Words: []string{"1", "2", "é3", "hotline", "c7"}}
	case data.Time:
		if r.IntN(4) == 0 {
			return data.CompareColumns{Left: c.Name, Op: op, Right: "updated_at"}
		}
		return data.Compare{Column: c.Name, Op: op, Value: epoch.Add(time.Duration(r.IntN(1200)-100) * time.Hour)}
	case data.Int:
		return data.Compare{Column: c.Name, Op: op, Value: int64(r.IntN(24) - 12)}
	case data.Float:
		return data.Compare{Column: c.Name, Op: op, Value: float64(r.IntN(49)-24) / 4}
	}
	return data.Compare{Column: c.Name, Op: op, Value: geo.Cell(r.IntN(64))}
}

// query makes up a query.
func query(r *rand.Rand, store data.Source, d data.Dataset) data.Query {
	q := data.Query{Dataset: d}
	columns := store.Schema(d)
	for _, i := range r.Perm(len(columns))[:r.IntN(4)] {
		q.Columns = append(q.Columns, columns[i].Name)
	}
	if r.IntN(4) > 0 {
		q.Where = condition(r, columns, 2)
	}
	return q
}

func TestScansEqualTheStoreBeneath(t *testing.T) {
	t.Parallel()
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		store, dir := memory.New(), t.TempDir()
		options := Options{SegmentRows: 30 + r.IntN(400), DeltaRows: 1 + r.IntN(150)}
		c := open(t, store, dir, options)
		for range 40 {
			d := data.Datasets()[r.IntN(3)]
			switch r.IntN(12) {
			case 0:
				c = open(t, store, dir, options)
			case 1:
				if err := c.Refresh(context.Background()); err != nil {
					t.Fatal(err)
				}
			default:
				put(t, c, d, fakes(r, store.Schema(d), 1+r.IntN(150), 400))
			}
			for range 2 {
				q := query(r, store, d)
				if diff := cmp.Diff(scan(t, store, q), scan(t, c, q)); diff != "" {
					t.Fatalf("seed %d: scan of %+v (-store +cache):\n%s", seed, q, diff)
				}
			}
		}
	}
}

func TestScansOfSeveralBlocksEqualTheStoreBeneath(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	store := memory.New()
	columns := store.Schema(data.Resources)
	b := fakes(r, columns, 2*blockRows+777, 1<<40)
	put(t, store, data.Resources, b)
	c := open(t, store, t.TempDir(), Options{})
	scan(t, c, data.Query{Dataset: data.Resources, Columns: []string{"id"}})
	put(t, store, data.Resources, fakes(r, columns, 50, 1<<40))
	some := make([]int32, 900)
	for i := range some {
		some[i] = int32(r.IntN(b.Len()))
	}
	put(t, store, data.Resources, renamed(b.Take(some)))
	for _, q := range []data.Query{
		{Columns: []string{"id", "name"}},
		{Columns: []string{"id"}, Where: data.Compare{Column: "cell_11", Value: geo.Cell(17)}},
		{Columns: []string{"id"}, Where: data.All{
			data.Compare{Column: "cell_11", Value: geo.Cell(29)},
			data.Compare{Column: "lon", Op: data.Less, Value: 1.5},
		}},
		{Columns: []string{"name"}, Where: data.Compare{Column: "cell_11", Op: data.Greater, Value: geo.Cell(55)}},
		{Columns: []string{"id", "status"}, Where: data.Missing{Column: "cell_11"}},
	} {
		q.Dataset = data.Resources
		if diff := cmp.Diff(scan(t, store, q), scan(t, c, q)); diff != "" {
			t.Fatalf("scan of %+v (-store +cache):\n%s", q, diff)
		}
	}
	if got := c.Stats()[1]; got.Segments != 1 || got.DeadRows == 0 || got.DeltaRows < 900 {
		t.Errorf("Stats() = %+v, want one segment with dead rows and a delta of 900 rows or more", got)
	}
}

// renamed returns the rows with another name.
func renamed(b data.Batch) data.Batch {
	builder := data.NewBuilder(b.Columns())
	for i, c := range b.Columns() {
		value, valid := setter(builder, i, b, c), b.Valid(c.Name)
		for row := range b.Len() {
			switch {
			case c.Name == "name":
				builder.SetText(i, "renamed")
			case valid.At(row):
				value(row)
			default:
				builder.Missing(i)
			}
		}
	}
	return builder.Build()
}

func setter(to *data.Builder, i int, b data.Batch, c data.Column) func(row int) {
	switch c.Type {
	case data.Text:
		texts := b.Texts(c.Name)
		return func(row int) { to.SetText(i, texts.At(row)) }
	case data.Code:
		codes := b.Codes(c.Name)
		return func(row int) { to.SetText(i, codes.At(row)) }
	case data.Float:
		floats := b.Floats(c.Name)
		return func(row int) { to.SetFloat(i, floats[row]) }
	case data.Cell:
		cells := b.Cells(c.Name)
		return func(row int) { to.SetCell(i, cells[row]) }
	}
	ints := b.Ints(c.Name)
	return func(row int) { to.SetInt(i, ints[row]) }
}

func TestSegmentsAreSorted(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	store := memory.New()
	put(t, store, data.Incidents, fakes(r, store.Schema(data.Incidents), 2000, 1<<40))
	c := open(t, store, t.TempDir(), Options{})
	for b, err := range c.Scan(context.Background(), data.Query{Dataset: data.Incidents}) {
		if err != nil {
			t.Fatal(err)
		}
		cells, times, valid := b.Cells("cell_11"), b.Ints("reported_at"), b.Valid("cell_11")
		for i := 1; i < b.Len(); i++ {
			switch {
			case !valid.At(i):
			case !valid.At(i - 1):
				t.Fatalf("row %d has a cell, the row before has none", i)
			case cells[i-1] > cells[i], cells[i-1] == cells[i] && times[i-1] > times[i]:
				t.Fatalf("row %d is out of order", i)
			}
		}
	}
}

func TestAQueryThatAsksForWhatIsNotThereFails(t *testing.T) {
	c := open(t, memory.New(), t.TempDir(), Options{})
	for _, err := range c.Scan(context.Background(), data.Query{Dataset: data.Incidents, Columns: []string{seqColumn}}) {
		if err == nil {
			t.Error("scan of the hidden column succeeded")
		}
		return
	}
	t.Error("scan of the hidden column gave nothing, want an error")
}
