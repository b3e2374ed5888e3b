package postgis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/civgrid/civgrid/data"
)

// schema is where everything of ours is.
const schema = "civgrid"

// leastConnections is how many a store needs at one time: one that listens, one
// that holds a lock, one that scans and one that writes.
const leastConnections = 4

// cancelTimeout is how long a server may take to cancel a statement before the
// connection is given up: a caller hears of its deadline so much late at most.
const cancelTimeout = 500 * time.Millisecond

// newPool returns a pool of connections, none of which is made yet.
func newPool(ctx context.Context, url string, o Options) (*pgxpool.Pool, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err // without the password
	}
	if o.Connections > 0 || !strings.Contains(url, "pool_max_conns=") {
		config.MaxConns = int32(cmp.Or(o.Connections, defaultConnections))
	}
	config.MaxConns = max(config.MaxConns, leastConnections)
	c := config.ConnConfig
	c.ConnectTimeout = o.ConnectTimeout
	// Statements are sent with their arguments beside them, and none is
	// prepared: tables may be made anew, and a pooler may be in between.
	c.DefaultQueryExecMode = pgx.QueryExecModeExec
	c.RuntimeParams["application_name"] = "civgrid"
	// A statement whose context ends is cancelled on the server, and the
	// connection lives on, unless the server does not answer to that.
	c.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: cancelTimeout}
	}
	config.AfterConnect = func(ctx context.Context, conn *pgx.Conn) error { return prepareConn(ctx, conn, o) }
	return pgxpool.NewWithConfig(ctx, config)
}

// prepareConn sets what holds for a connection. It is set after connecting,
// because poolers refuse most settings at start-up. The server looks for
// clients that are gone, within a minute: their locks keep writers waiting.
func prepareConn(ctx context.Context, conn *pgx.Conn, o Options) error {
	_, err := conn.Exec(ctx, `SELECT set_config('timezone', 'UTC', false),
		CASE WHEN version() !~* 'visual c|msvc|mingw|windows' THEN -- Windows has not all of these
			set_config('tcp_keepalives_idle', '30', false) || set_config('tcp_keepalives_interval', '10', false) ||
			set_config('tcp_keepalives_count', '3', false) || set_config('client_connection_check_interval', '10s', false) END,
		CASE WHEN $1::bigint > 0 THEN set_config('statement_timeout', $1::bigint::text, false) END,
		CASE WHEN $2::boolean THEN set_config('default_transaction_read_only', 'on', false) END`,
		o.StatementTimeout.Milliseconds(), o.ReadOnly)
	return err
}

// Redact returns a URL without its password, fit to be shown.
func Redact(url string) string {
	config, err := pgconn.ParseConfig(url)
	if err != nil {
		return "postgres://…"
	}
	return fmt.Sprintf("postgres://%s@%s:%d/%s", config.User, config.Host, config.Port, config.Database)
}

// The classes of errors (PostgreSQL 15, appendix A) that tell what to do.
const (
	classConnection   = "08" // connection exception
	classResources    = "53" // too many connections, disk full
	classIntervention = "57" // shutdown, start-up, cancelled
	classSystem       = "58" // input and output errors, also of Citus workers
	codeSerialization = "40001"
	codeDeadlock      = "40P01"
	codeUnique        = "23505"
	codePrivilege     = "42501"
	codeReadOnly      = "25006"
	codeCancelled     = "57014"
	codeDiskFull      = "53100"
	codeInternal      = "XX000"
)

