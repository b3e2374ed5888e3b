package quality

import (
	"strings"

	"github.com/civgrid/civgrid/data"
)

// A Gazetteer knows communities by what sources call them. It is immutable and
// safe for concurrent use.
type Gazetteer struct {
	codes  map[string]bool
	trim   map[string]string // codes without case and leading zeros
	names  map[string]string // lower case; "" where several share it
	parent *data.Hierarchy
}

// NewGazetteer returns the gazetteer of the communities.
func NewGazetteer(communities []data.Community) *Gazetteer {
	g := &Gazetteer{codes: map[string]bool{}, trim: map[string]string{}, names: map[string]string{}, parent: data.NewHierarchy(communities)}
	levels := data.Levels()
	for i := len(levels) - 1; i >= 0; i-- { // finest first: a name means the finest of its bearers
		level := map[string]string{}
		for _, c := range g.parent.At(levels[i]) {
			g.codes[c.Code] = true
			set(g.trim, loose(c.Code), c.Code)
			for _, name := range c.Names {
				set(level, loose(name), c.Code)
			}
		}
		for name, code := range level {
			if _, taken := g.names[name]; !taken {
				g.names[name] = code
			}
		}
	}
	return g
}

// set maps key to code, or to "" when it means two different communities.
func set(m map[string]string, key, code string) {
	if key == "" {
		return
	}
	if old, taken := m[key]; taken && old != code {
		code = ""
	}
	m[key] = code
}

// loose is a word as it is compared: without case, spaces around it and zeros
// before it.
func loose(s string) string {
	s = strings.ToLower(strings.Join(strings.Fields(s), " "))
	if short := strings.TrimLeft(s, "0"); short != "" && strings.Trim(short, "0123456789") == "" {
		return short
	}
	return s
}

// Find returns the code of the community that a source calls given: one of that
// very code; one of that code but for case, spaces and leading zeros; one of
// that name in any language, but for case. A name that several communities of
// one level bear means none of them; borne at several levels it means the
// finest.
func (g *Gazetteer) Find(given string) (code string, ok bool) {
	if g.codes[given] {
		return given, true
	}
	key := loose(given)
	if code := g.trim[key]; code != "" {
		return code, true
	}
	code = g.names[key]
	return code, code != ""
}

// Several reports whether Find finds nothing because several communities of one
// level are called given.
func (g *Gazetteer) Several(given string) bool {
	if _, ok := g.Find(given); ok {
		return false
	}
	key := loose(given)
	_, code := g.trim[key]
	_, name := g.names[key]
	return code || name
}

// Agree reports whether a place in the community of code stamped can be said to
// lie in named: they are the same, or one lies in the other.
func (g *Gazetteer) Agree(named, stamped string) bool {
	return g.above(stamped, named) || g.above(named, stamped)
}

func (g *Gazetteer) above(code, ancestor string) bool {
	for ok := true; ok; code, ok = g.parent.Parent(code) {
		if code == ancestor {
			return true
		}
	}
	return false
}
