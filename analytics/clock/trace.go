package clock

import (
	"fmt"
	"strings"
	"time"
)

// A Trace says why a deadline is what it is. Times are in the calendar's zone.
type Trace struct {
	Calendar string    `json:"calendar"`
	Version  string    `json:"version"`
	Zone     string    `json:"zone"`
	Limit    Limit     `json:"limit"`
	Start    time.Time `json:"start"`
	// Deadline is zero if the clock is paused without an end.
	Deadline time.Time `json:"deadline,omitzero"`
	// Steps follow each other without gaps from Start to Deadline. The durations
	// of those that count add up to the limit.
	Steps []Step `json:"steps"`
}

// A Step is a stretch of time that was counted or skipped throughout.
type Step struct {
	From time.Time `json:"from"`
	// To is zero in a pause without an end.
	To      time.Time `json:"to,omitzero"`
	Counted bool      `json:"counted"`
	// Duration is what the step counts, in nanoseconds in JSON; zero if it is
	// skipped. A day that is counted at its end counts as a whole.
	Duration time.Duration `json:"duration_ns"`
	// Total is what has been counted up to the end of the step.
	Total time.Duration `json:"total_ns"`
	// Rule is why, such as "holiday 春节 (file of 2026)".
	Rule string `json:"rule"`
}

// String returns the trace for people: a line on the whole and one for each step.
func (t Trace) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s ", t.Limit, stamp(t.Start))
	if t.Deadline.IsZero() {
		b.WriteString("have no end yet")
	} else {
		fmt.Fprintf(&b, "end %s", stamp(t.Deadline))
	}
	fmt.Fprintf(&b, " (calendar %s", t.Calendar)
	if t.Version != "" {
		fmt.Fprintf(&b, ", version %s", t.Version)
	}
	fmt.Fprintf(&b, ", %s)\n", t.Zone)
	for _, s := range t.Steps {
		until := "open"
		if !s.To.IsZero() {
			until = stamp(s.To)
		}
		what := "skipped"
		if s.Counted {
			what = "+" + s.Duration.String()
		}
		fmt.Fprintf(&b, "%s to %s  %-10s = %-10s %s\n", stamp(s.From), until, what, s.Total, s.Rule)
	}
	return b.String()
}

// stamp writes a time with its day of the week and its offset, and seconds only
// where there are any.
func stamp(t time.Time) string {
	layout := "Mon 2006-01-02 15:04 -0700"
	if t.Second() != 0 || t.Nanosecond() != 0 {
		layout = "Mon 2006-01-02 15:04:05.999999 -0700"
	}
	return t.Format(layout)
}
