package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// pastQuiet returns a request whose period has facts, unless another is asked for: the
// last one that is over and has as many as are told of. A report of today that comes long
// after all others would otherwise show the period right before today, of which nothing
// is known.
func (e *Engine) pastQuiet(ctx context.Context, v *view, a analytics.Analysis, given map[string]string, r analytics.Request) (analytics.Request, error) {
	event := data.EventTime(v.dataset)
	if event == "" || given[indicator.Named] != "" || given["from"] != "" || given["to"] != "" {
		return r, nil
	}
	for earlier, tried := *v, r; ; {
		enough, err := e.atLeast(ctx, v.dataset, event, tried.From, tried.To, max(1, v.least))
		if err != nil {
			return r, err
		}
		if enough {
			tried.First, tried.Last = r.First, r.Last
			return tried, nil
		}
		if earlier.last, err = e.lastBefore(ctx, v, event, tried.From, tried.To.Sub(tried.From)); err != nil || earlier.last.IsZero() {
			return r, err
		}
		next, err := earlier.request(a, given)
		if err != nil || !next.From.Before(tried.From) {
			return r, err
		}
		tried = next
	}
}

// during is met by facts that happened from one moment to before another.
func during(event string, from, to time.Time) data.Condition {
	return data.All{
		data.Compare{Column: event, Op: data.GreaterOrEqual, Value: from},
		data.Compare{Column: event, Op: data.Less, Value: to},
	}
}

// atLeast reports whether so many facts happened in a period.
func (e *Engine) atLeast(ctx context.Context, d data.Dataset, event string, from, to time.Time, least int64) (bool, error) {
	n := int64(0)
	for b, err := range e.store.Scan(ctx, data.Query{Dataset: d, Columns: []string{event}, Where: during(event, from, to)}) {
		if err != nil {
			return false, fmt.Errorf("look for %s of a period: %w", d, err)
		}
		if n += int64(b.Len()); n >= least {
			return true, nil
		}
	}
	return false, nil
}

// lastBefore returns when the last fact before a moment happened, the zero time where
// there is none. It looks a step back first, and then twice as far each time.
func (e *Engine) lastBefore(ctx context.Context, v *view, event string, to time.Time, step time.Duration) (time.Time, error) {
	for to.After(v.first) {
		from, found := to.Add(-step), false
		var last int64
		for b, err := range e.store.Scan(ctx, data.Query{Dataset: v.dataset, Columns: []string{event}, Where: during(event, from, to)}) {
			if err != nil {
				return time.Time{}, fmt.Errorf("look for the last of %s: %w", v.dataset, err)
			}
			for _, at := range b.Ints(event) {
				if !found || at > last {
					found, last = true, at
				}
			}
		}
		if found {
			return time.UnixMicro(last).UTC(), nil
		}
		to, step = from, 2*step
	}
	return time.Time{}, nil
}
