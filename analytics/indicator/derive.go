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
	d := deriver{c: c, from: from, horizon: to, asOf: asOf, calendar: c.calendar}
	if asOf.After(to) {
		d.horizon = asOf
	}
	if d.calendar == nil {
		d.calendar = continuous()
	}
	return data.Derivation{Reads: c.reads(), Columns: c.derived(), Compute: d.compute}
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
		add(data.Int, t.elapsed, t.elapsed+"_square")
	}
	for _, m := range []measure{c.measure, c.of} {
		if m.derived && m.source != "" {
			add(data.Int, m.sum, m.square)
		}
	}
	if c.of.derived {
		add(data.Int, c.product())
	}
	if c.kind.Subjects {
		add(data.Int, c.subjectColumn())
	}
	return columns
}

// product names the column of the product of measure and of.
func (c *Compiled) product() string { return c.timing.prefix + "_product" }

// A deriver makes the derived columns of one definition.
type deriver struct {
	c                   *Compiled
	calendar            *clock.Calendar
	from, horizon, asOf time.Time
}

// A timedCase is what a clock knows of a case.
type timedCase struct {
	start, stop time.Time // stop is zero while open
	pauses      []clock.Pause
	limit       clock.Limit
	limited     bool
	extended    bool      // the deadline is that of a granted extension
	deadline    time.Time // zero for none
}

// compute implements [data.Derivation].
func (d deriver) compute(rows data.Batch, into *data.Builder) error {
	var times *reader
	if d.c.Clock != nil {
		times = newReader(d.c, rows, d.asOf)
	}
	measures := []measure{d.c.measure, d.c.of}
	for row := range rows.Len() {
		column := 0
		if times != nil {
			if err := d.appendTimes(into, times, row); err != nil {
				return err
			}
			column = 5
		}
		values := [2]float64{}
		both := d.c.of.derived
		for i, m := range measures {
			if !m.derived || m.source == "" {
				continue
			}
			x, ok := numberAt(rows, m.source, row)
			both = both && ok
			values[i] = x
			setWhole(into, column, x, millionth, ok)
			setWhole(into, column+1, x*x, thousandth, ok)
			column += 2
		}
		if d.c.of.derived {
			setWhole(into, column, values[0]*values[1], thousandth, both)
			column++
		}
		if d.c.kind.Subjects {
			d.c.appendSubject(into, column, rows, row)
		}
	}
	return nil
}

func numberAt(b data.Batch, column string, row int) (float64, bool) {
	if !b.Valid(column).At(row) {
		return 0, false
	}
	for _, c := range b.Columns() {
		if c.Name == column && c.Type == data.Int {
			return float64(b.Ints(column)[row]), true
		}
	}
	return b.Floats(column)[row], true
}

func setWhole(into *data.Builder, column int, x, scale float64, ok bool) {
	if !ok {
		into.Missing(column)
		return
	}
	into.SetInt(column, whole(x, scale))
}

