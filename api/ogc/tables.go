package ogc

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sort"
	"strings"

	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// Tables computes layers and other rows, and keeps those used last. One request
// computes, others that want the same wait for it. It is safe for concurrent
// use.
type Tables struct {
	// Wait runs ready, which waits until rows are there: it may let others work
	// meanwhile. Make runs work, which makes them: it may wait for a turn. Both
	// return the error of what they run, or why they did not. They may be set
	// before the first use.
	Wait func(ctx context.Context, ready func() error) error
	Make func(ctx context.Context, work func() error) error

	engine Engine
	source data.Source
	shelf  *Shelf
	id     int // on the shelf
}

// NewTables returns a keeper of what engine computes of the facts of source, on a shelf of
// its own.
func NewTables(engine Engine, source data.Source) *Tables { return new(Shelf).Tables(engine, source) }

// Tables returns a keeper of what engine computes of the facts of source, on a shelf that
// is that of others too.
func (s *Shelf) Tables(engine Engine, source data.Source) *Tables {
	atOnce := func(_ context.Context, run func() error) error { return run() }
	return &Tables{engine: engine, source: source, shelf: s, id: s.enter(), Wait: atOnce, Make: atOnce}
}

// Engine returns the engine that computes.
func (t *Tables) Engine() Engine { return t.engine }

var (
	// errGone says that rows are asked for of a data version that is no longer that of
	// the store, and that are not kept.
	errGone = errors.New("rows of an earlier data version are gone")
	// errMixed comes with rows that were made while the data moved on, so that they are
	// of no version that could be named. Nobody keeps them.
	errMixed = errors.New("the data moved on while rows were made")
	// errRestless ends the tries of an answer.
	errRestless = fmt.Errorf("%w: the data change without a pause", data.ErrBusy)
)

// maxTries is how often an answer is begun anew when the data change meanwhile.
const maxTries = 3

// Latest returns what get makes of a data version, or, where the data moved on
// after that version was read, of the next one; and of which. That is "" where they
// moved on even while rows were made: then no entity tag may name them.
func (t *Tables) Latest(ctx context.Context, version string, get func(version string) (*encode.Table, error)) (*encode.Table, string, error) {
	for try := 1; ; try++ {
		table, err := get(version)
		if errors.Is(err, errMixed) {
			return table, "", nil
		}
		if !errors.Is(err, errGone) {
			return table, version, err
		}
		if try == maxTries {
			return nil, "", errRestless
		}
		if version, err = t.engine.Version(ctx); err != nil {
			return nil, "", err
		}
	}
}

// Layer returns the rows of an analysis as of a data version. An earlier
// version than that of the store is given only if it is still kept. Rows and an error
// together come to Latest: they are of no version.
func (t *Tables) Layer(ctx context.Context, version, name string, given map[string]string) (*encode.Table, error) {
	return t.get(ctx, version, name+"?"+canonical(given), func() (*encode.Table, error) {
		layer, err := t.engine.Run(ctx, name, given)
		if err != nil {
			return nil, err
		}
		return encode.TableOf(layer), nil
	})
}

func canonical(given map[string]string) string {
	parts := make([]string, 0, len(given))
	for name, value := range given {
		parts = append(parts, name+"="+url.QueryEscape(value))
	}
	sort.Strings(parts)
	return strings.Join(parts, "&")
}

// Communities returns the communities of a level, of all levels if it is "".
func (t *Tables) Communities(ctx context.Context, version string, level data.Level) (*encode.Table, error) {
	return t.get(ctx, version, "communities/"+string(level), func() (*encode.Table, error) {
		h, err := t.engine.Hierarchy(ctx)
		if err != nil {
			return nil, err
		}
		levels := h.Levels()
		if level != "" {
			levels = []data.Level{level}
		}
		var all []data.Community
		for _, l := range levels {
			all = append(all, h.At(l)...)
		}
		return encode.Communities("communities", "Communities", all), nil
	})
}

// Resources returns all resources.
func (t *Tables) Resources(ctx context.Context, version string) (*encode.Table, error) {
	return t.get(ctx, version, "resources", func() (*encode.Table, error) {
		var batches []data.Batch
		query := data.Query{Dataset: data.Resources, Columns: encode.ResourceColumns()}
		for b, err := range t.source.Scan(ctx, query) {
			if err != nil {
				return nil, fmt.Errorf("read resources: %w", err)
			}
			batches = append(batches, b)
		}
		return encode.Resources("resources", "Resources", batches), nil
	})
}

// get returns a kept table or makes it.
func (t *Tables) get(ctx context.Context, version, what string, build func() (*encode.Table, error)) (table *encode.Table, err error) {
	key := label{t.id, version, what}
	if k := t.shelf.find(key); k != nil && k.finished() {
		return k.table, nil
	}
	err = t.Wait(ctx, func() (err error) {
		table, err = t.await(ctx, key, build)
		return err
	})
	return table, err
}

// await waits for a table that another makes, or makes it. A table whose making
// was given up because its first asker went away is made again for the others.
func (t *Tables) await(ctx context.Context, key label, build func() (*encode.Table, error)) (*encode.Table, error) {
	for {
		k, mine := t.shelf.claim(key)
		if mine {
			t.fill(ctx, k, build)
		}
		select {
		case <-k.done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		if k.err == nil || errors.Is(k.err, errMixed) {
			return k.table, k.err
		}
		if mine || ctx.Err() != nil || !errors.Is(k.err, context.Canceled) {
			return nil, k.err
		}
	}
}

// fill makes the table of an entry. Should making it panic, the entry still
// ends.
func (t *Tables) fill(ctx context.Context, k *kept, build func() (*encode.Table, error)) {
	k.err = context.Canceled
	defer func() {
		close(k.done)
		t.shelf.settle(k)
	}()
	k.err = t.Make(ctx, func() error { return t.make(ctx, k, build) })
}

// make makes the table of an entry, of one version of the data.
func (t *Tables) make(ctx context.Context, k *kept, build func() (*encode.Table, error)) error {
	version := k.key.version
	if err := t.holds(ctx, version, errGone); err != nil {
		return err
	}
	table, err := build()
	if k.table = table; err != nil {
		return err
	}
	of := version
	if k.table.Layer != nil {
		of = k.table.Layer.Provenance.DataVersion // an engine begins anew when the data move on
	}
	if err = t.holds(ctx, of, errMixed); err == nil && of != version {
		t.keepAs(of, k)
		return errGone
	}
	return err
}

// holds returns otherwise if the version of the data is another.
func (t *Tables) holds(ctx context.Context, version string, otherwise error) error {
	present, err := t.engine.Version(ctx)
	if err == nil && present != version {
		return otherwise
	}
	return err
}

// keepAs keeps the table of an entry for the version that it turned out to be of,
// unless somebody makes it already.
func (t *Tables) keepAs(version string, k *kept) {
	if other, mine := t.shelf.claim(label{t.id, version, k.key.what}); mine {
		other.table = k.table
		close(other.done)
		t.shelf.settle(other)
	}
}
