package indicator

import (
	"fmt"
	"maps"
	"slices"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// timing is the clock of a definition, by the columns it reads and makes.
type timing struct {
	Timing
	prefix   string // begins the names of derived columns
	elapsed  string // Int column: microseconds on the clock until stop, or until the moment of judgement
	deadline string // Time column; "" where the record has it
	// from and to are Time columns whose distance is the time on the clock.
	from, to string
	unit     clock.Unit // in which the clock runs where no limit says it
	// relative says that from and to tell the time as a part of the limit.
	relative bool

	record string                 // column with the deadline; "" for none
	within *clock.Limit           // of every case; nil for none
	by     string                 // column with limits of their own
	table  map[string]clock.Limit // by word
}

// limitBucket is the bucket whose upper bound stands for the limit where times
// are told as parts of it.
const limitBucket stats.Bucket = 1137

// compileClock reads the clock. nth tells the columns of one definition from
// those of another.
func (c *Compiled) compileClock(s Surroundings, nth int) error {
	t := &c.timing
	t.prefix = fmt.Sprintf("indicator_%d", nth)
	t.HasStatus = c.dataset() == data.Incidents
	t.Start, t.Stop = data.EventTime(c.dataset()), "closed_at"
	if c.dataset() == data.Inspections {
		t.Stop = "rectified_at"
	}
	if c.dataset() == data.Resources {
		t.Start, t.Stop = "valid_from", "valid_to"
	}
	if c.Clock == nil {
		return nil
	}
	if err := c.compileEvents(); err != nil {
		return err
	}
	if c.Clock.Calendar != "" {
		calendar, err := s.Library.Calendar(c.Clock.Calendar)
		if err != nil {
			return c.fail("clock.calendar", "%v", err)
		}
		c.calendar = calendar
	}
	if err := c.compileLimit(s.Hierarchy); err != nil {
		return err
	}
	if err := c.compileUnit(); err != nil {
		return err
	}
	t.relative = c.survives()
	plain := c.calendar == nil && len(c.Clock.Pauses) == 0 && t.StopCounts == nil
	t.from, t.to = t.Start, t.Stop
	if !plain || t.relative {
		t.from, t.to = t.prefix+"_from", t.prefix+"_to"
	}
	t.elapsed = t.prefix + "_elapsed"
	if t.record != "" && c.Clock.Extension != "replaces" {
		t.Due = t.record
		return nil
	}
	if t.record != "" || t.within != nil || t.table != nil {
		t.deadline = t.prefix + "_deadline"
		t.Due = t.deadline
	}
	return nil
}

// clockColumns returns the columns that pauses and extensions are read from.
func (c *Compiled) clockColumns() (names []string) {
	if c.Clock == nil {
		return nil
	}
	if len(c.Clock.Pauses) > 0 {
		names = append(names, "pauses")
	}
	if c.Clock.Extension == "replaces" {
		names = append(names, "extended_due_at")
	}
	return names
}

func (c *Compiled) compileEvents() error {
	columns := data.SchemaOf(c.dataset(), data.DefaultResolutions())
	for _, event := range []struct{ field, column string }{{"clock.start", c.Clock.Start}, {"clock.stop", c.Clock.Stop}} {
		if event.column == "" {
			continue
		}
		picked, err := data.Pick(columns, event.column)
		if err != nil {
			return c.fail(event.field, "%v", err)
		}
		if picked[0].Type != data.Time {
			return c.fail(event.field, "column %s is of type %s, want time", event.column, picked[0].Type)
		}
	}
	for _, needed := range c.clockColumns() {
		if _, err := data.Pick(columns, needed); err != nil {
			return c.fail("clock", "%s have no %s", c.dataset(), needed)
		}
	}
	c.timing.Start = or(c.Clock.Start, c.timing.Start)
	c.timing.Stop = or(c.Clock.Stop, c.timing.Stop)
	if c.Clock.StopCounts == "" {
		return nil
	}
	condition, err := compileCQL(c.Clock.StopCounts, c.dataset(), c.zone)
	if err != nil {
		return c.fail("clock.stop_counts", "%v", err)
	}
	c.timing.StopCounts = condition
	return nil
}

// compileUnit says in what the clock runs: that of the limit, unless told
// otherwise, and real time without one.
func (c *Compiled) compileUnit() error {
	t := &c.timing
	t.unit = clock.Second
	if t.within != nil {
		t.unit = t.within.Unit
	}
	if c.Clock.Unit != "" {
		unit, err := clock.ParseUnit(c.Clock.Unit)
		if err != nil {
			return c.fail("clock.unit", "%v", err)
		}
		t.unit = unit
	}
	if c.calendar != nil {
		return nil
	}
	limits := slices.AppendSeq([]clock.Limit{{Unit: t.unit}}, maps.Values(t.table))
	if t.within != nil {
		limits = append(limits, *t.within)
	}
	for _, l := range limits {
		if l.Unit == clock.WorkHour || l.Unit == clock.WorkDay {
			return c.fail("clock.calendar", "a clock in %ss needs a calendar", l.Unit)
		}
	}
	return nil
}

func (c *Compiled) compileLimit(h *data.Hierarchy) error {
	l, t := c.Clock.Limit, &c.timing
	if l == nil {
		return nil
	}
	columns := data.SchemaOf(c.dataset(), data.DefaultResolutions())
	if l.Record != "" {
		picked, err := data.Pick(columns, l.Record)
		if err != nil || picked[0].Type != data.Time {
			return c.fail("clock.limit.record", "%q is no time column of %s", l.Record, c.dataset())
		}
		t.record = l.Record
		return nil
	}
	if l.Within != "" {
		limit, err := clock.ParseLimit(l.Within)
		if err != nil {
			return c.fail("clock.limit.within", "%v", err)
		}
		t.within = &limit
	}
	if l.By == "" {
		return nil
	}
	picked, err := data.Pick(columns, l.By)
	if err != nil || picked[0].Type != data.Code {
		return c.fail("clock.limit.by", "%q is no column of words of %s", l.By, c.dataset())
	}
	t.by, t.table = l.By, map[string]clock.Limit{}
	for _, word := range slices.Sorted(maps.Keys(l.Table)) {
		limit, err := clock.ParseLimit(l.Table[word])
		if err != nil {
			return c.fail("clock.limit.table", "%s: %v", word, err)
		}
		t.table[word] = limit
	}
	if l.By == "community" && h != nil {
		t.table = spread(t.table, h)
	}
	return nil
}

// spread gives every community below one with a limit the limit of the finest
// such community.
func spread(table map[string]clock.Limit, h *data.Hierarchy) map[string]clock.Limit {
	all := map[string]clock.Limit{}
	for code, limit := range table {
		all[code] = limit
		for _, below := range h.Within(code) {
			path := h.Path(below)
			for i := len(path) - 1; i >= 0; i-- {
				if _, ok := table[path[i]]; ok {
					all[below] = table[path[i]]
					break
				}
			}
		}
	}
	return all
}

// derives reports whether the definition needs columns that no store keeps.
func (c *Compiled) derives() bool {
	return c.timing.deadline != "" || c.timing.from != c.timing.Start && c.Clock != nil && c.kindWaits() ||
		c.measure.derived || len(c.measures()) > 0 || c.kind.Subjects
}

// kindWaits reports whether times on the clock are asked for.
func (c *Compiled) kindWaits() bool { return c.kind.Waits || c.timing.relative }

// reads returns the columns that derived ones are made of.
func (c *Compiled) reads() []string {
	t := &c.timing
	names := []string{t.Start, t.Stop}
	add := func(name string) {
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	add(t.record)
	add(t.by)
	add(c.measure.source)
	add(c.of.source)
	for _, name := range c.Subject {
		add(name)
	}
	for _, name := range c.clockColumns() {
		add(name)
	}
	for _, name := range data.ColumnsOf(t.StopCounts) {
		add(name)
	}
	return names
}
