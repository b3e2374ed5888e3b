package cql2

import (
	"cmp"
	"time"

	"github.com/civgrid/civgrid/data"
)

// An edge is where a time begins or ends: a column, a moment, or nowhere.
type edge struct {
	column string
	micros int64 // where column is ""
	beyond int   // -1 and 1: before and after any moment
}

// A stretch is a time from its first to its last edge, both in it.
type stretch struct{ first, last edge }

// temporal compares two times (21-065r2, section 7.7, and Time Ontology in OWL,
// section 4.2). Functions that the standard keeps to intervals take a property
// as an interval of one moment.
func (c *compiler) temporal(n temporal) (verdict, error) {
	a, err := c.stretch(n.left)
	if err != nil {
		return verdict{}, err
	}
	b, err := c.stretch(n.right)
	if err != nil {
		return verdict{}, err
	}
	if a.first.column+a.last.column+b.first.column+b.last.column == "" {
		return verdict{}, fault(n, "one of the two times is a property or holds one")
	}
	switch n.op {
	case "t_after":
		return compareEdges(a.first, data.Greater, b.last), nil
	case "t_before":
		return compareEdges(a.last, data.Less, b.first), nil
	case "t_contains":
		return both(compareEdges(a.first, data.Less, b.first), compareEdges(a.last, data.Greater, b.last)), nil
	case "t_during":
		return both(compareEdges(a.first, data.Greater, b.first), compareEdges(a.last, data.Less, b.last)), nil
	case "t_equals":
		return both(compareEdges(a.first, data.Equal, b.first), compareEdges(a.last, data.Equal, b.last)), nil
	}
	apart := either(compareEdges(a.first, data.Greater, b.last), compareEdges(a.last, data.Less, b.first))
	if n.op == "t_disjoint" {
		return apart, nil
	}
	return apart.not(), nil // t_intersects
}

// stretch returns the time that an operand stands for.
func (c *compiler) stretch(n node) (stretch, error) {
	if w, ok := n.(word); ok {
		if m, ok := parseMoment(w.position(), w.value); ok {
			n = m
		}
	}
	switch n := n.(type) {
	case interval:
		from, err := c.stretch(n.from)
		if err != nil {
			return stretch{}, err
		}
		to, err := c.stretch(n.to)
		if err != nil {
			return stretch{}, err
		}
		s := stretch{from.first, to.last}
		literal := s.first.column == "" && s.last.column == ""
		if literal && s.last.order(s.first) < 0 && to.first.order(from.first) < 0 {
			return s, fault(n, "the interval ends before it begins")
		}
		return s, nil
	case open:
		return stretch{edge{beyond: -1}, edge{beyond: 1}}, nil
	case moment:
		first, last := n.span(c.zone)
		return stretch{edge{micros: first}, edge{micros: last}}, nil
	case property:
		column, err := c.column(n)
		if err == nil && column.Type != data.Time {
			err = fault(n, "a temporal function wants times, and column %s is of type %s", column.Name, column.Type)
		}
		return stretch{edge{column: column.Name}, edge{column: column.Name}}, err
	}
	return stretch{}, fault(n, "a property, an interval, or a date or time is wanted %s", momentForms)
}

// compareEdges compares two edges.
func compareEdges(a edge, op data.Op, b edge) verdict {
	switch {
	case a.column != "" && b.column != "":
		return columnsOrdered(a.column, op, b.column)
	case a.column == "" && b.column == "":
		return certain(holds(a.order(b), op))
	case a.column == "":
		return compareEdges(b, ops[turned[op.String()]], a)
	case b.beyond != 0:
		return given(a.column, holds(-b.beyond, op))
	}
	return ordered(a.column, op, time.UnixMicro(b.micros).UTC())
}

// order returns -1, 0 or 1 as a is before, at or after b; neither is a column.
func (a edge) order(b edge) int {
	if a.beyond != 0 || b.beyond != 0 {
		return cmp.Compare(a.beyond, b.beyond)
	}
	return cmp.Compare(a.micros, b.micros)
}

// holds reports whether things in that order compare so.
func holds(order int, op data.Op) bool {
	switch op {
	case data.Equal:
		return order == 0
	case data.Less:
		return order < 0
	case data.LessOrEqual:
		return order <= 0
	case data.Greater:
		return order > 0
	}
	return order >= 0
}
