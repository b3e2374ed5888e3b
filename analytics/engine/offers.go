package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// Params returns the parameters of an analysis as the function [Params] does,
// with the indicators that there are at present.
func (e *Engine) Params(ctx context.Context, a analytics.Analysis) ([]analytics.Param, error) {
	params := Params(a)
	at := slices.IndexFunc(params, func(p analytics.Param) bool { return p.Name == indicator.Code })
	if at < 0 {
		return params, nil
	}
	var err error
	params[at].Offers, err = e.offers(ctx)
	return params, err
}

// offers returns the indicators there are, by code, as their last version calls
// them.
func (e *Engine) offers(ctx context.Context) ([]analytics.Offer, error) {
	l, err := e.library(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	h, err := e.Hierarchy(ctx)
	if err != nil {
		return nil, err
	}
	s := supply{library: l.Library, peopled: peopled(h), facts: map[data.Dataset]bool{}}
	for _, d := range data.Datasets() {
		report, err := e.report(ctx, d)
		if err != nil {
			return nil, err
		}
		s.facts[d] = report != nil && report.Rows > 0
	}
	var offers []analytics.Offer
	for _, d := range e.shown(l).Definitions() {
		offer := analytics.Offer{Value: d.Code, Names: d.Name, Doc: d.Description, Lacks: s.lacks(d, nil)}
		if last := len(offers) - 1; last >= 0 && offers[last].Value == d.Code {
			offers[last] = offer
			continue
		}
		offers = append(offers, offer)
	}
	return offers, nil
}

// A supply is what indicators can be computed of.
type supply struct {
	library *indicator.Library
	facts   map[data.Dataset]bool
	peopled bool // some community says how many live there
}

// lacks names what a definition needs and there is none of. A composite needs
// some of what it is made of; above are the composites that it is a part of.
func (s supply) lacks(d *indicator.Definition, above []string) string {
	var lacking string
	for _, item := range d.Items {
		if item.Indicator == "" || slices.Contains(above, item.Indicator) {
			continue
		}
		part, err := s.library.InForce(item.Indicator, time.Time{})
		if err != nil {
			continue
		}
		if lacking = s.lacks(part, append(above, d.Code)); lacking == "" {
			return ""
		}
	}
	switch {
	case lacking != "":
		return lacking
	case !s.facts[d.Counts()]:
		return string(d.Counts())
	case d.Access != nil && d.Access.Weighted != "area" && !s.peopled:
		return "population"
	}
	return ""
}

func peopled(h *data.Hierarchy) bool {
	for _, l := range h.Levels() {
		if slices.ContainsFunc(h.At(l), func(c data.Community) bool { return c.HasPopulation }) {
			return true
		}
	}
	return false
}

// Parties returns the levels of those who answer for facts of a dataset, as far
// as some fact says who does.
func (e *Engine) Parties(ctx context.Context, d data.Dataset) ([]data.Level, error) {
	version, err := e.store.Version(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the data version: %w", err)
	}
	if levels, ok := e.areas.partiesOf(version, d); ok {
		return levels, nil
	}
	var levels []data.Level
	for _, level := range []data.Level{analytics.ResponsibleUnit, analytics.DutyGrid} {
		found, err := e.says(ctx, d, analytics.CommunitiesOf(level).Party())
		if err != nil {
			return nil, err
		}
		if found {
			levels = append(levels, level)
		}
	}
	e.areas.keepParties(version, d, levels)
	return levels, nil
}

// says reports whether some fact of a dataset has a word in a column. It reads
// no further than the first.
func (e *Engine) says(ctx context.Context, d data.Dataset, column string) (bool, error) {
	if _, err := data.Pick(e.store.Schema(d), column); err != nil {
		return false, nil // it does not say
	}
	query := data.Query{Dataset: d, Columns: []string{column}, Where: data.Not{Condition: data.Missing{Column: column}}}
	for b, err := range e.store.Scan(ctx, query) {
		if err != nil {
			return false, fmt.Errorf("look for who answers for facts: %w", err)
		}
		if b.Len() > 0 {
			return true, nil
		}
	}
	return false, nil
}

// partiesOf returns what was found for a version of the store, if it was looked
// for.
func (c *areaCache) partiesOf(version string, d data.Dataset) ([]data.Level, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turnLocked(version)
	levels, ok := c.parties[d]
	return levels, ok
}

func (c *areaCache) keepParties(version string, d data.Dataset, levels []data.Level) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.turnLocked(version)
	if c.parties == nil {
		c.parties = map[data.Dataset][]data.Level{}
	}
	c.parties[d] = levels
}
