package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/clusters"
	"github.com/civgrid/civgrid/analytics/engine"
)

// restFactor is how many times longer than it took to look a watch rests: facts
// that trickle in do not keep the machine busy.
const restFactor = 10

// staleAfter is how old the last fact may be before a watch says that it sees
// nothing newer.
const staleAfter = 48 * time.Hour

// errUntaken reports alerts that the webhook did not take.
var errUntaken = errors.New("not taken by the webhook")

// A sighting is what one look came to.
type sighting struct {
	version string    // of the data
	last    time.Time // that was looked at
	Until   string    `json:"until"` // last day that was looked at
	Going   int       `json:"going"` // surges that go on, new ones included
	Alerts  []event   `json:"alerts"`
	Waiting int       `json:"waiting"` // alerts that the webhook has not taken
}

// once looks once.
func (w *watch) once(ctx context.Context) error {
	state, err := w.remembered()
	if err != nil {
		return err
	}
	defer state.close()
	seen, err := w.look(ctx, state, "")
	if err != nil && !errors.Is(err, errUntaken) {
		return err
	}
	if w.p.json {
		w.p.answer(seen)
	} else {
		w.tellQuiet(seen)
	}
	w.warnOfAge(seen)
	if err != nil {
		return &codedError{code: exitFailure, err: err, hint: "the next look posts them again"}
	}
	return nil
}

// remembered returns what is remembered, for a dry run without holding the file.
func (w *watch) remembered() (*alertState, error) {
	if !w.dryRun {
		return openState(w.state)
	}
	alerts, err := readState(w.state)
	return &alertState{path: w.state, alerts: alerts}, err
}

// follow looks until ctx ends, which is no error.
func (w *watch) follow(ctx context.Context) error {
	state, err := openState(w.state)
	if err != nil {
		return err
	}
	defer state.close()
	w.p.tell("watching since %s; Ctrl-C ends", w.stamp())
	version, trouble, due, looked := "", "", w.p.now(), false
	for ctx.Err() == nil {
		began := w.p.now()
		if !began.Before(due) {
			version = "" // look whatever is new
		}
		seen, err := w.look(ctx, state, version)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, errUntaken):
			w.p.tell("%s ✗ %v; the next look posts them again", w.stamp(), err)
			err = nil
		case isHopeless(err), err != nil && !looked:
			return err
		case err != nil && trouble != troubleOf(err):
			trouble = troubleOf(err)
			w.p.tell("%s ✗ %v; trying again", w.stamp(), err)
		}
		if err == nil {
			if trouble = ""; seen.version != version {
				w.tellQuiet(seen)
				w.warnOfAge(seen)
				version, due, looked = seen.version, began.Add(w.every), true
			}
		}
		pause(ctx, w.rest(began, due))
	}
	return nil
}

// rest returns how long to wait after a look that began at a moment, where the
// next is due at another at the latest.
func (w *watch) rest(began, due time.Time) time.Duration {
	now := w.p.now()
	wait := max(restFactor*now.Sub(began), w.glance)
	if left := due.Sub(now); left > 0 {
		wait = min(wait, left)
	}
	return wait
}

// look looks at the store, unless it is of the version known already, and tells
// and posts what is new. The error is errUntaken where all but the posting was
// done.
func (w *watch) look(ctx context.Context, state *alertState, known string) (sighting, error) {
	seen, found, err := w.surges(ctx, known)
	if err != nil || seen.version == known {
		return seen, err
	}
	seen.Going, seen.Alerts = len(found), []event{}
	source := w.p.config.get("base-url")
	if source == "" {
		source = eventSource
	}
	for _, s := range found {
		if state.knows(w.asked, s) {
			continue
		}
		e := s.event(source, w.asked, w.p.now())
		state.add(w.asked, e, w.hook != nil)
		seen.Alerts = append(seen.Alerts, e)
		if !w.p.json {
			w.sayAlert(s)
		}
	}
	if w.dryRun {
		return seen, nil
	}
	if last, err := time.Parse(time.DateOnly, seen.Until); err == nil {
		for _, e := range state.forget(last.AddDate(0, 0, -w.days).Format(time.DateOnly)) {
			w.p.tell("✗ the alert of %s was never taken by the webhook and is dropped: %s", e.Time, e.Data.tell())
		}
	}
	if err := state.save(); err != nil {
		return seen, err
	}
	seen.Waiting, err = w.deliver(ctx, state)
	return seen, err
}

