package scope

import (
	"context"
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/data"
)

// Settings implements [data.Catalog].
func (s *Store) Settings(ctx context.Context) (data.Settings, error) { return s.whole.Settings(ctx) }

// PutSettings implements [data.Catalog]; it is an error.
func (s *Store) PutSettings(context.Context, data.Settings) error {
	return fmt.Errorf("settings: %w", ErrWhole)
}

// Communities implements [data.Catalog]. Outlines and names are shared and must not be
// written to.
func (s *Store) Communities(ctx context.Context) ([]data.Community, error) {
	st, err := s.look(ctx)
	return slices.Clone(st.communities), err
}

// PutCommunities implements [data.Catalog]; it is an error.
func (s *Store) PutCommunities(context.Context, []data.Community) (int64, error) {
	return 0, fmt.Errorf("communities: %w", ErrWhole)
}

// PutReport implements [data.Catalog]; it is an error.
func (s *Store) PutReport(_ context.Context, r data.Report) error {
	return fmt.Errorf("report on %s: %w", r.Dataset, ErrWhole)
}

// Imports implements [data.Catalog]: when there were imports of which dataset, and
// whether they replaced anything.
func (s *Store) Imports(ctx context.Context) ([]data.Import, error) {
	all, err := s.whole.Imports(ctx)
	told := make([]data.Import, len(all))
	for i, of := range all {
		told[i] = data.Import{
			ID: of.ID, Dataset: of.Dataset, Started: of.Started, Finished: of.Finished,
			Changes: data.Changes{Replaced: min(of.Changes.Replaced, 1)},
		}
	}
	return told, err
}

// PutImport implements [data.Catalog]; it is an error.
func (s *Store) PutImport(context.Context, data.Import) error {
	return fmt.Errorf("import: %w", ErrWhole)
}

// Documents implements [data.Catalog].
func (s *Store) Documents(ctx context.Context, kind string) ([]data.Document, error) {
	return s.whole.Documents(ctx, kind)
}

// PutDocument implements [data.Catalog]; it is an error.
func (s *Store) PutDocument(_ context.Context, d data.Document) (kept bool, err error) {
	return false, fmt.Errorf("%s %q: %w", d.Kind, d.Name, ErrWhole)
}

var _ data.Store = (*Store)(nil)
