package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
)

// migrateFlags are what migrate takes.
type migrateFlags struct {
	distributed           bool
	shards                int
	printRoles            bool
	dryRun, yes           *bool
	zone                  string
	owner, writer, reader string
}

func (p *program) migrateCommand() *cobra.Command {
	var f migrateFlags
	cmd := &cobra.Command{
		Use: "migrate", Short: "Make the store in a PostgreSQL database, or bring it up to date", Args: noArgs,
		Long: "Makes the schema civgrid in the database of --store, with all tables, or brings\n" +
			"it to the version of this program. Doing it again changes nothing, and any number\n" +
			"of processes may do it at one time. The database needs PostGIS: CREATE EXTENSION\n" +
			"postgis takes a superuser.\n\n" +
			"civgrid import makes a store too where there is none. Migrating by hand lets the\n" +
			"service and the imports run as roles that cannot drop a table: --print-roles\n" +
			"prints the SQL that makes three groups, for psql to run before or after: an owner\n" +
			"who may migrate, a writer who may import and a reader who may look. It needs no\n" +
			"connection.\n\n" +
			"With --distributed the facts are spread over the workers of a Citus cluster, of\n" +
			"which the database is the coordinator. That may be done later, to a store that\n" +
			"is full, and cannot be undone.\n\n" +
			"A store in a file is brought up to date by whoever opens it to write.",
		Example: "  civgrid migrate --store postgres://admin@db.example/city --zone Asia/Shanghai\n" +
			"  civgrid migrate --print-roles | psql -v ON_ERROR_STOP=1 postgres://postgres@db.example/city\n" +
			"  civgrid migrate --store postgres://admin@coordinator.example/city --distributed --yes",
	}
	flags := cmd.Flags()
	flags.BoolVar(&f.distributed, "distributed", false, "spread the facts over the workers of a Citus cluster")
	flags.IntVar(&f.shards, "shards", 0, "parts that the facts of each dataset are cut into, with --distributed; 0 for 32")
	flags.StringVar(&f.zone, "zone", "", "the city's time zone, such as Asia/Shanghai, in which days are counted and times without an offset are meant")
	flags.BoolVar(&f.printRoles, "print-roles", false, "print the SQL that makes roles, and do nothing")
	flags.StringVar(&f.owner, "owner", postgis.OwnerRole, "name of the group that may migrate, with --print-roles")
	flags.StringVar(&f.writer, "writer", postgis.WriterRole, "name of the group that may import, with --print-roles")
	flags.StringVar(&f.reader, "reader", postgis.ReaderRole, "name of the group that may look, with --print-roles")
	f.dryRun, f.yes = dryRunFlag(cmd), yesFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if err := f.check(cmd); err != nil {
			return usageError(err)
		}
		if f.printRoles {
			p.sayRoles(f)
			return nil
		}
		return p.migrate(cmd.Context(), f)
	}
	return cmd
}

// check tests that the flags go together.
func (f migrateFlags) check(cmd *cobra.Command) error {
	given := func(name string) bool { return cmd.Flags().Changed(name) }
	switch {
	case f.printRoles && (f.distributed || given("shards")):
		return errors.New("--print-roles only prints; migrate without it to spread the facts")
	case !f.printRoles && (given("owner") || given("writer") || given("reader")):
		return errors.New("the names of roles go with --print-roles")
	case f.printRoles && given("zone"):
		return errors.New("--zone is kept in the store; --print-roles only prints")
	case given("shards") && !f.distributed:
		return errors.New("--shards goes with --distributed")
	case f.shards < 0:
		return fmt.Errorf("--shards %d: want 1 or more", f.shards)
	}
	names := map[string]bool{}
	for _, name := range []string{f.owner, f.writer, f.reader} {
		if err := checkRole(name); err != nil {
			return err
		}
		if names[name] {
			return fmt.Errorf("role %q has two parts; the three must differ", name)
		}
		names[name] = true
	}
	return nil
}

// longestRole is the most bytes of a name that the server does not cut off
// (PostgreSQL 15, section 4.1.1).
const longestRole = 63

