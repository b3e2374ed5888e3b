package scope

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/quality"
)

// A state is what there is in a part at one version of the whole.
type state struct {
	whole       string // the version
	communities []data.Community
	within      []string // the codes of the communities
	settings    data.Settings
	version     func(context.Context) (string, error)
	reports     map[data.Dataset]func(context.Context) (data.Report, error)
}

// look returns the present state of the part.
func (s *Store) look(ctx context.Context) (state, error) {
	select {
	case s.looking <- struct{}{}:
		defer func() { <-s.looking }()
	case <-ctx.Done():
		return state{}, ctx.Err()
	}
	version, err := s.whole.Version(ctx)
	if err != nil || version == s.seen.whole {
		return s.seen, err
	}
	all, err := s.whole.Communities(ctx)
	if err != nil {
		return state{}, err
	}
	settings, err := s.whole.Settings(ctx)
	if err != nil {
		return state{}, err
	}
	s.seen = s.part(version, all, settings)
	return s.seen, nil
}

// part picks out of all communities those of the part.
func (s *Store) part(version string, all []data.Community, settings data.Settings) state {
	hierarchy, in := data.NewHierarchy(all), map[string]bool{}
	for _, code := range s.codes {
		for _, below := range hierarchy.Within(code) {
			in[below] = true
		}
	}
	st := state{whole: version, settings: settings, reports: map[data.Dataset]func(context.Context) (data.Report, error){}}
	for _, c := range all {
		if !in[c.Code] {
			continue
		}
		if n := len(st.within); n == 0 || st.within[n-1] != c.Code { // versions of one code follow each other
			st.within = append(st.within, c.Code)
		}
		st.communities = append(st.communities, c)
	}
	st.version = once(func(ctx context.Context) (string, error) { return s.sum(ctx, st) })
	for _, d := range data.Datasets() {
		st.reports[d] = once(func(ctx context.Context) (data.Report, error) { return s.assess(ctx, d, st) })
	}
	return st
}

// once returns a function that makes a value at the first call that succeeds, and
// returns it from then on. Others wait for who makes it, as long as their context
// lasts.
func once[T any](compute func(context.Context) (T, error)) func(context.Context) (T, error) {
	var (
		made T
		done bool
	)
	turn := make(chan struct{}, 1)
	return func(ctx context.Context) (none T, err error) {
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
		case <-ctx.Done():
			return none, ctx.Err()
		}
		if !done {
			if made, err = compute(ctx); err != nil {
				return none, err
			}
			done = true
		}
		return made, nil
	}
}

// within returns the codes of the communities of the part.
func (s *Store) within(ctx context.Context) ([]string, error) {
	st, err := s.look(ctx)
	return st.within, err
}

// Version implements [data.Catalog]: it identifies the facts and communities of the
// part, and the settings. Making it reads all facts of the part, once for each version
// of the whole.
func (s *Store) Version(ctx context.Context) (string, error) {
	st, err := s.look(ctx)
	if err != nil {
		return "", err
	}
	return st.version(ctx)
}

// sum makes the version of the part by reading it.
func (s *Store) sum(ctx context.Context, st state) (string, error) {
	sums := map[data.Dataset]uint64{}
	for _, d := range data.Datasets() {
		for b, err := range (confined{s.whole, st.within}).Scan(ctx, data.Query{Dataset: d}) {
			if err != nil {
				return "", fmt.Errorf("read the version of a part: %w", err)
			}
			for _, r := range data.Revisions(b) {
				sums[d] += r.Digest()
			}
		}
	}
	return data.VersionOf(sums, st.communities, st.settings), nil
}

// Report implements [data.Catalog]: a report of the facts of the part. There is one
// where there is one of the whole and the part has facts.
func (s *Store) Report(ctx context.Context, d data.Dataset) (data.Report, error) {
	if _, err := s.whole.Report(ctx, d); err != nil {
		return data.Report{}, err
	}
	st, err := s.look(ctx)
	if err != nil {
		return data.Report{}, err
	}
	report, err := st.reports[d](ctx)
	if err == nil && report.Rows == 0 {
		return data.Report{}, fmt.Errorf("report on %s: %w", d, data.ErrNotFound)
	}
	return report, err
}

// assess makes the report of a dataset.
func (s *Store) assess(ctx context.Context, d data.Dataset, st state) (data.Report, error) {
	zone, err := st.settings.Location()
	if err != nil {
		return data.Report{}, err
	}
	var now time.Time
	if s.options.Now != nil {
		now = s.options.Now()
	}
	return quality.Assess(ctx, confined{s.whole, st.within}, st.communities, d, zone, now)
}