// surges returns the surges of the last days that chance does not explain, unless
// the store is of the version known already.
func (w *watch) surges(ctx context.Context, known string) (seen sighting, found []surge, err error) {
	store, err := w.p.openToGlance(ctx)
	if err != nil {
		return seen, nil, err
	}
	defer store.Close()
	meter := w.p.meter("watch", "simulations")
	defer meter.done()
	e := engine.New(store, engine.Options{Now: w.p.now, Progress: func(_ string, done, of int) { meter.at("simulating", int64(done), int64(of), "") }})
	if seen.version, err = e.Version(ctx); err != nil || seen.version == known {
		return seen, nil, err
	}
	values, err := w.period(ctx, e)
	if err != nil {
		return seen, nil, err
	}
	layer, err := e.Run(ctx, clusters.Analysis.Name, values)
	if err != nil {
		return seen, nil, err
	}
	seen.of(layer.Provenance)
	found = surges(layer, w.alpha, w.every)
	if base := w.p.config.get("base-url"); base != "" {
		for i := range found {
			found[i].Link = found[i].linkTo(base, values)
		}
	}
	return seen, found, nil
}

// of notes what a layer was made of: the last moment is the earlier of the end of
// its period and that as of which things are known.
func (s *sighting) of(from analytics.Provenance) {
	s.version, s.last = from.DataVersion, from.To.Add(-time.Microsecond)
	if from.AsOf.Before(s.last) {
		s.last = from.AsOf
	}
	if zone, err := time.LoadLocation(from.Zone); err == nil { // the engine has loaded it
		s.last = s.last.In(zone)
	}
	s.Until = s.last.Format(time.DateOnly)
}

// period returns the parameters of the analysis for the days up to the last with
// facts.
func (w *watch) period(ctx context.Context, e *engine.Engine) (map[string]string, error) {
	settings, err := e.Settings(ctx)
	if err != nil {
		return nil, err
	}
	zone, err := settings.Location()
	if err != nil {
		return nil, fmt.Errorf("time zone of the store: %w", err)
	}
	_, first, last, err := e.Extent(ctx)
	if err != nil {
		return nil, err
	}
	if now := w.p.now(); now.Before(last) {
		last = now // what is dated later is not known to be so
	}
	from := last.In(zone).AddDate(0, 0, 1-w.history)
	if from.Before(first) {
		from = first.In(zone)
	}
	values := maps.Clone(w.given)
	maps.Copy(values, map[string]string{
		"from": from.Format(time.DateOnly), "step": analytics.Daily, "when": "now", "longest": strconv.Itoa(w.days),
	})
	return values, nil
}

// deliver posts the alerts that wait to be, and returns how many still do. Where
// the receiver cannot be reached the others are not tried.
func (w *watch) deliver(ctx context.Context, state *alertState) (waiting int, err error) {
	var failed error
	for i := range state.alerts {
		a := &state.alerts[i]
		if !a.Waiting {
			continue
		}
		waiting++
		if w.hook == nil || failed != nil && !errors.Is(failed, errRefused) {
			continue
		}
		body, err := json.Marshal(a.Event)
		if err != nil {
			return waiting, fmt.Errorf("write alert %s: %w", a.Event.ID, err)
		}
		if err := w.hook.send(ctx, a.Event.ID, body); err != nil {
			if ctx.Err() != nil {
				return waiting, err
			}
			failed = err
			continue
		}
		a.Waiting = false
		waiting--
		if err := state.save(); err != nil {
			return waiting, err
		}
	}
	if failed != nil {
		return waiting, fmt.Errorf("%s %w: %w", counted(waiting, "alert"), errUntaken, failed)
	}
	return waiting, nil
}

// sayAlert prints an alert.
func (w *watch) sayAlert(s surge) {
	w.p.say("! surge at %s", s.tell())
	if s.Link != "" {
		w.p.say("  %s", s.Link)
	}
}

// tellQuiet tells that a look was taken.
func (w *watch) tellQuiet(seen sighting) {
	w.p.tell("%s ✓ looked up to %s: %s, %s", w.stamp(), seen.Until, counted(len(seen.Alerts), "new surge"), counted(seen.Going-len(seen.Alerts), "known one"))
}

// warnOfAge tells that the last report is old.
func (w *watch) warnOfAge(seen sighting) {
	if w.p.now().Sub(seen.last) > max(staleAfter, w.every) {
		w.p.warn("the last report is of %s: what happened since cannot be seen", seen.Until)
	}
}

// stamp is the time of a line.
func (w *watch) stamp() string { return w.p.now().Format(time.DateTime) }
