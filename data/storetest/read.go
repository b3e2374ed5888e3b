package storetest

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

// collect returns the rows of all batches, and checks that the batches have
// the columns wanted.
func collect(t *testing.T, batches data.Batches, columns []data.Column) []Row {
	t.Helper()
	var rows []Row
	for b, err := range batches {
		if err != nil {
			t.Fatalf("batch: %v", err)
		}
		if diff := cmp.Diff(names(columns), names(b.Columns())); diff != "" {
			t.Fatalf("columns of a batch (-want +got):\n%s", diff)
		}
		rows = append(rows, rowsOf(b)...)
	}
	return rows
}

func names(columns []data.Column) []string {
	names := make([]string, len(columns))
	for i, c := range columns {
		names[i] = c.Name + " " + c.Type.String()
	}
	return names
}

// scan returns the rows a source has for a query.
func scan(t *testing.T, s data.Source, q data.Query) []Row {
	t.Helper()
	columns := s.Schema(q.Dataset)
	if len(q.Columns) > 0 {
		var err error
		if columns, err = data.Pick(columns, q.Columns...); err != nil {
			t.Fatal(err)
		}
	}
	return collect(t, s.Scan(context.Background(), q), columns)
}

// wantRows checks that a dataset holds these rows and no others.
func wantRows(t *testing.T, s data.Source, d data.Dataset, want ...Row) {
	t.Helper()
	if diff := cmp.Diff(lines(want), lines(scan(t, s, data.Query{Dataset: d}))); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func wantChanges(t *testing.T, got, want data.Changes) {
	t.Helper()
	if got != want {
		t.Errorf("changes are %+v, want %+v", got, want)
	}
}
