package clock

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// A Pause is a time in which the clock stands still, such as a case that is
// suspended (挂账).
type Pause struct {
	// From is when the clock stops. It must be given.
	From time.Time
	// To is when the clock goes on. The zero time means not yet.
	To time.Time
	// Reason is for people, who read it in traces. It may be empty.
	Reason string
}

// forever is the end of what has none.
const forever = math.MaxInt64

// A stretch is a time in which the clock either runs or is paused throughout.
type stretch struct {
	from, to int64
	paused   bool
	reason   string // of the pauses, each once
}

// stretches returns the time from an instant on, forever, cut at the pauses.
// Pauses may come in any order and overlap; those that touch are one.
func (c *Calendar) stretches(from int64, pauses []Pause) ([]stretch, error) {
	paused := make([]stretch, 0, len(pauses))
	for i, p := range pauses {
		s, err := c.pause(p)
		if err != nil {
			return nil, fmt.Errorf("pause %d: %w", i+1, err)
		}
		if s.from = max(s.from, from); s.from < s.to {
			paused = append(paused, s)
		}
	}
	slices.SortStableFunc(paused, func(a, b stretch) int { return cmp.Compare(a.from, b.from) })
	list := make([]stretch, 0, 2*len(paused)+1)
	at := from
	for _, p := range paused {
		if n := len(list); n > 0 && p.from <= at && list[n-1].paused {
			last := &list[n-1]
			last.to = max(last.to, p.to)
			last.reason = joinReasons(last.reason, p.reason)
		} else {
			if at < p.from {
				list = append(list, stretch{from: at, to: p.from})
			}
			list = append(list, p)
		}
		at = list[len(list)-1].to
	}
	if at < forever {
		list = append(list, stretch{from: at, to: forever})
	}
	return list, nil
}

// pause returns a pause as a stretch.
func (c *Calendar) pause(p Pause) (stretch, error) {
	if p.From.IsZero() {
		return stretch{}, errors.New("it has no beginning")
	}
	s := stretch{to: forever, paused: true, reason: p.Reason}
	var err error
	if s.from, err = c.micros(p.From); err != nil {
		return stretch{}, err
	}
	if p.To.IsZero() {
		return s, nil
	}
	if s.to, err = c.micros(p.To); err != nil {
		return stretch{}, err
	}
	if s.to < s.from {
		return stretch{}, fmt.Errorf("from %s to %s: %w", c.show(p.From), c.show(p.To), ErrReversed)
	}
	return s, nil
}

// joinReasons appends a reason to others unless it is among them.
func joinReasons(reasons, more string) string {
	switch {
	case more == "" || slices.Contains(strings.Split(reasons, "; "), more):
		return reasons
	case reasons == "":
		return more
	}
	return reasons + "; " + more
}
