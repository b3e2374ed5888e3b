package follow

import (
	"context"
	"time"

	"github.com/civgrid/civgrid/data"
)

// A Status says how good a copy is.
type Status struct {
	// Looked is when the copy was last known to be the same as the store.
	Looked time.Time `json:"looked"`
	// Away is since when the store has been out of reach; zero while it is not.
	Away time.Time `json:"away"`
	// Why says why it is, for operators.
	Why string `json:"why,omitempty"`
	// Behind is how many changes of the store the copy is being brought up to;
	// Since is when the first of them was made, by the clock of the store.
	Behind int64     `json:"behind"`
	Since  time.Time `json:"since"`
	// Version is that of the copy's content.
	Version string `json:"version"`
}

// Age returns how old the copy may be at a moment: nothing while the store is
// within reach.
func (s Status) Age(now time.Time) time.Duration {
	if s.Away.IsZero() {
		return 0
	}
	return max(now.Sub(s.Looked), 0)
}

// Status returns the state of the copy.
func (s *Store) Status() Status {
	status := *s.status.Load()
	if c := s.catalog.Load(); c != nil {
		status.Version = c.version
	}
	return status
}

// count notes how many changes there are to catch up with.
func (s *Store) count(ctx context.Context, held *catalog) {
	if held == nil {
		return
	}
	status := *s.status.Load()
	status.Behind, status.Since = 0, time.Time{}
	for _, d := range data.Datasets() {
		n, since, err := s.store.Behind(ctx, d, held.marks[d].mark)
		if err != nil {
			return // the look fails for the same reason, and tells
		}
		status.Behind += n
		if n > 0 && (status.Since.IsZero() || since.Before(status.Since)) {
			status.Since = since
		}
	}
	s.status.Store(&status)
}

// tell notes how a look went that began at a moment, and logs when that is news.
func (s *Store) tell(ctx context.Context, now time.Time, err error) {
	before := *s.status.Load()
	if err == nil {
		s.status.Store(&Status{Looked: now})
		if !before.Away.IsZero() {
			s.options.Logger.WarnContext(ctx, "store is within reach again", "after", now.Sub(before.Away))
		}
		return
	}
	next := before
	next.Why = err.Error()
	if before.Away.IsZero() {
		next.Away = now
		s.options.Logger.WarnContext(ctx, "store is out of reach: serving the copy", "as of", before.Looked, "error", err)
	}
	s.status.Store(&next)
}
