package data

import (
	"context"
	"fmt"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/array"
)

// A Derivation computes columns that no store keeps from those it does: pure,
// row by row.
type Derivation struct {
	// Reads names the columns of the dataset that Compute reads.
	Reads []string
	// Columns describes what it makes, by names the dataset does not have yet.
	Columns []Column
	// Compute appends one row to into for every row of rows, in order. The
	// columns of rows are those of Reads, those of into are Columns; neither may
	// be kept. Several goroutines may call it at once. Its error ends the scan.
	Compute func(rows Batch, into *Builder) error
}

// Derive returns source with the derived columns behind those of d. They can be
// asked for, and conditions can read them, like any other column; what needs none
// of them is answered by source itself. Where derived has a name that d has too,
// or reads one that d has not, scans that need a derived column are errors.
//
// Conditions that read no derived column are left to source: those of an [All]
// each on its own. Whatever else source can do, such as to add up, the result
// cannot: it gives rows.
func Derive(source Source, d Dataset, derived Derivation) Source {
	return &derivedSource{source, d, derived}
}

type derivedSource struct {
	source  Source
	dataset Dataset
	derived Derivation
}

// Schema implements Source.
func (s *derivedSource) Schema(d Dataset) []Column {
	columns := s.source.Schema(d)
	if d != s.dataset {
		return columns
	}
	return append(slices.Clip(columns), s.derived.Columns...)
}

// Scan implements Source.
func (s *derivedSource) Scan(ctx context.Context, q Query) Batches {
	if q.Dataset != s.dataset || !s.neededBy(q) {
		return s.source.Scan(ctx, q)
	}
	return func(yield func(Batch, error) bool) {
		below, above, err := s.split(q)
		if err != nil {
			yield(Batch{}, fmt.Errorf("derive columns of %s: %w", q.Dataset, err))
			return
		}
		into := NewBuilder(s.derived.Columns)
		for b, err := range s.source.Scan(ctx, below) {
			if err == nil && b.Len() == 0 {
				continue
			}
			if err == nil {
				b, err = s.answer(b, into, above)
			}
			if err != nil {
				yield(Batch{}, err)
				return
			}
			if b.Len() > 0 && !yield(b, nil) {
				return
			}
		}
	}
}

// answer reduces rows of the source, with what is derived from them, to those
// that a query asks for.
func (s *derivedSource) answer(b Batch, into *Builder, above Query) (Batch, error) {
	rows, err := b.Project(s.derived.Reads...)
	if err != nil {
		return Batch{}, err
	}
	if err := s.derived.Compute(rows, into); err != nil {
		return Batch{}, fmt.Errorf("derive columns of %s: %w", s.dataset, err)
	}
	columns := into.Build()
	if columns.Len() != b.Len() {
		return Batch{}, fmt.Errorf("derive columns of %s: %d rows made of %d", s.dataset, columns.Len(), b.Len())
	}
	return above.Filter(b.beside(columns))
}

// split returns what to ask of the source and, of its rows with the derived
// columns, what answers q.
func (s *derivedSource) split(q Query) (below, above Query, err error) {
	if err := s.check(); err != nil {
		return below, above, err
	}
	schema := s.Schema(q.Dataset)
	if _, err := q.Needs(schema); err != nil {
		return below, above, err
	}
	above.Dataset, above.Columns = q.Dataset, q.Columns
	if len(q.Columns) == 0 {
		for _, c := range schema {
			above.Columns = append(above.Columns, c.Name)
		}
	}
	var left, kept All
	for _, c := range conjuncts(q.Where) {
		if slices.ContainsFunc(ColumnsOf(c), s.derives) {
			kept = append(kept, c)
		} else {
			left = append(left, c)
		}
	}
	below.Dataset, below.Ordered = q.Dataset, q.Ordered
	if len(left) > 0 {
		below.Where = left
	}
	if len(kept) > 0 {
		above.Where = kept
	}
	for _, name := range slices.Concat(s.derived.Reads, above.Columns, ColumnsOf(above.Where)) {
		if !s.derives(name) && !slices.Contains(below.Columns, name) {
			below.Columns = append(below.Columns, name)
		}
	}
	if len(below.Columns) == 0 { // no column would mean all of them
		below.Columns = []string{schema[0].Name}
	}
	return below, above, nil
}

// neededBy reports whether a derived column is asked for or read.
func (s *derivedSource) neededBy(q Query) bool {
	return len(q.Columns) == 0 || slices.ContainsFunc(q.Columns, s.derives) || slices.ContainsFunc(ColumnsOf(q.Where), s.derives)
}

func (s *derivedSource) derives(name string) bool { return indexOf(s.derived.Columns, name) >= 0 }

// check tests the derivation against the columns there are.
func (s *derivedSource) check() error {
	stored, schema := s.source.Schema(s.dataset), s.Schema(s.dataset)
	if _, err := Pick(stored, s.derived.Reads...); err != nil {
		return err
	}
	for i, c := range s.derived.Columns {
		if indexOf(schema, c.Name) < len(stored)+i {
			return fmt.Errorf("column %q is there already", c.Name)
		}
	}
	return nil
}

// conjuncts returns conditions that rows meet all of where they meet c.
func conjuncts(c Condition) (parts []Condition) {
	all, ok := every(c).(All)
	if !ok {
		return []Condition{c}
	}
	for _, part := range all {
		parts = append(parts, conjuncts(part)...)
	}
	return parts
}

// beside returns b with the columns of another batch, of as many rows, behind
// its own. Memory is shared.
func (b Batch) beside(other Batch) Batch {
	columns := slices.Concat(b.columns, other.columns)
	arrays := slices.Concat(b.record.Columns(), other.record.Columns())
	return newBatch(columns, array.NewRecord(ArrowSchema(columns), arrays, int64(b.Len())))
}
