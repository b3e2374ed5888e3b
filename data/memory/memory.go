package memory

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/civgrid/civgrid/data"
)

// A Store keeps everything in memory. It implements [data.Store], [data.Feed]
// and [data.Historian] and is safe for concurrent use.
type Store struct {
	now     func() time.Time
	lineage string // random; a history that ends with the store is one of its own

	mu          sync.RWMutex
	settings    data.Settings
	tables      map[data.Dataset]*table
	chunks      map[chunk]data.Changes
	mark        int64 // of the newest change of any dataset
	communities []data.Community
	reports     map[data.Dataset]data.Report
	imports     []data.Import
	documents   []data.Document
}

type chunk struct {
	dataset data.Dataset
	data.Chunk
}

// New returns an empty store.
func New() *Store {
	s := &Store{
		now:      time.Now, //nolint:forbidigo // when a change is recorded is the clock's to say
		lineage:  rand.Text(),
		settings: data.Settings{Resolutions: data.DefaultResolutions()},
		tables:   map[data.Dataset]*table{},
		chunks:   map[chunk]data.Changes{},
		reports:  map[data.Dataset]data.Report{},
	}
	for _, d := range data.Datasets() {
		s.tables[d] = &table{known: map[fact]int{}}
	}
	return s
}

// Close does nothing.
func (s *Store) Close() error { return nil }

// Schema implements [data.Source]. A dataset that does not exist has no columns.
func (s *Store) Schema(d data.Dataset) []data.Column {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.tables[d] == nil {
		return nil
	}
	return data.SchemaOf(d, s.settings.Resolutions)
}

// Append implements [data.Sink].
func (s *Store) Append(ctx context.Context, d data.Dataset, c data.Chunk, rows data.Batch) (data.Changes, error) {
	changes, err := s.append(ctx, d, c, rows, nil)
	if err != nil {
		return data.Changes{}, fmt.Errorf("append to %s: %w", d, err)
	}
	return changes, nil
}

// Replace implements [data.Sink].
func (s *Store) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	expect := func(t *table, rows data.Batch) error { return data.Expect(rows, expected, t.revision) }
	changes, err := s.append(ctx, d, data.Chunk{}, rows, expect)
	if err != nil {
		return data.Changes{}, fmt.Errorf("replace %s: %w", d, err)
	}
	return changes, nil
}

// append keeps rows, where what expect says of the table and them holds. A nil expect
// holds always.
func (s *Store) append(ctx context.Context, d data.Dataset, c data.Chunk, rows data.Batch, expect func(*table, data.Batch) error) (data.Changes, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return data.Changes{}, err
	}
	t := s.tables[d]
	if t == nil {
		return data.Changes{}, errDataset
	}
	accepted, err := data.AcceptRows(rows, data.SchemaOf(d, s.settings.Resolutions))
	if err != nil {
		return data.Changes{}, err
	}
	if changes, done := s.chunks[chunk{d, c}]; done {
		return changes, nil
	}
	if expect != nil {
		if err := expect(t, accepted); err != nil {
			return data.Changes{}, err
		}
	}
	changes := t.write(accepted, s.mark+1, s.now())
	s.mark = max(s.mark, t.mark)
	if c != (data.Chunk{}) {
		s.chunks[chunk{d, c}] = changes
	}
	return changes, nil
}

var errDataset = errors.New("no such dataset")

// Settings implements [data.Catalog].
func (s *Store) Settings(context.Context) (data.Settings, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	settings := s.settings
	settings.Resolutions = slices.Clone(settings.Resolutions)
	return settings, nil
}

// PutSettings implements [data.Catalog].
func (s *Store) PutSettings(_ context.Context, settings data.Settings) error {
	settings, err := data.AcceptSettings(settings)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Equal(settings.Resolutions, s.settings.Resolutions) {
		for d, t := range s.tables {
			if len(t.rows) > 0 {
				return fmt.Errorf("settings: resolutions %v cannot become %v: there are %s already", s.settings.Resolutions, settings.Resolutions, d)
			}
		}
	}
	s.settings = settings
	return nil
}

// Communities implements [data.Catalog]. Outlines and names are shared and must
// not be written to.
func (s *Store) Communities(context.Context) ([]data.Community, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.communities), nil
}

// PutCommunities implements [data.Catalog].
func (s *Store) PutCommunities(_ context.Context, communities []data.Community) (int64, error) {
	accepted := make([]data.Community, len(communities))
	for i, c := range communities {
		var err error
		if accepted[i], err = data.AcceptCommunity(c); err != nil {
			return 0, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var changed int64
	kept := slices.Clone(s.communities)
	for _, c := range accepted {
		i, found := slices.BinarySearchFunc(kept, c, compareCommunities)
		switch {
		case !found:
			kept = slices.Insert(kept, i, c)
		case data.CommunityDigest(kept[i]) != data.CommunityDigest(c):
			kept[i] = c
		default:
			continue
		}
		changed++
	}
	s.communities = kept
	return changed, nil
}

func compareCommunities(a, b data.Community) int {
	return cmp.Or(cmp.Compare(a.Code, b.Code), a.ValidFrom.Compare(b.ValidFrom))
}

// Report implements [data.Catalog].
func (s *Store) Report(_ context.Context, d data.Dataset) (data.Report, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.reports[d]
	if !ok {
		return r, fmt.Errorf("report on %s: %w", d, data.ErrNotFound)
	}
	return r, nil
}

// PutReport implements [data.Catalog].
func (s *Store) PutReport(_ context.Context, r data.Report) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reports[r.Dataset] = r
	return nil
}

// Imports implements [data.Catalog].
func (s *Store) Imports(context.Context) ([]data.Import, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Clone(s.imports), nil
}

// PutImport implements [data.Catalog]. Imports are in the order in which they
// were first put.
func (s *Store) PutImport(_ context.Context, i data.Import) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.imports, func(old data.Import) bool { return old.ID == i.ID })
	if at < 0 {
		s.imports = append(s.imports, i)
	} else {
		s.imports[at] = i
	}
	return nil
}

// Version implements [data.Catalog].
func (s *Store) Version(context.Context) (string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	sums := map[data.Dataset]uint64{}
	for d, t := range s.tables {
		sums[d] = t.sum
	}
	return data.VersionOf(sums, s.communities, s.settings), nil
}
