package indicator

import (
	"slices"
	"time"

	"github.com/civgrid/civgrid/data"
)

// known turns a condition into one as of a moment: an event later than that
// counts as missing.
func known(c data.Condition, asOf time.Time) data.Condition {
	later := func(column string) data.Condition {
		return data.Compare{Column: column, Op: data.Greater, Value: asOf}
	}
	switch c := c.(type) {
	case data.All:
		all := make(data.All, len(c))
		for i := range c {
			all[i] = known(c[i], asOf)
		}
		return all
	case data.Any:
		some := make(data.Any, len(c))
		for i := range c {
			some[i] = known(c[i], asOf)
		}
		return some
	case data.Not:
		return not(known(c.Condition, asOf))
	case data.Missing:
		if isEvent(c.Column) {
			return data.Any{c, later(c.Column)}
		}
	case data.Compare:
		if isEvent(c.Column) {
			return data.All{c, not(later(c.Column))}
		}
	case data.CompareColumns:
		all := data.All{c}
		for _, column := range []string{c.Left, c.Right} {
			if isEvent(column) {
				all = append(all, not(later(column)))
			}
		}
		return all
	}
	return c
}

// isEvent reports whether a column says when something happened to a case. A
// deadline is none: it is known beforehand.
func isEvent(column string) bool {
	return slices.Contains([]string{
		"reported_at", "accepted_at", "registered_at", "dispatched_at", "responded_at", "disposed_at", "checked_at", "closed_at",
		"inspected_at", "rectified_at", "rechecked_at",
	}, column)
}
