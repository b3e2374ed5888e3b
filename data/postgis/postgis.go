package postgis

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/civgrid/civgrid/data"
)

// Options tune a Store. The zero value is ready for use.
type Options struct {
	// ReadOnly opens a store that exists for reading, as a role that may not
	// write can. Every write is an error.
	ReadOnly bool
	// Connections is the most connections held at one time. A scan inside the
	// loop over another needs a second one. Zero means what pool_max_conns in the
	// URL says, else 8; less than 4 counts as 4.
	Connections int
	// ConnectTimeout is how long one attempt to connect may take. Zero means 5
	// seconds.
	ConnectTimeout time.Duration
	// StatementTimeout is the longest the server may work on one statement.
	// Zero means what statement_timeout in the URL says, else as long as it takes.
	// A read whose context has a deadline ends with it in any case.
	StatementTimeout time.Duration
	// Patience is for how long work that can be repeated is repeated after a
	// connection was lost or the server asked for it. Zero means 30 seconds.
	Patience time.Duration
	// Logger receives notes on repeated work and upkeep. Nil means silence.
	Logger *slog.Logger
}

const defaultConnections = 8

func (o Options) withDefaults() Options {
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = 5 * time.Second
	}
	if o.Patience <= 0 {
		o.Patience = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}

// A Store keeps everything in one schema of a PostgreSQL database. It
// implements [data.Store], [data.Feed], [data.Historian] and
// [data.Aggregator] and is safe for concurrent use, by any number of processes.
type Store struct {
	pool    *pgxpool.Pool
	options Options
	server  Server

	settings atomic.Pointer[data.Settings]
	words    atomic.Pointer[vocabulary] // read last

	mu      sync.Mutex
	version struct{ revision, text string } // computed last
	areas   struct {
		digest string // of what is held
		held   []data.Community
	}
}

// Open opens the store in the database of a URL such as
// postgres://user@host:5432/name, and makes it where there is none and the
// role may. The error wraps data.ErrUnavailable when the server cannot be
// reached, data.ErrVersion when a newer program made the store, [ErrOutdated]
// when an older one did, and data.ErrNotFound when there is none to be read.
func Open(ctx context.Context, url string, options Options) (*Store, error) {
	s := &Store{options: options.withDefaults()}
	if err := s.open(ctx, url); err != nil {
		s.Close()
		return nil, fmt.Errorf("open %s: %w", Redact(url), err)
	}
	return s, nil
}

func (s *Store) open(ctx context.Context, url string) (err error) {
	if s.pool, err = newPool(ctx, url, s.options); err != nil {
		return err
	}
	if s.server, err = probe(ctx, s.pool); err != nil {
		return known(ctx, err)
	}
	if err := s.server.usable(); err != nil {
		return err
	}
	if err := s.ensureSchema(ctx, url); err != nil {
		return known(ctx, err)
	}
	if _, err := s.Settings(ctx); err != nil {
		return err
	}
	if s.options.ReadOnly {
		return nil
	}
	return s.repair(ctx)
}

// Close ends all connections. It waits for scans under way, and so must not be
// called from within one.
func (s *Store) Close() error {
	if s.pool != nil {
		s.pool.Close()
	}
	return nil
}

// Server says what the store runs on.
func (s *Store) Server() Server { return s.server }

var (
	_ data.Store      = (*Store)(nil)
	_ data.Feed       = (*Store)(nil)
	_ data.Historian  = (*Store)(nil)
	_ data.Aggregator = (*Store)(nil)
)
