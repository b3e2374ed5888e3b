package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"strings"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/follow"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/segment"
	"github.com/civgrid/civgrid/data/sqlite"
)

const defaultStore = sqlite.DefaultName

// A storeKind opens stores whose name begins with prefix: for writing, for
// reading only, to serve, which is reading while others write, for a glance, which
// never keeps others from writing, or for keeping documents while others write.
type storeKind struct {
	prefix                             string
	open, read, serve, glance, archive func(ctx context.Context, p *program, name string) (data.Store, error)
}

// stores lists every kind of store; the first whose prefix fits opens it.
var stores = []storeKind{
	{"memory:", openMemory, openMemory, openMemory, openMemory, openMemory},
	{"postgres://", openPostgres, readPostgres, servePostgres, readPostgres, openPostgres},
	{"postgresql://", openPostgres, readPostgres, servePostgres, readPostgres, openPostgres},
	{"", openFile, readFile, serveFile, readRecord, openRecord},
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

// openToServe opens the store of the settings for a service, which may go on
// while others write to it.
func (p *program) openToServe(ctx context.Context) (data.Store, error) {
	kind, err := p.storeKind()
	if err != nil {
		return nil, err
	}
	return kind.serve(ctx, p, p.config.get("store"))
}

// openToGlance opens the store of the settings for reading now and then, which
// must not keep others from writing.
func (p *program) openToGlance(ctx context.Context) (data.Store, error) {
	kind, err := p.storeKind()
	if err != nil {
		return nil, err
	}
	return kind.glance(ctx, p, p.config.get("store"))
}

// openArchive opens the store of the settings for keeping documents beside whoever
// writes to it.
func (p *program) openArchive(ctx context.Context) (data.Store, error) {
	kind, err := p.storeKind()
	if err != nil {
		return nil, err
	}
	return kind.archive(ctx, p, p.config.get("store"))
}

func (p *program) storeKind() (storeKind, error) {
	name := p.config.get("store")
	for _, kind := range stores {
		if kind.prefix != "" && strings.HasPrefix(name, kind.prefix) {
			return kind, nil
		}
	}
	if prefix := addressPrefix(name); prefix != "" {
		return storeKind{}, &codedError{
			code: exitStore, err: fmt.Errorf("store %s…: %s is no kind of store", prefix, strings.TrimRight(prefix, ":/=")),
			hint: "give the path of a file, or postgres://user@host/database",
		}
	}
	return stores[len(stores)-1], nil
}

// addressPrefix returns how a name begins that is no path of a file but an
// address of another form, such as mysql:// or PG: or host=; "" for others. A
// letter and a colon are a drive.
func addressPrefix(name string) string {
	return regexp.MustCompile(`^(?i)([a-z][a-z0-9+.-]+:/*|(host|dbname|user|service)=)`).FindString(name)
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
	if err := mustExist(path); err != nil {
		return nil, err
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

// serveFile opens the embedded store for a service, which either takes records and is the
// one that writes, or reads.
func serveFile(ctx context.Context, p *program, path string) (data.Store, error) {
	if p.config.get("write") != "true" {
		return readFile(ctx, p, path)
	}
	if err := mustExist(path); err != nil {
		return nil, err
	}
	return openFile(ctx, p, path)
}

// readRecord opens the record of the embedded store, beside a program that writes
// to it or begins to.
func readRecord(ctx context.Context, p *program, path string) (data.Store, error) {
	return p.beside(ctx, path, sqlite.Options{ReadOnly: true})
}

// openRecord opens it for keeping documents as well.
func openRecord(ctx context.Context, p *program, path string) (data.Store, error) {
	return p.beside(ctx, path, sqlite.Options{Archive: true})
}

func (p *program) beside(ctx context.Context, path string, o sqlite.Options) (data.Store, error) {
	if err := mustExist(path); err != nil {
		return nil, err
	}
	o.Logger = p.logger()
	record, err := sqlite.Open(ctx, path, o)
	if err != nil {
		return nil, fmt.Errorf("open store: %w", err)
	}
	return record, nil
}

// mustExist returns an error where there is no file of a store.
func mustExist(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return &codedError{
			code: exitNotFound, err: fmt.Errorf("there is no store %s", path),
			hint: "civgrid import makes one; --store names another",
		}
	}
	return nil
}

func isPostgres(name string) bool {
	return strings.HasPrefix(name, "postgres://") || strings.HasPrefix(name, "postgresql://")
}

// openPostgres opens a store in a PostgreSQL database.
func openPostgres(ctx context.Context, p *program, url string) (data.Store, error) {
	return p.connect(ctx, url, postgis.Options{})
}

// readPostgres opens it with statements that can write switched off.
func readPostgres(ctx context.Context, p *program, url string) (data.Store, error) {
	return p.connect(ctx, url, postgis.Options{ReadOnly: true})
}

// servePostgres opens a copy of it that follows what others write, and goes on
// while the database is away.
func servePostgres(ctx context.Context, p *program, url string) (data.Store, error) {
	store, err := p.connect(ctx, url, postgis.Options{ReadOnly: p.config.get("write") != "true"})
	if err != nil {
		return nil, err
	}
	dir, forget, err := p.columnsFolder()
	if err != nil {
		store.Close()
		return nil, err
	}
	meter := p.meter("facts", "rows")
	copied, err := follow.Open(ctx, store, dir, follow.Options{
		Logger: p.logger(), Now: p.now, Cache: segment.Options{Logger: p.logger()},
		Copied: func(rows int64) { meter.at("copying", rows, 0, "") },
	})
	meter.done()
	if err != nil {
		store.Close()
		forget()
		return nil, fmt.Errorf("open store: %w", err)
	}
	return temporary{copied, forget}, nil
}

const noPostGISHint = "a superuser adds it to the database, once: CREATE EXTENSION postgis (package postgresql-15-postgis-3 or the like)"

// connect opens a store in a PostgreSQL database and says what can be done
// where that fails.
func (p *program) connect(ctx context.Context, url string, o postgis.Options) (*postgis.Store, error) {
	o.Logger = p.logger()
	store, err := postgis.Open(ctx, url, o)
	hint := ""
	switch {
	case err == nil:
		return store, nil
	case errors.Is(err, postgis.ErrNoPostGIS):
		hint = noPostGISHint
	case errors.Is(err, data.ErrNotFound):
		hint = "civgrid import makes one, or civgrid migrate with a role that may"
	case errors.Is(err, postgis.ErrOutdated):
		hint = "civgrid migrate brings it up to date, with the role that owns it"
	case errors.Is(err, fs.ErrPermission):
		hint = "civgrid migrate --print-roles shows which role may do what; civgrid doctor tells which this is"
	case errors.Is(err, data.ErrUnavailable):
		hint = "civgrid doctor looks for the reason"
	}
	return nil, &codedError{code: exitOf(err), err: fmt.Errorf("open store: %w", err), hint: hint}
}

// exitOf returns the exit code of a store that cannot be opened.
func exitOf(err error) int {
	if code := codeOf(err); code != exitFailure {
		return code
	}
	return exitStore
}