// appendTimes appends deadline, from, to, elapsed and its square.
func (d deriver) appendTimes(into *data.Builder, times *reader, row int) error {
	k, ok := times.at(row)
	if !ok {
		for column := range 5 {
			into.Missing(column)
		}
		return nil
	}
	if err := d.deadline(&k); err != nil {
		return fmt.Errorf("case %s: %w", k.start.UTC().Format(time.RFC3339), err)
	}
	if k.deadline.IsZero() {
		into.Missing(0)
	} else {
		into.SetInt(0, k.deadline.UnixMicro())
	}
	var elapsed time.Duration
	var err error
	if ok = d.c.kindWaits() || d.c.Measure == elapsedMeasure; ok {
		if elapsed, ok, err = d.elapsed(k); err != nil {
			return err
		}
	}
	if !ok || d.c.timing.relative && !k.limited {
		for column := 1; column < 5; column++ {
			into.Missing(column)
		}
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
	into.SetInt(3, elapsed.Microseconds())
	hours := float64(elapsed.Microseconds()) / microsPerHour
	into.SetInt(4, whole(hours*hours, thousandth))
	return nil
}

// deadline gives a case its deadline. Where the calendar has no data for a time
// that lies ahead of everything that is asked for, the beginning of that time
// stands for it: the case is not due before.
func (d deriver) deadline(k *timedCase) error {
	if !k.limited || !k.deadline.IsZero() {
		return nil
	}
	at, err := d.calendar.Deadline(k.start, k.limit, k.pauses)
	gap := (*clock.NoDataError)(nil)
	switch {
	case errors.Is(err, clock.ErrPaused):
		at = forever()
	case errors.As(err, &gap) && !gap.From.Before(d.horizon):
		at = gap.From
	case errors.As(err, &gap) && gap.Year < d.from.Year()-1:
		k.limited = false // long before anything that is asked for
		return nil
	case err != nil:
		return err
	}
	k.deadline = at
	return nil
}

// elapsed returns the time on the clock until the case ended, or was judged.
// ok is false for cases that ended before they began.
func (d deriver) elapsed(k timedCase) (time.Duration, bool, error) {
	until := k.stop
	if until.IsZero() {
		until = d.asOf
	}
	elapsed, err := d.calendar.Elapsed(k.start, until, d.unit(k), k.pauses)
	gap := (*clock.NoDataError)(nil)
	switch {
	case errors.Is(err, clock.ErrReversed), errors.As(err, &gap) && gap.Year < d.from.Year()-1:
		return 0, false, nil
	}
	return elapsed, err == nil, err
}

// unit returns in what the clock of a case runs.
func (d deriver) unit(k timedCase) clock.Unit {
	if k.limited && d.c.Clock.Unit == "" && k.limit.Unit != 0 {
		return k.limit.Unit
	}
	return d.c.timing.unit
}

// part returns the time of a case as a part of its limit, in microseconds on a
// scale on which the limit is the upper bound of limitBucket.
func (d deriver) part(k timedCase, elapsed time.Duration) (int64, error) {
	limit := k.deadline.Sub(k.start)
	if k.limit.Unit != 0 {
		var err error
		if limit, err = d.calendar.Length(k.limit); err != nil {
			return 0, err
		}
	}
	_, seconds := limitBucket.Bounds()
	bound := int64(seconds * 1e6)
	if limit <= 0 {
		return bound + 1, nil
	}
	part := int64(float64(elapsed) / float64(limit) * float64(bound))
	if elapsed > limit {
		return max(part, bound+1), nil
	}
	return min(part, bound), nil
}

// A reader reads the cases of a batch as of a moment.
type reader struct {
	c                       *Compiled
	asOf                    time.Time
	start, stop             []int64
	startValid, stopValid   data.Validity
	counts                  []bool // nil: every stop does
	record, extended        []int64
	recordValid, extendable data.Validity
	words                   data.Codes
	pauses                  data.Texts
	pausesValid             data.Validity
	rows                    data.Batch
}

func newReader(c *Compiled, b data.Batch, asOf time.Time) *reader {
	t := &c.timing
	r := &reader{
		c: c, asOf: asOf, rows: b, start: b.Ints(t.Start), startValid: b.Valid(t.Start),
		stop: b.Ints(t.Stop), stopValid: b.Valid(t.Stop),
	}
	if t.StopCounts != nil {
		r.counts = data.Select(nil, b, t.StopCounts)
	}
	if t.record != "" {
		r.record, r.recordValid = b.Ints(t.record), b.Valid(t.record)
	}
	if c.Clock.Extension == "replaces" {
		r.extended, r.extendable = b.Ints("extended_due_at"), b.Valid("extended_due_at")
	}
	if t.by != "" {
		r.words = b.Codes(t.by)
	}
	if len(c.Clock.Pauses) > 0 {
		r.pauses, r.pausesValid = b.Texts("pauses"), b.Valid("pauses")
	}
	return r
}

// at returns a case, if it has a start.
func (r *reader) at(row int) (k timedCase, ok bool) {
	if !r.startValid.At(row) {
		return k, false
	}
	k.start = time.UnixMicro(r.start[row])
	if r.stopValid.At(row) && (r.counts == nil || r.counts[row]) {
		if stop := time.UnixMicro(r.stop[row]); !stop.After(r.asOf) {
			k.stop = stop
		}
	}
	r.limit(&k, row)
	if r.extended != nil && r.extendable.At(row) {
		k.deadline, k.limited, k.extended = time.UnixMicro(r.extended[row]), true, true
	}
	if len(r.c.Clock.Pauses) > 0 && r.pausesValid.At(row) {
		k.pauses = readPauses(r.pauses.At(row), r.asOf)
	}
	return k, true
}

func (r *reader) limit(k *timedCase, row int) {
	t := &r.c.timing
	switch {
	case r.record != nil:
		if r.recordValid.At(row) {
			k.deadline, k.limited = time.UnixMicro(r.record[row]), true
		}
		return
	case t.by != "" && r.words.Valid().At(row):
		if limit, ok := t.table[r.words.At(row)]; ok {
			k.limit, k.limited = limit, true
			return
		}
	}
	if t.within != nil {
		k.limit, k.limited = *t.within, true
	}
}

// readPauses reads the column pauses as of a moment: a pause that ends later has
// no end yet. What is no pause was refused when it was imported.
func readPauses(text string, asOf time.Time) []clock.Pause {
	kept, err := data.ParsePauses(text)
	if err != nil {
		return nil
	}
	var pauses []clock.Pause
	for _, k := range kept {
		p := clock.Pause{From: time.UnixMicro(k.From)}
		if p.From.After(asOf) {
			continue
		}
		if to := time.UnixMicro(k.To); k.To != data.Unended && !to.After(asOf) {
			p.To = to
		}
		pauses = append(pauses, p)
	}
	return pauses
}
