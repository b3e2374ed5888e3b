package segment

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// inRow makes inspections, each in a cell of its own, so that inspection i is row
// i of a segment. Those from low up to, and not including, high are withdrawn.
func inRow(columns []data.Column, n, low, high int) data.Batch {
	b := data.NewBuilder(columns)
	for row := range n {
		for i, c := range columns {
			switch c.Name {
			case "source", "location":
				b.SetText(i, "field")
			case "id":
				b.SetText(i, fmt.Sprint(row))
			case "inspected_at":
				b.SetInt(i, epoch.UnixMicro())
			case "cell_11":
				b.SetCell(i, geo.Cell(1+row))
			case data.Withdrawn:
				if low <= row && row < high {
					b.SetText(i, data.AnswerYes)
				} else {
					b.Missing(i)
				}
			default:
				b.Missing(i)
			}
		}
	}
	return b.Build()
}

// TestOnlyBlocksWithWithdrawnRowsAreAskedForThem has such rows in the second of
// three blocks.
func TestOnlyBlocksWithWithdrawnRowsAreAskedForThem(t *testing.T) {
	const rows, low, high = 2*blockRows + 100, blockRows + 7, blockRows + 20
	store := memory.New()
	put(t, store, data.Inspections, inRow(store.Schema(data.Inspections), rows, low, high))
	c := open(t, store, t.TempDir(), Options{})
	if got := countOf(t, c, data.Query{Dataset: data.Inspections, Columns: []string{"id"}}); got != rows-high+low {
		t.Errorf("%d rows, want %d", got, rows-high+low)
	}
	held, source := data.Missing{Column: data.Withdrawn}, data.In{Column: "source", Words: []string{"field"}}
	for _, f := range []struct {
		where data.Condition
		want  []data.Condition // block by block
	}{
		{nil, []data.Condition{nil, held, nil}},
		{data.All{}, []data.Condition{nil, held, nil}},
		{source, []data.Condition{source, data.All{source, held}, source}},
		{data.All{source, data.Missing{Column: "score"}}, []data.Condition{source, data.All{source, held}, source}},
	} {
		p, err := c.sets[data.Inspections].newest.Load().plan(data.Query{Dataset: data.Inspections, Where: f.where}.Live())
		if err != nil {
			t.Fatal(err)
		}
		got := make([]data.Condition, 3)
		for _, piece := range p.pieces {
			got[piece.lo/blockRows] = piece.where
		}
		if diff := cmp.Diff(f.want, got); diff != "" {
			t.Errorf("of %#v is left (-want +got):\n%s", f.where, diff)
		}
	}
}

// TestWhatIsWithdrawnAndComesAgainIsSeenSo changes facts that files hold.
func TestWhatIsWithdrawnAndComesAgainIsSeenSo(t *testing.T) {
	const rows = 300
	store, dir := memory.New(), t.TempDir()
	columns := store.Schema(data.Inspections)
	options := Options{SegmentRows: 64, DeltaRows: 40}
	c := open(t, store, dir, options)
	for _, step := range []struct{ low, high int }{{0, 0}, {10, 20}, {10, 200}, {150, 300}, {0, 300}, {0, 0}, {299, 300}} {
		put(t, c, data.Inspections, inRow(columns, rows, step.low, step.high))
		q := data.Query{Dataset: data.Inspections}
		got := scan(t, c, q)
		if diff := cmp.Diff(scan(t, store, q), got); diff != "" || len(got) != rows-step.high+step.low {
			t.Errorf("withdrawn from %d to %d: %d rows, want %d (-store +cache):\n%s", step.low, step.high, len(got), rows-step.high+step.low, diff)
		}
		if err := c.Refresh(t.Context()); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(got, scan(t, c, q)); diff != "" {
			t.Errorf("withdrawn from %d to %d: after the files are written (-before +after):\n%s", step.low, step.high, diff)
		}
	}
}

func countOf(t *testing.T, s data.Source, q data.Query) (rows int) {
	t.Helper()
	for b, err := range s.Scan(t.Context(), q) {
		if err != nil {
			t.Fatal(err)
		}
		rows += b.Len()
	}
	return rows
}
