package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/targeting"
	"github.com/civgrid/civgrid/data"
)

// yieldLevel is the level of the intervals of what is expected of a stop.
const yieldLevel = 0.9

// recentWeeks is which reports count as recent.
const recentWeeks = 4

// PlanParams returns the parameters of a plan.
func PlanParams() []analytics.Param { return append(cellsOnly("from", "to"), planParams()...) }

func planParams() []analytics.Param {
	word := func(name, title, otherwise, unit, doc string) analytics.Param {
		return analytics.Param{Name: name, Title: title, Kind: analytics.Word, Default: otherwise, Unit: unit, Doc: doc}
	}
	return []analytics.Param{
		word("start", "where the inspector sets out", "", "LON,LAT", "Longitude and latitude, WGS 84. It must be given."),
		word("date", "day of the plan", "", "date", "In the city's time zone. Nothing that happened later is used; see known. Default: the day after the last report."),
		word("begin", "time of day to set out", "09:00", "HH:MM", ""),
		{Name: "capacity", Title: "stops at most", Kind: analytics.Integer, Default: "20", Min: 1, Max: 200},
		{Name: "minutes", Title: "time there is", Kind: analytics.Number, Default: "240", Min: 1, Max: 1440, Unit: "min"},
		word("service", "time at each stop", "10min", "time", ""),
		word("speed", "speed on the way", "4.5km/h", "speed", "Ways are straight lines, longer by the detour; no map of streets is used."),
		{Name: "detour", Title: "length of the way by the straight line", Kind: analytics.Number, Default: "1.3", Min: 1, Max: 10},
		{Name: "return", Title: "end where it started", Kind: analytics.Switch, Default: "false"},
		{
			Name: "explore", Title: "share of stops drawn by lot", Kind: analytics.Number, Default: "0.1", Min: 0, Max: 1,
			Doc: "Of as many stops as there would be time for without; at least one, unless it is 0. They are drawn from the cells near the way, see explore-minutes, each with the same chance, whatever is expected there; one that does not fit into the time beside the others drawn is put back. What is found there says how things are where nobody reports; they are labelled, so that the record can be read as a sample of those cells.",
		},
		{
			Name: "explore-minutes", Title: "by how much a drawn stop makes the day longer at most", Kind: analytics.Number, Min: 0, Max: 2880, Unit: "min",
			Doc: "The stop itself and the way to it and on, from the way that was found without. Which cells are near the way follows from it. Default: what a stop takes on average without, ways included, so that the share of the stops is about one of the time. With twice as much as minutes, every cell in reach can be drawn.",
		},
		word("revisit", "for how long an inspected cell rests", "14d", "time", ""),
		word("ahead", "for how long reports are expected", "7d", "time", ""),
		knownParam(knownReported), // of the present nothing comes from the future
		{Name: "seed", Title: "selects what is drawn", Kind: analytics.Integer, Default: "1", Min: 0, Max: 1 << 31},
	}
}

// A planner makes one itinerary.
type planner struct {
	engine  *Engine
	view    *view
	request analytics.Request
	frame   *analytics.Frame
	people  []float64
	// day is when the day of the plan begins, and what was known then is used.
	day       time.Time
	it        *analytics.Itinerary
	forecasts []targeting.Forecast // by cell, of the days of the itinerary
	before    []targeting.Forecast // by cell, of the recent weeks as they were expected
	seen      []evidence
}

// Plan makes the itinerary of a day: the cells where most reports are to be
// expected that can be visited in the time there is, a share of them drawn by
// lot, with what speaks for each. Parameters are given as text, by the names of
// [PlanParams]. Errors are those of Run.
func (e *Engine) Plan(ctx context.Context, given map[string]string) (it *analytics.Itinerary, err error) {
	if err := e.refuseOpen("plan inspections"); err != nil {
		return nil, err
	}
	if _, err := analytics.ParseValues(PlanParams(), given); err != nil {
		return nil, err
	}
	err = e.steadily(ctx, func() error {
		it, err = e.tryPlan(ctx, given)
		return err
	})
	return it, err
}

func (e *Engine) tryPlan(ctx context.Context, given map[string]string) (*analytics.Itinerary, error) {
	v, err := e.look(ctx, data.Incidents)
	if err != nil {
		return nil, err
	}
	p := &planner{engine: e, view: v, it: &analytics.Itinerary{Level: yieldLevel, Zone: v.zone.String(), Caveats: []string{}}}
	if p.request, err = v.request(analytics.Analysis{Name: "plan", Params: planParams()}, given); err != nil {
		return nil, err
	}
	if err := p.settings(); err != nil {
		return nil, err
	}
	area, err := e.area(ctx, v, p.request)
	if err != nil {
		return nil, err
	}
	if p.frame = area.frame; p.frame.Len() == 0 {
		return nil, errNoCells
	}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{{"learning", p.learn}, {"looking", p.look}, {"routing", p.route}} {
		e.tell(ctx, step.what, 0, 0)
		if err := step.do(ctx); err != nil {
			return nil, err
		}
	}
	p.it.Provenance = provenance(p.request, v, p.frame)
	return p.it, nil
}

