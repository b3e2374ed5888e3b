package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
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
	least       int64     // smallest count but 0 that is told of a month, see Options
	monthsEnd   time.Time // of open data: when the last month ends that is over
}

func (e *Engine) look(ctx context.Context, d data.Dataset) (*view, error) {
	v := &view{dataset: d, least: int64(e.options.MinCount)}
	if e.options.Now != nil {
		v.now = e.options.Now()
	}
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
		if v.isOpen() {
			v.settleMonths()
		}
	}
	v.version, err = e.versionOf(ctx, v.content)
	return v, err
}

// time says when the facts of a view are from, and until when things are known.
// What lasts, such as resources, has no times of its own: it is seen at those of
// what happens around it, or now.
func (e *Engine) time(ctx context.Context, v *view) error {
	span := *v.report
	for _, d := range []data.Dataset{data.Incidents, data.Inspections} {
		if !span.Horizon.IsZero() {
			break
		}
		happens, err := e.report(ctx, d)
		if err != nil {
			return err
		}
		if happens != nil {
			span = *happens
		}
	}
	if span.Horizon.IsZero() && e.options.Now != nil {
		span.First = e.options.Now()
		span.Last, span.Horizon = span.First, span.First
	}
	v.first, v.last, v.horizon = span.First, span.Last, e.horizon(span)
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

// report returns the quality report of a dataset, nil before there is one.
func (e *Engine) report(ctx context.Context, d data.Dataset) (*data.Report, error) {
	report, err := e.store.Report(ctx, d)
	if errors.Is(err, data.ErrNotFound) {
		return nil, nil // no report is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("read the quality report: %w", err)
	}
	return &report, nil
}

// versionOf identifies everything layers are made of: the content of the store,
// what is said of its quality, which decides what is left out and as of when
// cases are judged, and what was published. An import keeps its report after its
// last facts; what is computed in between must not pass for the layer of both.
func (e *Engine) versionOf(ctx context.Context, content string) (string, error) {
	digest := sha256.New()
	empty := true
	add := func(what any) error {
		empty = false
		return json.NewEncoder(digest).Encode(what)
	}
	for _, d := range data.Datasets() {
		report, err := e.report(ctx, d)
		if err != nil {
			return "", err
		}
		if report != nil {
			if err := add(report); err != nil {
				return "", fmt.Errorf("name the quality report: %w", err)
			}
		}
	}
	for _, kind := range []string{indicatorKind, calendarKind} {
		documents, err := e.store.Documents(ctx, kind)
		if err != nil {
			return "", fmt.Errorf("read documents: %w", err)
		}
		for _, d := range documents {
			if err := add(d.Name); err != nil { // what was published does not change
				return "", fmt.Errorf("name the documents: %w", err)
			}
		}
	}
	if empty {
		return content, nil
	}
	return fmt.Sprintf("%s-%x", content, digest.Sum(nil)[:4]), nil
}

// horizon returns the earlier of now and the latest moment the data know of.
func (e *Engine) horizon(report data.Report) time.Time {
	if e.options.Now != nil {
		if now := e.options.Now(); now.Before(report.Horizon) {
			return now
		}
	}
	return report.Horizon
}

func (v *view) noFacts() error {
	return fmt.Errorf("%[1]s: %[2]w: none have been imported (civgrid import %[1]s FILE)", v.dataset, data.ErrNotFound)
}

// Version identifies everything that layers are made of, see
// [analytics.Provenance].
func (e *Engine) Version(ctx context.Context) (string, error) {
	content, err := e.store.Version(ctx)
	if err != nil {
		return "", fmt.Errorf("read the data version: %w", err)
	}
	return e.versionOf(ctx, content)
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
	if v.isOpen() && v.report != nil {
		from, to = v.monthStart(from), v.monthsEnd
	}
	return box, from, to, nil
}
