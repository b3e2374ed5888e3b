package scope

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/data"
)

// Options tune a part. The zero value is ready for use.
type Options struct {
	// Now returns the present, which bounds what quality reports take for past. Nil
	// does not bound it.
	Now func() time.Time
}

var (
	// ErrOutside is returned for facts to be kept that lie outside of the part, or
	// whose source and id are those of a fact there.
	ErrOutside = errors.New("outside of the communities of the caller")
	// ErrWhole is returned for what can be kept for the whole store only.
	ErrWhole = errors.New("kept for the whole city only")
)

// A Store is a part of a store. It is safe for concurrent use. Closing it does nothing,
// as the whole may have other parts.
type Store struct {
	whole   data.Store
	codes   []string
	options Options
	looking chan struct{} // held by who looks at the whole anew
	seen    state
}

// Of returns the part of a store that lies in the communities of these codes and in
// those below them, whatever communities there will be. Codes that are unknown have
// nothing in them, and neither has a part of no codes. It is a [data.Aggregator] and a
// [data.Historian] where the whole is.
func Of(whole data.Store, codes []string, options Options) data.Store {
	s := &Store{whole: whole, codes: slices.Clone(codes), options: options, looking: make(chan struct{}, 1)}
	adder, adds := whole.(data.Aggregator)
	past, remembers := whole.(data.Historian)
	switch {
	case adds && remembers:
		return struct {
			*Store
			aggregator
			historian
		}{s, aggregator{s, adder}, historian{s, past}}
	case adds:
		return struct {
			*Store
			aggregator
		}{s, aggregator{s, adder}}
	case remembers:
		return struct {
			*Store
			historian
		}{s, historian{s, past}}
	}
	return s
}

// Close implements [data.Store].
func (s *Store) Close() error { return nil }

// Schema implements [data.Source].
func (s *Store) Schema(d data.Dataset) []data.Column { return s.whole.Schema(d) }

// Scan implements [data.Source].
func (s *Store) Scan(ctx context.Context, q data.Query) data.Batches { return s.scan(ctx, s.whole, q) }

// scan asks a source of the whole.
func (s *Store) scan(ctx context.Context, source data.Source, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		within, err := s.within(ctx)
		if err != nil {
			yield(data.Batch{}, fmt.Errorf("scan %s: %w", q.Dataset, err))
			return
		}
		confined{source, within}.Scan(ctx, q)(yield)
	}
}

// confined is the source of the facts in the communities of some codes.
type confined struct {
	data.Source
	within []string
}

// Scan implements [data.Source].
func (c confined) Scan(ctx context.Context, q data.Query) data.Batches {
	q.Where = data.All{inside(c.within), q.Where}
	return c.Source.Scan(ctx, q)
}

// inside returns the condition of facts in the communities of these codes.
func inside(codes []string) data.Condition { return data.In{Column: "community", Words: codes} }

// aggregator adds up where the whole does.
type aggregator struct {
	part  *Store
	whole data.Aggregator
}

// Aggregate implements [data.Aggregator].
func (a aggregator) Aggregate(ctx context.Context, rollups ...data.Rollup) data.Answers {
	return func(yield func(data.Answer, error) bool) {
		confined, err := a.confine(ctx, rollups)
		if err != nil {
			yield(data.Answer{}, err)
			return
		}
		a.whole.Aggregate(ctx, confined...)(yield)
	}
}

// Weigh implements [data.Aggregator].
func (a aggregator) Weigh(ctx context.Context, rollups []data.Rollup) (data.Choice, error) {
	confined, err := a.confine(ctx, rollups)
	if err != nil {
		return data.Choice{}, err
	}
	return a.whole.Weigh(ctx, confined)
}

func (a aggregator) confine(ctx context.Context, rollups []data.Rollup) ([]data.Rollup, error) {
	within, err := a.part.within(ctx)
	if err != nil {
		return nil, fmt.Errorf("add up: %w", err)
	}
	confined := slices.Clone(rollups)
	for i := range confined {
		confined[i].Where = data.All{inside(within), confined[i].Where}
	}
	return confined, nil
}

// historian remembers what the whole does.
type historian struct {
	part  *Store
	whole data.Historian
}

// AsOf implements [data.Historian].
func (h historian) AsOf(at time.Time) data.Source { return past{h.part, h.whole.AsOf(at)} }

// past is the part as it was: facts as they were then, in what are its communities now.
type past struct {
	part   *Store
	source data.Source
}

// Schema implements [data.Source].
func (p past) Schema(d data.Dataset) []data.Column { return p.source.Schema(d) }

// Scan implements [data.Source].
func (p past) Scan(ctx context.Context, q data.Query) data.Batches {
	return p.part.scan(ctx, p.source, q)
}
