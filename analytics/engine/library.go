package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// The kinds of documents that stores keep for indicators.
const (
	indicatorKind = "indicator" // the YAML of one definition, named code@version
	calendarKind  = "calendar"  // a keptCalendar as JSON, named id@version
)

// A keptCalendar is a calendar as it was published.
type keptCalendar struct {
	File  clock.File       `json:"file"`
	Years []clock.Holidays `json:"years"`
}

// A library holds all that the store and the program know of indicators.
type library struct {
	*indicator.Library
	published map[string]time.Time // when the store was given a definition, by its ID
}

// library reads the definitions and calendars that the store had at a moment,
// over those that the program brings. The zero time means now.
func (e *Engine) library(ctx context.Context, at time.Time) (library, error) {
	shipped, err := e.shipped()
	if err != nil {
		return library{}, fmt.Errorf("read the packs: %w", err)
	}
	definitions, calendars := shipped.Definitions(), shipped.Calendars()
	kept := library{published: map[string]time.Time{}}
	documents, err := e.documents(ctx, indicatorKind, at)
	if err != nil {
		return kept, err
	}
	for _, d := range documents {
		file, err := indicator.Read(strings.NewReader(d.Body), nil)
		if err != nil {
			return kept, fmt.Errorf("read indicator %s: %w", d.Name, err)
		}
		definitions = append(definitions, file.Pack.Indicators...)
		kept.published[d.Name] = d.Recorded
	}
	if documents, err = e.documents(ctx, calendarKind, at); err != nil {
		return kept, err
	}
	for _, d := range documents {
		calendar, err := readCalendar(d.Body)
		if err != nil {
			return kept, fmt.Errorf("read calendar %s: %w", d.Name, err)
		}
		calendars = append(calendars, calendar)
	}
	kept.Library = indicator.NewLibrary(definitions, calendars)
	return kept, nil
}

// shown returns the definitions that may be asked for by name.
func (e *Engine) shown(l library) *indicator.Library {
	if e.options.Public {
		return l.Public()
	}
	return l.Library
}

// documents returns the documents of a kind that the store had at a moment.
func (e *Engine) documents(ctx context.Context, kind string, at time.Time) ([]data.Document, error) {
	all, err := e.store.Documents(ctx, kind)
	if err != nil {
		return nil, fmt.Errorf("read documents of kind %s: %w", kind, err)
	}
	if at.IsZero() {
		return all, nil
	}
	return slices.DeleteFunc(all, func(d data.Document) bool { return d.Recorded.After(at) }), nil
}

func readCalendar(body string) (*clock.Calendar, error) {
	var c keptCalendar
	decoder := json.NewDecoder(bytes.NewReader([]byte(body)))
	if err := decoder.Decode(&c); err != nil {
		return nil, err
	}
	return clock.Build(c.File, c.Years...)
}

// Library returns the definitions and calendars of the store and of the
// program.
func (e *Engine) Library(ctx context.Context) (*indicator.Library, error) {
	l, err := e.library(ctx, time.Time{})
	return l.Library, err
}

// Publish keeps a definition in the store for good. It reports false for one
// that is there already; another text under the same version is an error that
// wraps data.ErrConflict: what was published does not change.
func (e *Engine) Publish(ctx context.Context, d *indicator.Definition) (bool, error) {
	body, err := indicator.Write(d)
	if err != nil {
		return false, fmt.Errorf("write %s: %w", d.ID(), err)
	}
	kept, err := e.store.PutDocument(ctx, data.Document{Kind: indicatorKind, Name: d.ID(), Body: string(body)})
	if err != nil {
		return false, fmt.Errorf("publish %s: %w", d.ID(), err)
	}
	return kept, nil
}

// PublishCalendar keeps a calendar in the store for good, as Publish does.
func (e *Engine) PublishCalendar(ctx context.Context, file clock.File, years []clock.Holidays) (bool, error) {
	if _, err := clock.Build(file, years...); err != nil {
		return false, err
	}
	body, err := json.Marshal(keptCalendar{file, years})
	if err != nil {
		return false, fmt.Errorf("write calendar %s: %w", file.ID, err)
	}
	name := file.ID + "@" + file.Version
	kept, err := e.store.PutDocument(ctx, data.Document{Kind: calendarKind, Name: name, Body: string(body)})
	if err != nil {
		return false, fmt.Errorf("publish calendar %s: %w", name, err)
	}
	return kept, nil
}

// CalendarsPublished returns when the store was given each of its calendars, by
// "id@version".
func (e *Engine) CalendarsPublished(ctx context.Context) (map[string]time.Time, error) {
	documents, err := e.documents(ctx, calendarKind, time.Time{})
	if err != nil {
		return nil, err
	}
	published := make(map[string]time.Time, len(documents))
	for _, d := range documents {
		published[d.Name] = d.Recorded
	}
	return published, nil
}

// Surroundings returns what definitions of the store may speak of.
func (e *Engine) Surroundings(ctx context.Context) (indicator.Surroundings, error) {
	v, err := e.look(ctx, data.Incidents)
	if err != nil {
		return indicator.Surroundings{}, err
	}
	l, err := e.library(ctx, time.Time{})
	return indicator.Surroundings{Library: l.Library, Hierarchy: v.hierarchy, Zone: v.zone}, err
}
