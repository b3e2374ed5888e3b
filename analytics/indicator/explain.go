package indicator

import (
	"errors"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// An Explanation says how one fact is judged and why its deadline is what it is.
type Explanation struct {
	Indicator string    `json:"indicator"`
	AsOf      time.Time `json:"as_of"`
	Start     time.Time `json:"start,omitzero"`
	Stop      time.Time `json:"stop,omitzero"` // zero while open
	Deadline  time.Time `json:"deadline,omitzero"`
	// Began and Ended name the columns of Start and Stop.
	Began string `json:"began"`
	Ended string `json:"ended"`
	// Rule says where the deadline comes from.
	Rule string `json:"rule"`
	// Trace is each interval counted or skipped; nil where the record has the
	// deadline.
	Trace *clock.Trace `json:"trace,omitempty"`
	// Elapsed is the time on the clock, in seconds, until the stop or the moment
	// of judgement.
	Elapsed float64 `json:"elapsed_s"`
	// Gap says why Elapsed cannot be told; "" if it can.
	Gap  string `json:"gap,omitempty"`
	Unit string `json:"unit"` // in which that clock runs, such as work_hour
	// Applies says whether the fact has to do with the indicator at all, Member
	// whether it belongs to the period from From to To, half open, by the column By.
	Applies bool      `json:"applies"`
	Member  bool      `json:"member"`
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	By      string    `json:"by"`
	// Population is the one the fact is in, and Counts what it counts as.
	Population string `json:"population"`
	Counts     string `json:"counts"`
}

// ErrNoClock says that an indicator has no clock, so that there is no deadline
// to explain.
var ErrNoClock = errors.New("the indicator has no clock")

// Explain explains the judgement of one fact, the only row of a batch with all
// columns of its dataset and those that are derived.
func (c *Compiled) Explain(fact data.Batch, r analytics.Request) (Explanation, error) {
	x := Explanation{
		Indicator: c.ID(), AsOf: r.AsOf.In(c.zone), Began: c.timing.Start, Ended: c.timing.Stop,
		From: r.From.In(c.zone), To: r.To.In(c.zone), By: c.by(),
	}
	if c.Clock == nil {
		return x, fmt.Errorf("%s: %w", c.ID(), ErrNoClock)
	}
	k, ok := newReader(c, fact, r.AsOf).at(0)
	if !ok {
		x.Rule = "the clock has not started: there is no " + c.timing.Start
		return x, nil
	}
	d := c.deriver(r.From, r.To, r.AsOf)
	if err := d.deadline(&k); err != nil {
		return x, err
	}
	x.Start, x.Stop, x.Deadline = k.start.In(c.zone), k.stop, k.deadline
	if !k.stop.IsZero() {
		x.Stop = k.stop.In(c.zone)
	}
	if !k.deadline.IsZero() {
		x.Deadline = k.deadline.In(c.zone)
	}
	x.Rule = c.rule(k)
	if k.limited && !k.given {
		trace, err := d.calendar.Explain(k.start, k.limit, k.pauses)
		if err != nil && !errors.Is(err, clock.ErrPaused) {
			return x, err
		}
		x.Trace = &trace
	}
	elapsed, ok, err := d.elapsed(k)
	gap := (*clock.NoDataError)(nil)
	switch {
	case errors.As(err, &gap):
		x.Gap = gap.Error()
	case err != nil:
		return x, err
	}
	if ok {
		x.Elapsed, x.Unit = elapsed.Seconds(), d.unit(k).String()
	}
	c.classify(&x, fact, r)
	return x, nil
}

// rule says where a deadline comes from.
func (c *Compiled) rule(k timedCase) string {
	l := c.Clock.Limit
	switch {
	case !k.limited:
		return "no limit applies to the case"
	case k.extended:
		return "a granted extension replaces it: extended_due_at"
	case k.given:
		return "the record says so: " + l.Record
	case l.By != "":
		return fmt.Sprintf("%s after %s, by %s", k.limit, c.timing.Start, l.By)
	}
	return fmt.Sprintf("%s after %s", k.limit, c.timing.Start)
}

// classify finds the population of a fact.
func (c *Compiled) classify(x *Explanation, fact data.Batch, r analytics.Request) {
	meets := func(condition data.Condition) bool { return data.Select(nil, fact, condition)[0] }
	x.Applies, x.Member = meets(c.where.at(r.AsOf)), meets(c.members(r))
	in := map[string]int64{}
	for _, p := range c.populations(r.AsOf) {
		if meets(p.Where) {
			in[p.Name] = 1
			if x.Population == "" {
				x.Population = p.Name
			}
		}
	}
	onTime, n := Share(c.policy(), c.NoLimit == "on_time", func(name string) int64 { return in[name] })
	switch {
	case !x.Applies:
		x.Counts = "not at all: the indicator does not apply to it"
	case !c.byPolicy():
		x.Counts = "see the definition"
	case n == 0:
		x.Counts = "not at all, under the open policy " + c.policy()
	case onTime > 0:
		x.Counts = data.VerdictOnTime
	default:
		x.Counts = data.VerdictLate
	}
}
