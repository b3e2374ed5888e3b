package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
)

// rowsOf returns inspections that fill the columns they must, with words of
// their own.
func rowsOf(columns []data.Column, part, n int) data.Batch {
	b := data.NewBuilder(columns)
	for row := range n {
		for i, c := range columns {
			switch {
			case c.Name == "id":
				b.SetText(i, fmt.Sprintf("%d-%d", part, row))
			case c.Name == "item":
				b.SetText(i, fmt.Sprintf("item %d of part %d %s", row%10, part, strings.Repeat("x", 100)))
			case c.Required && c.Type == data.Code:
				b.SetText(i, "x")
			case c.Required:
				b.SetInt(i, int64(row))
			default:
				b.Missing(i)
			}
		}
	}
	return b.Build()
}

func TestAFullDiskKeepsWholeChunksAndIsSurvived(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, filepath.Join(t.TempDir(), DefaultName), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	limit := func(pages int) {
		t.Helper()
		if _, err := s.writer.ExecContext(ctx, fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
			t.Fatal(err)
		}
	}
	const parts, rows = 12, 200
	keep := func(part int) error {
		_, err := s.Append(ctx, data.Inspections, data.Chunk{Import: "full", Number: part}, rowsOf(s.Schema(data.Inspections), part, rows))
		return err
	}
	var pages int
	if err := s.writer.QueryRowContext(ctx, "PRAGMA page_count").Scan(&pages); err != nil {
		t.Fatal(err)
	}
	limit(pages + 40)
	kept := 0
	for part := 1; part <= parts; part++ {
		err := keep(part)
		if err == nil {
			kept++
		} else if !strings.Contains(err.Error(), "full") {
			t.Fatalf("part %d: %v, want that the disk is full", part, err)
		}
	}
	if kept == 0 || kept == parts {
		t.Fatalf("%d of %d parts were kept; the limit does not fit the test", kept, parts)
	}
	wantSound(t, s, kept*rows)
	limit(1 << 30)
	for part := 1; part <= parts; part++ {
		if err := keep(part); err != nil {
			t.Errorf("part %d after there was room: %v", part, err)
		}
	}
	wantSound(t, s, parts*rows)
}

// wantSound checks the number of inspections and that nothing is damaged.
func wantSound(t *testing.T, s *Store, want int) {
	t.Helper()
	got := 0
	for b, err := range s.Scan(context.Background(), data.Query{Dataset: data.Inspections, Columns: []string{"item"}}) {
		if err != nil {
			t.Fatal(err)
		}
		got += b.Len()
	}
	if got != want {
		t.Errorf("%d rows, want %d", got, want)
	}
	if findings, err := s.Verify(context.Background()); err != nil || len(findings) > 0 {
		t.Errorf("Verify: %v, %q", err, findings)
	}
}

// TestConditionsAreDecidedInSQL makes sure that the promises that storetest
// tests on conditions are about SQL and not about Query.Filter.
func TestConditionsAreDecidedInSQL(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, filepath.Join(t.TempDir(), DefaultName), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	// Words: "x", and 10 items of each of 30 parts.
	for part := range 30 {
		if _, err := s.Append(ctx, data.Inspections, data.Chunk{}, rowsOf(s.Schema(data.Inspections), part, 10)); err != nil {
			t.Fatal(err)
		}
	}
	columns := data.SchemaOf(data.Incidents, data.DefaultResolutions())
	inSQL := func(c data.Condition) (text string, args []value, ok bool) {
		t.Helper()
		err := s.read(ctx, func(session session) error {
			text, args, ok = s.inSQL(session, c, columns)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return text, args, ok
	}
	f := func(c data.Condition, want string) {
		t.Helper()
		if got, _, ok := inSQL(c); got != want || !ok {
			t.Errorf("inSQL(%#v) = %q, %t, want %q", c, got, ok, want)
		}
	}
	f(nil, `1`)
	f(data.Any{}, `0`)
	f(data.Compare{Column: "status", Op: data.Equal, Value: "x"}, `("status" IS NOT NULL AND "status" IN (SELECT id FROM civgrid_word WHERE word IN (?)))`)
	f(data.Compare{Column: "id", Op: data.Equal, Value: "x"}, `("id" IS NOT NULL AND "id" IN (?))`)
	f(data.Not{Condition: data.Compare{Column: "lon", Op: data.Less, Value: 1.5}}, `NOT (("lon" IS NOT NULL AND "lon"<?))`)
	f(data.All{data.Missing{Column: "lon"}, data.CompareColumns{Left: "due_at", Op: data.Greater, Right: "closed_at"}},
		`("lon" IS NULL AND ("due_at" IS NOT NULL AND "closed_at" IS NOT NULL AND "due_at">"closed_at"))`)
	f(data.Like{Column: "status", Pattern: "X", CaseInsensitive: true}, `("status" IS NOT NULL AND "status" IN (?))`)
	f(data.InAnyCase{Column: "status", Words: []string{"never"}}, `("status" IS NOT NULL AND "status" IN ())`)
	for _, c := range []data.Condition{
		data.Like{Column: "status", Pattern: "item%"}, // more words than arguments
		data.Like{Column: "id", Pattern: "x"},
	} {
		if text, _, ok := inSQL(c); ok {
			t.Errorf("inSQL(%#v) = %q, want it to be left to Go", c, text)
		}
	}
}
