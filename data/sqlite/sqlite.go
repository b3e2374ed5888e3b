package sqlite

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"modernc.org/sqlite"

	"github.com/civgrid/civgrid/data"
)

// DefaultName is the usual name of a store's file.
const DefaultName = "civgrid.gpkg"

// Options tune a Store. The zero value is ready for use.
type Options struct {
	// ReadOnly opens a store that exists for reading beside the process that
	// writes to it, if there is one. Every write is an error.
	ReadOnly bool
	// Archive opens a store that exists for reading, as ReadOnly does, and for keeping
	// documents, which does not disturb the process that writes facts.
	Archive bool
	// Readers is the most scans that run at one time; further ones wait. A scan
	// inside the loop over another needs a second reader. Zero means 8.
	Readers int
	// Now tells when a change is recorded, for AsOf. Nil means the clock of the
	// machine.
	Now func() time.Time
	// Logger receives notes on upkeep. Nil means silence.
	Logger *slog.Logger
}

// A Store keeps everything in one file. It implements [data.Store],
// [data.Feed] and [data.Historian] and is safe for concurrent use.
type Store struct {
	path    string
	options Options
	lock    *sql.DB // nil if read only
	writer  *sql.DB // one connection; nil if read only
	archive *sql.DB // for documents: the writer, or a connection beside it
	readers *sql.DB
	nonce   string // of the changes of this opening
	old     bool   // read only, and the format was an older one when it was opened

	settings atomic.Pointer[data.Settings]
	words    vocabulary
	ids      map[string]int64 // of words; used within write only

	mu      sync.Mutex
	version struct {
		change int64 // 0: none computed yet
		text   string
	}
}

var errReadOnly = errors.New("store is open for reading only")

// Open opens the store in a file and creates it where there is none. The file
// should be on a disk of this machine: SQLite's locks do not hold on shared
// folders. The error wraps data.ErrBusy when another process, or another Store
// of this one, has it open for writing, and data.ErrVersion when a newer
// program wrote it.
func Open(ctx context.Context, path string, options Options) (*Store, error) {
	if options.Readers <= 0 {
		options.Readers = 8
	}
	if options.Now == nil {
		options.Now = time.Now //nolint:forbidigo // when a change is recorded is the clock's to say
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Store{options: options, nonce: rand.Text()}
	err := s.open(ctx, path)
	if err != nil {
		_ = s.Close()
		return nil, fmt.Errorf("open %s: %w", filepath.Base(path), err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, path string) (err error) {
	if s.path, err = absolute(path); err != nil {
		return err
	}
	// Where the system has them, locks that outlive the closing of the same file
	// by other code of this process, such as one that serves it for download.
	_, _ = sqlite.OFDLocking(true)
	reads := s.options.ReadOnly || s.options.Archive
	if !reads {
		if s.lock, err = lock(ctx, s.path); err != nil {
			return err
		}
		if s.writer, err = openWriter(ctx, s.path, s.options.Logger); err != nil {
			return err
		}
		s.archive = s.writer
		if err = s.write(ctx, s.createFacts); err != nil {
			return err
		}
	}
	if s.readers, err = openReaders(s.path, s.options.Readers); err != nil {
		return err
	}
	if reads {
		if err = checkFormat(ctx, s.readers); err != nil {
			return err
		}
		version, err := formatOf(ctx, s.readers)
		if err != nil {
			return err
		}
		s.old = version < newestVersion()
	}
	if s.options.Archive {
		if s.old {
			return errors.New("the store is of an older format: open it for writing once")
		}
		if s.archive, err = sql.Open("sqlite", dataSource(s.path, "rw", writerPragmas)); err != nil {
			return err
		}
		s.archive.SetMaxOpenConns(1)
	}
	return s.read(ctx, func(c session) error {
		settings, err := readSettings(c)
		if err == nil {
			s.settings.Store(&settings)
		}
		return err
	})
}

// Close ends the use of the file. Scans under way are cut short.
func (s *Store) Close() error {
	var errs []error
	for _, db := range []*sql.DB{s.readers, s.archive, s.writer, s.lock} { // the lock last
		if db != nil {
			errs = append(errs, db.Close()) // twice does no harm
		}
	}
	return errors.Join(errs...)
}

// Path returns the full path of the store's file.
func (s *Store) Path() string { return s.path }

// read runs do at one moment of the store's content.
func (s *Store) read(ctx context.Context, do func(session) error) error {
	return transact(ctx, s.readers, "BEGIN", do)
}

// write runs do in the one writing transaction there can be.
func (s *Store) write(ctx context.Context, do func(session) error) error {
	if s.writer == nil {
		return errReadOnly
	}
	return transact(ctx, s.writer, "BEGIN IMMEDIATE", do)
}

// change numbers the transaction under way.
func (s *Store) change(c session, what string) (int64, error) {
	last, err := c.one("SELECT number, at FROM civgrid_change ORDER BY number DESC LIMIT 1")
	if err != nil {
		return 0, err
	}
	number, at := int64(1), s.options.Now().UnixMicro()
	if last != nil {
		number, at = last[0].(int64)+1, max(at, last[1].(int64))
	}
	if err := c.exec("INSERT INTO civgrid_change(number, at, what) VALUES (?, ?, ?)", number, at, what); err != nil {
		return 0, err
	}
	return number, s.sign(c, number)
}
