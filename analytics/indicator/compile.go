package indicator

import (
	"crypto/sha256"
	"fmt"
	"hash"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/cql2"
)

// Surroundings are what a definition speaks of besides itself.
type Surroundings struct {
	// Library has the definitions and calendars that are named. Nil has none.
	Library *Library
	// Hierarchy has the communities that limits are given for. Nil has none.
	Hierarchy *data.Hierarchy
	// Zone is the time zone of the store. Nil means UTC.
	Zone *time.Location
	// At is when the versions of named indicators have to be in force.
	At time.Time
}

// Compiled is a definition made ready for counting. It is immutable and safe
// for concurrent use.
type Compiled struct {
	*Definition
	kind     Kind
	zone     *time.Location
	method   stats.ShareMethod
	calendar *clock.Calendar // nil for continuous time

	timing      timing
	where       condition
	numerator   []term
	denominator condition
	measure, of measure
	resources   data.Condition // that access is to

	items, guards []*Compiled // guards are those of the gates, then of the vetoes
}

// A term is a condition that counts with a weight.
type term struct {
	condition condition
	weight    float64
}

// A condition is a population or a condition on columns.
type condition struct {
	population string
	timing     Timing
	columns    data.Condition
}

// at returns the condition as of a moment: what happened later is not known.
func (c condition) at(asOf time.Time) data.Condition {
	if c.population == "" {
		return known(c.columns, asOf)
	}
	population, ok := c.timing.Population(c.population, asOf)
	if !ok {
		panic("BUG: population " + c.population + " was not checked")
	}
	return population
}

// maxDepth is how deep composites may be made of composites, and maxParts of how
// many definitions in all, each counted as often as it is named: every one has
// rollups of its own.
const (
	maxDepth = 8
	maxParts = 2000
)

// Compile makes a definition ready. The error says which field is at fault, as
// a [*FieldError].
func Compile(d *Definition, s Surroundings) (*Compiled, error) {
	next := 0
	return compile(d, s, nil, &next)
}

func compile(d *Definition, s Surroundings, above []string, next *int) (*Compiled, error) {
	c := &Compiled{Definition: d, zone: s.Zone}
	if c.zone == nil {
		c.zone = time.UTC
	}
	if err := check(d); err != nil {
		return nil, err
	}
	if slices.Contains(above, d.Code) || len(above) >= maxDepth {
		return nil, d.fail("items", "%s is made of itself, or of too many layers of composites", d.Code)
	}
	var err error
	if c.kind, err = KindOf(d.Kind); err != nil {
		return nil, d.fail("kind", "%v", err)
	}
	if c.zone, err = d.Period.zone(c.zone); err != nil {
		return nil, d.fail("period.tz", "%v", err)
	}
	if c.method, err = stats.ParseShareMethod(or(d.Interval.Method, "wilson")); err != nil {
		return nil, d.fail("interval.method", "%v", err)
	}
	if *next++; *next > maxParts {
		return nil, d.fail("items", "it is made of more than %d definitions", maxParts)
	}
	if err := c.compileClock(s, *next); err != nil {
		return nil, err
	}
	if err := c.compileConditions(); err != nil {
		return nil, err
	}
	return c, c.compileParts(s, append(above, d.Code), next)
}

// Zone returns the time zone that periods and calendars of the definition are
// in.
func (c *Compiled) Zone() *time.Location { return c.zone }

// Digest identifies the text of the definition and of every one it is made of.
func (c *Compiled) Digest() string {
	digest := sha256.New()
	c.digest(digest)
	return fmt.Sprintf("%x", digest.Sum(nil)[:8])
}

func (c *Compiled) digest(into hash.Hash) {
	text, err := Write(c.Definition)
	if err != nil {
		panic(fmt.Sprintf("BUG: a definition that was read cannot be written: %v", err))
	}
	_, _ = into.Write(text) // a digest takes anything
	for _, part := range c.parts() {
		part.digest(into)
	}
}

