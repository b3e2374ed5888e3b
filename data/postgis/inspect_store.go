package postgis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/civgrid/civgrid/data"
)

// The tables and views beside those of facts, and the functions.
var (
	plainTables = []string{"clock", "dataset", "batch", "word", "community", "community_part", "document", "archive", "inbox", "version"}
	plainViews  = []string{"communities"}
	functions   = []string{"h3_resolution(bigint)", "h3_parent(bigint,integer)", "submit(text,text,jsonb)", "refuse_change()"}
)

// relations returns the names of all tables and of the sequences that number
// rows, and those of the views.
func relations() (tables, views []string) {
	for _, name := range plainTables {
		tables = append(tables, schema+"."+name)
	}
	for _, name := range plainViews {
		views = append(views, schema+"."+name)
	}
	for _, d := range data.Datasets() {
		t := newTable(d, nil)
		tables = append(tables, t.present(), t.past(), t.numbers())
		views = append(views, t.view())
	}
	return tables, views
}

func (i *inspection) checkTables(ctx context.Context) (Finding, error) {
	tables, views := relations()
	var procedures []string
	for _, f := range functions {
		procedures = append(procedures, schema+"."+f)
	}
	missing, err := i.texts(ctx, `SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NULL
		UNION ALL SELECT name FROM unnest($2::text[]) AS name WHERE to_regprocedure(name) IS NULL`, append(tables, views...), procedures)
	if err != nil {
		return Finding{}, err
	}
	var of, columns []string
	for _, d := range data.Datasets() {
		t := newTable(d, i.settings.Resolutions)
		for _, column := range t.stored() {
			of, columns = append(of, t.present(), t.past()), append(columns, column, column)
		}
	}
	lost, err := i.texts(ctx, `SELECT w.of || '.' || w.name FROM unnest($1::text[], $2::text[]) AS w (of, name)
		WHERE to_regclass(w.of) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a
			WHERE a.attrelid = to_regclass(w.of) AND a.attname = trim(both '"' from w.name) AND NOT a.attisdropped)`, of, columns)
	if err != nil {
		return Finding{}, err
	}
	if missing = append(missing, lost...); len(missing) > 0 {
		return bad("put the database back from a backup", "%s missing", list(missing, "is", "are")), nil
	}
	return good("all %d tables and views are there", len(tables)+len(views)-len(data.Datasets())), nil
}

// An index finds rows of a table, or keeps them apart. The remedy makes it.
type index struct{ table, name, remedy string }

// indexes returns all indexes of a store.
func indexes(settings data.Settings) []index {
	all := []index{
		primary("clock", "one"), primary("dataset", "dataset"), primary("batch", "id"), primary("word", "id"),
		primary("community", "id"), primary("community_part", "community, part"), primary("document", "kind, name"), primary("archive", "kind, name"), primary("inbox", "id"), primary("version", "id"),
		{"batch", "batch_mark_key", "ALTER TABLE civgrid.batch ADD CONSTRAINT batch_mark_key UNIQUE (mark)"},
		{"batch", "batch_chunk", "CREATE UNIQUE INDEX CONCURRENTLY batch_chunk ON civgrid.batch (dataset, import, number) WHERE state > 0 AND import IS NOT NULL"},
		{"batch", "batch_unpublished", "CREATE INDEX CONCURRENTLY batch_unpublished ON civgrid.batch (id) WHERE state < 2"},
		{"batch", "batch_at", "CREATE INDEX CONCURRENTLY batch_at ON civgrid.batch (at)"},
		{"word", "word_key_key", "ALTER TABLE civgrid.word ADD CONSTRAINT word_key_key UNIQUE (key)"},
		{"community", "community_version", "CREATE UNIQUE INDEX CONCURRENTLY community_version ON civgrid.community (code, coalesce(valid_from, -9223372036854775808))"},
		{"community", "community_outline", "CREATE INDEX CONCURRENTLY community_outline ON civgrid.community USING gist (outline)"},
		{"community_part", "community_part_outline", "CREATE INDEX CONCURRENTLY community_part_outline ON civgrid.community_part USING gist (outline)"},
		{"inbox", "inbox_waiting", "CREATE INDEX CONCURRENTLY inbox_waiting ON civgrid.inbox (id) WHERE taken IS NULL"},
		{"inbox", "inbox_import", "CREATE INDEX CONCURRENTLY inbox_import ON civgrid.inbox (import) WHERE import IS NOT NULL"},
	}
	for _, d := range data.Datasets() {
		all = append(all, newTable(d, settings.Resolutions).indexes()...)
	}
	return all
}

