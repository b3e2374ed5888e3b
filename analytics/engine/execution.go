package engine

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
)

// execution computes how soon the indicator that the parameters name was
// executed after it came into force or, without such a date, was published or,
// failing that, since there are facts.
func (e *Engine) execution(ctx context.Context, v *view, given map[string]string) (*analytics.Layer, error) {
	values, err := analytics.ParseValues(Params(indicator.Execution), given)
	if err != nil {
		return nil, err
	}
	l, err := e.library(ctx, time.Time{})
	if err != nil {
		return nil, err
	}
	d, err := choose(e.shown(l), values, time.Time{})
	if err != nil {
		return nil, err
	}
	if len(d.Items) > 0 && d.Items[0].Indicator != "" {
		return nil, &analytics.ParamError{Name: indicator.Code, Value: d.Code, Why: "a composite is executed by its items: ask for one of them"}
	}
	if d.Counts() != v.dataset {
		if v, err = e.look(ctx, d.Counts()); err != nil {
			return nil, err
		}
	}
	c, err := indicator.Compile(d, indicator.Surroundings{Library: l.Library, Hierarchy: v.hierarchy, Zone: v.zone})
	if err != nil {
		return nil, err
	}
	since, published := l.published[d.ID()]
	if d.Effective.From != "" {
		if since, err = parseTime(d.Effective.From, c.Zone()); err != nil {
			return nil, err
		}
	} else if !published && v.report != nil {
		since = v.first
	}
	if since.IsZero() && v.report != nil {
		return nil, &analytics.ParamError{Name: indicator.Code, Value: d.Code, Why: fmt.Sprintf("%s have no time, so there is no telling since when it is executed", v.dataset)}
	}
	a := indicator.ExecutionOf(c, since)
	request, err := v.request(a, given)
	if err != nil {
		return nil, err
	}
	layer, err := e.run(ctx, a, request, v)
	if err != nil {
		return nil, uncovered(err, d)
	}
	if v.isOpen() {
		withholdFirst(layer)
	}
	if d.Effective.From == "" && !published {
		layer.Caveats = append(layer.Caveats, "The definition has no date from which it is in force and was not published in this store: it is taken to be in force since the first fact.")
	}
	tellDefinition(layer, settled{compiled: c, library: l, view: v, request: request})
	return layer, nil
}

// withholdFirst takes out of the layer of an execution when facts came first: that is
// the time of one fact (Hundepool and others 2012, Statistical Disclosure Control,
// chapter 6: no minima and maxima).
func withholdFirst(layer *analytics.Layer) {
	for i := range layer.Columns {
		if c := &layer.Columns[i]; c.Name == "days" || c.Name == "waited" {
			c.Ints, c.Valid = make([]int64, layer.Frame.Len()), make([]bool, layer.Frame.Len())
		}
	}
}
