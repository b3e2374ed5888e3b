package cql2

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// A kind is what a token is.
type kind uint8

const (
	ending  kind = iota // of the text
	name                // a bare name, or a key word
	quoted              // a name in double quotes
	literal             // text in single quotes
	numeral
	symbol // an operator, a bracket or a comma
)

// A token is a piece of text that the grammar does not divide. Its value is the
// text itself, without quotes and escapes.
type token struct {
	kind  kind
	at    int // the first character
	value string
}

// is reports whether t is a key word, in any case.
func (t token) is(keyword string) bool { return t.kind == name && strings.EqualFold(t.value, keyword) }

// isSymbol reports whether t is one of the symbols.
func (t token) isSymbol(symbols ...string) bool {
	return t.kind == symbol && slices.Contains(symbols, t.value)
}

// reserved are the key words that cannot be the bare name of a property.
var reserved = [...]string{"AND", "OR", "NOT", "IS", "NULL", "LIKE", "ILIKE", "BETWEEN", "IN", "TRUE", "FALSE", "DIV"}

func isReserved(s string) bool {
	return slices.ContainsFunc(reserved[:], func(word string) bool { return strings.EqualFold(s, word) })
}

// A lexer divides text into tokens.
type lexer struct {
	text []rune
	at   int // the next character
}

// next returns the next token, or an *Error.
func (l *lexer) next() (token, error) {
	for l.at < len(l.text) && unicode.IsSpace(l.text[l.at]) {
		l.at++
	}
	start := l.at
	if start == len(l.text) {
		return token{kind: ending, at: start}, nil
	}
	switch r := l.text[start]; {
	case r == '\'':
		return l.literal()
	case r == '"':
		return l.quoted()
	case isDigit(r) || r == '.' && isDigit(l.peek(1)):
		return l.numeral()
	case beginsName(r):
		for l.at < len(l.text) && continuesName(l.text[l.at]) {
			l.at++
		}
		return l.token(name, start), nil
	case strings.ContainsRune("=<>(),+-*/%^", r):
		l.at++
		if two := string(r) + string(l.peek(0)); two == "<>" || two == "<=" || two == ">=" {
			l.at++
		}
		return l.token(symbol, start), nil
	default:
		return token{}, l.fault(start, start+1, "%s", strange(r, l.peek(1)))
	}
}

// strange says what is wrong with a character that begins nothing.
func strange(r, next rune) string {
	switch {
	case r == '!' && next == '=':
		return "there is no such operator: not equal is written <>"
	case r >= '！' && r <= '～': // the full-width forms of U+0021 to U+007E
		return fmt.Sprintf("this is the full-width form of %c, which is wanted here", r-'！'+'!')
	case strings.ContainsRune("‘’“”", r):
		return "quotes are straight: ' around text and \" around names"
	}
	return "no condition has such a character outside of quotes"
}

// peek returns the character n after the next one, or 0.
func (l *lexer) peek(n int) rune {
	if l.at+n < len(l.text) {
		return l.text[l.at+n]
	}
	return 0
}

func (l *lexer) token(k kind, start int) token {
	return token{kind: k, at: start, value: string(l.text[start:l.at])}
}

func (l *lexer) fault(from, to int, format string, args ...any) *Error {
	return &Error{from, short(l.text[from:min(to, len(l.text))]), fmt.Sprintf(format, args...)}
}

// A backslash and one of the characters escaped stand for the character of
// meant in the same place (21-065r2, requirement /req/cql2-text/escaping).
const (
	escaped = `abtnvfr'\`
	meant   = "\a\b\t\n\v\f\r'\\"
)

// literal reads text in single quotes.
func (l *lexer) literal() (token, error) {
	start := l.at
	var value strings.Builder
	for l.at++; l.at < len(l.text); l.at++ {
		r, next := l.text[l.at], l.peek(1)
		switch at := strings.IndexRune(escaped, next); {
		case r == '\'' && next != '\'':
			l.at++
			return token{literal, start, value.String()}, nil
		case r == '\'':
			l.at++
		case r == '\\' && at >= 0:
			l.at++
			r = rune(meant[at])
		}
		value.WriteRune(r)
	}
	return token{}, l.fault(start, l.at, "the text has no closing quote; a quote within it is doubled")
}

// quoted reads a name in double quotes.
func (l *lexer) quoted() (token, error) {
	start := l.at
	var value strings.Builder
	for l.at++; l.at < len(l.text); l.at++ {
		r := l.text[l.at]
		if r == '"' {
			if l.peek(1) != '"' {
				l.at++
				if value.Len() == 0 {
					return token{}, l.fault(start, l.at, "the name is empty")
				}
				return token{quoted, start, value.String()}, nil
			}
			l.at++
		}
		value.WriteRune(r)
	}
	return token{}, l.fault(start, l.at, "the name has no closing double quote")
}

// numeral reads a number without sign.
func (l *lexer) numeral() (token, error) {
	start := l.at
	l.digits()
	if l.peek(0) == '.' {
		l.at++
		l.digits()
	}
	if r := l.peek(0); r == 'e' || r == 'E' {
		signed := 0
		if r := l.peek(1); r == '+' || r == '-' {
			signed = 1
		}
		if isDigit(l.peek(1 + signed)) {
			l.at += 1 + signed
			l.digits()
		}
	}
	t := l.token(numeral, start)
	for l.at < len(l.text) && continuesName(l.text[l.at]) {
		l.at++
	}
	if l.at > start+len(t.value) {
		return token{}, l.fault(start, l.at, "this is no number")
	}
	return t, nil
}

func (l *lexer) digits() {
	for isDigit(l.peek(0)) {
		l.at++
	}
}

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

// beginsName reports whether a bare name may begin with r: a letter of any
// script, _ or :. The standard's own ranges hold punctuation too, such as that
// of Chinese; names with such characters want quotes here.
func beginsName(r rune) bool {
	return r == '_' || r == ':' || unicode.In(r, unicode.L, unicode.Nl)
}

func continuesName(r rune) bool {
	return beginsName(r) || r == '.' || unicode.In(r, unicode.M, unicode.Nd)
}
