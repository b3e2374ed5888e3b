package data

import "slices"

// A Hierarchy answers questions about which community lies in which. It is
// immutable and safe for concurrent use.
type Hierarchy struct {
	byCode   map[string]Community
	children map[string][]string
	codes    []string // ascending
}

// NewHierarchy arranges the communities by their parent codes. Of several
// versions of one code the one that came into force last is kept. A parent that
// is not among the communities, or of no coarser level, counts as no parent, so
// there are no circles. Outlines and names are shared.
func NewHierarchy(communities []Community) *Hierarchy {
	h := &Hierarchy{byCode: make(map[string]Community, len(communities)), children: map[string][]string{}}
	for _, c := range communities {
		if old, seen := h.byCode[c.Code]; !seen || old.ValidFrom.Before(c.ValidFrom) {
			h.byCode[c.Code] = c
		}
	}
	for code := range h.byCode {
		h.codes = append(h.codes, code)
	}
	slices.Sort(h.codes)
	for _, code := range h.codes {
		if parent, ok := h.Parent(code); ok {
			h.children[parent] = append(h.children[parent], code)
		}
	}
	return h
}

// Get returns the community with the code.
func (h *Hierarchy) Get(code string) (Community, bool) {
	c, ok := h.byCode[code]
	return c, ok
}

// At returns the communities of a level in code order.
func (h *Hierarchy) At(level Level) []Community {
	var at []Community
	for _, code := range h.codes {
		if c := h.byCode[code]; c.Level == level {
			at = append(at, c)
		}
	}
	return at
}

// Levels returns the levels that have at least one community, coarsest first.
func (h *Hierarchy) Levels() []Level {
	present := map[Level]bool{}
	for _, c := range h.byCode {
		present[c.Level] = true
	}
	var levels []Level
	for _, l := range Levels() {
		if present[l] {
			levels = append(levels, l)
		}
	}
	return levels
}

// Parent returns the code of the community right above, if there is one. It may
// be more than one level above.
func (h *Hierarchy) Parent(code string) (string, bool) {
	c, ok := h.byCode[code]
	if !ok {
		return "", false
	}
	parent, ok := h.byCode[c.Parent]
	if !ok || parent.Level.Rank() >= c.Level.Rank() {
		return "", false
	}
	return parent.Code, true
}

// Ancestor returns the code of the community at level that code lies in, which
// is code itself when it is of that level. There is none when code is coarser
// than level, unknown, or its line of parents skips the level.
func (h *Hierarchy) Ancestor(code string, level Level) (string, bool) {
	for {
		c, ok := h.byCode[code]
		if !ok || c.Level.Rank() < level.Rank() {
			return "", false
		}
		if c.Level == level {
			return code, true
		}
		if code, ok = h.Parent(code); !ok {
			return "", false
		}
	}
}

// Within returns code and everything below it, in ascending order; nil when
// the code is unknown.
func (h *Hierarchy) Within(code string) []string {
	if _, ok := h.byCode[code]; !ok {
		return nil
	}
	found := []string{code}
	for i := 0; i < len(found); i++ {
		found = append(found, h.children[found[i]]...)
	}
	slices.Sort(found)
	return found
}

// Outermost returns the communities whose outlines together make up the one named
// or, without a name, all there is, by level and code: those without a parent. One
// without an outline is replaced by those right below it.
func (h *Hierarchy) Outermost(within string) []Community {
	var outermost []Community
	for _, level := range h.Levels() {
		for _, c := range h.At(level) {
			if len(c.Outline) > 0 && h.tops(c.Code, within) {
				outermost = append(outermost, c)
			}
		}
	}
	return outermost
}

// tops reports whether no community above that of the code, up to within, has
// an outline, and whether it lies in within at all.
func (h *Hierarchy) tops(code, within string) bool {
	for code != within {
		above, ok := h.Parent(code)
		if !ok {
			return within == ""
		}
		if c, _ := h.Get(above); len(c.Outline) > 0 {
			return false
		}
		code = above
	}
	return true
}

// Path returns the codes from the coarsest ancestor down to code itself; nil
// when the code is unknown.
func (h *Hierarchy) Path(code string) []string {
	var path []string
	for _, ok := h.byCode[code]; ok; code, ok = h.Parent(code) {
		path = append(path, code)
	}
	slices.Reverse(path)
	return path
}

// Recode maps the code of every community at or below level to the code of its
// ancestor there: the key by which facts are added up at that level.
func (h *Hierarchy) Recode(level Level) map[string]string {
	recode := make(map[string]string, len(h.codes))
	for _, code := range h.codes {
		if ancestor, ok := h.Ancestor(code, level); ok {
			recode[code] = ancestor
		}
	}
	return recode
}
