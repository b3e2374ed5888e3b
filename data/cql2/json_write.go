package cql2

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes e in the JSON encoding. [ParseJSON] reads an equal Expr
// from it, unless it is longer than what ParseJSON takes. The error is always
// nil.
func (e Expr) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(encoded(e.node())); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

// A call is an operation in the JSON encoding.
type call struct {
	Op   string `json:"op"`
	Args []any  `json:"args"`
}

// encoded returns what encoding/json writes for a node.
func encoded(n node) any {
	switch n := n.(type) {
	case logic:
		if n.or {
			return call{"or", encodedAll(n.parts)}
		}
		return call{"and", encodedAll(n.parts)}
	case negation:
		return call{"not", []any{encoded(n.part)}}
	case comparison:
		return call{n.op, []any{encoded(n.left), encoded(n.right)}}
	case like:
		return call{"like", []any{encoded(n.operand), encoded(n.pattern)}}
	case between:
		return call{"between", []any{encoded(n.operand), encoded(n.low), encoded(n.high)}}
	case in:
		return call{"in", []any{encoded(n.operand), encodedAll(n.items)}}
	case isNull:
		return call{"isNull", []any{encoded(n.operand)}}
	case temporal:
		return call{n.op, []any{encoded(n.left), encoded(n.right)}}
	case spatial:
		return call{string(n.op), []any{encoded(n.left), encoded(n.right)}}
	case casei:
		return call{"casei", []any{encoded(n.operand)}}
	}
	return encodedValue(n)
}

func encodedAll(nodes []node) []any {
	all := make([]any, len(nodes))
	for i, n := range nodes {
		all[i] = encoded(n)
	}
	return all
}

// encodedValue returns what encoding/json writes for an operand.
func encodedValue(n node) any {
	switch n := n.(type) {
	case constant:
		return n.value
	case property:
		return map[string]string{"property": n.name}
	case word:
		return n.value
	case number:
		return json.Number(n.value.String())
	case moment:
		if n.kind == day {
			return map[string]string{"date": n.String()}
		}
		return map[string]string{"timestamp": n.String()}
	case interval:
		return map[string][]any{"interval": {encodedEnd(n.from), encodedEnd(n.to)}}
	case open:
		return ".."
	case outline:
		return encodedShape(n.geometry)
	case box:
		return map[string][4]float64{"bbox": n.sides}
	}
	panic("BUG: a node that is neither condition nor operand")
}

// encodedEnd returns what encoding/json writes for an end of an interval.
func encodedEnd(n node) any {
	if m, ok := n.(moment); ok {
		return m.String()
	}
	return encoded(n)
}
