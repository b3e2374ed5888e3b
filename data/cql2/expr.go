package cql2

// An Expr is a condition as it was written: a tree of which [Compile] makes a
// [data.Condition]. It is immutable. The zero Expr is met by every row and is
// written as TRUE.
type Expr struct{ root node }

// A node is a part of an expression. These are conditions: logic, negation,
// constant, comparison, like, between, in, isNull, temporal and spatial. These are
// operands: property, word, number, constant, moment, interval, open and casei.
type node interface {
	position() int
}

// A place is where a node stands: the number of characters before it.
type place int

func (p place) position() int { return int(p) }

// logic joins two or more conditions by AND or OR.
type logic struct {
	place
	or    bool
	parts []node
}

// negation is NOT.
type negation struct {
	place
	part node
}

// constant is TRUE or FALSE.
type constant struct {
	place
	value bool
}

// comparison compares two operands by one of = <> < <= > >=.
type comparison struct {
	place
	op          string
	left, right node
}

// like compares an operand with a pattern: a word, or casei of one.
type like struct {
	place
	operand, pattern node
}

type between struct {
	place
	operand, low, high node
}

type in struct {
	place
	operand node
	items   []node
}

type isNull struct {
	place
	operand node
}

// temporal compares two operands by a temporal function, such as t_after.
type temporal struct {
	place
	op          string
	left, right node
}

type property struct {
	place
	name string
}

// word is text between quotes.
type word struct {
	place
	value string
}

type number struct {
	place
	value decimal
}

// interval is from one moment or property to another, or open.
type interval struct {
	place
	from, to node
}

// open is an end that an interval does not have.
type open struct{ place }

// casei is an operand without differences of case. Its operand is no casei.
type casei struct {
	place
	operand node
}

// parts returns the nodes that n is made of, in reading order.
func parts(n node) []node {
	switch n := n.(type) {
	case logic:
		return n.parts
	case negation:
		return []node{n.part}
	case comparison:
		return []node{n.left, n.right}
	case like:
		return []node{n.operand, n.pattern}
	case between:
		return []node{n.operand, n.low, n.high}
	case in:
		return append([]node{n.operand}, n.items...)
	case isNull:
		return []node{n.operand}
	case temporal:
		return []node{n.left, n.right}
	case spatial:
		return []node{n.left, n.right}
	case interval:
		return []node{n.from, n.to}
	case casei:
		return []node{n.operand}
	}
	return nil
}

// Properties returns the names of the properties that e reads, each once, in
// the order of first use.
func Properties(e Expr) []string {
	var names []string
	seen := map[string]bool{}
	var visit func(n node)
	visit = func(n node) {
		if p, ok := n.(property); ok && !seen[p.name] {
			seen[p.name] = true
			names = append(names, p.name)
		}
		for _, part := range parts(n) {
			visit(part)
		}
	}
	visit(e.node())
	return names
}

// node returns the root of e.
func (e Expr) node() node {
	if e.root == nil {
		return constant{value: true}
	}
	return e.root
}

// checkLevels refuses a tree that is too deep to be written in brackets.
func checkLevels(n node, level int) error {
	if level > maxLevels {
		return fault(n, "more than %d conditions within conditions", maxLevels)
	}
	for _, part := range parts(n) {
		if err := checkLevels(part, level+1); err != nil {
			return err
		}
	}
	return nil
}
