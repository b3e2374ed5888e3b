package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/segment"
	"github.com/civgrid/civgrid/data/sqlite"
)

const defaultStore = sqlite.DefaultName

// A storeKind opens stores whose name begins with prefix.
type storeKind struct {
	prefix string
	open   func(ctx context.Context, p *program, name string) (data.Store, error)
}

// stores lists every kind of store; the first whose prefix fits opens it.
var stores = []storeKind{
	{"memory:", openMemory},
	{"", openFile},
}

// openStore opens the store of the settings.
func (p *program) openStore(ctx context.Context) (data.Store, error) {
	name := p.config.get("store")
	if scheme, _, ok := strings.Cut(name, "://"); ok {
		return nil, &codedError{code: exitStore, err: fmt.Errorf("store %q: %s is no kind of store; give the path of a file", name, scheme)}
	}
	for _, kind := range stores {
		if strings.HasPrefix(name, kind.prefix) {
			return kind.open(ctx, p, name)
		}
	}
	panic("BUG: no kind of store takes " + name)
}

// openMemory opens an empty store that is gone when the program ends.
func openMemory(context.Context, *program, string) (data.Store, error) { return memory.New(), nil }

// openFile opens the embedded store with its columnar cache beside it.
func openFile(ctx context.Context, p *program, path string) (data.Store, error) {
	record, err := sqlite.Open(ctx, path, sqlite.Options{Logger: p.logger()})
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	cache, err := segment.Open(ctx, record, path+".cols", segment.Options{Logger: p.logger()})
	if err != nil {
		record.Close()
		return nil, fmt.Errorf("open the columns of the store: %w", err)
	}
	return cache, nil
}

// refresh brings the columnar cache of a store up to date after writing, so
// that the next program to open it finds it so. Other stores need no refresh.
func refresh(ctx context.Context, store data.Store) error {
	cache, ok := store.(interface{ Refresh(context.Context) error })
	if !ok {
		return nil
	}
	if err := cache.Refresh(ctx); err != nil {
		return fmt.Errorf("refresh the columns of the store: %w", err)
	}
	return nil
}
