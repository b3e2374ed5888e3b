package cql2

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ParseJSON reads a condition in the JSON encoding, with the limits of [Parse].
// Objects must not have members that mean nothing. The error is an *Error.
func ParseJSON(text []byte) (Expr, error) {
	if err := checkText(string(text)); err != nil {
		return Expr{}, err
	}
	var whole json.RawMessage
	if err := json.Unmarshal(text, &whole); err != nil {
		return Expr{}, jsonFault(text, err)
	}
	r := reader{text: text, decoder: json.NewDecoder(bytes.NewReader(text))}
	r.decoder.UseNumber()
	v, err := r.value(1)
	if err != nil {
		return Expr{}, err
	}
	root, err := v.condition()
	if err != nil {
		return Expr{}, err
	}
	return newExpr(root)
}

// jsonFault says where text stops being JSON.
func jsonFault(text []byte, err error) *Error {
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return &Error{-1, "", "this is no JSON: " + err.Error()}
	}
	at := min(int(syntax.Offset), len(text))
	if at > 0 && !strings.HasPrefix(err.Error(), "unexpected end") { // then it counts the culprit
		at--
	}
	return &Error{utf8.RuneCount(text[:at]), short([]rune(string(text[at:]))), "this is no JSON: " + err.Error()}
}

// maxNesting is how deep JSON can nest: an object and a list of arguments for
// each condition, and what operands are made of.
const maxNesting = 2*maxLevels + 4

// A value is JSON that has been read, and where it stood.
type value struct {
	at     int
	kind   json.Delim // '{' and '[', 0 for others
	scalar any        // string, json.Number, bool or nil
	keys   []string   // of an object, as many as items
	items  []value
}

// A reader reads values and knows where they stand.
type reader struct {
	text    []byte
	decoder *json.Decoder
	offset  int // byte up to which characters have been counted
	count   int // characters up to there
}

// next returns the next token of JSON that is known to be valid, and the number
// of characters before it.
func (r *reader) next() (token json.Token, at int) {
	start := int(r.decoder.InputOffset())
	for start < len(r.text) && bytes.IndexByte([]byte(" \t\r\n,:"), r.text[start]) >= 0 {
		start++
	}
	r.count += utf8.RuneCount(r.text[r.offset:start])
	r.offset = start
	token, _ = r.decoder.Token()
	return token, r.count
}

// value reads the next value, level objects and lists deep.
func (r *reader) value(level int) (value, error) {
	token, at := r.next()
	v := value{at: at, scalar: token}
	delim, ok := token.(json.Delim)
	if !ok {
		return v, nil
	}
	v.kind, v.scalar = delim, nil
	if level > maxNesting {
		return v, &Error{at, string(rune(delim)), "more than " + strconv.Itoa(maxLevels) + " conditions within conditions"}
	}
	for r.decoder.More() {
		if delim == '{' {
			key, at := r.next()
			name, _ := key.(string)
			if slices.Contains(v.keys, name) {
				return v, &Error{at, short([]rune(strconv.Quote(name))), "the member is there twice"}
			}
			v.keys = append(v.keys, name)
		}
		item, err := r.value(level + 1)
		if err != nil {
			return v, err
		}
		v.items = append(v.items, item)
	}
	r.next() // the closing bracket
	return v, nil
}

// fault returns an Error about v.
func (v value) fault(why string) *Error { return &Error{v.at, v.near(), why} }

// near returns the beginning of v.
func (v value) near() string {
	switch s := v.scalar.(type) {
	case string:
		return short([]rune(strconv.Quote(s)))
	case json.Number:
		return short([]rune(s.String()))
	case bool:
		return strconv.FormatBool(s)
	}
	switch {
	case v.kind == 0:
		return "null"
	case v.kind == '{' && len(v.keys) > 0:
		return short([]rune("{" + strconv.Quote(v.keys[0])))
	}
	return string(rune(v.kind))
}
