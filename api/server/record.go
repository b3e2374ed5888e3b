package server

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// assessEvery is how soon the quality reports of what was recorded are made anew, and so
// how soon layers, which are of the time that reports speak of, have it.
const assessEvery = 10 * time.Second

// A registrar keeps what callers record as an import keeps what it reads: stamped with
// communities and cells, and with the quality report made anew. It is safe for concurrent
// use.
type registrar struct {
	store  data.Store
	now    func() time.Time
	logger *slog.Logger

	mu          sync.Mutex
	communities []data.Community // that the stamper knows
	stamper     *ingest.Stamper
	changed     map[data.Dataset]bool // since the last reports

	news chan struct{}
	stop context.CancelFunc
	done chan struct{}
}

// newRegistrar returns the registrar of a store. It makes reports until it is closed.
func newRegistrar(store data.Store, now func() time.Time, logger *slog.Logger) *registrar {
	ctx, stop := context.WithCancel(context.Background())
	r := &registrar{store: store, now: now, logger: logger, changed: map[data.Dataset]bool{}, news: make(chan struct{}, 1), stop: stop, done: make(chan struct{})}
	go func() {
		defer close(r.done)
		r.follow(ctx)
	}()
	return r
}

// close ends the making of reports, after one of what was recorded last.
func (r *registrar) close() {
	r.stop()
	<-r.done
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	r.assess(ctx)
}

// record keeps one fact, which need not be stamped, in a part of the store in place of
// the revision that is expected, and returns it as it is kept.
func (r *registrar) record(ctx context.Context, part data.Store, d data.Dataset, expected data.Revision, fact data.Batch) (data.Batch, data.Changes, error) {
	stamper, err := r.present(ctx)
	if err != nil {
		return data.Batch{}, data.Changes{}, err
	}
	stamped, err := stamper.Stamp(d, fact)
	if err != nil {
		return data.Batch{}, data.Changes{}, err
	}
	changes, err := part.Replace(ctx, d, []data.Revision{expected}, stamped)
	if err != nil {
		return data.Batch{}, changes, err
	}
	r.note(d)
	return stamped, changes, nil
}

// present returns the stamper for the communities there are.
func (r *registrar) present(ctx context.Context) (*ingest.Stamper, error) {
	communities, err := r.store.Communities(ctx)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stamper != nil && slices.EqualFunc(communities, r.communities, samePlace) {
		return r.stamper, nil
	}
	settings, err := r.store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	stamper, err := ingest.NewStamper(communities, settings.Resolutions)
	if err != nil {
		return nil, err
	}
	r.stamper, r.communities = stamper, communities
	return stamper, nil
}

// samePlace reports whether facts are stamped with two communities alike.
func samePlace(a, b data.Community) bool {
	if len(a.Names) != len(b.Names) || a.Code != b.Code || a.Level != b.Level || a.Parent != b.Parent || !a.ValidFrom.Equal(b.ValidFrom) || !a.ValidTo.Equal(b.ValidTo) {
		return false
	}
	for tag, name := range a.Names {
		if b.Names[tag] != name {
			return false
		}
	}
	return a.Outline.Equal(b.Outline)
}

// follow makes reports of what was recorded, so often at most.
func (r *registrar) follow(ctx context.Context) {
	pause := time.NewTicker(assessEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.news:
		}
		r.assess(ctx)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
	}
}

// assess makes the reports of the datasets that changed.
func (r *registrar) assess(ctx context.Context) {
	r.mu.Lock()
	changed := r.changed
	r.changed = map[data.Dataset]bool{}
	r.mu.Unlock()
	for _, d := range data.Datasets() {
		if !changed[d] {
			continue
		}
		if _, err := ingest.Assess(ctx, r.store, d, r.now()); err != nil {
			r.logger.ErrorContext(ctx, "the quality report of what was recorded cannot be made", "dataset", d, "error", err)
			r.note(d)
		}
	}
}

// note remembers that a dataset needs a report.
func (r *registrar) note(d data.Dataset) {
	r.mu.Lock()
	r.changed[d] = true
	r.mu.Unlock()
	select {
	case r.news <- struct{}{}:
	default:
	}
}
