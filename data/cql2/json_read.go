package cql2

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/geo"
)

// condition makes a condition of a value.
func (v value) condition() (node, error) {
	if b, ok := v.scalar.(bool); ok {
		return constant{place(v.at), b}, nil
	}
	op, args, err := v.call("a condition: an object with op and args, or true or false")
	if err != nil {
		return nil, err
	}
	switch op {
	case "and", "or":
		return v.logic(op, args)
	case "not":
		if err := v.want(args, 1); err != nil {
			return nil, err
		}
		part, err := args[0].condition()
		return negation{place(v.at), part}, err
	}
	return v.predicate(op, args)
}

func (v value) logic(op string, args []value) (node, error) {
	if len(args) < 2 {
		return nil, v.fault(fmt.Sprintf("%s wants at least two args", op))
	}
	n := logic{place(v.at), op == "or", make([]node, len(args))}
	for i, arg := range args {
		var err error
		if n.parts[i], err = arg.condition(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// predicate makes a condition about operands.
func (v value) predicate(op string, args []value) (node, error) {
	count := map[string]int{"like": 2, "between": 3, "in": 2, "isNull": 1, "=": 2, "<>": 2, "<": 2, "<=": 2, ">": 2, ">=": 2}
	n, known := count[op]
	if slices.Contains(temporalOps, op) || isSpatial(op) {
		n, known = 2, true
	}
	if !known {
		return nil, v.fault(unknownOp(op))
	}
	if err := v.want(args, n); err != nil {
		return nil, err
	}
	if op == "in" {
		return v.in(args)
	}
	operands := make([]node, len(args))
	for i, arg := range args {
		var err error
		if operands[i], err = arg.operand(); err != nil {
			return nil, err
		}
	}
	at := place(v.at)
	switch op {
	case "like":
		return newLike(v.at, operands[0], operands[1])
	case "between":
		return between{at, operands[0], operands[1], operands[2]}, nil
	case "isNull":
		return isNull{at, operands[0]}, nil
	}
	if isSpatial(op) {
		return spatial{at, geo.Relation(op), operands[0], operands[1]}, nil
	}
	if slices.Contains(temporalOps, op) {
		return temporal{at, op, operands[0], operands[1]}, nil
	}
	return comparison{at, op, operands[0], operands[1]}, nil
}

func unknownOp(op string) string {
	switch {
	case slices.Contains([]string{"+", "-", "*", "/", "%", "^", "div"}, op):
		return "arithmetic is not supported"
	case op == "accenti":
		return "ACCENTI is not supported"
	case op == "casei":
		return "casei is an operand, and no condition"
	case op == "!=":
		return "there is no such op: not equal is written <>"
	}
	return unknownFunction(op)
}

func (v value) in(args []value) (node, error) {
	operand, err := args[0].operand()
	if err != nil {
		return nil, err
	}
	list := args[1]
	switch {
	case list.kind != '[' || len(list.items) == 0:
		return nil, list.fault("a list of values is wanted")
	case len(list.items) > maxItems:
		return nil, list.items[maxItems].fault(fmt.Sprintf("more than %d items", maxItems))
	}
	n := in{place(v.at), operand, make([]node, len(list.items))}
	for i, item := range list.items {
		if n.items[i], err = item.operand(); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// operand makes an operand of a value.
func (v value) operand() (node, error) {
	at := place(v.at)
	switch s := v.scalar.(type) {
	case string:
		return word{at, s}, nil
	case bool:
		return constant{at, s}, nil
	case json.Number:
		d, ok := parseDecimal(s.String())
		if !ok {
			return nil, v.fault("the number is out of range")
		}
		return number{at, d}, nil
	}
	if v.kind == '{' && slices.Contains(v.keys, "op") {
		return v.casei()
	}
	if _, ok := v.member("type"); ok {
		return v.outline()
	}
	const wanted = "a value is wanted, or an object with property, date, timestamp, interval, bbox, type or op"
	switch {
	case v.kind == 0:
		return nil, v.fault("null is no value; ask with isNull")
	case v.kind != '{' || len(v.keys) != 1:
		return nil, v.fault(wanted)
	}
	switch key, inner := v.keys[0], v.items[0]; key {
	case "property":
		return v.property(inner)
	case "date", "timestamp":
		s, ok := inner.scalar.(string)
		if !ok {
			return nil, inner.fault("text is wanted")
		}
		m, why := newMoment(v.at, key, s)
		if why != "" {
			return nil, inner.fault(why)
		}
		return m, nil
	case "interval":
		return v.interval(inner)
	case "bbox":
		return v.box(inner)
	}
	return nil, v.fault(wanted)
}

func (v value) property(inner value) (node, error) {
	name, ok := inner.scalar.(string)
	if !ok || name == "" {
		return nil, inner.fault("the name of a property is wanted")
	}
	return property{place(v.at), name}, nil
}

func (v value) interval(ends value) (node, error) {
	if ends.kind != '[' || len(ends.items) != 2 {
		return nil, ends.fault("a list of two ends is wanted")
	}
	var made [2]node
	for i, end := range ends.items {
		n, err := end.operand()
		if err != nil {
			return nil, err
		}
		if made[i], err = newEnd(n); err != nil {
			return nil, err
		}
	}
	return interval{place(v.at), made[0], made[1]}, nil
}

func (v value) casei() (node, error) {
	op, args, err := v.call("a value")
	if err != nil {
		return nil, err
	}
	if op != "casei" {
		return nil, v.fault(notOperand(op))
	}
	if err := v.want(args, 1); err != nil {
		return nil, err
	}
	operand, err := args[0].operand()
	if err != nil {
		return nil, err
	}
	return withoutCase(v.at, operand), nil
}

// notOperand says why an op is no operand.
func notOperand(op string) string {
	switch op {
	case "and", "or", "not", "like", "between", "in", "isNull", "=", "<>", "<", "<=", ">", ">=":
		return op + " is a condition, and no value"
	}
	return unknownOp(op)
}

// call returns op and args of an object that has these and nothing else.
func (v value) call(wanted string) (op string, args []value, err error) {
	if v.kind != '{' {
		return "", nil, v.fault(wanted + " is wanted")
	}
	given := false
	for i, key := range v.keys {
		switch item := v.items[i]; key {
		case "op":
			s, ok := item.scalar.(string)
			if !ok {
				return "", nil, item.fault("op is text")
			}
			op = s
		case "args":
			if item.kind != '[' {
				return "", nil, item.fault("args is a list")
			}
			given, args = true, item.items
		default:
			return "", nil, v.fault(fmt.Sprintf("member %q means nothing beside op and args", strings.ToValidUTF8(key, "")))
		}
	}
	if op == "" || !given {
		return "", nil, v.fault(wanted + " is wanted")
	}
	return op, args, nil
}

// want tests how many arguments there are.
func (v value) want(args []value, n int) error {
	if len(args) != n {
		return v.fault(fmt.Sprintf("%d args are wanted, not %d", n, len(args)))
	}
	return nil
}
