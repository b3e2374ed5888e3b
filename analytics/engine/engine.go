package engine

import (
	"context"
	"sync"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/indicator/pack"
	"github.com/civgrid/civgrid/data"
)

// Options tune an Engine. The zero value is ready for use.
type Options struct {
	// Now returns the present, as of which layers are judged to the minute; those of
	// data that end earlier are judged as of their own horizon. Nil means that every
	// layer is.
	Now func() time.Time
	// Explain is told how each rollup is answered. Nil tells nobody.
	Explain func(agg.Step)
	// Progress is told how far long work is: what is computed next, and how many of
	// so many steps are done: layers of a report, simulations of a layer. Nil tells
	// nobody. [WithProgress] listens to one run.
	Progress func(next string, done, of int)
	// Public hides indicators that are declared for internal use: they are not
	// found, as if there were none. It is for services that everybody may ask.
	Public bool
	// MinCount, if it is 2 or more, makes layers and reports open data: counts of 1 to
	// MinCount-1 reports of persons are not told, nor what would tell them. Zero and
	// one tell everything. See the package comment for what is protected.
	MinCount int
}

// maxTries is how often a layer is computed when facts arrive meanwhile, so
// that it is of the version it says. A store that is written to without a
// pause gets the last one.
const maxTries = 3

// An Engine runs analyses on one store. It is safe for concurrent use.
type Engine struct {
	store   data.Store
	options Options
	shipped func() (*indicator.Library, error) // what the program brings, read once
	areas   areaCache
	moments moments
}

// New returns an engine for a store.
func New(store data.Store, options Options) *Engine {
	shipped := sync.OnceValues(func() (*indicator.Library, error) { return pack.Library() })
	return &Engine{store: store, options: options, shipped: shipped}
}

// Run computes the named analysis. Parameters are given as text, by the names
// of [Params]; those not given take their defaults. The error is a
// [*analytics.ParamError] where a parameter is at fault, and wraps
// data.ErrNotFound for an analysis or community there is not.
func (e *Engine) Run(ctx context.Context, name string, given map[string]string) (*analytics.Layer, error) {
	analysis, err := Find(name)
	if err != nil {
		return nil, err
	}
	for try := 1; ; try++ {
		now := e.present()
		layer, err := e.try(ctx, analysis, given)
		if err != nil || try == maxTries {
			return layer, err
		}
		version, err := e.versionAt(ctx, now)
		if err != nil || version == layer.Provenance.DataVersion {
			return layer, err
		}
	}
}

// try computes an analysis on what the store holds now.
func (e *Engine) try(ctx context.Context, analysis analytics.Analysis, given map[string]string) (*analytics.Layer, error) {
	view, err := e.look(ctx, data.Incidents)
	if err != nil {
		return nil, err
	}
	switch analysis.Name {
	case indicator.Analysis.Name:
		return e.indicator(ctx, view, given)
	case indicator.Execution.Name:
		return e.execution(ctx, view, given)
	}
	request, err := view.request(analysis, given)
	if err != nil {
		return nil, err
	}
	if analysis, err = view.compared(analysis, &request, indicator.Period{}, view.zone); err != nil {
		return nil, err
	}
	request.Progress = func(done, of int) { e.tell(ctx, analysis.Title, done, of) }
	return e.run(ctx, analysis, request, view)
}
