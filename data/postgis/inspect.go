package postgis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/civgrid/civgrid/data"
)

// A State says how a finding is to be taken.
type State string

// The states.
const (
	OK      State = "ok"
	Warning State = "warning" // it works, and may not for long or not well
	Problem State = "problem" // something does not work, or is damaged
)

// A Finding is what one check found.
type Finding struct {
	Check string `json:"check"` // its name: "postgis", "indexes"
	State State  `json:"state"`
	Text  string `json:"text"`           // a sentence without capital and stop
	Hint  string `json:"hint,omitempty"` // what to do; "" for nothing
}

// InspectOptions tune Inspect. The zero value is ready for use.
type InspectOptions struct {
	// Connections is how many connections a program is going to take. Zero
	// means what pool_max_conns in the URL says, else 8.
	Connections int
	// ConnectTimeout is how long one attempt to connect may take. Zero means 5
	// seconds.
	ConnectTimeout time.Duration
	// Now is the clock that the server's is held against. Nil leaves that out.
	Now func() time.Time
}

// checkTimeout bounds how long one check may take.
const checkTimeout = time.Minute

// Inspect looks at the store in the database of a URL, at the server it is on
// and at what the role may do there, and changes nothing. The findings are in a
// fixed order; checks that make no sense after an earlier finding are left out.
//
// The error says that there is no store to look at, as that of [Open] does: it
// wraps data.ErrUnavailable when the server cannot be reached, data.ErrNotFound
// when the database has no store, and data.ErrVersion or [ErrOutdated] when the
// store is of another version. The findings up to there are returned with it.
func Inspect(ctx context.Context, url string, o InspectOptions) ([]Finding, error) {
	options := Options{ReadOnly: true, ConnectTimeout: o.ConnectTimeout, Connections: o.Connections}.withDefaults()
	i := inspection{options: options, now: o.Now, url: url}
	err := i.run(ctx)
	if i.pool != nil {
		i.pool.Close()
	}
	if err != nil {
		return i.findings, fmt.Errorf("inspect %s: %w", Redact(url), err)
	}
	return i.findings, nil
}

// An inspection is one call of Inspect.
type inspection struct {
	url      string
	options  Options
	now      func() time.Time
	pool     *pgxpool.Pool
	server   Server
	settings data.Settings
	findings []Finding

	connections int // that a program takes
}

// A check is one thing to look at. The error says that it could not be looked
// at.
type check struct {
	name string
	look func(i *inspection, ctx context.Context) (Finding, error)
}

// serverChecks look at the server, storeChecks at a store of our version.
var serverChecks = []check{
	{"version", (*inspection).checkVersion},
	{"postgis", (*inspection).checkPostGIS},
	{"citus", (*inspection).checkCitus},
	{"standby", (*inspection).checkStandby},
	{"encoding", (*inspection).checkEncoding},
	{"durability", (*inspection).checkDurability},
	{"checksums", (*inspection).checkChecksums},
	{"autovacuum", (*inspection).checkAutovacuum},
	{"timeouts", (*inspection).checkTimeouts},
	{"clock", (*inspection).checkClock},
	{"connections", (*inspection).checkConnections},
	{"pooling", (*inspection).checkPooling},
	{"disk", (*inspection).checkDisk},
}

var storeChecks = []check{
	{"tables", (*inspection).checkTables},
	{"indexes", (*inspection).checkIndexes},
	{"owner", (*inspection).checkOwner},
	{"time zone", (*inspection).checkZone},
	{"statistics", (*inspection).checkStatistics},
	{"batches", (*inspection).checkBatches},
	{"inbox", (*inspection).checkInbox},
}

func (i *inspection) run(ctx context.Context) error {
	if err := i.connect(ctx); err != nil {
		return err
	}
	if err := i.all(ctx, serverChecks); err != nil {
		return err
	}
	reads, err := i.role(ctx)
	if err != nil || !reads {
		return err
	}
	usable, err := i.format(ctx)
	if err != nil || !usable {
		return err
	}
	return i.all(ctx, storeChecks)
}

