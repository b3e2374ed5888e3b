package cql2

import (
	"slices"
	"strings"
)

// temporalOps are the temporal functions that are known.
var temporalOps = []string{"t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_intersects"}

func lower(s string) string { return strings.ToLower(s) }

// operand reads a property or a value.
func (p *parser) operand(wanted string) (node, error) {
	t := p.token
	at := place(t.at)
	switch {
	case t.kind == name && p.bracketFollows() && !isReserved(t.value):
		return p.function()
	case t.is("TRUE"), t.is("FALSE"):
		return constant{at, t.is("TRUE")}, p.advance()
	case t.is("NULL"):
		return nil, p.faultHere("NULL is no value; ask with IS NULL")
	case t.kind == name && isReserved(t.value):
		return nil, p.faultHere("%s is wanted here; a property of this name wants double quotes", wanted)
	case t.kind == name, t.kind == quoted:
		return property{at, t.value}, p.advance()
	case t.kind == literal:
		return word{at, t.value}, p.advance()
	case t.kind == numeral, t.isSymbol("+", "-"):
		return p.number(wanted)
	}
	return nil, p.unexpected(wanted)
}

// number reads a number and the sign before it.
func (p *parser) number(wanted string) (node, error) {
	at, sign := p.token.at, ""
	if p.token.kind == symbol {
		sign = p.token.value
		if err := p.advance(); err != nil {
			return nil, err
		}
		if p.token.kind != numeral {
			return nil, p.unexpected(wanted)
		}
	}
	value, ok := parseDecimal(sign + p.token.value)
	if !ok {
		return nil, p.fault(at, p.at, "the number is out of range")
	}
	return number{place(at), value}, p.advance()
}

// function reads a name with brackets after it: what stands for an operand.
func (p *parser) function() (node, error) {
	t := p.token
	switch called := lower(t.value); called {
	case "casei":
		return p.casei()
	case "date", "timestamp":
		return p.moment(called)
	case "interval":
		return p.interval()
	case "bbox":
		return p.box()
	case "accenti":
		return nil, p.faultHere("ACCENTI is not supported")
	default:
		if isGeometry(called) {
			return p.geometry()
		}
		return nil, p.faultHere("%s", unknownFunction(called))
	}
}

// unknownFunction says that there is no such function, nor another like it.
func unknownFunction(called string) string {
	switch {
	case isSpatial(called):
		return "a spatial function is a condition, and no operand"
	case strings.HasPrefix(called, "s_"):
		return "of spatial functions there are " + spatialNames()
	case strings.HasPrefix(called, "a_"):
		return "array functions are not supported"
	case slices.Contains(temporalOps, called):
		return "a temporal function is a condition, and no operand"
	case strings.HasPrefix(called, "t_"):
		return "of temporal functions there are " + strings.ToUpper(strings.Join(temporalOps, ", "))
	}
	return "there is no such function"
}

// openBracket reads a name and the opening bracket that is known to follow it.
func (p *parser) openBracket() error {
	if err := p.advance(); err != nil {
		return err
	}
	return p.enter()
}

func (p *parser) casei() (node, error) {
	at := p.token.at
	if err := p.openBracket(); err != nil {
		return nil, err
	}
	operand, err := p.operand("a property or text")
	if err != nil {
		return nil, err
	}
	return withoutCase(at, operand), p.leave("a closing bracket")
}

// withoutCase wraps an operand in one casei, and no more.
func withoutCase(at int, operand node) node {
	inner, _ := folded(operand)
	return casei{place(at), inner}
}

// folded takes the casei off an operand.
func folded(operand node) (inner node, ok bool) {
	if c, ok := operand.(casei); ok {
		return c.operand, true
	}
	return operand, false
}

// moment reads DATE('…') or TIMESTAMP('…').
func (p *parser) moment(called string) (node, error) {
	at := p.token.at
	if err := p.openBracket(); err != nil {
		return nil, err
	}
	if p.token.kind != literal {
		return nil, p.unexpected("text between single quotes")
	}
	m, why := newMoment(at, called, p.token.value)
	if why != "" {
		return nil, p.faultHere("%s", why)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	return m, p.leave("a closing bracket")
}

// newMoment reads the text of a date or timestamp, or says why it is none.
func newMoment(at int, called, text string) (m moment, why string) {
	m, ok := parseMoment(at, text)
	switch isDay := m.kind == day; {
	case !ok && called == "date":
		return m, "a date is wanted such as 2024-03-01"
	case !ok:
		return m, "a time is wanted such as 2024-03-01T08:00:00Z"
	case called == "date" && !isDay:
		return m, "a date has no time of day; that is a TIMESTAMP"
	case called == "timestamp" && isDay:
		return m, "a timestamp has a time of day; without it is a DATE"
	}
	return m, ""
}

// interval reads INTERVAL(from, to).
func (p *parser) interval() (node, error) {
	at := p.token.at
	if err := p.openBracket(); err != nil {
		return nil, err
	}
	from, err := p.end()
	if err != nil {
		return nil, err
	}
	if err := p.comma(); err != nil {
		return nil, err
	}
	to, err := p.end()
	if err != nil {
		return nil, err
	}
	return interval{place(at), from, to}, p.leave("a closing bracket")
}

// end reads an end of an interval: text, or a property.
func (p *parser) end() (node, error) {
	n, err := p.operand("a date, a time, '..' or a property")
	if err != nil {
		return nil, err
	}
	return newEnd(n)
}

// newEnd makes the end of an interval of an operand.
func newEnd(n node) (node, error) {
	switch n := n.(type) {
	case property, moment:
		return n, nil
	case word:
		if n.value == ".." {
			return open{n.place}, nil
		}
		if m, ok := parseMoment(n.position(), n.value); ok {
			return m, nil
		}
	}
	return nil, fault(n, "an interval ends at a date or time %s, at '..' or a property", momentForms)
}

// temporal reads a temporal function of two operands.
func (p *parser) temporal() (node, error) {
	at, op := p.token.at, lower(p.token.value)
	if err := p.openBracket(); err != nil {
		return nil, err
	}
	left, err := p.operand("a property, a time or an interval")
	if err != nil {
		return nil, err
	}
	if err := p.comma(); err != nil {
		return nil, err
	}
	right, err := p.operand("a property, a time or an interval")
	if err != nil {
		return nil, err
	}
	return temporal{place(at), op, left, right}, p.leave("a closing bracket")
}
