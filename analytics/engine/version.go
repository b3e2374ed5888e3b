package engine

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// presentStep is how long a layer that is judged as of the present stands. With a finer
// step none could be kept.
const presentStep = time.Minute

// present returns the present, the zero time if it is not known.
func (e *Engine) present() time.Time {
	if e.options.Now == nil {
		return time.Time{}
	}
	return e.options.Now()
}

// Version identifies everything that layers are made of, see
// [analytics.Provenance]: the content of the store, what is said of its quality, which
// decides what is left out and as of when cases are judged, what was published, and
// the present as far as it counts.
func (e *Engine) Version(ctx context.Context) (string, error) {
	return e.versionAt(ctx, e.present())
}

// versionAt is Version as of a present. Whoever asks twice with the same learns
// whether the store was written to.
func (e *Engine) versionAt(ctx context.Context, now time.Time) (string, error) {
	content, err := e.store.Version(ctx)
	if err != nil {
		return "", fmt.Errorf("read the data version: %w", err)
	}
	return e.versionOf(ctx, content, now)
}

// versionOf is versionAt for a content. An import keeps its report after its last
// facts; what is computed in between must not pass for the layer of both.
func (e *Engine) versionOf(ctx context.Context, content string, now time.Time) (string, error) {
	digest := sha256.New()
	empty := true
	add := func(what any) error {
		empty = false
		return json.NewEncoder(digest).Encode(what)
	}
	reports := map[data.Dataset]*data.Report{}
	for _, d := range data.Datasets() {
		report, err := e.report(ctx, d)
		if err != nil {
			return "", err
		}
		if report == nil {
			continue
		}
		if reports[d] = report; add(report) != nil {
			return "", fmt.Errorf("name the quality report on %s", d)
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
	known := fmt.Sprintf("%s %x", content, digest.Sum(nil))
	moment, err := e.moments.at(now, known, func() (moment, error) { return e.moment(ctx, reports, now) })
	if err != nil {
		return "", err
	}
	if moment.counts != "" {
		empty = false
		digest.Write([]byte(moment.counts))
	}
	if empty {
		return content, nil
	}
	return fmt.Sprintf("%s-%x", content, digest.Sum(nil)[:4]), nil
}

// A moment is what the present changes in layers, while the store stays the same.
type moment struct {
	counts string    // names what it changes; "" for nothing
	until  time.Time // when it may be another; the zero time means never
}

// moment says what the present changes. Layers are judged as of it where the facts
// speak of later times, or of none. And it says which periods are over: the last one
// that is over is what an indicator shows unless another is asked for.
func (e *Engine) moment(ctx context.Context, reports map[data.Dataset]*data.Report, now time.Time) (moment, error) {
	var m moment
	if now.IsZero() || len(reports) == 0 {
		return m, nil
	}
	settings, err := e.Settings(ctx)
	if err != nil {
		return m, err
	}
	zone, err := settings.Location()
	if err != nil {
		return m, fmt.Errorf("time zone of the store: %w", err)
	}
	library, err := e.library(ctx, time.Time{})
	if err != nil {
		return m, err
	}
	last := map[data.Dataset]time.Time{}
	for d := range reports {
		span := spanOf(d, reports)
		horizon := horizonOf(span, now)
		if last[d] = span.Last; horizon.Before(span.Last) || span.Last.IsZero() {
			last[d] = horizon
		}
		if horizon.Equal(span.Horizon) {
			continue
		}
		m.counts = horizon.UTC().Format(time.RFC3339)
		m.ends(horizon.Add(presentStep))
		if !span.Horizon.IsZero() {
			m.ends(span.Horizon)
		}
	}
	m.pending(library.Definitions(), last, zone, now)
	return m, nil
}

// ends says that what the present changes is another from a time on.
func (m *moment) ends(at time.Time) {
	if m.until.IsZero() || at.Before(m.until) {
		m.until = at
	}
}

// pending adds the periods of the last facts that are not over.
func (m *moment) pending(definitions []*indicator.Definition, last map[data.Dataset]time.Time, zone *time.Location, now time.Time) {
	for _, d := range definitions {
		at, some := last[d.Counts()]
		if !some {
			continue
		}
		end, err := d.PeriodEnd(at, zone)
		if err != nil || !end.After(now) { // what cannot be computed shows nothing
			continue
		}
		m.counts += "\n" + d.ID()
		m.ends(end)
	}
}

// spanOf says from when the facts of a dataset are, and until when things are known.
// What lasts, such as resources, has no times of its own: it is seen at those of what
// happens around it. The times are zero where nothing does.
func spanOf(d data.Dataset, reports map[data.Dataset]*data.Report) data.Report {
	var span data.Report
	for _, of := range []data.Dataset{d, data.Incidents, data.Inspections} {
		if report := reports[of]; report != nil && span.Horizon.IsZero() {
			span = *report
		}
	}
	return span
}

// horizonOf returns as of when facts are judged unless asked otherwise: the latest
// moment that they know of or, where that is still to come or there is none, the
// present to the step below.
func horizonOf(span data.Report, now time.Time) time.Time {
	if !now.IsZero() && (now.Before(span.Horizon) || span.Horizon.IsZero()) {
		return now.Truncate(presentStep)
	}
	return span.Horizon
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

// moments remembers the last moment: to tell it takes reading all definitions.
type moments struct {
	mu    sync.Mutex
	known string // state of the store
	from  time.Time
	last  moment
}

// at returns what the present changes in a state of the store.
func (m *moments) at(now time.Time, known string, tell func() (moment, error)) (moment, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	fresh := !now.Before(m.from) && (m.last.until.IsZero() || now.Before(m.last.until))
	if m.known == known && fresh {
		return m.last, nil
	}
	told, err := tell()
	if err != nil {
		return moment{}, err
	}
	m.known, m.from, m.last = known, now, told
	return told, nil
}