// CalendarID names the calendars that the definition and its parts go by, each
// as id@version; "" for none.
func (c *Compiled) CalendarID() string {
	var names []string
	if c.calendar != nil {
		names = append(names, c.calendar.ID()+"@"+c.calendar.Version())
	}
	for _, part := range c.parts() {
		if name := part.CalendarID(); name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// compileConditions reads where, numerator and denominator.
func (c *Compiled) compileConditions() (err error) {
	if c.where, err = c.condition("where", c.Where); err != nil {
		return err
	}
	for i, t := range c.Numerator {
		if t.Weight < 0 || t.Weight > 1 {
			return c.fail("numerator", "weight %d is %v: want 0 to 1", i+1, t.Weight)
		}
		condition, err := c.condition("numerator", t.Where)
		if err != nil {
			return err
		}
		c.numerator = append(c.numerator, term{condition, t.Weight})
	}
	if c.denominator, err = c.condition("denominator", or(c.Denominator, AllCases)); err != nil {
		return err
	}
	if len(c.Subject) > 0 {
		if err := c.checkSubject(); err != nil {
			return err
		}
	}
	if c.Access != nil {
		if c.resources, err = compileCQL(or(c.Access.Where, "TRUE"), data.Resources, c.zone); err != nil {
			return c.fail("access.where", "%v", err)
		}
	}
	c.measure, err = c.measureOf("measure", c.Measure, "measure")
	if err == nil {
		c.of, err = c.measureOf("of", c.Of, "of")
	}
	return err
}

// condition reads the name of a population or a condition in CQL2.
func (c *Compiled) condition(field, text string) (condition, error) {
	if text == "" {
		return condition{columns: data.All{}}, nil
	}
	if slices.Contains(PopulationNames(), text) {
		if c.timing.Due == "" && slices.Contains(deadlinePopulations(), text) {
			return condition{}, c.fail(field, "%s is told by a deadline, and there is no clock with a limit", text)
		}
		return condition{population: text, timing: c.timing.Timing}, nil
	}
	columns, err := compileCQL(text, c.dataset(), c.zone)
	if err != nil {
		return condition{}, c.fail(field, "%v", err)
	}
	return condition{columns: columns}, nil
}

func compileCQL(text string, d data.Dataset, zone *time.Location) (data.Condition, error) {
	expr, err := cql2.Parse(text)
	if err != nil {
		return nil, err
	}
	return cql2.Compile(expr, data.SchemaOf(d, data.DefaultResolutions()), cql2.Options{Zone: zone})
}

// compileParts compiles the items of a composite and the indicators of its
// gates and vetoes.
func (c *Compiled) compileParts(s Surroundings, above []string, next *int) error {
	if c.Kind != compositeKind {
		return nil
	}
	part := func(field, code string) (*Compiled, error) {
		d, err := s.Library.InForce(code, s.At)
		if err != nil {
			return nil, c.fail(field, "%v", err)
		}
		made, err := compile(d, s, above, next)
		if err != nil {
			return nil, c.fail(field, "%v", err)
		}
		return made, nil
	}
	for _, item := range c.Items {
		made, err := part("items", item.Indicator)
		if err != nil {
			return err
		}
		if u := made.kind.Unit(made.Definition); made.Scoring == nil && u != "share" {
			return c.fail("items", "%s is in %s and has no scoring: only shares can do without", item.Indicator, u)
		}
		c.items = append(c.items, made)
	}
	for _, guards := range []struct {
		field string
		list  []Gate
	}{{"gates", c.Gates}, {"vetoes", c.Vetoes}} {
		for _, g := range guards.list {
			if g.Op != ">=" && g.Op != "<=" {
				return c.fail(guards.field, "op %q: want >= or <=", g.Op)
			}
			made, err := part(guards.field, g.Indicator)
			if err != nil {
				return err
			}
			c.guards = append(c.guards, made)
		}
	}
	return nil
}
