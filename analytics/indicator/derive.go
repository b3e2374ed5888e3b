package indicator

import (
	"errors"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// forever is the deadline of a case whose clock stands still without an end.
func forever() time.Time { return time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) }

// continuous is the calendar of clocks that have none.
func continuous() *clock.Calendar {
	c, err := clock.Build(clock.File{ID: "continuous", Zone: "UTC", Years: "any", Weekly: map[string][]string{"mon-sun": {"00:00-24:00"}}})
	if err != nil {
		panic(fmt.Sprintf("BUG: the calendar that is always open: %v", err))
	}
	return c
}

// derivation returns the columns that the definition needs and no store keeps,
// as of a moment, for periods that begin at from and end at to.
func (c *Compiled) derivation(from, to, asOf time.Time) data.Derivation {
	return data.Derivation{Reads: c.reads(), Columns: c.derived(), Compute: c.deriver(from, to, asOf).compute}
}

// deriver returns what makes the derived columns, as of a moment, for periods
// that begin at from and end at to.
func (c *Compiled) deriver(from, to, asOf time.Time) deriver {
	d := deriver{c: c, from: from, horizon: to, asOf: asOf, calendar: c.calendar}
	if asOf.After(to) {
		d.horizon = asOf
	}
	if d.calendar == nil {
		d.calendar = continuous()
	}
	return d
}

// derived describes the derived columns, in the order deriver appends them in.
func (c *Compiled) derived() []data.Column {
	t := &c.timing
	var columns []data.Column
	add := func(kind data.Type, names ...string) {
		for _, name := range names {
			columns = append(columns, data.Column{Name: name, Type: kind, Doc: "Made for " + c.ID() + "."})
		}
	}
	if c.Clock != nil {
		add(data.Time, t.prefix+"_deadline", t.prefix+"_from", t.prefix+"_to")
		add(data.Int, t.elapsed)
		add(data.Int, limbNames(t.elapsed+"_square")...)
	}
	for _, m := range c.measures() {
		if m.derived {
			add(data.Int, m.sum)
		}
		add(data.Int, limbNames(m.square)...)
	}
	if c.of.square != "" {
		add(data.Int, limbNames(c.product())...)
	}
	if c.kind.Subjects {
		add(data.Int, c.subjectColumn())
	}
	return columns
}

// measures returns the measures that are columns of the facts and whose squares
// are asked for: measure, of and product share their rows.
func (c *Compiled) measures() (list []measure) {
	for _, m := range []measure{c.measure, c.of} {
		if m.source != "" && m.square != "" {
			list = append(list, m)
		}
	}
	return list
}

// product begins the names of the columns of the product of measure and of.
func (c *Compiled) product() string { return c.timing.prefix + "_product" }

// A deriver makes the derived columns of one definition.
type deriver struct {
	c                   *Compiled
	calendar            *clock.Calendar
	from, horizon, asOf time.Time
}

// compute implements [data.Derivation].
func (d deriver) compute(rows data.Batch, into *data.Builder) error {
	var times *reader
	if d.c.Clock != nil {
		times = newReader(d.c, rows, d.asOf)
	}
	subject := d.c.subjectOf(rows)
	for row := range rows.Len() {
		column := 0
		if times != nil {
			if err := d.appendTimes(into, times, row); err != nil {
				return err
			}
			column = timeColumns
		}
		column, err := d.appendMeasures(into, column, rows, row)
		if err != nil {
			return err
		}
		if d.c.kind.Subjects {
			subject.append(into, column, row)
		}
	}
	return nil
}

// appendMeasures appends the measures, their squares and their product, and
// returns the column after them.
func (d deriver) appendMeasures(into *data.Builder, column int, rows data.Batch, row int) (int, error) {
	var values []int64
	list := d.c.measures()
	for _, m := range list {
		v, ok, err := m.at(rows, row)
		if err != nil {
			return 0, err
		}
		if ok {
			values = append(values, v)
		}
		if m.derived {
			setInt(into, column, v, ok)
			column++
		}
		column = appendProduct(into, column, v, v, ok)
	}
	if d.c.of.square != "" {
		var a, b int64
		both := len(values) == 2
		if both {
			a, b = values[0], values[1]
		}
		column = appendProduct(into, column, a, b, both)
	}
	return column, nil
}

func setInt(into *data.Builder, column int, v int64, ok bool) {
	if ok {
		into.SetInt(column, v)
	} else {
		into.Missing(column)
	}
}

// timeColumns is how many columns appendTimes appends.
const timeColumns = 4 + limbs

