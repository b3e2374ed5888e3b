package ingest

import (
	"slices"
	"time"
)

// dateSense counts what a reading of dates makes of a sample.
type dateSense struct {
	pairs    int // cases with both times
	reversed int // of them, closed before they were reported
	future   int // times in the future that cannot be
}

// sensibleOrder returns the order in which the sample makes sense, if it does
// not in the other, and why; "" where it does in both or neither.
func (p *plan) sensibleOrder(columns []*dateColumn, now time.Time) (order, why string) {
	month, day := p.senseOf(columns, monthFirst, now), p.senseOf(columns, dayFirst, now)
	for _, c := range []struct {
		order      string
		this, that dateSense
	}{{monthFirst, month, day}, {dayFirst, day, month}} {
		switch {
		case c.that.reversed > 2*c.this.reversed && float64(c.that.reversed) >= senseShare*float64(c.that.pairs):
			return c.order, "since cases would else be closed before they were reported"
		case c.that.future > 0 && c.this.future == 0 && c.that.reversed >= c.this.reversed:
			return c.order, "since there would else be dates in the future"
		}
	}
	return "", ""
}

// senseOf reads the sample with the columns in an order.
func (p *plan) senseOf(columns []*dateColumn, order string, now time.Time) dateSense {
	formats := func(ordinal int) []TimeFormat {
		times := p.bindings[ordinal].times
		if slices.ContainsFunc(columns, func(c *dateColumn) bool { return c.ordinal == ordinal }) {
			format, err := timeFormatByName(order)
			if err != nil {
				panic("BUG: " + err.Error())
			}
			times = append([]TimeFormat{format}, times[1:]...)
		}
		return times
	}
	var sense dateSense
	latest := now.UnixMicro() + day
	read := func(ordinal int, row []string) (moment, bool) {
		if ordinal < 0 || len(p.bindings[ordinal].times) == 0 {
			return moment{}, false
		}
		m, err := parseTime(p.text(p.bindings[ordinal], row), formats(ordinal))
		if err == nil && !now.IsZero() && m.micros > latest {
			sense.future++
		}
		return m, err == nil
	}
	for _, row := range p.sample.rows {
		event, ok := read(p.at.event, row)
		read(p.at.updated, row)
		closed, done := read(p.at.closed, row)
		if !ok || !done || event.utc != closed.utc {
			continue
		}
		sense.pairs++
		if closed.micros < event.micros {
			sense.reversed++
		}
	}
	return sense
}
