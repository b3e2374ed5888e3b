package analytics

import (
	"context"
	"time"
)

// A Span is a period, half open. The zero Span is none.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// IsZero reports whether there is no period.
func (s Span) IsZero() bool { return s.From.IsZero() && s.To.IsZero() }

// Overlaps reports whether some moment lies in both periods.
func (s Span) Overlaps(t Span) bool { return s.From.Before(t.To) && t.From.Before(s.To) }

// A Contrast says what of a row is compared between two periods, and by which test.
type Contrast struct {
	Test Test
	// Refused says why two periods cannot be told apart, where people ask for it; then
	// nothing else is set.
	Refused string
	Title   string // of the value, one line: "On time"
	Unit    string // of the value
	// Rising says that a rise is the worse of the two directions.
	Rising bool
	// Least returns the fewest facts of either period that a share or mean is tested
	// by. Nil means one.
	Least func(Request) int64
	// Level returns the level of the intervals. Nil means 0.95.
	Level func(Request) float64
	// Sides makes of the answered plan of one period what each row came to in it, and
	// all rows together.
	Sides func(context.Context, Request, *Frame, []Tally) (rows []Side, all Side, err error)
}

// A Test says of what two periods are told apart.
type Test string

// The tests.
const (
	ShareTest Test = "share" // Hits of N
	RateTest  Test = "rate"  // N events per Exposure and time
	MeanTest  Test = "mean"  // of N values with Variance
)

// A Side is what a row came to in one of two periods.
type Side struct {
	// Has is false where there is no value: no case, no area.
	Has bool
	// N is how many facts the value rests on.
	N int64
	// Hits are those of N that a share is of.
	Hits int64
	// Exposure is what a rate is per, beside time, such as km².
	Exposure float64
	// Mean and Variance are those of N values.
	Mean, Variance float64
}
