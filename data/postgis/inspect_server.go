package postgis

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// oldestPostGIS is the oldest version that the SQL here was tried on.
var oldestPostGIS = [2]int{3, 3}

// whyNot says in words why a server cannot be reached, and what may help.
func whyNot(err error) (text, hint string) {
	text = causeOf(err)
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		var name *net.DNSError
		switch {
		case errors.As(err, &name):
			text, hint = name.Err, "is the name of the host right?"
		case pgconn.Timeout(err):
			text, hint = "no answer in time", "is host and port right, and does a firewall let us through?"
		default:
			hint = "is the server running, and are host and port right? pg_isready -h HOST -p PORT asks it"
		}
		return text, hint
	}
	switch {
	case e.Code == "3D000":
		hint = "createdb NAME makes a database"
	case e.Code == "28P01":
		hint = "is the password right? it may stand in the address, in PGPASSWORD or in ~/.pgpass"
	case e.Code[:2] == "28":
		hint = "pg_hba.conf of the server says who may come in from where"
	case e.Code == "53300":
		hint = "raise max_connections, or put pgbouncer with pool_mode = session in between"
	case e.Code[:2] == classIntervention:
		hint = "try again in a moment"
	case strings.Contains(e.Message, "startup parameter"):
		hint = "for pgbouncer: pool_mode = session, and in ignore_startup_parameters what it names"
	}
	return text, hint
}

// causeOf returns the innermost message of an error, which says it all to
// people.
func causeOf(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		if e.Detail != "" {
			return e.Message + " (" + e.Detail + ")"
		}
		return e.Message
	}
	var system *os.SyscallError
	if errors.As(err, &system) {
		return system.Err.Error()
	}
	return err.Error()
}

func (i *inspection) checkVersion(context.Context) (Finding, error) {
	if i.server.Number < oldestPostgres {
		return bad("upgrade the server", "PostgreSQL %s is too old; civgrid needs 15 or newer", i.server.Version), nil
	}
	number, _, _ := strings.Cut(i.server.Version, " ") // what follows names the builder
	return good("PostgreSQL %s", number), nil
}

func (i *inspection) checkPostGIS(ctx context.Context) (Finding, error) {
	if i.server.PostGIS == "" {
		return i.withoutPostGIS(ctx)
	}
	var major, minor int
	if n, _ := fmt.Sscanf(i.server.PostGIS, "%d.%d", &major, &minor); n < 2 {
		return bad("", "PostGIS has a version %q that cannot be read", i.server.PostGIS), nil
	}
	if major < oldestPostGIS[0] || major == oldestPostGIS[0] && minor < oldestPostGIS[1] {
		return bad("upgrade it on the server, then ALTER EXTENSION postgis UPDATE",
			"PostGIS %s is too old; civgrid needs %d.%d or newer", i.server.PostGIS, oldestPostGIS[0], oldestPostGIS[1]), nil
	}
	var library string
	if err := i.one(ctx, []any{&library}, "SELECT postgis_lib_version()"); err != nil {
		return Finding{}, err
	}
	if library != i.server.PostGIS {
		return warn("ALTER EXTENSION postgis UPDATE", "PostGIS is %s in the database and %s on the server", i.server.PostGIS, library), nil
	}
	return good("PostGIS %s", i.server.PostGIS), nil
}

// withoutPostGIS tells a server without it from a database without it.
func (i *inspection) withoutPostGIS(ctx context.Context) (Finding, error) {
	available, err := i.texts(ctx, "SELECT default_version FROM pg_available_extensions WHERE name = 'postgis'")
	if err != nil {
		return Finding{}, err
	}
	if len(available) == 0 {
		return bad(fmt.Sprintf("install it on the server: on Debian, apt install postgresql-%d-postgis-3", i.server.Number/10000),
			"PostGIS is not installed on the server"), nil
	}
	return bad("CREATE EXTENSION postgis, as a superuser", "the database has no PostGIS; the server has %s", available[0]), nil
}

func (i *inspection) checkStandby(ctx context.Context) (Finding, error) {
	if !i.server.Standby {
		return good("the server takes writes"), nil
	}
	var behind *float64
	err := i.one(ctx, []any{&behind}, `SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
		ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 END`)
	if err != nil {
		return Finding{}, err
	}
	if behind == nil {
		return good("the server is a standby: it can be read, and takes no writes"), nil
	}
	return good("the server is a standby, %.0f s behind: it can be read, and takes no writes", *behind), nil
}

func (i *inspection) checkEncoding(ctx context.Context) (Finding, error) {
	var encoding string
	if err := i.one(ctx, []any{&encoding}, "SELECT current_setting('server_encoding')"); err != nil {
		return Finding{}, err
	}
	if encoding != "UTF8" {
		return bad("createdb -E UTF8 -T template0 NAME makes one that is", "texts are kept in %s, which is not UTF-8", encoding), nil
	}
	return good("UTF-8"), nil
}

// checkDurability looks whether what is committed stays.
func (i *inspection) checkDurability(ctx context.Context) (Finding, error) {
	off, err := i.texts(ctx, "SELECT name FROM unnest(ARRAY['fsync', 'full_page_writes', 'synchronous_commit']) AS name WHERE current_setting(name) = 'off'")
	if err != nil {
		return Finding{}, err
	}
	if len(off) > 0 {
		return warn("set to on in postgresql.conf", "%s off: commits may be lost, or the database, when the power fails", list(off, "is", "are")), nil
	}
	return good("commits are on the disk before they are answered"), nil
}