func checkRole(name string) error {
	switch {
	case name == "":
		return errors.New("a role needs a name")
	case len(name) > longestRole:
		return fmt.Errorf("role %q: the name is longer than %d bytes", name, longestRole)
	case strings.ContainsFunc(name, unicode.IsControl):
		return fmt.Errorf("role %q: the name has a control character", name)
	case strings.HasPrefix(name, "pg_"), name == "public", name == "none":
		return fmt.Errorf("role %q: the name is the server's own", name)
	}
	return nil
}

func (p *program) sayRoles(f migrateFlags) {
	sql := postgis.Roles(f.owner, f.writer, f.reader)
	if p.json {
		p.answer(map[string]string{"sql": sql})
		return
	}
	p.say("%s", strings.TrimRight(sql, "\n"))
}

// migrate makes or updates the store. A file is an error rather than nothing
// done: who migrates means a database, and forgot to name it.
func (p *program) migrate(ctx context.Context, f migrateFlags) error {
	if _, err := p.storeKind(); err != nil {
		return err
	}
	url := p.config.get("store")
	if !strings.Contains(url, "://") {
		return &codedError{
			code: exitUsage, err: fmt.Errorf("migrate is for stores in PostgreSQL, and the store is %s (%s)", url, p.config["store"].origin),
			hint: "--store postgres://user@host/database names one; files are brought up to date when they are opened",
		}
	}
	if f.distributed && !*f.dryRun {
		if err := p.confirm(*f.yes, "spread the facts of "+p.storeName()+" over the workers of the cluster"); err != nil {
			return err
		}
	}
	m, err := postgis.Migrate(ctx, url, postgis.MigrateOptions{Distributed: f.distributed, Shards: f.shards, DryRun: *f.dryRun})
	if err == nil && f.zone != "" && !*f.dryRun {
		err = p.putZone(ctx, url, f.zone)
	}
	if err != nil {
		return migrateError(err)
	}
	if p.json {
		m.Steps = append([]string{}, m.Steps...) // [] where there are none
		p.answer(m)
		return nil
	}
	p.tellMigration(m, *f.dryRun)
	return nil
}

// putZone keeps the city's time zone.
func (p *program) putZone(ctx context.Context, url, zone string) error {
	store, err := p.connect(ctx, url, postgis.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	settings, err := store.Settings(ctx)
	if err != nil || settings.Zone == zone {
		return err
	}
	settings.Zone = zone
	return store.PutSettings(ctx, settings)
}

// migrateError gives the errors of a migration their exit codes, and says what
// can be done.
func migrateError(err error) error {
	hint := ""
	switch {
	case errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, postgis.ErrNoPostGIS):
		hint = noPostGISHint
	case errors.Is(err, fs.ErrPermission):
		hint = "it takes a role that owns the schema civgrid, or may make one: civgrid migrate --print-roles"
	case errors.Is(err, data.ErrVersion):
		hint = "run the newer program"
	case errors.Is(err, data.ErrUnavailable):
		hint = "civgrid doctor looks for the reason"
	}
	return &codedError{code: codeOf(err), err: err, hint: hint}
}

// tellMigration tells people what a migration did or would do.
func (p *program) tellMigration(m postgis.Migration, dryRun bool) {
	name := p.storeName()
	switch {
	case dryRun && m.From == 0:
		p.tell("✓ %s: the store would be made, version %d", name, m.To)
	case dryRun && m.From < m.To:
		p.tell("✓ %s: the store would be brought from version %d to %d", name, m.From, m.To)
	case m.From == 0:
		p.tell("✓ %s: the store is made, version %d", name, m.To)
	case m.From < m.To:
		p.tell("✓ %s: the store is brought from version %d to %d", name, m.From, m.To)
	default:
		p.tell("✓ %s: the store is up to date, version %d", name, m.To)
	}
	for _, step := range m.Steps {
		p.tell("  %s", step)
	}
	if m.Distributed {
		p.tell("  facts are spread over the workers of the cluster")
	}
}
