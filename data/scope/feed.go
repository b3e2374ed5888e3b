package scope

import (
	"context"

	"github.com/civgrid/civgrid/data"
)

// FeedOf returns what tells the changes of a store or of a part of one, false where the
// store tells none. Of a part it gives the changes of facts that lie in it then; of one
// that left it nothing is told. Marks are those of the whole, which tell how much changes
// elsewhere: they are not for callers.
func FeedOf(store data.Store) (data.Feed, bool) {
	if part, ok := store.(interface{ feed() (data.Feed, bool) }); ok {
		return part.feed()
	}
	f, ok := store.(data.Feed)
	return f, ok
}

func (s *Store) feed() (data.Feed, bool) {
	whole, ok := FeedOf(s.whole)
	return feed{whole, s}, ok
}

// feed tells the changes of a part.
type feed struct {
	data.Feed // of the whole
	part      *Store
}

// Scan implements [data.Source].
func (f feed) Scan(ctx context.Context, q data.Query) data.Batches { return f.part.Scan(ctx, q) }

// Since implements [data.Feed].
func (f feed) Since(ctx context.Context, d data.Dataset, mark int64) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		within, err := f.part.within(ctx)
		if err != nil {
			yield(data.Batch{}, err)
			return
		}
		for b, err := range f.Feed.Since(ctx, d, mark) {
			if err == nil {
				b, err = data.Query{Where: inside(within)}.Filter(b)
			}
			if !yield(b, err) || err != nil {
				return
			}
		}
	}
}
