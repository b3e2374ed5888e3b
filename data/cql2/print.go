package cql2

import "strings"

// String writes e in the text encoding, in one canonical form: key words in
// capitals, brackets where they are needed and after NOT, names in quotes where
// they have to be, times in UTC. [Parse] reads an equal Expr from it, unless it
// is longer than what Parse takes.
func (e Expr) String() string { return text(e.node()) }

// text writes a node in the text encoding.
func text(n node) string {
	var w strings.Builder
	write(&w, n)
	return w.String()
}

func write(w *strings.Builder, n node) {
	switch n := n.(type) {
	case logic:
		writeLogic(w, n)
	case negation:
		writeNot(w, n)
	case temporal:
		w.WriteString(strings.ToUpper(n.op))
		writeList(w, []node{n.left, n.right})
	case spatial:
		w.WriteString(strings.ToUpper(string(n.op)))
		writeList(w, []node{n.left, n.right})
	case comparison, like, between, in, isNull:
		writePredicate(w, n, "")
	default:
		w.WriteString(operandText(n))
	}
}

func writeLogic(w *strings.Builder, n logic) {
	for i, part := range n.parts {
		if i > 0 && n.or {
			w.WriteString(" OR ")
		} else if i > 0 {
			w.WriteString(" AND ")
		}
		if inner, ok := part.(logic); ok && (inner.or || !n.or) {
			writeList(w, []node{part})
		} else {
			write(w, part)
		}
	}
}

func writeNot(w *strings.Builder, n negation) {
	switch n.part.(type) {
	case like, between, in, isNull:
		writePredicate(w, n.part, "NOT ")
	default:
		w.WriteString("NOT ")
		writeList(w, []node{n.part})
	}
}

// writePredicate writes what is said of an operand; not is put in where the
// grammar lets it stand inside.
func writePredicate(w *strings.Builder, n node, not string) {
	add := func(parts ...string) {
		for _, part := range parts {
			w.WriteString(part)
		}
	}
	switch n := n.(type) {
	case comparison:
		add(operandText(n.left), " ", n.op, " ", operandText(n.right))
	case like:
		add(operandText(n.operand), " ", not, "LIKE ", operandText(n.pattern))
	case between:
		add(operandText(n.operand), " ", not, "BETWEEN ", operandText(n.low), " AND ", operandText(n.high))
	case in:
		add(operandText(n.operand), " ", not, "IN ")
		writeList(w, n.items)
	case isNull:
		add(operandText(n.operand), " IS ", not, "NULL")
	}
}

// writeList writes nodes in brackets.
func writeList(w *strings.Builder, nodes []node) {
	w.WriteByte('(')
	for i, n := range nodes {
		if i > 0 {
			w.WriteString(", ")
		}
		write(w, n)
	}
	w.WriteByte(')')
}

// operandText writes an operand, or TRUE or FALSE.
func operandText(n node) string {
	switch n := n.(type) {
	case constant:
		if n.value {
			return "TRUE"
		}
		return "FALSE"
	case property:
		return nameText(n.name)
	case word:
		return quoteText(n.value)
	case number:
		return n.value.String()
	case moment:
		if n.kind == day {
			return "DATE(" + quoteText(n.String()) + ")"
		}
		return "TIMESTAMP(" + quoteText(n.String()) + ")"
	case interval:
		return "INTERVAL(" + endText(n.from) + ", " + endText(n.to) + ")"
	case open:
		return "'..'"
	case casei:
		return "CASEI(" + operandText(n.operand) + ")"
	case outline:
		return shapeText(n.geometry)
	case box:
		return boxText(n)
	}
	panic("BUG: a node that is no operand")
}

// endText writes an end of an interval.
func endText(n node) string {
	if m, ok := n.(moment); ok {
		return quoteText(m.String())
	}
	return operandText(n)
}

// quoteText writes text in quotes. A backslash is doubled only where it would
// not stand for itself.
func quoteText(s string) string {
	var w strings.Builder
	w.WriteByte('\'')
	for i, r := range s {
		w.WriteRune(r)
		if r == '\'' || r == '\\' && (i+1 == len(s) || strings.IndexByte(escaped, s[i+1]) >= 0) {
			w.WriteRune(r)
		}
	}
	w.WriteByte('\'')
	return w.String()
}

// nameText writes a name, in quotes where it would be read as something else.
func nameText(s string) string {
	bare := s != "" && !isReserved(s)
	for i, r := range s {
		bare = bare && (i == 0 && beginsName(r) || i > 0 && continuesName(r))
	}
	if bare {
		return s
	}
	return `"` + strings.ReplaceAll(s, `"`, `""`) + `"`
}