func primary(table, columns string) index {
	return index{table, table + "_pkey", fmt.Sprintf("ALTER TABLE %s.%s ADD PRIMARY KEY (%s)", schema, table, columns)}
}

// indexes returns the indexes of the facts of a dataset, see create.
func (t table) indexes() []index {
	finest := data.CellColumn(t.resolutions[len(t.resolutions)-1])
	present, past := t.single(), t.single()+"_past"
	of := func(table, name, by string) index {
		name = table + "_" + name
		return index{table, name, "CREATE INDEX CONCURRENTLY " + name + " ON " + schema + "." + table + " " + by}
	}
	return []index{
		primary(present, "source, id"), primary(past, "source, id, replaced"),
		of(present, "changed", "(changed)"), of(present, "cell", "("+quote(finest)+")"), of(past, "replaced", "(replaced)"),
		of(present, "times", "USING brin ("+strings.Join(t.times(), ", ")+") WITH (pages_per_range = 32, autosummarize = on)"),
	}
}

// checkIndexes looks for indexes of the tables there are.
func (i *inspection) checkIndexes(ctx context.Context) (Finding, error) {
	want := indexes(i.settings)
	var tables, names []string
	for _, x := range want {
		tables, names = append(tables, schema+"."+x.table), append(names, x.name)
	}
	rows, err := i.pool.Query(ctx, `SELECT w.position, x.indexrelid IS NOT NULL
		FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (of, name, position)
		LEFT JOIN (pg_index x JOIN pg_class c ON c.oid = x.indexrelid) ON x.indrelid = to_regclass(w.of) AND c.relname = w.name
		WHERE to_regclass(w.of) IS NOT NULL AND (x.indisvalid AND x.indisready) IS NOT TRUE ORDER BY 1`, tables, names)
	if err != nil {
		return Finding{}, err
	}
	var broken, remedies []string
	var position int
	var there bool
	_, err = pgx.ForEachRow(rows, []any{&position, &there}, func() error {
		x := want[position-1]
		if there {
			broken, remedies = append(broken, x.name+" is not valid"), append(remedies, "REINDEX INDEX CONCURRENTLY "+schema+"."+x.name+";")
		} else {
			broken, remedies = append(broken, x.name+" is missing"), append(remedies, x.remedy+";")
		}
		return nil
	})
	if err != nil {
		return Finding{}, err
	}
	if len(broken) > 0 {
		return bad(strings.Join(remedies, " "), "%s", strings.Join(broken, ", ")), nil
	}
	return good("all %d indexes are there and valid", len(want)), nil
}

// checkZone tells which zone counts. That this program knows it was found out
// when the settings were read.
func (i *inspection) checkZone(ctx context.Context) (Finding, error) {
	zone := i.settings.Zone
	if zone == "" {
		zone = "UTC"
	}
	var logs, at string
	if err := i.one(ctx, []any{&logs}, "SELECT current_setting('log_timezone')"); err != nil {
		return Finding{}, err
	}
	err := i.one(ctx, []any{&at}, "SELECT (clock_timestamp() AT TIME ZONE $1::text)::text", zone)
	if unknown := (*pgconn.PgError)(nil); errors.As(err, &unknown) {
		return warn("update the time zone data of the server", "the server does not know the store's zone %s; civgrid does not ask it, people's own SQL might", zone), nil
	}
	if err != nil {
		return Finding{}, err
	}
	return good("hours and days are counted in the store's zone, %s; the server's own does not matter, and it logs in %s", zone, logs), nil
}

const (
	// analyzedRows is how many rows the planner has to know about.
	analyzedRows = 10_000
	// deadRows is how many dead rows are nothing.
	deadRows = 10_000
)

