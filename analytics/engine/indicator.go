package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// indicator computes the indicator that the parameters name.
func (e *Engine) indicator(ctx context.Context, v *view, given map[string]string) (*analytics.Layer, error) {
	s, err := e.settle(ctx, v, given)
	if err != nil {
		return nil, err
	}
	a, err := s.view.compared(indicator.AnalysisOf(s.compiled), &s.request, s.compiled.Period, s.compiled.Zone())
	if err != nil {
		return nil, err
	}
	layer, err := e.run(ctx, a, s.request, s.view)
	if err != nil {
		return nil, uncovered(err, s.compiled.Definition)
	}
	tellDefinition(layer, s)
	return layer, nil
}

// A settled request for an indicator says which version is meant, of what.
type settled struct {
	compiled *indicator.Compiled
	library  library
	view     *view // of its dataset
	request  analytics.Request
	// aCase says that one case is asked about: of whatever period, unless one is
	// named, and whatever rows the definition may be shown for.
	aCase bool
}

// settle finds the version of an indicator that is asked for, or that is in
// force when the period ends.
func (e *Engine) settle(ctx context.Context, v *view, given map[string]string) (settled, error) {
	var s settled
	err := e.find(ctx, &s, v, given)
	return s, err
}

// find settles s for the version of an indicator that is meant.
func (e *Engine) find(ctx context.Context, s *settled, v *view, given map[string]string) error {
	values, err := analytics.ParseValues(Params(indicator.Analysis), given)
	if err != nil {
		return err
	}
	if name := values.Text(indicator.Named); name != "" && values.Text("from")+values.Text("to") != "" {
		return &analytics.ParamError{Name: indicator.Named, Value: name, Why: "it names the time, and so do from and to: give one of them"}
	}
	var state analytics.Request
	if state.AsOf, err = v.instant(values, "as-of", v.horizon); err != nil {
		return err
	}
	if err := v.state(&state, values); err != nil {
		return err
	}
	if s.library, err = e.library(ctx, state.Recorded); err != nil {
		return err
	}
	shown := e.shown(s.library)
	definition, err := choose(shown, values, time.Time{})
	if err != nil {
		return err
	}
	if err := e.prepare(ctx, s, v, definition, time.Time{}, given); err != nil {
		return err
	}
	end := s.request.To.Add(-time.Microsecond).In(s.compiled.Zone())
	inForce, err := choose(shown, values, end)
	if err != nil || inForce == definition && len(definition.Items) == 0 {
		return err
	}
	return e.prepare(ctx, s, v, inForce, end, given)
}

// choose returns the version that is asked for by number, or the one that is in
// force at a moment, the zero time being the end of days.
func choose(l *indicator.Library, values analytics.Values, at time.Time) (*indicator.Definition, error) {
	code, number, pinned := strings.Cut(values.Text(indicator.Code), "@")
	version := 0
	switch given := values.Text(indicator.Version) != ""; {
	case given:
		version = values.Int(indicator.Version)
		if pinned && number != strconv.Itoa(version) {
			return nil, &analytics.ParamError{Name: indicator.Version, Value: strconv.Itoa(version), Why: "the indicator is asked for as " + values.Text(indicator.Code)}
		}
	case pinned:
		var err error
		if version, err = strconv.Atoi(number); err != nil {
			return nil, &analytics.ParamError{Name: indicator.Code, Value: values.Text(indicator.Code), Why: "want CODE or CODE@VERSION"}
		}
	}
	if version > 0 {
		d, err := l.Version(code, version)
		if err != nil {
			return nil, &analytics.ParamError{Name: indicator.Version, Value: strconv.Itoa(version), Why: err.Error(), Err: data.ErrNotFound}
		}
		return d, nil
	}
	d, err := l.InForce(code, at)
	if err != nil {
		why := strings.TrimPrefix(err.Error(), fmt.Sprintf("indicator %q: ", code))
		return nil, &analytics.ParamError{Name: indicator.Code, Value: code, Why: why, Err: data.ErrNotFound}
	}
	return d, nil
}