// known translates an error of the server for which callers know a name.
func known(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if ended := ctx.Err(); ended != nil && !errors.Is(err, ended) {
		return fmt.Errorf("%w: %w", ended, err)
	}
	var e *pgconn.PgError
	var connecting *pgconn.ConnectError
	switch {
	case errors.As(err, &connecting) && errors.As(err, &e): // the server's word, not that of every attempt
		return fmt.Errorf("%w: %w", data.ErrUnavailable, e)
	case errors.As(err, &connecting):
		return fmt.Errorf("%w: %w", data.ErrUnavailable, err)
	case !errors.As(err, &e):
		if lost(err) {
			return fmt.Errorf("%w: the connection was lost: %w", data.ErrUnavailable, err)
		}
		return err
	case e.Code == codePrivilege:
		return fmt.Errorf("%w: %w", ErrPermission, err)
	case e.Code == codeReadOnly: // of another server, for a while
		return fmt.Errorf("%w: it takes no writes, as a standby would not: %w", data.ErrUnavailable, err)
	case e.Code == codeCancelled:
		return fmt.Errorf("%w: the server ended the statement: %w", context.DeadlineExceeded, err)
	case e.Code == codeDiskFull:
		return err
	case away(e):
		return fmt.Errorf("%w: %w", data.ErrUnavailable, explained(err, e))
	}
	return err
}

// away reports whether the server, or a worker of a Citus cluster, is not
// there. Citus has no code of its own for a worker that is lost in the middle
// of a transaction.
func away(e *pgconn.PgError) bool {
	switch e.Code[:2] {
	case classConnection, classResources, classIntervention, classSystem:
		return true
	}
	return e.Code == codeInternal && strings.Contains(e.Message, "connection")
}

// explained adds what the server says further of an error: Citus names the
// worker there.
func explained(err error, e *pgconn.PgError) error {
	if e.Detail == "" {
		return err
	}
	return fmt.Errorf("%w (%s)", err, e.Detail)
}

// lost reports whether an error is none of the server's own: the connection
// broke, or was closed.
func lost(err error) bool {
	var e *pgconn.PgError
	return !errors.As(err, &e) && (pgconn.SafeToRetry(err) || pgconn.Timeout(err) || isNetwork(err))
}

// repeatable reports whether work that failed with err may succeed when it is
// done again.
func repeatable(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		var connecting *pgconn.ConnectError
		return errors.As(err, &connecting) || errors.Is(err, errPartial) || lost(err)
	}
	switch e.Code {
	case codeSerialization, codeDeadlock, codeUnique, codeReadOnly:
		return true
	case codeCancelled, codeDiskFull:
		return false
	}
	return away(e)
}

// The pauses between repetitions double from the first to the longest.
const (
	firstPause   = 20 * time.Millisecond
	longestPause = time.Second
)

// persist does what can be repeated until it succeeds, fails for good, or the
// patience ends.
func (s *Store) persist(ctx context.Context, what string, do func() error) error {
	var end <-chan time.Time
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		err := do()
		if err == nil || ctx.Err() != nil || !repeatable(err) {
			return known(ctx, err)
		}
		if end == nil {
			end = time.After(s.options.Patience)
		}
		s.options.Logger.WarnContext(ctx, "repeated", "what", what, "after", pause, "error", err)
		select {
		case <-ctx.Done():
			return known(ctx, err)
		case <-end:
			return known(ctx, err)
		case <-time.After(pause):
		}
	}
}

// read runs do at one moment of the content. Its statements end with the context
// on the server too, even where no word of that reaches it.
func (s *Store) read(ctx context.Context, do func(pgx.Tx) error) error {
	options := pgx.TxOptions{BeginQuery: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"}
	if deadline, ok := ctx.Deadline(); ok {
		options.BeginQuery += "; " + lowerTimeout(time.Until(deadline)+cancelTimeout)
	}
	return known(ctx, pgx.BeginTxFunc(ctx, s.pool, options, do))
}

// lowerTimeout returns the statement that has the server work on one statement of
// this transaction no longer than limit, or than it would have.
func lowerTimeout(limit time.Duration) string {
	limit = max(limit, time.Millisecond) // 0 is none
	return fmt.Sprintf(`SELECT set_config('statement_timeout', '%[1]d', true) FROM (SELECT current_setting('statement_timeout')::interval AS held) AS now
		WHERE held = interval '0' OR held > interval '%[1]d milliseconds'`, limit.Milliseconds())
}

// write runs do in a transaction, and again where the server asks for it.
func (s *Store) write(ctx context.Context, what string, do func(pgx.Tx) error) error {
	if s.options.ReadOnly {
		return data.ErrReadOnly
	}
	return s.persist(ctx, what, func() error { return pgx.BeginFunc(ctx, s.pool, do) })
}
