package analytics

import (
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/data"
)

// TimeSteps divide a period into whole days, weeks or months of the calendar.
type TimeSteps struct {
	unit   string
	zone   *time.Location
	bounds []int64 // microseconds since 1970, one more than there are steps
}

// The units of [TimeSteps].
const (
	Daily   = "day"
	Weekly  = "week" // ISO 8601: from Monday
	Monthly = "month"
)

// StepParam is the parameter that [Request.Steps] reads.
func StepParam(otherwise string) Param {
	return Param{
		Name: "step", Title: "length of a step of time", Kind: Choice, Default: otherwise, Choices: []string{Daily, Weekly, Monthly},
		Doc: "Days, weeks from Monday or months of the calendar, on the clocks of the city. Steps that the period or the data do not fill are left out.",
	}
}

// Steps returns the steps of the unit that parameter step names and that the
// period holds whole, as far as facts are known: of which 99 parts in 100 lie before
// AsOf. The last fact of a city comes in minutes before midnight, and so ends its day.
func (r Request) Steps() TimeSteps {
	s := NewTimeSteps(r.Params.Text("step"), r.From, r.To, r.Zone)
	for s.Len() > 0 && !s.over(r.AsOf) {
		s.bounds = s.bounds[:len(s.bounds)-1]
	}
	return s
}

// StepsSoFar returns the steps as [Request.Steps] does, and with them those that are over
// at the end of the day of AsOf: where more than usual is looked for, and a day that is
// not over can only have less.
func (r Request) StepsSoFar() TimeSteps {
	to, asOf := r.To, r.AsOf.In(r.Zone)
	if known := DayStart(asOf.Year(), asOf.Month(), asOf.Day()+1, r.Zone); known.Before(to) {
		to = known
	}
	return NewTimeSteps(r.Params.Text("step"), r.From, to, r.Zone)
}

// over reports whether the last step is, but for one part in 100.
func (s TimeSteps) over(asOf time.Time) bool {
	from, to := s.Span(s.Len() - 1)
	return to.Sub(asOf) <= to.Sub(from)/100
}

// NotOver says in a sentence that the last step is not over at a moment, "" where it is.
func (s TimeSteps) NotOver(asOf time.Time) string {
	if s.Len() == 0 || s.over(asOf) {
		return ""
	}
	return fmt.Sprintf("The last step, %s, is not over.", s.Name(s.Len()-1))
}

// NewTimeSteps returns the steps of a unit, one of Daily, Weekly and Monthly,
// that lie whole between two moments. There may be none.
func NewTimeSteps(unit string, from, to time.Time, zone *time.Location) TimeSteps {
	s := TimeSteps{unit: unit, zone: zone}
	first := from.In(zone)
	at := func(step int) time.Time {
		switch unit {
		case Daily:
			return DayStart(first.Year(), first.Month(), first.Day()+step, zone)
		case Weekly:
			monday := first.Day() - (int(first.Weekday())+6)%7
			return DayStart(first.Year(), first.Month(), monday+7*step, zone)
		case Monthly:
			return DayStart(first.Year(), first.Month()+time.Month(step), 1, zone)
		}
		panic("BUG: steps of " + unit)
	}
	step := 0
	for at(step).Before(from) {
		step++
	}
	for ; !at(step).After(to); step++ {
		s.bounds = append(s.bounds, at(step).UnixMicro())
	}
	return s
}

// Bounds returns when each step begins, and when the last one ends; nil where there is
// none.
func (s TimeSteps) Bounds() []time.Time {
	if s.Len() == 0 {
		return nil
	}
	bounds := make([]time.Time, len(s.bounds))
	for i, at := range s.bounds {
		bounds[i] = time.UnixMicro(at).In(s.zone)
	}
	return bounds
}

// Len returns the number of steps.
func (s TimeSteps) Len() int { return max(len(s.bounds)-1, 0) }

// Unit returns Daily, Weekly or Monthly.
func (s TimeSteps) Unit() string { return s.unit }

// Span returns when a step begins, and when the next one does.
func (s TimeSteps) Span(step int) (from, to time.Time) {
	return time.UnixMicro(s.bounds[step]).In(s.zone), time.UnixMicro(s.bounds[step+1]).In(s.zone)
}

// Name returns what a step is called: "2025-10-06" for a day or the Monday of a
// week, "2025-10" for a month.
func (s TimeSteps) Name(step int) string {
	from, _ := s.Span(step)
	if s.unit == Monthly {
		return from.Format("2006-01")
	}
	return from.Format(time.DateOnly)
}

// Of returns the step that a moment falls into, false for one in none.
func (s TimeSteps) Of(at time.Time) (int, bool) { return s.of(at.UnixMicro()) }

func (s TimeSteps) of(micros int64) (int, bool) {
	after, exact := slices.BinarySearch(s.bounds, micros)
	if exact {
		after++
	}
	return after - 1, after > 0 && after < len(s.bounds)
}

// StepColumn is the column that [TimeSteps.Derivation] makes: the number of the
// step, missing for facts in none.
const StepColumn = "step"

// Derivation derives [StepColumn] from a Time column of a dataset.
func (s TimeSteps) Derivation(dataset data.Dataset, column string) Derivation {
	return Derivation{Dataset: dataset, Derivation: data.Derivation{
		Reads:   []string{column},
		Columns: []data.Column{{Name: StepColumn, Type: data.Int, Doc: "The " + s.unit + " it falls into."}},
		Compute: func(rows data.Batch, into *data.Builder) error {
			times, valid := rows.Ints(column), rows.Valid(column)
			for row := range rows.Len() {
				if step, ok := s.of(times[row]); ok && valid.At(row) {
					into.SetInt(0, int64(step))
				} else {
					into.Missing(0)
				}
			}
			return nil
		},
	}}
}

// Key groups facts by [StepColumn]. Without a step it groups none.
func (s TimeSteps) Key() data.Key {
	return data.ByInt{Column: StepColumn, Below: int64(max(s.Len(), 1))}
}

// Incomplete says in a sentence what of a period its steps leave out, "" for
// nothing.
func (s TimeSteps) Incomplete(from, to time.Time) string {
	if s.Len() == 0 {
		return fmt.Sprintf("The period holds no whole %s.", s.unit)
	}
	first, _ := s.Span(0)
	_, last := s.Span(s.Len() - 1)
	switch before, after := from.Before(first), last.Before(to); {
	case before && after:
		return fmt.Sprintf("Steps run from %s to %s; what was before and after fills no whole %s and is left out.", s.Name(0), s.Name(s.Len()-1), s.unit)
	case before:
		return fmt.Sprintf("Steps begin with %s; what was before fills no whole %s and is left out.", s.Name(0), s.unit)
	case after:
		return fmt.Sprintf("Steps end with %s; what came later fills no whole %s and is left out.", s.Name(s.Len()-1), s.unit)
	}
	return ""
}