// prepare makes the request for one version, made of what is in force at a
// moment, the zero time being the end of days.
func (e *Engine) prepare(ctx context.Context, s *settled, v *view, d *indicator.Definition, at time.Time, given map[string]string) (err error) {
	s.view = v
	if d.Counts() != v.dataset {
		if s.view, err = e.look(ctx, d.Counts()); err != nil {
			return err
		}
	}
	around := indicator.Surroundings{Library: s.library.Library, Hierarchy: v.hierarchy, Zone: v.zone, At: at}
	if s.compiled, err = indicator.Compile(d, around); err != nil {
		return fmt.Errorf("indicator %s: %w", d.ID(), err)
	}
	a := indicator.AnalysisOf(s.compiled)
	if s.aCase {
		a.Window = untilNow(a.Window)
	}
	asked := attributed(d, given)
	if s.request, err = s.view.request(a, asked); err != nil {
		return err
	}
	if !s.aCase {
		if s.request, err = e.pastQuiet(ctx, s.view, a, asked, s.request); err != nil {
			return err
		}
	}
	s.view.reaches = s.compiled.Reaches(s.request.AsOf)
	if u := s.request.Unit; len(s.view.reaches) > 0 && u.IsCells() && u.Resolution > placesResolution {
		return &analytics.ParamError{Name: "res", Value: u.Resolution.String(), Why: fmt.Sprintf("access is told for places of resolution %d: ask for that or a coarser one", placesResolution)}
	}
	if s.aCase {
		return nil
	}
	return allowed(d, s.request.Unit)
}

// untilNow makes the window of a definition all time up to the present, unless a period is named.
func untilNow(window func(analytics.Values, analytics.Vantage) (from, to time.Time, err error)) func(analytics.Values, analytics.Vantage) (from, to time.Time, err error) {
	return func(values analytics.Values, seen analytics.Vantage) (from, to time.Time, err error) {
		if values.Text(indicator.Named) != "" {
			return window(values, seen)
		}
		return time.Unix(0, 0), seen.AsOf.Add(time.Microsecond), nil
	}
}

// attributed asks for the rows that the definition attributes facts to, unless
// others are asked for.
func attributed(d *indicator.Definition, given map[string]string) map[string]string {
	if given["level"] != "" || given["res"] != "" || d.Attribution == "" || d.Attribution == "where" {
		return given
	}
	asked := maps.Clone(given)
	if asked == nil {
		asked = map[string]string{}
	}
	asked["level"] = d.Attribution
	return asked
}

// allowed tests whether the definition may be shown for such rows.
func allowed(d *indicator.Definition, u analytics.Unit) error {
	name, param := string(u.Level), "level"
	if u.IsCells() {
		name, param = "cell", "res"
	}
	if len(d.Levels) == 0 || u.IsParty() || slices.Contains(d.Levels, name) {
		return nil
	}
	return &analytics.ParamError{Name: param, Value: u.String(), Why: fmt.Sprintf("%s is declared for %s only", d.ID(), strings.Join(d.Levels, ", "))}
}

// uncovered tells a calendar that has no data for the time of the facts as what
// it is: the fault of the indicator that was chosen, not of the program.
func uncovered(err error, d *indicator.Definition) error {
	if gap := (*clock.NoDataError)(nil); errors.As(err, &gap) {
		return &analytics.ParamError{Name: indicator.Code, Value: d.Code, Why: gap.Error(), Err: gap}
	}
	return err
}

// tellDefinition says by what the layer was computed, and since when that is in
// force.
func tellDefinition(layer *analytics.Layer, s settled) {
	c := s.compiled
	layer.Provenance.Indicator = c.ID()
	layer.Provenance.Definition = c.Digest()
	layer.Provenance.Calendar = c.CalendarID()
	layer.Names, layer.Doc = c.Name, c.Description
	layer.Summary = append(layer.Summary, analytics.Item{Key: "in_force", Title: "In force", Value: c.Effective.String()})
	if at, ok := s.library.published[c.ID()]; ok {
		layer.Summary = append(layer.Summary, analytics.Item{Key: "published", Title: "Published in this store", Value: at.In(s.view.zone).Format(time.RFC3339)})
	}
	layer.Reference = "No standard is named"
	if c.Source.Note != "" {
		layer.Reference = strings.TrimSuffix(c.Source.Note, ".")
	}
	if kind, err := indicator.KindOf(c.Kind); err == nil && kind.Reference != "" {
		layer.Reference += "; method: " + kind.Reference
	}
	if source := c.Source; source.Standard != "" {
		layer.Reference = strings.TrimSpace(source.Standard + " " + source.Clause)
		if source.Note != "" {
			layer.Reference += " (" + source.Note + ")"
		}
	}
}
