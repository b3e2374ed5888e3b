package sqlite_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
	"github.com/civgrid/civgrid/data/storetest"
)

func open(t testing.TB, path string, options sqlite.Options) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), path, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) data.Store {
		return open(t, filepath.Join(t.TempDir(), sqlite.DefaultName), sqlite.Options{})
	})
}
