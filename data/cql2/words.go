package cql2

import "github.com/civgrid/civgrid/data"

// isWords reports whether a column holds words.
func isWords(column data.Column) bool { return column.Type == data.Text || column.Type == data.Code }

// compareWord compares the words of a column with text.
func (c *compiler) compareWord(p property, column data.Column, isFolded bool, op string, right node) (verdict, error) {
	if other, ok := right.(property); ok {
		_, err := c.compareColumns(p, column, op, other)
		return verdict{}, err
	}
	if op != "=" {
		return verdict{}, fault(p, "words have no order here: column %s compares with = and <>, not with %s", column.Name, op)
	}
	value, err := c.wordOf(column, isFolded, right)
	if err != nil {
		return verdict{}, err
	}
	if isFolded {
		return asked(data.InAnyCase{Column: column.Name, Words: []string{value}}, column.Name), nil
	}
	return ordered(column.Name, data.Equal, value), nil
}

// wordOf returns the text that words of a column are compared with: folded where
// it is in CASEI. Where the words are folded and the text is not, no word could
// be equal to it, which nobody means.
func (c *compiler) wordOf(column data.Column, isFolded bool, n node) (string, error) {
	inner, textFolded := folded(n)
	w, ok := inner.(word)
	switch {
	case !ok:
		return "", c.mismatch(column, n)
	case textFolded:
		return data.FoldCase(w.value), nil
	case isFolded && data.FoldCase(w.value) != w.value:
		return "", fault(n, "CASEI is wanted around this too: what it makes of words is never equal to text in capitals")
	}
	return w.value, nil
}

// in is an OR of comparisons; words are looked up together.
func (c *compiler) in(n in) (verdict, error) {
	inner, isFolded := folded(n.operand)
	p, ok := inner.(property)
	if !ok {
		return verdict{}, fault(n.operand, "IN asks about a property")
	}
	column, err := c.column(p)
	if err != nil {
		return verdict{}, err
	}
	if !isWords(column) {
		some := make([]verdict, len(n.items))
		for i, item := range n.items {
			if some[i], err = c.compare(n.operand, "=", item); err != nil {
				return verdict{}, err
			}
		}
		return either(some...), nil
	}
	words := make([]string, len(n.items))
	for i, item := range n.items {
		if words[i], err = c.wordOf(column, isFolded, item); err != nil {
			return verdict{}, err
		}
	}
	if isFolded {
		return asked(data.InAnyCase{Column: column.Name, Words: words}, column.Name), nil
	}
	return asked(data.In{Column: column.Name, Words: words}, column.Name), nil
}

func (c *compiler) like(n like) (verdict, error) {
	inner, isFolded := folded(n.operand)
	p, ok := inner.(property)
	if !ok {
		return verdict{}, fault(n.operand, "LIKE asks about a property")
	}
	column, err := c.column(p)
	if err != nil {
		return verdict{}, err
	}
	if !isWords(column) {
		return verdict{}, fault(p, "LIKE is for words, and column %s is of type %s", column.Name, column.Type)
	}
	pattern, err := c.wordOf(column, isFolded, n.pattern)
	if err != nil {
		return verdict{}, err
	}
	condition := data.Like{Column: column.Name, Pattern: pattern, CaseInsensitive: isFolded}
	if err := data.CheckCondition(condition, c.columns); err != nil {
		return verdict{}, fault(n.pattern, `the pattern ends in a \ that nothing follows`)
	}
	return asked(condition, column.Name), nil
}
