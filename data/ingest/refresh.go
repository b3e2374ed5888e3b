package ingest

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// Refresh brings the columnar cache of a store up to date after files were
// imported, so that the next program to open it finds it so. Other stores need no
// refresh.
func Refresh(ctx context.Context, store data.Store) error {
	cache, ok := store.(interface{ Refresh(context.Context) error })
	if !ok {
		return nil
	}
	if err := cache.Refresh(ctx); err != nil {
		return fmt.Errorf("refresh the columns of the store: %w", err)
	}
	return nil
}
