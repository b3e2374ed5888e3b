package cql2

import (
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// ops are the comparisons but <>.
var ops = map[string]data.Op{"=": data.Equal, "<": data.Less, "<=": data.LessOrEqual, ">": data.Greater, ">=": data.GreaterOrEqual}

// turned are the comparisons as they read from right to left.
var turned = map[string]string{"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// compare compares two operands.
func (c *compiler) compare(left node, op string, right node) (verdict, error) {
	if op == "<>" {
		v, err := c.compare(left, "=", right)
		return v.not(), err
	}
	inner, isFolded := folded(left)
	p, ok := inner.(property)
	if !ok {
		other, _ := folded(right)
		if _, ok := other.(property); !ok {
			return verdict{}, fault(left, "one side of a comparison is a property")
		}
		return c.compare(right, turned[op], left)
	}
	column, err := c.column(p)
	if err != nil {
		return verdict{}, err
	}
	if isWords(column) {
		return c.compareWord(p, column, isFolded, op, right)
	}
	if isFolded {
		return verdict{}, fault(p, "CASEI is for words, and column %s is of type %s", column.Name, column.Type)
	}
	switch value := right.(type) {
	case property:
		return c.compareColumns(p, column, op, value)
	case number:
		switch column.Type {
		case data.Int:
			return compareInt(column.Name, ops[op], value.value), nil
		case data.Float:
			return ordered(column.Name, ops[op], value.value.float()), nil
		}
	case moment:
		if column.Type == data.Time {
			first, last := value.span(c.zone)
			return compareTime(column.Name, ops[op], first, last), nil
		}
	case word:
		return c.compareText(column, op, value)
	}
	return verdict{}, c.mismatch(column, right)
}

// mismatch says what a column compares with.
func (c *compiler) mismatch(column data.Column, operand node) error {
	wanted := map[data.Type]string{
		data.Text: "text such as 'a'", data.Code: "text such as 'a'", data.Int: "a number", data.Float: "a number",
		data.Time: "a date or time " + momentForms, data.Cell: "the text of a cell such as '8931aa50003ffff'",
	}[column.Type]
	return fault(operand, "column %s, of type %s, compares with %s", column.Name, column.Type, wanted)
}

// compareText compares a Time or Cell column with text.
func (c *compiler) compareText(column data.Column, op string, value word) (verdict, error) {
	switch column.Type {
	case data.Time:
		if m, ok := parseMoment(value.position(), value.value); ok {
			first, last := m.span(c.zone)
			return compareTime(column.Name, ops[op], first, last), nil
		}
	case data.Cell:
		if cell, err := geo.ParseCell(value.value); err == nil {
			return ordered(column.Name, ops[op], cell), nil
		}
	}
	return verdict{}, c.mismatch(column, value)
}

// compareColumns compares two Time or two Int columns.
func (c *compiler) compareColumns(p property, left data.Column, op string, other property) (verdict, error) {
	right, err := c.column(other)
	if err != nil {
		return verdict{}, err
	}
	if left.Type != right.Type || left.Type != data.Time && left.Type != data.Int {
		return verdict{}, fault(p, "two properties compare if both are of type time or both of type int; %s is of type %s and %s of type %s",
			left.Name, left.Type, right.Name, right.Type)
	}
	return columnsOrdered(left.Name, ops[op], right.Name), nil
}

func columnsOrdered(left string, op data.Op, right string) verdict {
	yes := data.CompareColumns{Left: left, Op: op, Right: right}
	if op == data.Equal {
		return asked(yes, left, right)
	}
	return verdict{yes, data.CompareColumns{Left: left, Op: opposite(op), Right: right}}
}

// ordered compares a column with a value of its own type.
func ordered(column string, op data.Op, value any) verdict {
	yes := data.Compare{Column: column, Op: op, Value: value}
	if op == data.Equal {
		return asked(yes, column)
	}
	return verdict{yes, data.Compare{Column: column, Op: opposite(op), Value: value}}
}

// opposite returns the comparison that is true of two values where op, which is
// not Equal, is false.
func opposite(op data.Op) data.Op {
	switch op {
	case data.Less:
		return data.GreaterOrEqual
	case data.LessOrEqual:
		return data.Greater
	case data.Greater:
		return data.LessOrEqual
	}
	return data.Less
}

// compareInt compares whole numbers with any number.
func compareInt(column string, op data.Op, value decimal) verdict {
	floor, exact, beyond := value.floor()
	below := op == data.Less || op == data.LessOrEqual
	switch {
	case beyond != 0:
		return given(column, op != data.Equal && below == (beyond > 0))
	case exact:
		return ordered(column, op, floor)
	case op == data.Equal:
		return given(column, false)
	case below:
		return ordered(column, data.LessOrEqual, floor)
	}
	return ordered(column, data.Greater, floor)
}

// compareTime compares moments with a span of microseconds, both its ends in
// it: they are equal to it while they are in it.
func compareTime(column string, op data.Op, first, last int64) verdict {
	begin, end := time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC()
	switch op {
	case data.Less, data.GreaterOrEqual:
		return ordered(column, op, begin)
	case data.LessOrEqual, data.Greater:
		return ordered(column, op, end)
	}
	switch {
	case first == last:
		return ordered(column, op, begin)
	case last < first:
		return given(column, false)
	}
	return both(ordered(column, data.GreaterOrEqual, begin), ordered(column, data.LessOrEqual, end))
}