// settings reads the parameters.
func (p *planner) settings() (err error) {
	values, it := p.request.Params, p.it
	if it.Start, err = point(values, "start"); err != nil {
		return err
	}
	s := &it.Settings
	*s = analytics.ItinerarySettings{
		Capacity: values.Int("capacity"), Minutes: values.Number("minutes"), Detour: values.Number("detour"), Explore: values.Number("explore"),
		Recent: 7 * recentWeeks, Seed: uint64(values.Int("seed")), Known: values.Text("known"),
	}
	it.Return = values.On("return")
	for _, q := range []struct {
		name  string
		units []quantityUnit
		to    *float64
	}{
		{"service", minuteUnits[:], &s.Service},
		{"speed", speedUnits[:], &s.Speed},
		{"revisit", dayUnits[:], &s.Revisit},
		{"ahead", dayUnits[:], &it.Days},
	} {
		if *q.to, err = quantity(values, q.name, q.units); err != nil {
			return err
		}
	}
	if s.ExploreMinutes, err = exploreMinutes(values, s.Service); err != nil {
		return err
	}
	if s.Speed == 0 {
		return &analytics.ParamError{Name: "speed", Value: values.Text("speed"), Why: "nobody gets anywhere at that"}
	}
	if it.Days == 0 {
		return &analytics.ParamError{Name: "ahead", Value: values.Text("ahead"), Why: "want some time in which to expect reports"}
	}
	return p.times()
}

// times reads the day and the time of day.
func (p *planner) times() error {
	zone := p.view.zone
	last := p.view.last.In(zone) // what is closed late does not make the city report
	at, err := p.view.instant(p.request.Params, "date", analytics.DayStart(last.Year(), last.Month(), last.Day()+1, zone))
	if err != nil {
		return err
	}
	p.day = startOfDay(at.In(zone))
	text := p.request.Params.Text("begin")
	clock, err := time.Parse("15:04", text)
	if err != nil {
		return &analytics.ParamError{Name: "begin", Value: text, Why: "want a time of day such as 09:00"}
	}
	p.it.Begin = time.Date(p.day.Year(), p.day.Month(), p.day.Day(), clock.Hour(), clock.Minute(), 0, 0, zone)
	// Nothing after the day begins is known, nor looked at.
	p.request.To = p.day.UTC()
	p.request.AsOf = p.day.Add(-time.Microsecond).UTC()
	return nil
}

// learn ranks the cells by the reports of whole weeks before the day.
func (p *planner) learn(ctx context.Context) error {
	cuts := weeksBefore(p.request.From, p.day, p.view.zone)
	last := len(cuts) - 1
	switch first := p.view.first.In(p.view.zone); {
	case !first.Before(p.day):
		return p.wrongDate("no report is known before it: the first is of %s", first.Format(time.DateOnly))
	case last < leastHistory:
		return p.wrongDate("%d whole weeks of data lie before it, want %d", max(last, 0), leastHistory)
	}
	area, err := p.engine.targetArea(ctx, p.view, p.frame)
	if err != nil {
		return err
	}
	course, err := p.engine.follow(ctx, p.request, p.frame, cuts, p.it.Settings.Known)
	if err != nil {
		return err
	}
	p.people, p.seen = area.People, make([]evidence, p.frame.Len())
	rate := targeting.NewRate(area, inPeriods(halfLives(), analytics.Weekly))
	err = targeting.Replay(ctx, area, course.known, last, []targeting.Ranker{rate}, func(week int) error {
		p.engine.tell(ctx, "learning", week, last)
		if week == last-recentWeeks {
			p.before = forecasts(rate, recentWeeks)
		}
		return nil
	})
	if err != nil {
		return err
	}
	latest := int32(-1) // week of which a report is known
	for _, e := range course.known {
		if int(e.Known) <= last {
			p.seen[e.Row].reports++
			if int(e.Period) >= last-recentWeeks {
				p.seen[e.Row].recent++
			}
			latest = max(latest, e.Period)
		}
	}
	if latest < 0 {
		return p.wrongDate("none of the reports asked for is known of the %d weeks before it", last)
	}
	p.warnOfOld(last-1-int(latest), cuts[latest])
	p.forecasts = forecasts(rate, p.it.Days/7)
	p.it.HalfLife, p.it.Steps = rate.Chosen()
	p.request.From = cuts[0].UTC()
	return nil
}

// wrongDate says why there can be no plan for the day.
func (p *planner) wrongDate(format string, args ...any) error {
	return &analytics.ParamError{Name: "date", Value: p.day.Format(time.DateOnly), Why: fmt.Sprintf(format, args...)}
}

// warnOfOld says so where a plan rests on old reports: where none is recent, or
// where there are none of anything for more than a week before the day. quiet
// weeks lie after that which began at latest.
func (p *planner) warnOfOld(quiet int, latest time.Time) {
	if quiet < recentWeeks && (quiet < 1 || p.day.Sub(p.view.last).Hours() <= 7*24) {
		return
	}
	p.it.Caveats = append(p.it.Caveats, fmt.Sprintf(
		"The plan rests on old reports: none is known of the %d days before, and the latest are of the week from %s. Weeks of which nothing is known count as weeks without reports, so few are expected.",
		7*quiet, latest.Format(time.DateOnly)))
}

// forecasts returns what a ranker expects of so many weeks.
func forecasts(rate *targeting.Rate, weeks float64) []targeting.Forecast {
	var all []targeting.Forecast
	for _, f := range rate.Forecasts() {
		all = append(all, f.Times(weeks))
	}
	return all
}

// weeksBefore returns the beginnings of the whole weeks between a moment and the
// beginning of a day, and that day's own.
func weeksBefore(from, day time.Time, zone *time.Location) []time.Time {
	weeks := 0
	back := func(n int) time.Time { return analytics.DayStart(day.Year(), day.Month(), day.Day()-7*n, zone) }
	for !back(weeks + 1).Before(from) {
		weeks++
	}
	var cuts []time.Time
	for n := weeks; n >= 0; n-- {
		cuts = append(cuts, back(n))
	}
	return cuts
}
