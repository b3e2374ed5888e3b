package disclosure

import "fmt"

// A Tree is counts of the same facts in nodes of a hierarchy. A node that is no
// leaf counts at least what its children do together.
type Tree struct {
	// Parent is the node right above each, smaller than the node, or -1.
	Parent []int32
	// Rest marks nodes that are told nowhere and follow from what is: the facts of
	// their parent that are in none of its other children. They have no children.
	Rest []bool
	// Totals are, by kind of fact, the number of all of them in each node.
	Totals [][]int64
	// Parts are, for each part of a kind, the number of its facts in each node.
	Parts [][]int64
}

// Hide returns the nodes that cannot be told if counts from 1 to k-1, be it of all
// facts of a kind or of part of them, are not to be known. With k below 2 it hides
// nothing. The order of nodes decides which are hidden beside small ones.
func (t Tree) Hide(k int64) []bool {
	h := &hiding{Tree: t, k: k, hidden: make([]bool, len(t.Parent)), children: make([][]int32, len(t.Parent))}
	if k < 2 {
		return h.hidden
	}
	for node, parent := range t.Parent {
		if int(parent) >= node {
			panic(fmt.Sprintf("BUG: node %d lies in %d, which comes later", node, parent))
		}
		if parent >= 0 {
			h.children[parent] = append(h.children[parent], int32(node))
		}
		h.hidden[node] = h.small(node)
	}
	h.excess, h.lack, h.totals, h.parts = blank(t.Totals), blank(t.Totals), blank(t.Totals), blank(t.Parts)
	for node := len(t.Parent) - 1; node >= 0; node-- {
		h.close(int32(node))
	}
	return h.hidden
}

func blank(like [][]int64) [][]int64 {
	made := make([][]int64, len(like))
	for i := range like {
		made[i] = make([]int64, len(like[i]))
	}
	return made
}

// hiding is what is hidden so far. What hidden nodes hide is what of their facts
// does not follow from what is told below them.
type hiding struct {
	Tree
	k             int64
	children      [][]int32
	hidden        []bool
	totals, parts [][]int64 // that a hidden node hides
	excess        [][]int64 // of totals, over one in each leaf that has some
	lack          [][]int64 // of totals, below the most that small counts could come to
}

func (h *hiding) small(node int) bool {
	for _, counts := range h.Totals {
		if n := counts[node]; n > 0 && n < h.k {
			return true
		}
	}
	for _, counts := range h.Parts {
		if n := counts[node]; n > 0 && n < h.k {
			return true
		}
	}
	return false
}

// close hides so much below a node, the nodes below being closed, that nothing
// follows from it.
func (h *hiding) close(node int32) {
	if h.hidden[node] {
		h.hide(node)
		return
	}
	for !h.safe(node) {
		if !h.more(node) {
			h.hide(node)
			return
		}
	}
}

// more hides one more node below a node: the first child that is told and is not
// empty or, where there is none, one below a hidden child. It reports false where all
// is hidden.
func (h *hiding) more(node int32) bool {
	for _, c := range h.children[node] {
		if !h.hidden[c] && !h.rest(c) && !h.empty(c) {
			h.hide(c)
			return true
		}
	}
	for _, c := range h.children[node] {
		if h.hidden[c] && h.more(c) {
			h.reckon(c)
			return true
		}
	}
	return false
}

func (h *hiding) rest(node int32) bool { return h.Rest != nil && h.Rest[node] }

func (h *hiding) empty(node int32) bool {
	for _, counts := range h.Totals {
		if counts[node] > 0 {
			return false
		}
	}
	return true
}

// hide hides a node, with a child of it if it has any that is not empty.
func (h *hiding) hide(node int32) {
	h.hidden[node] = true
	if len(h.below(node)) == 0 {
		h.more(node)
	}
	h.reckon(node)
}

// reckon adds up what a hidden node hides.
func (h *hiding) reckon(node int32) {
	below := h.below(node)
	for i, own := range h.Totals {
		n := own[node]
		h.totals[i][node], h.excess[i][node], h.lack[i][node] = n, max(n-1, 0), h.k
		if len(below) > 0 {
			h.totals[i][node], h.excess[i][node], h.lack[i][node] = sum(h.totals[i], below), sum(h.excess[i], below), sum(h.lack[i], below)
		}
		if n < h.k {
			h.lack[i][node] = h.k - 1 - n
		}
	}
	for i, own := range h.Parts {
		if h.parts[i][node] = own[node]; len(below) > 0 {
			h.parts[i][node] = sum(h.parts[i], below)
		}
	}
}

// below returns the hidden children of a node.
func (h *hiding) below(node int32) (hidden []int32) {
	for _, c := range h.children[node] {
		if h.hidden[c] {
			hidden = append(hidden, c)
		}
	}
	return hidden
}

func sum(counts []int64, nodes []int32) (all int64) {
	for _, node := range nodes {
		all += counts[node]
	}
	return all
}

// safe reports whether a node can be told with those of its children that are.
func (h *hiding) safe(node int32) bool {
	below := h.below(node)
	switch len(below) {
	case 0:
		return true
	case 1:
		return false
	}
	for i := range h.Totals {
		if sum(h.totals[i], below) > 0 && (sum(h.excess[i], below) < h.k || sum(h.lack[i], below) == 0) {
			return false
		}
	}
	for i := range h.Parts {
		if n := sum(h.parts[i], below); n > 0 && n < h.k {
			return false
		}
	}
	return true
}
