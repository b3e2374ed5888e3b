package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/segment"
	"github.com/civgrid/civgrid/data/sqlite"
)

const defaultStore = sqlite.DefaultName

// A storeKind opens stores whose name begins with prefix, for writing or for
// reading only.
type storeKind struct {
	prefix     string
	open, read func(ctx context.Context, p *program, name string) (data.Store, error)
}

// stores lists every kind of store; the first whose prefix fits opens it.
var stores = []storeKind{
	{"memory:", openMemory, openMemory},
	{"", openFile, readFile},
}

// openStore opens the store of the settings for writing, and makes it where
// there is none.
func (p *program) openStore(ctx context.Context) (data.Store, error) {
	kind, err := p.storeKind()
	if err != nil {
		return nil, err
	}
	return kind.open(ctx, p, p.config.get("store"))
}

// openToRead opens the store of the settings for reading: beside a program that
// writes to it, and where it cannot be written to. Looking makes no file.
func (p *program) openToRead(ctx context.Context) (data.Store, error) {
	kind, err := p.storeKind()
	if err != nil {
		return nil, err
	}
	return kind.read(ctx, p, p.config.get("store"))
}

func (p *program) storeKind() (storeKind, error) {
	name := p.config.get("store")
	if scheme, _, ok := strings.Cut(name, "://"); ok {
		return storeKind{}, &codedError{code: exitStore, err: fmt.Errorf("store %q: %s is no kind of store; give the path of a file", name, scheme)}
	}
	for _, kind := range stores {
		if strings.HasPrefix(name, kind.prefix) {
			return kind, nil
		}
	}
	panic("BUG: no kind of store takes " + name)
}

// openMemory opens an empty store that is gone when the program ends.
func openMemory(context.Context, *program, string) (data.Store, error) { return memory.New(), nil }

// openFile opens the embedded store with its columnar cache beside it.
func openFile(ctx context.Context, p *program, path string) (data.Store, error) {
	record, err := sqlite.Open(ctx, path, sqlite.Options{Logger: p.logger()})
	if errors.Is(err, data.ErrBusy) {
		return nil, &codedError{
			code: exitBusy, err: fmt.Errorf("store %s is in use by another process", path),
			hint: "end that process, such as civgrid serve, to write to the store; reading needs no end",
		}
	}
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

// readFile opens the embedded store to read: with its columns where nobody else
// has it open, else straight from the record, which is slower.
func readFile(ctx context.Context, p *program, path string) (data.Store, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &codedError{
			code: exitNotFound, err: fmt.Errorf("there is no store %s", path),
			hint: "civgrid import makes one; --store names another",
		}
	}
	store, err := openFile(ctx, p, path)
	if err == nil || codeOf(err) != exitBusy && !errors.Is(err, fs.ErrPermission) {
		return store, err
	}
	record, readErr := sqlite.Open(ctx, path, sqlite.Options{ReadOnly: true, Logger: p.logger()})
	if readErr != nil {
		return nil, err // why it could not be opened in the first place
	}
	return record, nil
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
