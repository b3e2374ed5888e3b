package ogc

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sort"
	"strings"
	"sync"

	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// Bounds of what is kept.
const (
	keptTables = 48
	keptRows   = 1_500_000 // of all tables together; a row takes about 200 bytes
)

// Tables computes layers and other rows, and keeps those used last. One request
// computes, others that want the same wait for it. It is safe for concurrent
// use.
type Tables struct {
	engine Engine
	source data.Source

	mu   sync.Mutex
	kept []*kept // least recently used first
}

// kept is a table that is there or on its way.
type kept struct {
	key   string
	done  chan struct{} // closed once table or err is set
	table *encode.Table
	err   error
}

// NewTables returns a keeper of what engine computes of the facts of source.
func NewTables(engine Engine, source data.Source) *Tables {
	return &Tables{engine: engine, source: source}
}

// Engine returns the engine that computes.
func (t *Tables) Engine() Engine { return t.engine }

// Kept returns how many tables are kept at present, and how many rows they have
// together.
func (t *Tables) Kept() (tables, rows int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, k := range t.kept {
		if k.finished() {
			tables++
			rows += k.table.Len()
		}
	}
	return tables, rows
}

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

// get returns a kept table or makes it. A table whose making was given up
// because its first asker went away is made again for the others.
func (t *Tables) get(ctx context.Context, version, what string, build func() (*encode.Table, error)) (*encode.Table, error) {
	for {
		k, mine := t.claim(version + " " + what)
		if mine {
			t.fill(ctx, k, version, build)
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

// claim returns the entry of a key, and whether the caller has to fill it.
func (t *Tables) claim(key string) (k *kept, mine bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i, k := range t.kept {
		if k.key == key {
			t.kept = append(append(t.kept[:i:i], t.kept[i+1:]...), k)
			return k, false
		}
	}
	k = &kept{key: key, done: make(chan struct{})}
	t.kept = append(t.kept, k)
	return k, true
}

// fill makes the table of an entry. Should making it panic, the entry still
// ends.
func (t *Tables) fill(ctx context.Context, k *kept, version string, build func() (*encode.Table, error)) {
	k.err = context.Canceled
	defer func() {
		close(k.done)
		t.settle(k)
	}()
	if err := t.holds(ctx, version, errGone); err != nil {
		k.err = err
		return
	}
	table, err := build()
	if k.table, k.err = table, err; err != nil {
		return
	}
	of := version
	if k.table.Layer != nil {
		of = k.table.Layer.Provenance.DataVersion // an engine begins anew when the data move on
	}
	if k.err = t.holds(ctx, of, errMixed); k.err == nil && of != version {
		t.keepAs(of, k)
		k.err = errGone
	}
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
	_, what, _ := strings.Cut(k.key, " ")
	if other, mine := t.claim(version + " " + what); mine {
		other.table = k.table
		close(other.done)
		t.settle(other)
	}
}

// settle drops an entry that failed, and the least recently used ones when there
// are too many.
func (t *Tables) settle(k *kept) {
	t.mu.Lock()
	defer t.mu.Unlock()
	rows := 0
	var left []*kept
	for i := len(t.kept) - 1; i >= 0; i-- {
		other := t.kept[i]
		if other == k && k.err != nil {
			continue
		}
		if other.finished() {
			rows += other.table.Len()
			if other != k && (rows > keptRows || len(left) >= keptTables) {
				continue
			}
		}
		left = append(left, other)
	}
	for i, j := 0, len(left)-1; i < j; i, j = i+1, j-1 {
		left[i], left[j] = left[j], left[i]
	}
	t.kept = left
}

// finished reports whether the table is there.
func (k *kept) finished() bool {
	select {
	case <-k.done:
		return k.err == nil
	default:
		return false
	}
}