func (i *inspection) checkChecksums(ctx context.Context) (Finding, error) {
	var on string
	if err := i.one(ctx, []any{&on}, "SELECT current_setting('data_checksums')"); err != nil {
		return Finding{}, err
	}
	if on != "on" {
		return warn("pg_checksums --enable, while the server is down; initdb --data-checksums for a new one",
			"pages have no checksums: a damaged disk is noticed late"), nil
	}
	return good("pages have checksums"), nil
}

func (i *inspection) checkAutovacuum(ctx context.Context) (Finding, error) {
	off, err := i.texts(ctx, "SELECT name FROM unnest(ARRAY['autovacuum', 'track_counts']) AS name WHERE current_setting(name) = 'off'")
	if err != nil {
		return Finding{}, err
	}
	if len(off) > 0 {
		return warn("set to on in postgresql.conf", "%s off: tables grow, and their statistics age", list(off, "is", "are")), nil
	}
	return good("autovacuum is on"), nil
}

// timeouts are the settings that cut off work of ours which takes its time,
// with the shortest in milliseconds that does not.
var timeouts = map[string]int64{
	"idle_in_transaction_session_timeout": 60_000,  // a batch is made ready between two statements
	"idle_session_timeout":                60_000,  // connections of the pool rest
	"lock_timeout":                        60_000,  // one import waits for another
	"statement_timeout":                   600_000, // a scan is one statement
	"transaction_timeout":                 600_000, // and one transaction; PostgreSQL 17
}

func (i *inspection) checkTimeouts(ctx context.Context) (Finding, error) {
	rows, err := i.pool.Query(ctx, "SELECT name, setting::bigint FROM pg_settings WHERE name LIKE '%\\_timeout' AND unit = 'ms' AND setting::bigint > 0 ORDER BY name")
	if err != nil {
		return Finding{}, err
	}
	var short []string
	var name string
	var millis int64
	_, err = pgx.ForEachRow(rows, []any{&name, &millis}, func() error {
		if least, ours := timeouts[name]; ours && millis < least {
			short = append(short, fmt.Sprintf("%s is %v", name, time.Duration(millis)*time.Millisecond))
		}
		return nil
	})
	if err != nil {
		return Finding{}, err
	}
	if len(short) > 0 {
		return warn("ALTER ROLE … SET, to 0 or some minutes", "%s: long imports and scans are cut off", strings.Join(short, ", ")), nil
	}
	return good("nothing cuts long imports and scans off"), nil
}

// Of the clock: how far the server's may be off, and how often it is asked.
const (
	mostSkew   = 2 * time.Second
	clockTries = 5
)

// skew returns by how much the server's clock is ahead of ours, taking it that
// the question travelled as long as the answer (Cristian 1989, "Probabilistic
// clock synchronization"), and how long both travelled. The quickest of some
// tries counts, as it is the least wrong.
func (i *inspection) skew(ctx context.Context) (ahead, trip time.Duration, err error) {
	conn, err := i.pool.Acquire(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer conn.Release()
	trip = math.MaxInt64
	for range clockTries {
		var micros int64
		asked := i.now()
		if err := conn.QueryRow(ctx, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint").Scan(&micros); err != nil {
			return 0, 0, err
		}
		if took := i.now().Sub(asked); took < trip {
			trip, ahead = took, time.UnixMicro(micros).Sub(asked.Add(took/2))
		}
	}
	return ahead, trip, nil
}

func (i *inspection) checkClock(ctx context.Context) (Finding, error) {
	if i.now == nil {
		return Finding{}, nil
	}
	ahead, trip, err := i.skew(ctx)
	if err != nil {
		return Finding{}, err
	}
	if off := ahead.Abs(); off <= mostSkew+trip/2 {
		return good("the server's clock is within %v of ours", max(off, trip).Round(time.Millisecond)+time.Millisecond), nil
	}
	which := "ahead of"
	if ahead < 0 {
		which = "behind"
	}
	return warn("let both keep time by NTP", "the server's clock is %v %s ours: what was known when is by the server's", ahead.Abs().Round(time.Millisecond), which), nil
}

func (i *inspection) checkDisk(ctx context.Context) (Finding, error) {
	var database, store, space string
	err := i.one(ctx, []any{&database, &store, &space}, `SELECT pg_size_pretty(pg_database_size(d.oid)),
		pg_size_pretty((SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0) FROM pg_class c WHERE c.relnamespace = to_regnamespace($1::text) AND c.relkind IN ('r', 'm'))),
		(SELECT string_agg(DISTINCT t.spcname, ', ' ORDER BY t.spcname) FROM pg_tablespace t WHERE t.oid = d.dattablespace
			OR t.oid IN (SELECT c.reltablespace FROM pg_class c WHERE c.relnamespace = to_regnamespace($1::text)))
		FROM pg_database d WHERE d.datname = current_database()`, schema)
	if err != nil {
		return Finding{}, err
	}
	where := ""
	if i.server.Distributed {
		where = " on the coordinator"
	}
	return good("the database takes %s%s, the store %s of it, in tablespace %s; what is free the server does not tell", database, where, store, space), nil
}

// list joins names and says what they are: "a is", "a and b are".
func list(names []string, is, are string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0] + " " + is
	}
	return strings.Join(names[:last], ", ") + " and " + names[last] + " " + are
}