// all runs checks one after the other. Those that fail are findings, but for
// the loss of the server.
func (i *inspection) all(ctx context.Context, checks []check) error {
	for _, c := range checks {
		limited, cancel := context.WithTimeout(ctx, checkTimeout)
		f, err := c.look(i, limited)
		cancel()
		err = known(ctx, err)
		if ctx.Err() != nil {
			return err
		}
		if errors.Is(err, data.ErrUnavailable) {
			i.add(c.name, bad("", "the server went away: %s", causeOf(err)))
			return err
		}
		if err != nil {
			f = bad("", "cannot be looked at: %s", causeOf(err))
		}
		if f != (Finding{}) {
			i.add(c.name, f)
		}
	}
	return nil
}

func (i *inspection) add(check string, f Finding) {
	f.Check = check
	i.findings = append(i.findings, f)
}

// good, warn and bad make findings.
func good(format string, args ...any) Finding {
	return Finding{State: OK, Text: fmt.Sprintf(format, args...)}
}

func warn(hint, format string, args ...any) Finding {
	return Finding{State: Warning, Text: fmt.Sprintf(format, args...), Hint: hint}
}

func bad(hint, format string, args ...any) Finding {
	return Finding{State: Problem, Text: fmt.Sprintf(format, args...), Hint: hint}
}

// inspectors is how many connections the checks need: pooling is found out with
// two beside the first.
const inspectors = 3

// connect makes the first connection and asks the server what it is.
func (i *inspection) connect(ctx context.Context) (err error) {
	if i.pool, err = newPool(ctx, i.url, i.options); err != nil {
		i.add("server", bad("postgres://user@host:5432/database", "the address cannot be read"))
		return err
	}
	i.connections = int(i.pool.Config().MaxConns)
	if i.connections < inspectors {
		i.pool.Close()
		i.options.Connections = inspectors
		if i.pool, err = newPool(ctx, i.url, i.options); err != nil {
			return err
		}
	}
	if i.server, err = probe(ctx, i.pool); err != nil {
		text, hint := whyNot(err)
		i.add("server", bad(hint, "%s: %s", Redact(i.url), text))
		if err = known(ctx, err); !errors.Is(err, data.ErrUnavailable) && ctx.Err() == nil {
			err = fmt.Errorf("%w: %w", data.ErrUnavailable, err)
		}
		return err
	}
	took := ""
	if i.now != nil {
		if _, trip, err := i.skew(ctx); err == nil {
			took = fmt.Sprintf(" in %v", trip.Round(time.Microsecond))
		}
	}
	i.add("server", good("%s answers%s", Redact(i.url), took))
	return nil
}

// format compares the version of the store with that of the program, and reads
// its settings.
func (i *inspection) format(ctx context.Context) (usable bool, err error) {
	version, err := formatOf(ctx, i.pool)
	if err != nil {
		return false, known(ctx, err)
	}
	newest := newestVersion()
	const migrate = "civgrid migrate, as a role that may, "
	switch {
	case version == 0:
		i.add("format", bad(migrate+"makes one; so does the first civgrid import", "the database has no store"))
		return false, data.ErrNotFound
	case version > newest:
		i.add("format", bad("run the newer program", "version %d was made by a newer program; this one knows %d", version, newest))
		return false, data.ErrVersion
	case version < newest:
		i.add("format", bad(migrate+"brings it up to date", "version %d is older than this program's %d", version, newest))
		return false, ErrOutdated
	}
	if whole, err := isWhole(ctx, i.pool); err != nil {
		return false, known(ctx, err)
	} else if !whole {
		i.add("format", bad(migrate+"makes the rest", "who made the store did not come to the end: tables are missing"))
		return false, nil
	}
	if i.settings, err = readSettings(ctx, i.pool); err != nil {
		if err = known(ctx, err); errors.Is(err, data.ErrUnavailable) || ctx.Err() != nil {
			return false, err
		}
		i.add("settings", bad("put the database back from a backup, or run a newer program", "%s", causeOf(err)))
		return false, nil
	}
	i.add("format", good("version %d, as this program wants it", version))
	return true, nil
}

// one puts a question of one answer.
func (i *inspection) one(ctx context.Context, into []any, query string, args ...any) error {
	return i.pool.QueryRow(ctx, query, args...).Scan(into...)
}

// texts puts a question that is answered by rows of one text.
func (i *inspection) texts(ctx context.Context, query string, args ...any) ([]string, error) {
	rows, err := i.pool.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
