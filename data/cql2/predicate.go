package cql2

import "slices"

// predicate reads an operand and what is said of it.
func (p *parser) predicate() (node, error) {
	at := p.token.at
	if p.token.kind == name && slices.Contains(temporalOps, lower(p.token.value)) && p.bracketFollows() {
		return p.temporal()
	}
	if p.token.kind == name && isSpatial(lower(p.token.value)) && p.bracketFollows() {
		return p.spatialFunction()
	}
	operand, err := p.operand("a condition")
	if err != nil {
		return nil, err
	}
	switch {
	case p.token.isSymbol("=", "<>", "<", "<=", ">", ">="):
		op := p.token.value
		if err := p.advance(); err != nil {
			return nil, err
		}
		right, err := p.operand("a property or a value")
		if err != nil {
			return nil, err
		}
		return comparison{place(at), op, operand, right}, nil
	case p.token.is("IS"):
		return p.null(at, operand)
	}
	not, err := p.take("NOT")
	if err != nil {
		return nil, err
	}
	said, err := p.said(at, operand)
	switch {
	case err != nil:
		return nil, err
	case said != nil && not:
		return negation{place(at), said}, nil
	case said != nil:
		return said, nil
	case not:
		return nil, p.unexpected("LIKE, BETWEEN or IN")
	}
	if c, ok := operand.(constant); ok {
		return c, nil
	}
	return nil, p.unexpected("a comparison such as =, LIKE, IN or IS NULL")
}

// said reads LIKE, BETWEEN or IN and what follows, nil where there is none.
func (p *parser) said(at int, operand node) (node, error) {
	t := p.token
	switch {
	case t.is("LIKE"), t.is("ILIKE"):
		return p.like(at, operand, t.is("ILIKE"))
	case t.is("BETWEEN"):
		return p.between(at, operand)
	case t.is("IN"):
		return p.in(at, operand)
	}
	return nil, nil
}

// null reads IS NULL or IS NOT NULL.
func (p *parser) null(at int, operand node) (node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	not, err := p.take("NOT")
	if err != nil {
		return nil, err
	}
	null, err := p.take("NULL")
	switch {
	case err != nil:
		return nil, err
	case !null && not:
		return nil, p.unexpected("NULL")
	case !null:
		return nil, p.unexpected("NULL or NOT NULL")
	case not:
		return negation{place(at), isNull{place(at), operand}}, nil
	}
	return isNull{place(at), operand}, nil
}

func (p *parser) like(at int, operand node, folded bool) (node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	pattern, err := p.operand("a pattern")
	if err != nil {
		return nil, err
	}
	if folded {
		operand, pattern = withoutCase(operand.position(), operand), withoutCase(pattern.position(), pattern)
	}
	return newLike(at, operand, pattern)
}

// newLike refuses a pattern that is no text.
func newLike(at int, operand, pattern node) (node, error) {
	inner, _ := folded(pattern)
	if _, ok := inner.(word); !ok {
		return nil, fault(pattern, "a pattern is text, such as 'street%%'")
	}
	return like{place(at), operand, pattern}, nil
}

func (p *parser) between(at int, operand node) (node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	low, err := p.operand("the lower bound")
	if err != nil {
		return nil, err
	}
	and, err := p.take("AND")
	if err != nil {
		return nil, err
	}
	if !and {
		return nil, p.unexpected("AND and the upper bound")
	}
	high, err := p.operand("the upper bound")
	if err != nil {
		return nil, err
	}
	return between{place(at), operand, low, high}, nil
}

func (p *parser) in(at int, operand node) (node, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	if !p.token.isSymbol("(") {
		return nil, p.unexpected("a list in brackets")
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	var items []node
	for {
		if len(items) == maxItems {
			return nil, p.faultHere("more than %d items", maxItems)
		}
		item, err := p.operand("a value")
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if !p.token.isSymbol(",") {
			break
		}
		if err := p.advance(); err != nil {
			return nil, err
		}
	}
	return in{place(at), operand, items}, p.leave("a comma or a closing bracket")
}

// bracketFollows reports whether an opening bracket comes after the next token.
func (p *parser) bracketFollows() bool {
	ahead := p.lexer
	t, err := ahead.next()
	return err == nil && t.isSymbol("(")
}
