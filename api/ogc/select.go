package ogc

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/cql2"
	"github.com/civgrid/civgrid/geo"
)

// The properties that rows have beside their columns.
const (
	idProperty       = "id"
	geometryProperty = "geometry"
)

// shapeColumn has the number of the row where it has a geometry.
const shapeColumn = "row of the geometry"

// queryable returns the columns that rows of a table can be asked by: its own, its id
// unless a column has that name, and one by which geometries are found.
func queryable(t *encode.Table) []data.Column {
	columns := []data.Column{{Name: shapeColumn, Type: data.Int, Private: true}}
	if !hasColumn(t.Columns, idProperty) {
		columns = append(columns, data.Column{Name: idProperty, Type: data.Text})
	}
	types := map[analytics.ColumnType]data.Type{analytics.IntColumn: data.Int, analytics.FloatColumn: data.Float, analytics.WordColumn: data.Text}
	for _, c := range t.Columns {
		columns = append(columns, data.Column{Name: c.Name, Type: types[c.Type], Unit: c.Unit, Doc: c.Doc})
	}
	return columns
}

func hasColumn(columns []analytics.Column, name string) bool {
	return slices.ContainsFunc(columns, func(c analytics.Column) bool { return c.Name == name })
}

// A selection is which rows of a table are wanted, and in which order.
type selection struct {
	filter *cql2.Expr
	equal  map[string]string // values that properties must have
	sort   []sortKey
	zone   *time.Location
	failed error                              // of comparing geometries
	point  func(orb.Point) (orb.Point, error) // of the filter, to longitude and latitude
}

type sortKey struct {
	column     string
	descending bool
}

// narrows reports whether not all rows are wanted.
func (s *selection) narrows() bool { return s.filter != nil || len(s.equal) > 0 }

// among returns the rows out of some that are wanted, in order.
func (s *selection) among(ctx context.Context, t *encode.Table, rows []int) ([]int, error) {
	where, err := s.condition(ctx, t)
	if err != nil {
		return nil, err
	}
	if len(where) > 0 {
		names := data.ColumnsOf(where)
		if len(names) == 0 { // a batch without columns has no rows to be met
			names = []string{shapeColumn}
		}
		keep := data.Select(nil, batchOf(t, names), where)
		if s.failed != nil {
			return nil, fmt.Errorf("compare geometries of %s: %w", t.Name, s.failed)
		}
		rows = slices.DeleteFunc(rows, func(row int) bool { return !keep[row] })
	}
	return rows, s.order(t, rows)
}

// condition makes one condition of the filter and the values that properties must
// have.
func (s *selection) condition(ctx context.Context, t *encode.Table) (all data.All, err error) {
	columns := queryable(t)
	faults := &api.QueryError{}
	for _, name := range slices.Sorted(maps.Keys(s.equal)) {
		c, err := equals(columns, name, s.equal[name])
		if err != nil {
			faults.Faults = append(faults.Faults, api.Fault{Parameter: name, Detail: err.Error()})
			continue
		}
		all = append(all, c)
	}
	if s.filter != nil {
		c, err := cql2.Compile(*s.filter, columns, cql2.Options{Zone: s.zone, Geometry: s.shapes(ctx, t)})
		if err != nil {
			faults.Faults = append(faults.Faults, api.Fault{Parameter: "filter", Detail: err.Error()})
		}
		all = append(all, c)
	}
	if len(faults.Faults) > 0 {
		return nil, faults
	}
	return all, nil
}

// equals returns the condition of rows whose property has a value, which is taken as
// it is written.
func equals(columns []data.Column, name, value string) (data.Condition, error) {
	picked, err := data.Pick(columns, name)
	if err != nil || picked[0].Private {
		return nil, fmt.Errorf("there is no such parameter, and no property of that name")
	}
	switch picked[0].Type {
	case data.Int:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("want a whole number")
		}
		return data.Compare{Column: name, Op: data.Equal, Value: n}, nil
	case data.Float:
		x, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, fmt.Errorf("want a number")
		}
		return data.Compare{Column: name, Op: data.Equal, Value: x}, nil
	}
	return data.Compare{Column: name, Op: data.Equal, Value: value}, nil
}

