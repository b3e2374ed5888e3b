package ogc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync/atomic"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/cql2"
	"github.com/civgrid/civgrid/geo"
)

// A question is the condition of the facts that a request asks for. Stores decide as
// much of it as they can.
type question struct {
	where  data.Condition
	failed atomic.Pointer[error] // of comparing points
}

// asked returns what a request asks of the facts of a collection.
func (f *facts) asked(ctx context.Context, r *request) (*question, error) {
	q, all, faults := &question{}, data.All{}, &api.QueryError{Known: r.known}
	for _, name := range slices.Sorted(maps.Keys(r.wanted.equal)) {
		c, err := f.equals(name, r.wanted.equal[name], r)
		if err != nil {
			faults.Faults = append(faults.Faults, api.Fault{Parameter: name, Detail: err.Error()})
		}
		all = append(all, c)
	}
	if r.interval != nil {
		all = append(all, happened(data.EventTime(f.Dataset()), *r.interval))
	}
	if r.box != nil {
		all = append(all, inBox(*r.box))
	}
	if r.wanted.filter != nil {
		c, err := f.compile(*r.wanted.filter, r, q.points(ctx, r))
		if err != nil {
			faults.Faults = append(faults.Faults, api.Fault{Parameter: "filter", Detail: err.Error()})
		}
		all = append(all, c)
	}
	for _, key := range r.wanted.sort {
		if _, ok := f.Column(key.column); !ok {
			faults.Faults = append(faults.Faults, api.Fault{Parameter: "sortby", Detail: "there is no property " + strconv.Quote(key.column)})
		}
	}
	if len(faults.Faults) > 0 {
		return nil, faults
	}
	q.where = all
	return q, nil
}

// err returns why points could not be compared, nil if they could.
func (q *question) err() error {
	if e := q.failed.Load(); e != nil {
		return fmt.Errorf("compare points: %w", *e)
	}
	return nil
}

// compile makes a condition on the dataset of a filter on properties.
func (f *facts) compile(filter cql2.Expr, r *request, geometry *cql2.Geometry) (data.Condition, error) {
	c, err := cql2.Compile(filter, f.Properties(), cql2.Options{Zone: r.wanted.zone, Geometry: geometry, Private: f.personal})
	if err != nil {
		return nil, err
	}
	return f.behind(c), nil
}

// equals returns the condition of facts whose property has a value, which is taken as
// it is written.
func (f *facts) equals(name, value string, r *request) (data.Condition, error) {
	column, _ := f.Column(name) // parameters are properties
	literal, want := any(value), ""
	switch column.Type {
	case data.Int:
		n, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return nil, errors.New("want a whole number")
		}
		literal = n
	case data.Float:
		x, err := strconv.ParseFloat(value, 64)
		if err != nil || x-x != 0 {
			return nil, errors.New("want a number")
		}
		literal = x
	case data.Time:
		want = "want a date or an instant such as 2024-08-15T00:30:00Z"
	case data.Cell:
		want = "want a cell such as 8931aa50003ffff"
	}
	text, err := json.Marshal(object{"op": "=", "args": []any{object{"property": name}, literal}})
	if err != nil {
		return nil, err
	}
	filter, err := cql2.ParseJSON(text)
	if err == nil {
		var c data.Condition
		if c, err = f.compile(filter, r, nil); err == nil {
			return c, nil
		}
	}
	if want != "" {
		err = errors.New(want)
	}
	return nil, err
}

// behind returns a condition on properties as one on the columns that are behind them.
func (f *facts) behind(c data.Condition) data.Condition {
	column := func(name string) string {
		if c, ok := f.Column(name); ok {
			return c.Name
		}
		return name
	}
	several := func(parts []data.Condition) []data.Condition {
		turned := make([]data.Condition, len(parts))
		for i, part := range parts {
			turned[i] = f.behind(part)
		}
		return turned
	}
	switch c := c.(type) {
	case data.All:
		return data.All(several(c))
	case data.Any:
		return data.Any(several(c))
	case data.Not:
		return data.Not{Condition: f.behind(c.Condition)}
	case data.Missing:
		return data.Missing{Column: column(c.Column)}
	case data.In:
		c.Column = column(c.Column)
		return c
	case data.InAnyCase:
		c.Column = column(c.Column)
		return c
	case data.Like:
		c.Column = column(c.Column)
		return c
	case data.Compare:
		c.Column = column(c.Column)
		return c
	case data.CompareColumns:
		c.Left, c.Right = column(c.Left), column(c.Right)
		return c
	}
	return c // a test of points, or none
}

// points lets conditions ask for the points of facts, until one fails or the context
// ends, as [selection.shapes] does.
func (q *question) points(ctx context.Context, r *request) *cql2.Geometry {
	return &cql2.Geometry{Name: geometryProperty, Column: "lon", Point: r.wanted.point, Relate: func(relation geo.Relation, p *geo.Probe) data.Condition {
		return data.Test{Columns: []string{"lon", "lat"}, Of: func(b data.Batch) func(int) bool {
			lon, lat := b.Floats("lon"), b.Floats("lat")
			return func(row int) bool {
				err := ctx.Err()
				if err == nil && q.failed.Load() == nil {
					var is bool
					if is, err = p.Is(orb.Point{lon[row], lat[row]}, relation); err == nil {
						return is
					}
				}
				if err != nil {
					q.failed.CompareAndSwap(nil, &err)
				}
				return false
			}
		}}
	}}
}

// happened returns the condition of facts that happened in an interval.
func happened(event string, i api.Interval) data.Condition {
	var all data.All
	if !i.Begin.IsZero() {
		all = append(all, data.Compare{Column: event, Op: data.GreaterOrEqual, Value: i.Begin})
	}
	if !i.End.IsZero() {
		op := data.Less
		if i.Closed {
			op = data.LessOrEqual
		}
		all = append(all, data.Compare{Column: event, Op: op, Value: i.End})
	}
	return all
}

// inBox returns the condition of facts whose point is in a box, or that have none
// (17-069r4, /req/core/fc-bbox-response, C).
func inBox(b encode.Box) data.Condition {
	side := func(column string, op data.Op, x float64) data.Condition {
		return data.Compare{Column: column, Op: op, Value: x}
	}
	west, east := side("lon", data.GreaterOrEqual, b[0]), side("lon", data.LessOrEqual, b[2])
	between := data.Condition(data.All{west, east})
	if b[0] > b[2] { // across the antimeridian
		between = data.Any{west, east}
	}
	return data.Any{
		data.Missing{Column: "lon"},
		data.All{between, side("lat", data.GreaterOrEqual, b[1]), side("lat", data.LessOrEqual, b[3])},
	}
}
