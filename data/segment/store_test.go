package segment

import (
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/storetest"
)

func TestCacheKeepsThePromisesOfStores(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) data.Store { return open(t, memory.New(), t.TempDir(), Options{}) })
}

func TestCacheOfSmallFilesKeepsThePromisesOfStores(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(t *testing.T) data.Store {
		return open(t, memory.New(), t.TempDir(), Options{SegmentRows: 3, DeltaRows: 1})
	})
}