// shapes lets conditions ask for the geometries of a table, until one fails or the
// context ends: a geometry takes microseconds, and a filter may ask for all of a large
// table many times.
func (s *selection) shapes(ctx context.Context, t *encode.Table) *cql2.Geometry {
	return &cql2.Geometry{Name: geometryProperty, Column: shapeColumn, Point: s.point, Relate: func(r geo.Relation, p *geo.Probe) data.Condition {
		return data.Test{Columns: []string{shapeColumn}, Of: func(b data.Batch) func(int) bool {
			rows := b.Ints(shapeColumn)
			return func(i int) bool {
				if s.failed == nil {
					s.failed = ctx.Err()
				}
				if s.failed != nil {
					return false
				}
				var is bool
				is, s.failed = p.Is(t.Shape(int(rows[i])), r)
				return is && s.failed == nil
			}
		}}
	}}
}

// batchOf returns some of the queryable columns of a table. A batch has rows by its
// columns, so it gets one for conditions that read none, which are of all rows or of no
// row.
func batchOf(t *encode.Table, names []string) data.Batch {
	if len(names) == 0 {
		names = []string{shapeColumn}
	}
	var columns []data.Column
	for _, c := range queryable(t) {
		if slices.Contains(names, c.Name) {
			columns = append(columns, c)
		}
	}
	b := data.NewBuilder(columns)
	for i, c := range columns {
		at := slices.IndexFunc(t.Columns, func(own analytics.Column) bool { return own.Name == c.Name })
		switch {
		case at >= 0:
			fill(b, i, &t.Columns[at], t.Len())
		case c.Name == idProperty:
			for row := range t.Len() {
				b.SetText(i, t.ID(row))
			}
		default:
			for row := range t.Len() {
				if t.Cells == nil && t.Shape(row) == nil {
					b.Missing(i)
				} else {
					b.SetInt(i, int64(row))
				}
			}
		}
	}
	return b.Build()
}

// fill appends the values of a column.
func fill(b *data.Builder, i int, c *analytics.Column, rows int) {
	for row := range rows {
		switch {
		case !api.Known(c, row):
			b.Missing(i)
		case c.Type == analytics.IntColumn:
			b.SetInt(i, c.Ints[row])
		case c.Type == analytics.FloatColumn:
			b.SetFloat(i, c.Floats[row])
		default:
			b.SetText(i, c.Words[row])
		}
	}
}

// parseSort reads sortby (OGC API - Features Part 8, 23-058, section 8.2): names parted
// by commas, each with + for ascending, which is what is meant without a sign, or -.
func parseSort(text string) (keys []sortKey, err error) {
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		key := sortKey{column: strings.TrimLeft(part, "+-"), descending: strings.HasPrefix(part, "-")}
		if len(part)-len(key.column) > 1 || key.column == "" {
			return nil, fmt.Errorf("want names of properties with + or - before them, parted by commas")
		}
		if slices.ContainsFunc(keys, func(k sortKey) bool { return k.column == key.column }) {
			return nil, fmt.Errorf("%s is there twice", key.column)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// order sorts rows by the keys; those without a value come last either way, and rows
// of equal keys stand in the order of the table.
func (s *selection) order(t *encode.Table, rows []int) error {
	compare := make([]func(a, b int) int, len(s.sort))
	for i, key := range s.sort {
		if key.column == idProperty && !hasColumn(t.Columns, idProperty) {
			compare[i] = func(a, b int) int { return signed(strings.Compare(t.ID(a), t.ID(b)), key.descending) }
			continue
		}
		at := slices.IndexFunc(t.Columns, func(c analytics.Column) bool { return c.Name == key.column })
		if at < 0 {
			return &api.QueryError{Faults: []api.Fault{{Parameter: "sortby", Detail: "there is no property " + strconv.Quote(key.column)}}}
		}
		compare[i] = func(a, b int) int { return api.Order(&t.Columns[at], key.descending, a, b) }
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		for _, by := range compare {
			if order := by(a, b); order != 0 {
				return order
			}
		}
		return 0
	})
	return nil
}

func signed(order int, descending bool) int {
	if descending {
		return -order
	}
	return order
}
