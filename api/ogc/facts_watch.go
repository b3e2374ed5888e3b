package ogc

import (
	"context"
	"slices"
	"time"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// What a watch remembers: so many steps, of so many rows together, which take about half
// a kilobyte each. Who listens looks every second, and so falls two or three steps behind;
// more rows at once each reads for itself.
const (
	maxSteps    = 8
	maxStepRows = 2000
)

// lookAge is how old what listeners are told may be: they look once in LookEvery.
const lookAge = api.LookEvery / 2

// A watch looks at the changes of a dataset for all who listen to them, so that a
// thousand do not ask the store a thousand times. It is safe for concurrent use.
type watch struct {
	feed    data.Feed
	dataset data.Dataset

	looking chan struct{} // held by who looks, and who reads or sets what follows
	looked  time.Time     // when the last look began, by the real clock
	failed  error         // of that look
	known   bool          // there was a look that did not fail
	present place         // by the last of those
	steps   []step        // each ends where the next begins, the last at present
}

// A place is a state of a dataset, by the mark of its last change and its lineage.
type place struct {
	mark    int64
	lineage string
}

// A step is what changed from one place to the next.
type step struct {
	from place
	lost bool // the store went back to an earlier state
	rows []data.Batch
	n    int // of rows, more than maxStepRows where there are more
}

// newWatches returns the watches of facts, none where nothing is told of their changes.
func newWatches(f *Facts) map[data.Dataset]*watch {
	if f == nil || f.Feed == nil {
		return nil
	}
	watches := map[data.Dataset]*watch{}
	for _, d := range []data.Dataset{data.Incidents, data.Inspections} {
		watches[d] = &watch{feed: f.Feed, dataset: d, looking: make(chan struct{}, 1)}
	}
	return watches
}

// look returns the present place, as of no longer ago than age, and the steps there from
// another; ok is false where those are not remembered. A look that others wait for ends
// with the request of who looks, and then another of them does.
func (w *watch) look(ctx context.Context, from place, age time.Duration) (present place, steps []step, ok bool, err error) {
	asked := time.Now() //nolint:forbidigo // streams are timed by the real clock
	select {
	case w.looking <- struct{}{}:
		defer func() { <-w.looking }()
	case <-ctx.Done():
		return place{}, nil, false, ctx.Err()
	}
	if w.looked.Before(asked.Add(-age)) {
		begun := time.Now() //nolint:forbidigo // as above
		err := w.renew(ctx)
		if ctx.Err() != nil {
			return place{}, nil, false, ctx.Err() // which says nothing of the store
		}
		w.looked, w.failed = begun, err
	}
	if w.failed != nil || from == w.present {
		return w.present, nil, true, w.failed
	}
	at := slices.IndexFunc(w.steps, func(s step) bool { return s.from == from })
	if at < 0 {
		return w.present, nil, false, nil
	}
	return w.present, slices.Clone(w.steps[at:]), true, nil
}

// renew looks at the store, and remembers the step that it took since the last look. The
// turn must be held.
func (w *watch) renew(ctx context.Context) error {
	mark, err := w.feed.Mark(ctx, w.dataset)
	if err != nil {
		return err
	}
	lineage, err := w.feed.Lineage(ctx, w.dataset, mark)
	if err != nil {
		return err
	}
	next := place{mark, lineage}
	if w.known && next != w.present {
		made, err := w.step(ctx, next)
		if err != nil {
			return err
		}
		w.remember(made)
	}
	w.known, w.present = true, next
	return nil
}

// step reads what changed from the place of the last look to the next.
func (w *watch) step(ctx context.Context, next place) (step, error) {
	made := step{from: w.present}
	still, err := w.feed.Lineage(ctx, w.dataset, made.from.mark)
	if err != nil {
		return step{}, err
	}
	if made.lost = next.mark <= made.from.mark || still != made.from.lineage; made.lost {
		return made, nil
	}
	for b, err := range w.feed.Since(ctx, w.dataset, made.from.mark) {
		if err != nil {
			return step{}, err
		}
		if made.n += b.Len(); made.n > maxStepRows {
			break
		}
		made.rows = append(made.rows, b)
	}
	return made, nil
}

// remember adds a step, and forgets those of before as far as there are too many. One of
// too many rows is forgotten with all before it.
func (w *watch) remember(made step) {
	w.steps = append(w.steps, made)
	from := len(w.steps)
	for rows := 0; from > 0 && len(w.steps)-from < maxSteps; from-- {
		if rows += w.steps[from-1].n; rows > maxStepRows {
			break
		}
	}
	w.steps = slices.Clone(w.steps[from:])
}