// checkStatistics looks at what the planner knows of the facts: by its
// estimates is decided whether the server adds up or sends rows.
func (i *inspection) checkStatistics(ctx context.Context) (Finding, error) {
	if i.server.Distributed {
		return good("kept by the workers, each for its shards"), nil
	}
	var blind, old, bloated []string
	for _, d := range data.Datasets() {
		t := newTable(d, i.settings.Resolutions)
		var rows, live, dead, changed int64
		var analyzed bool
		err := i.one(ctx, []any{&rows, &live, &dead, &changed, &analyzed}, `SELECT d.rows, s.n_live_tup, s.n_dead_tup, s.n_mod_since_analyze,
			coalesce(s.last_analyze, s.last_autoanalyze) IS NOT NULL OR EXISTS (SELECT FROM pg_stats p WHERE p.schemaname = s.schemaname AND p.tablename = s.relname)
			FROM civgrid.dataset d, pg_stat_all_tables s WHERE d.dataset = $1::text AND s.relid = $2::text::regclass`, string(d), t.present())
		if err != nil {
			return Finding{}, err
		}
		switch {
		case rows >= analyzedRows && !analyzed:
			blind = append(blind, t.present())
		case changed > max(analyzedRows, rows/2):
			old = append(old, t.present())
		}
		if dead > max(deadRows, live/2) {
			bloated = append(bloated, t.present())
		}
	}
	analyze := "autovacuum does it in a minute or so; at once: ANALYZE "
	switch {
	case len(blind) > 0:
		return warn(analyze+strings.Join(blind, ", "), "nothing is known about the rows of %s: where to add up is a guess", strings.Join(blind, ", ")), nil
	case len(bloated) > 0:
		return warn("VACUUM (ANALYZE) "+strings.Join(bloated, ", "), "%s full of dead rows", list(bloated, "is", "are")), nil
	case len(old) > 0:
		return warn(analyze+strings.Join(old, ", "), "half of the rows of %s changed since they were looked at", strings.Join(old, ", ")), nil
	}
	return good("the planner knows the tables, and few rows are dead"), nil
}

// checkBatches looks for batches that were not published: their writers work,
// or died.
func (i *inspection) checkBatches(ctx context.Context) (Finding, error) {
	var live, dead int64
	var oldest *int64
	err := i.one(ctx, []any{&live, &dead, &oldest}, `SELECT count(*) FILTER (WHERE held), count(*) FILTER (WHERE NOT held),
		(extract(epoch FROM clock_timestamp()) * 1000000)::bigint - min(opened)
		FROM (SELECT b.opened, EXISTS (SELECT FROM pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 2
			AND l.classid = $1::bigint::oid AND l.objid = (b.id & 2147483647)::oid
			AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS held
			FROM civgrid.batch b WHERE b.state < 2) u`, int64(lockBatch))
	if err != nil {
		return Finding{}, err
	}
	if live+dead == 0 {
		return good("all are published"), nil
	}
	age := (time.Duration(*oldest) * time.Microsecond).Round(time.Second)
	if i.server.Standby { // locks are the primary server's
		return good("%d not published; the oldest since %v", live+dead, age), nil
	}
	if dead > 0 {
		return warn("the next import publishes or forgets what its writer has left", "%d not published, whose writers died, %d whose writers work; the oldest since %v", dead, live, age), nil
	}
	return good("%d not published yet, whose writers work; the oldest since %v", live, age), nil
}

// longWait is how long a submission may wait where somebody takes them.
const longWait = time.Hour

// checkInbox looks for submissions that nobody takes.
func (i *inspection) checkInbox(ctx context.Context) (Finding, error) {
	var waiting, micros int64
	err := i.one(ctx, []any{&waiting, &micros}, `SELECT count(*), coalesce((extract(epoch FROM clock_timestamp() - min(submitted)) * 1000000)::bigint, 0)
		FROM civgrid.inbox WHERE taken IS NULL`)
	if err != nil {
		return Finding{}, err
	}
	wait := (time.Duration(micros) * time.Microsecond).Round(time.Second)
	switch {
	case waiting == 0:
		return good("nothing submitted waits"), nil
	case wait > longWait:
		return warn("civgrid sync imports it, civgrid sync --follow as it comes", "%d submitted and not imported, the oldest since %v", waiting, wait), nil
	}
	return good("%d submitted and not imported yet, the oldest since %v", waiting, wait), nil
}
