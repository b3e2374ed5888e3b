package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/targeting"
	"github.com/civgrid/civgrid/data"
)

// maxStates is how many former states of a store are looked at for what facts
// were at first.
const maxStates = 32

// KnownAs says how it was found out what was known at a cut-off.
type KnownAs struct {
	// Reports are those of the period in rows, as they are now.
	Reports int64 `json:"reports"`
	// Elsewhere are those that are in no row.
	Elsewhere int64 `json:"elsewhere"`
	// Undated are reports that do not say when they were last changed, and count as
	// known when they were reported.
	Undated int64 `json:"undated"`
	// Late are reports that count as not yet known at the end of the period they
	// were made in, as they were changed later.
	Late int64 `json:"late"`
	// Corrected are reports of which the store keeps an earlier form, which is the
	// one that counts as known.
	Corrected int64 `json:"corrected"`
}

// A sighting is a report as the store had it first.
type sighting struct {
	event   targeting.Event
	located bool // in a row
	dated   bool
}

// A course is the reports of a study area over periods.
type course struct {
	frame *analytics.Frame
	cuts  []time.Time // beginnings of periods, and the end of the last
	how   string      // from when on a report counts as known: a value of parameter known
	about KnownAs
	known []targeting.Event // as they were first known
	now   []targeting.Event // as they are
	first map[Fact]sighting // by former states of the store
}

// follow reads the reports between the first and the last of cuts, as they are
// now and as they were first known.
func (e *Engine) follow(ctx context.Context, r analytics.Request, f *analytics.Frame, cuts []time.Time, how string) (*course, error) {
	c := &course{frame: f, cuts: cuts, how: how, first: map[Fact]sighting{}}
	states, err := e.states(ctx, c)
	if err != nil {
		return nil, err
	}
	for i, s := range states {
		e.tell(ctx, "reading", i, len(states))
		if err := c.scan(ctx, s.source, r, func(fact Fact, seen sighting) {
			if how == knownRecorded {
				seen.event.Known = max(s.period, seen.event.Period+1)
			}
			if _, known := c.first[fact]; !known {
				c.first[fact] = seen
			}
		}); err != nil {
			return nil, err
		}
	}
	err = c.scan(ctx, e.store, r, c.settle)
	for _, s := range c.first { // of another category now, or in another period; order does not matter
		c.see(s)
		c.about.Corrected++
	}
	return c, err
}

// settle takes a report as it is now, and as it was first known.
func (c *course) settle(fact Fact, s sighting) {
	if s.located {
		c.about.Reports++
		c.now = append(c.now, s.event)
	} else {
		c.about.Elsewhere++
	}
	earlier, seen := c.first[fact]
	delete(c.first, fact)
	switch {
	case seen:
		if c.how == knownRecorded {
			s.event.Known = earlier.event.Known // of the store, not of the report
		}
		if s != earlier {
			c.about.Corrected++
		}
		s = earlier
	case c.how == knownRecorded:
		s.event.Known = int32(len(c.cuts)) // after the last cut-off
	}
	c.see(s)
}

// see counts a report among those that were known.
func (c *course) see(s sighting) {
	if !s.located {
		return
	}
	c.known = append(c.known, s.event)
	if !s.dated {
		c.about.Undated++
	}
	if s.event.Known > s.event.Period+1 {
		c.about.Late++
	}
}

// A state is what a store once held, and the period by whose beginning it did.
type state struct {
	source data.Source
	period int32
}

// states returns the source at every cut-off of a course since the store was
// given facts, or as it was before each import that replaced reports; oldest
// first. There are none where the store keeps no history.
func (e *Engine) states(ctx context.Context, c *course) ([]state, error) {
	historian, ok := e.store.(data.Historian)
	switch {
	case !ok && c.how == knownRecorded:
		return nil, &analytics.ParamError{Name: "known", Value: c.how, Why: "this store keeps no history"}
	case !ok || c.how == knownReported:
		return nil, nil
	}
	var states []state
	if c.how == knownRecorded {
		began, err := e.began(ctx)
		for i, at := range c.cuts {
			if !at.Before(began) {
				states = append(states, state{historian.AsOf(at), int32(i)})
			}
		}
		return states, err
	}
	imports, err := e.store.Imports(ctx)
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	var moments []time.Time
	for _, i := range imports {
		if i.Dataset == string(data.Incidents) && i.Changes.Replaced > 0 {
			moments = append(moments, i.Started)
		}
	}
	slices.SortFunc(moments, time.Time.Compare)
	for i, at := range moments {
		// Of too many states as many are left out between each two, the first never.
		if n := len(moments); n <= maxStates || i*maxStates/n != (i-1)*maxStates/n || i == 0 {
			states = append(states, state{source: historian.AsOf(at)})
		}
	}
	return states, nil
}

// scan calls see for every report of the periods in a source.
func (c *course) scan(ctx context.Context, source data.Source, r analytics.Request, see func(Fact, sighting)) error {
	column := data.CellColumn(c.frame.Unit.Resolution)
	r.From, r.To = c.cuts[0], c.cuts[len(c.cuts)-1]
	query := data.Query{
		Dataset: data.Incidents, Where: r.Member("reported_at"),
		Columns: []string{"source", "id", "reported_at", "updated_at", column, "lon", "lat"},
	}
	micros := make([]int64, len(c.cuts))
	for i, at := range c.cuts {
		micros[i] = at.UnixMicro()
	}
	for b, err := range source.Scan(ctx, query) {
		if err != nil {
			return fmt.Errorf("read reports: %w", err)
		}
		sources, ids, cells, valid := b.Codes("source"), b.Texts("id"), b.Cells(column), b.Valid(column)
		reported, updated, dated := b.Ints("reported_at"), b.Ints("updated_at"), b.Valid("updated_at")
		lon, lat := b.Floats("lon"), b.Floats("lat")
		for row := range b.Len() {
			s := sighting{dated: dated.At(row)}
			at := reported[row]
			s.event.Period = periodOf(micros, at)
			if c.how == knownUpdated && s.dated {
				at = max(at, updated[row])
			}
			s.event.Known = periodOf(micros, at) + 1
			if valid.At(row) {
				if at, found := slices.BinarySearch(c.frame.Cells, cells[row]); found {
					s.located = true
					s.event.Row, s.event.Lon, s.event.Lat = int32(at), lon[row], lat[row]
				}
			}
			see(Fact{sources.At(row), ids.At(row)}, s)
		}
	}
	return nil
}

// periodOf returns the number of the period that holds a moment, that after the
// last for later ones. Something known at the very moment of a cut-off was not
// known before it.
func periodOf(cuts []int64, at int64) int32 {
	i, _ := slices.BinarySearchFunc(cuts, at, func(cut, at int64) int { return cmp.Compare(cut, at+1) })
	return int32(i - 1)
}
