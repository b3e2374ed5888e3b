package cql2

import (
	"strings"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/spelling"
)

// Options tune what a condition means. The zero value works.
type Options struct {
	// Zone is where dates, and times without an offset, belong. Nil means UTC.
	Zone *time.Location
	// Geometry says how spatial functions reach the shapes of rows. Nil means that
	// rows have none.
	Geometry *Geometry
	// Private lets conditions read private columns, see data.Column.
	Private bool
}

// Compile makes a condition of e on a dataset with these columns: it is met by
// the rows of which e is true. It passes [data.CheckCondition]. The error is an
// *Error; where a property is unknown it names those there are.
func Compile(e Expr, columns []data.Column, o Options) (data.Condition, error) {
	c := compiler{columns: columns, zone: o.Zone, private: o.Private, geometry: o.Geometry}
	if c.zone == nil {
		c.zone = time.UTC
	}
	v, err := c.condition(e.node())
	if err != nil {
		return nil, err
	}
	return v.yes, nil
}

type compiler struct {
	columns  []data.Column
	zone     *time.Location
	private  bool
	geometry *Geometry
}

// A verdict says of which rows a part of an expression is true, and of which it
// is false. No row meets both; one that meets neither has a value missing.
type verdict struct{ yes, no data.Condition }

// not returns the verdict on the opposite.
func (v verdict) not() verdict { return verdict{v.no, v.yes} }

// certain is a verdict on every row, whatever it holds.
func certain(yes bool) verdict {
	if yes {
		return verdict{data.All{}, data.Any{}}
	}
	return verdict{data.Any{}, data.All{}}
}

// given is the same verdict on every row with a value in the column.
func given(column string, yes bool) verdict {
	v := verdict{data.Not{Condition: data.Missing{Column: column}}, data.Any{}}
	if yes {
		return v
	}
	return v.not()
}

// asked is the verdict of a condition that says no where a column has no value.
func asked(yes data.Condition, columns ...string) verdict {
	var no data.All
	for _, column := range columns {
		no = append(no, data.Not{Condition: data.Missing{Column: column}})
	}
	return verdict{yes, append(no, data.Not{Condition: yes})}
}

// both is true where all of some are, and false where one is.
func both(some ...verdict) verdict {
	if len(some) == 1 {
		return some[0]
	}
	yes, no := make(data.All, len(some)), make(data.Any, len(some))
	for i, v := range some {
		yes[i], no[i] = v.yes, v.no
	}
	return verdict{yes, no}
}

// either is true where one of some is, and false where all are.
func either(some ...verdict) verdict {
	opposite := make([]verdict, len(some))
	for i, v := range some {
		opposite[i] = v.not()
	}
	return both(opposite...).not()
}

func (c *compiler) condition(n node) (verdict, error) {
	switch n := n.(type) {
	case constant:
		return certain(n.value), nil
	case negation:
		v, err := c.condition(n.part)
		return v.not(), err
	case logic:
		return c.logic(n)
	case comparison:
		return c.compare(n.left, n.op, n.right)
	case between:
		low, err := c.compare(n.operand, ">=", n.low)
		if err != nil {
			return verdict{}, err
		}
		high, err := c.compare(n.operand, "<=", n.high)
		return both(low, high), err
	case in:
		return c.in(n)
	case like:
		return c.like(n)
	case isNull:
		return c.isNull(n)
	case temporal:
		return c.temporal(n)
	case spatial:
		return c.spatial(n)
	}
	return verdict{}, fault(n, "this is no condition")
}

func (c *compiler) logic(n logic) (verdict, error) {
	some := make([]verdict, len(n.parts))
	for i, part := range n.parts {
		var err error
		if some[i], err = c.condition(part); err != nil {
			return verdict{}, err
		}
	}
	if n.or {
		return either(some...), nil
	}
	return both(some...), nil
}

// isNull is never unknown.
func (c *compiler) isNull(n isNull) (verdict, error) {
	inner, _ := folded(n.operand)
	p, ok := inner.(property)
	if !ok {
		return verdict{}, fault(n.operand, "IS NULL asks about a property")
	}
	if c.geometry != nil && p.name == c.geometry.Name {
		missing := data.Missing{Column: c.geometry.Column}
		return verdict{missing, data.Not{Condition: missing}}, nil
	}
	column, err := c.column(p)
	missing := data.Missing{Column: column.Name}
	return verdict{missing, data.Not{Condition: missing}}, err
}

// column finds the column of a property.
func (c *compiler) column(p property) (data.Column, error) {
	if c.geometry != nil && p.name == c.geometry.Name {
		return data.Column{}, fault(p, "the property is a geometry: ask with a spatial function or IS NULL")
	}
	var names []string
	for _, column := range c.columns {
		allowed := !column.Private || c.private
		switch {
		case column.Name == p.name && allowed:
			return column, nil
		case column.Name == p.name:
			return data.Column{}, fault(p, "the property may hold personal data or is the store's own, and is not open to conditions")
		case allowed:
			names = append(names, column.Name)
		}
	}
	hint := ""
	if nearest := spelling.Nearest(p.name, names); nearest != "" {
		hint = "; did you mean " + nearest + "?"
	}
	return data.Column{}, fault(p, "there is no such property%s (there are %s)", hint, strings.Join(names, ", "))
}