// appendTimes appends deadline, from, to, elapsed and its square.
func (d deriver) appendTimes(into *data.Builder, times *reader, row int) error {
	k, ok := times.at(row)
	if !ok {
		missing(into, 0)
		return nil
	}
	if err := d.deadline(&k); err != nil {
		return fmt.Errorf("case %s: %w", k.start.UTC().Format(time.RFC3339), err)
	}
	setInt(into, 0, k.deadline.UnixMicro(), !k.deadline.IsZero())
	var elapsed time.Duration
	var err error
	if ok = d.c.kindWaits() || d.c.Measure == elapsedMeasure; ok {
		if elapsed, ok, err = d.elapsed(k); err != nil {
			return err
		}
	}
	if !ok || d.c.timing.relative && !k.limited {
		missing(into, 1)
		return nil
	}
	wait := elapsed.Microseconds()
	if d.c.timing.relative {
		if wait, err = d.part(k, elapsed); err != nil {
			return err
		}
	}
	into.SetInt(1, 0)
	into.SetInt(2, wait)
	total := milliseconds(elapsed)
	into.SetInt(3, total)
	setProduct(into, 4, total, total)
	return nil
}

// missing leaves the columns of appendTimes from one on without a value.
func missing(into *data.Builder, from int) {
	for column := from; column < timeColumns; column++ {
		into.Missing(column)
	}
}

// deadline gives a case its deadline. Where the calendar has no data for a time
// that lies ahead of everything that is asked for, the beginning of that time
// stands for it: the case is not due before.
func (d deriver) deadline(k *timedCase) error {
	if !k.limited || k.given {
		return nil
	}
	at, err := d.calendar.Deadline(k.start, k.limit, k.pauses)
	gap := (*clock.NoDataError)(nil)
	switch {
	case errors.Is(err, clock.ErrPaused):
		at = forever()
	case errors.As(err, &gap) && !gap.From.Before(d.horizon):
		at = gap.From
	case errors.As(err, &gap) && d.longBefore(gap, *k):
		k.limited = false
		return nil
	case err != nil:
		return err
	}
	k.deadline = at
	return nil
}

// longBefore reports whether a time without data lies so long before anything
// that is asked for that no case it holds up matters. Of a period that goes by
// another event than start and deadline are cases too that ended since.
func (d deriver) longBefore(gap *clock.NoDataError, k timedCase) bool {
	t, by := &d.c.timing, d.c.eventOf(d.c.Period.By)
	ended := by != t.Start && by != t.Due && !k.stop.IsZero() && !k.stop.Before(d.from)
	return gap.Year < d.from.Year()-1 && !ended
}

// elapsed returns the time on the clock until the case ended, or was judged.
// ok is false for cases that ended before they began.
func (d deriver) elapsed(k timedCase) (time.Duration, bool, error) {
	elapsed, err := d.calendar.Elapsed(k.start, d.until(k), d.unit(k), k.pauses)
	gap := (*clock.NoDataError)(nil)
	switch {
	case errors.Is(err, clock.ErrReversed), errors.As(err, &gap) && d.longBefore(gap, k):
		return 0, false, nil
	}
	return elapsed, err == nil, err
}

// until returns when a case ended, or was judged.
func (d deriver) until(k timedCase) time.Time {
	if k.stop.IsZero() {
		return d.asOf
	}
	return k.stop
}

// unit returns what the clock of a case counts.
func (d deriver) unit(k timedCase) clock.Unit {
	if k.limit.Unit != 0 && d.c.Clock.Unit == "" {
		return k.limit.Unit
	}
	return d.c.timing.unit
}

// part returns the time of a case as a part of its limit, in microseconds on a
// scale on which the limit is the upper bound of limitBucket. Whether it is more
// than all of it is for the deadline to say.
func (d deriver) part(k timedCase, elapsed time.Duration) (int64, error) {
	limit, err := d.length(k)
	if err != nil {
		return 0, err
	}
	_, seconds := limitBucket.Bounds()
	bound := int64(seconds * 1e6)
	part := int64(min(longestPart, float64(elapsed)/float64(max(limit, 1))*float64(bound)))
	if d.until(k).After(k.deadline) {
		return max(part, bound+1), nil
	}
	return min(part, bound), nil
}

// length returns the time on the clock until the deadline. One that lies before
// the start leaves none.
func (d deriver) length(k timedCase) (time.Duration, error) {
	if !k.given {
		return d.calendar.Length(k.limit)
	}
	limit, err := d.calendar.Elapsed(k.start, k.deadline, d.unit(k), k.pauses)
	gap := (*clock.NoDataError)(nil)
	switch {
	case errors.Is(err, clock.ErrReversed):
		return 0, nil
	case errors.As(err, &gap) && !gap.From.Before(d.horizon): // ahead of all that is asked for
		return d.calendar.Elapsed(k.start, gap.From, d.unit(k), k.pauses)
	}
	return limit, err
}

// longestPart is the longest part of a limit, in microseconds: beyond the last
// bucket.
const longestPart = 1e17
