package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// A view is what a store says of itself at one moment.
type view struct {
	content    string // version of the store
	version    string // of all a layer is made of
	settings   data.Settings
	zone       *time.Location
	hierarchy  *data.Hierarchy
	boundaries string // version of the communities
	dataset    data.Dataset
	report     *data.Report // of the dataset; nil if there are none yet
	// first and last bound the facts.
	first, last time.Time
	now         time.Time // zero if not known
	horizon     time.Time // as of when cases are judged unless asked otherwise
	reaches     []indicator.Reach
	began       time.Time // when the store was first given facts; zero if it was not
}

func (e *Engine) look(ctx context.Context, d data.Dataset) (*view, error) {
	v := &view{dataset: d, now: e.present()}
	var err error
	if v.content, err = e.store.Version(ctx); err != nil {
		return nil, fmt.Errorf("read the data version: %w", err)
	}
	if v.settings, err = e.Settings(ctx); err != nil {
		return nil, err
	}
	if v.zone, err = v.settings.Location(); err != nil {
		return nil, fmt.Errorf("time zone of the store: %w", err)
	}
	if v.hierarchy, v.boundaries, err = e.hierarchyAt(ctx, v.content); err != nil {
		return nil, err
	}
	if v.report, err = e.report(ctx, d); err != nil {
		return nil, err
	}
	if v.began, err = e.began(ctx); err != nil {
		return nil, err
	}
	if v.report != nil {
		if err := e.time(ctx, v); err != nil {
			return nil, err
		}
	}
	v.version, err = e.versionOf(ctx, v.content, v.now)
	return v, err
}

// time says when the facts of a view are from, and until when things are known.
func (e *Engine) time(ctx context.Context, v *view) (err error) {
	reports := map[data.Dataset]*data.Report{v.dataset: v.report}
	for _, d := range []data.Dataset{data.Incidents, data.Inspections} {
		if d == v.dataset {
			continue
		}
		if reports[d], err = e.report(ctx, d); err != nil {
			return err
		}
	}
	span := spanOf(v.dataset, reports)
	v.first, v.last, v.horizon = span.First, span.Last, horizonOf(span, v.now)
	if span.Horizon.IsZero() && !v.now.IsZero() {
		v.first, v.last = v.horizon, v.horizon
	}
	return nil
}

// began returns when the first import of facts started.
func (e *Engine) began(ctx context.Context) (first time.Time, err error) {
	imports, err := e.store.Imports(ctx)
	if err != nil {
		return first, fmt.Errorf("read imports: %w", err)
	}
	for _, i := range imports {
		if first.IsZero() || i.Started.Before(first) {
			first = i.Started
		}
	}
	return first, nil
}

func (v *view) noFacts() error {
	return fmt.Errorf("%[1]s: %[2]w: none have been imported (civgrid import %[1]s FILE)", v.dataset, data.ErrNotFound)
}

// Settings returns the store's settings.
func (e *Engine) Settings(ctx context.Context) (data.Settings, error) {
	s, err := e.store.Settings(ctx)
	if err != nil {
		return s, fmt.Errorf("read settings: %w", err)
	}
	if len(s.Resolutions) == 0 {
		s.Resolutions = data.DefaultResolutions()
	}
	return s, nil
}

// Hierarchy returns the communities of the store.
func (e *Engine) Hierarchy(ctx context.Context) (*data.Hierarchy, error) {
	version, err := e.store.Version(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the data version: %w", err)
	}
	hierarchy, _, err := e.hierarchyAt(ctx, version)
	return hierarchy, err
}

// Extent returns what the store covers: the bounding box of the study area,
// empty without any outline, and the period with incidents, zero without any.
func (e *Engine) Extent(ctx context.Context) (box orb.Bound, from, to time.Time, err error) {
	v, err := e.look(ctx, data.Incidents)
	if err != nil {
		return box, from, to, err
	}
	box = orb.MultiPolygon{}.Bound()
	for _, c := range v.hierarchy.Outermost("") {
		box = box.Union(c.Outline.Bound())
	}
	if v.report != nil {
		from, to = v.report.First, v.report.Last
	}
	return box, from, to, nil
}
