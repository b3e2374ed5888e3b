package cql2

import (
	"fmt"
	"unicode/utf8"
)

// Parse reads a condition in the text encoding. Text of more than 64 KiB, more
// than 100 brackets or conditions within each other and lists of more than
// 1,000 items are refused. The error is an *Error.
func Parse(text string) (Expr, error) {
	if err := checkText(text); err != nil {
		return Expr{}, err
	}
	p := &parser{lexer: lexer{text: []rune(text)}}
	if err := p.advance(); err != nil {
		return Expr{}, err
	}
	root, err := p.condition()
	if err != nil {
		return Expr{}, err
	}
	if p.token.kind != ending {
		return Expr{}, p.unexpected("AND, OR or the end of the condition")
	}
	return newExpr(root)
}

// newExpr refuses a tree that is too deep.
func newExpr(root node) (Expr, error) {
	if err := checkLevels(root, 1); err != nil {
		return Expr{}, err
	}
	return Expr{root}, nil
}

// checkText refuses what is too long, and bytes that are no text.
func checkText(text string) error {
	if len(text) > maxBytes {
		return &Error{-1, "", fmt.Sprintf("a condition of %d bytes is too long, there may be %d", len(text), maxBytes)}
	}
	if utf8.ValidString(text) {
		return nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRuneInString(text)
		if r == utf8.RuneError && size == 1 {
			return &Error{at, "", "this is no UTF-8"}
		}
		text = text[size:]
		at++
	}
}

// A parser reads conditions from tokens, by recursive descent along the grammar
// of 21-065r2, annex B.
type parser struct {
	lexer
	token    token // the next one
	levels   int   // of brackets that are open
	vertices int   // of geometries so far
}

// advance reads the next token.
func (p *parser) advance() (err error) {
	p.token, err = p.next()
	return err
}

// unexpected says that the next token is not what is wanted.
func (p *parser) unexpected(wanted string) *Error {
	t := p.token
	switch {
	case t.kind == ending:
		return &Error{t.at, "", "the text ends where " + wanted + " is wanted"}
	case t.isSymbol("+", "-", "*", "/", "%", "^") || t.is("DIV"):
		return p.faultHere("arithmetic is not supported")
	}
	return p.faultHere("%s is wanted here", wanted)
}

func (p *parser) faultHere(format string, args ...any) *Error {
	return p.fault(p.token.at, p.at, format, args...)
}

// enter counts an opening bracket, which is the next token, and reads it.
func (p *parser) enter() error {
	if p.levels++; p.levels > maxLevels {
		return p.faultHere("more than %d brackets within brackets", maxLevels)
	}
	return p.advance()
}

// leave reads the closing bracket of the last that was entered.
func (p *parser) leave(wanted string) error {
	if !p.token.isSymbol(")") {
		return p.unexpected(wanted)
	}
	p.levels--
	return p.advance()
}

// take reads a key word if it is the next token.
func (p *parser) take(keyword string) (bool, error) {
	if !p.token.is(keyword) {
		return false, nil
	}
	return true, p.advance()
}

// condition reads conditions joined by OR.
func (p *parser) condition() (node, error) { return p.join("OR", p.conjunction) }

// conjunction reads conditions joined by AND.
func (p *parser) conjunction() (node, error) { return p.join("AND", p.factor) }

func (p *parser) join(keyword string, read func() (node, error)) (node, error) {
	at := p.token.at
	var parts []node
	for {
		part, err := read()
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
		more, err := p.take(keyword)
		switch {
		case err != nil:
			return nil, err
		case !more && len(parts) == 1:
			return part, nil
		case !more:
			return logic{place(at), keyword == "OR", parts}, nil
		}
	}
}

// factor reads one condition and the NOT before it.
func (p *parser) factor() (node, error) {
	at := p.token.at
	not, err := p.take("NOT")
	if err != nil {
		return nil, err
	}
	if !not {
		return p.primary()
	}
	if p.token.is("NOT") {
		return nil, p.faultHere("a condition after NOT that begins with NOT wants brackets")
	}
	part, err := p.primary()
	if err != nil {
		return nil, err
	}
	return negation{place(at), part}, nil
}

// primary reads one predicate, or a condition in brackets.
func (p *parser) primary() (node, error) {
	if !p.token.isSymbol("(") {
		return p.predicate()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	inner, err := p.condition()
	if err != nil {
		return nil, err
	}
	return inner, p.leave("AND, OR or a closing bracket")
}
