package indicator

import (
	"time"

	"github.com/civgrid/civgrid/data"
)

// A Kind is one way to make a number of facts. It is a value: it can be listed,
// printed and checked. Adding one is one file and one line in kinds.go.
type Kind struct {
	Name, Title string // Title is one line without a full stop
	Doc         string
	Reference   string // the source of the method, "" where there is nothing to say
	// Fields are the fields of a definition that mean something to this kind,
	// besides those that do to all; Needs are those of them that must be given.
	Fields, Needs []string
	// Unit returns the unit of the value.
	Unit func(*Definition) string
	// Counts returns what is counted of each row's facts, as of a moment.
	Counts func(*Compiled, time.Time) []data.Count
	// Sums returns what is added up; nil for nothing.
	Sums func(*Compiled, time.Time) []data.Sum
	// Places says that what is counted are not facts but the places where people
	// live, of all times.
	Places bool
	// Waits says that times on the clock are asked for.
	Waits bool
	// Subjects says that facts are counted by the subject of the definition.
	Subjects bool
	// Zero says that no facts are a value, 0, like any other number of them.
	Zero bool
	// Shrink says how values are drawn together for ranking.
	Shrink Shrinkage
	// Estimate makes the number of what was counted of one row, or of all rows.
	Estimate func(*Compiled, Sample) Estimate
}

// A Shrinkage says which empirical Bayes estimator values of a kind take.
type Shrinkage uint8

// The estimators.
const (
	NoShrinkage Shrinkage = iota
	ShareShrinkage
	RateShrinkage
)

// An Estimate is a number with its uncertainty.
type Estimate struct {
	N     int64 // facts it rests on
	Value float64
	Has   bool // false: there is no value, and Reason says why
	// Low and High bound the value at the level of the definition.
	Low, High       float64
	HasLow, HasHigh bool
	// Numerator and Denominator are what Value is a ratio of; both 0 for kinds
	// that are none.
	Numerator, Denominator float64
	Variance               float64 // of one fact, for means
	Reason                 string
	Parts                  string // of a composite, in words
}

// The reasons why there is no value.
const (
	NoFacts       = "no_facts"
	NotReached    = "not_reached" // too many cases are still open to tell
	NoArea        = "no_area"
	NoPopulation  = "no_population"
	NoResources   = "no_resources" // none that access could be to
	GateClosed    = "gate_closed"
	GateUnknown   = "gate_unknown"
	Vetoed        = "vetoed"
	NothingScored = "nothing_scored"
)

// none is an estimate without a value.
func none(reason string) Estimate { return Estimate{Reason: reason} }

// An Outcome is an estimate that was judged and scored.
type Outcome struct {
	Estimate
	Status string // "" without a target or value
	// Score is in points, from 0 to the most that the scoring gives. Without a
	// scoring it is there for shares, and is the share.
	Score    float64
	HasScore bool
	// ScoreLow and ScoreHigh are the least and the most that the score is between
	// Low and High; both Score where there is no interval.
	ScoreLow, ScoreHigh float64
}
