package geo

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/peterstace/simplefeatures/geom"
)

// A Relation is how one geometry lies to another, by the dimensionally extended
// nine-intersection model (OGC 06-103r4, section 6.1.15): edges are straight in
// longitude and latitude.
type Relation string

// The relations, as CQL2 names its functions (21-065r2, section 7.8).
const (
	Intersects Relation = "s_intersects"
	Disjoint   Relation = "s_disjoint"
	Contains   Relation = "s_contains"
	Within     Relation = "s_within"
	Equals     Relation = "s_equals"
	Touches    Relation = "s_touches"
	Crosses    Relation = "s_crosses"
	Overlaps   Relation = "s_overlaps"
)

// Relations returns all relations.
func Relations() []Relation {
	return []Relation{Intersects, Disjoint, Contains, Within, Equals, Touches, Crosses, Overlaps}
}

// Inverse returns the relation that b has to a where a has r to b.
func (r Relation) Inverse() Relation {
	switch r {
	case Contains:
		return Within
	case Within:
		return Contains
	}
	return r
}

// A Probe is a geometry that others are compared with. It is immutable, and safe
// for concurrent use.
type Probe struct {
	shape geom.Geometry
	bound orb.Bound
}

// NewProbe makes a geometry ready. The error wraps ErrOutline where it is none by
// the rules of Simple Features: a coordinate that is not finite, a ring that is
// open or crosses itself.
func NewProbe(g orb.Geometry) (*Probe, error) {
	shape, err := simple(g)
	if err != nil {
		return nil, err
	}
	return &Probe{shape, g.Bound()}, nil
}

// Is reports whether g lies so to the geometry of p. The error wraps ErrOutline as
// that of [NewProbe] does.
func (p *Probe) Is(g orb.Geometry, r Relation) (bool, error) {
	if !g.Bound().Intersects(p.bound) {
		return r == Disjoint, nil
	}
	shape, err := simple(g)
	if err != nil {
		return false, err
	}
	var is bool
	switch r {
	case Intersects:
		is = geom.Intersects(shape, p.shape)
	case Disjoint:
		is = !geom.Intersects(shape, p.shape)
	case Contains:
		is, err = geom.Contains(shape, p.shape)
	case Within:
		is, err = geom.Within(shape, p.shape)
	case Equals:
		is, err = geom.Equals(shape, p.shape)
	case Touches:
		is, err = geom.Touches(shape, p.shape)
	case Crosses:
		is, err = geom.Crosses(shape, p.shape)
	case Overlaps:
		is, err = geom.Overlaps(shape, p.shape)
	default:
		return false, fmt.Errorf("relation %q: want one of %v", r, Relations())
	}
	if err != nil {
		return false, fmt.Errorf("%w: %w", ErrOutline, err)
	}
	return is, nil
}

// simple converts a geometry, and tests it.
func simple(g orb.Geometry) (geom.Geometry, error) {
	binary, err := wkb.Marshal(g)
	if err != nil {
		return geom.Geometry{}, fmt.Errorf("%w: %w", ErrOutline, err)
	}
	shape, err := geom.UnmarshalWKB(binary)
	if err != nil {
		return geom.Geometry{}, fmt.Errorf("%w: %w", ErrOutline, err)
	}
	return shape, nil
}
