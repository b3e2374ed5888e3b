package indicator

import (
	"time"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// A timedCase is what a clock knows of a case.
type timedCase struct {
	start, stop time.Time // stop is zero while open
	pauses      []clock.Pause
	limit       clock.Limit
	limited     bool
	given       bool      // deadline is that of the record or of an extension
	extended    bool      // deadline is that of an extension
	deadline    time.Time // zero for none
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
		r.counts = data.Select(nil, b, known(t.StopCounts, asOf))
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
		k.deadline, k.limited, k.given, k.extended = time.UnixMicro(r.extended[row]), true, true, true
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
			k.deadline, k.limited, k.given = time.UnixMicro(r.record[row]), true, true
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
