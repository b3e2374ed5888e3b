package postgis

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A table is where the facts of a dataset are kept.
type table struct {
	dataset     data.Dataset
	resolutions []geo.Resolution
	columns     []data.Column
}

func newTable(d data.Dataset, resolutions []geo.Resolution) table {
	return table{d, resolutions, data.SchemaOf(d, resolutions)}
}

// tableOf returns the table of a dataset, an error where there is none.
func (s *Store) tableOf(d data.Dataset) (table, error) {
	if _, err := data.ParseDataset(string(d)); err != nil {
		return table{}, err
	}
	return newTable(d, s.settings.Load().Resolutions), nil
}

// Schema implements [data.Source]. A dataset that does not exist has no columns.
func (s *Store) Schema(d data.Dataset) []data.Column {
	t, err := s.tableOf(d)
	if err != nil {
		return nil
	}
	return t.columns
}

// single is the dataset's name for one fact: incident, resource, inspection.
func (t table) single() string { return strings.TrimSuffix(string(t.dataset), "s") }

// present is the table of present rows, past that of replaced ones, numbers
// the sequence that numbers rows for good, view what people read.
func (t table) present() string { return schema + "." + t.single() }
func (t table) past() string    { return t.present() + "_past" }
func (t table) numbers() string { return t.present() + "_seq" }
func (t table) view() string    { return schema + "." + string(t.dataset) }

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func sqlType(t data.Type) string {
	switch t {
	case data.Text:
		return "text"
	case data.Float:
		return "double precision"
	case data.Code:
		return "integer"
	default: // times in microseconds, cells as they are
		return "bigint"
	}
}

// stored are the columns of the tables in order, quoted: the row's number, the
// columns of the dataset, the id where it is too long to be a key, and what is
// kept with each row. recorded and changed are batches: the one that brought
// this version of the record, and the last one that wrote to the row at all.
func (t table) stored() []string {
	names := []string{"seq"}
	for _, c := range t.columns {
		names = append(names, quote(c.Name))
	}
	return append(names, "long_id", "content", "stamped", "recorded", "changed")
}

// create makes the tables of t and the view for people.
func (t table) create(ctx context.Context, tx pgx.Tx) error {
	var columns strings.Builder
	for _, c := range t.columns {
		fmt.Fprintf(&columns, "  %s %s", quote(c.Name), sqlType(c.Type))
		if c.Name == "id" {
			columns.WriteString(` COLLATE "C"`)
		}
		if c.Required {
			columns.WriteString(" NOT NULL")
		}
		columns.WriteString(",\n")
	}
	const kept = `  long_id text,
  content bigint NOT NULL,
  stamped bigint NOT NULL,
  recorded bigint NOT NULL,
  changed bigint NOT NULL,
`
	finest := data.CellColumn(t.resolutions[len(t.resolutions)-1])
	statements := []string{
		"CREATE SEQUENCE " + t.numbers(),
		"CREATE TABLE " + t.present() + " (\n  seq bigint NOT NULL,\n" + columns.String() + kept + "  PRIMARY KEY (source, id)\n)",
		"CREATE TABLE " + t.past() + " (\n  seq bigint NOT NULL,\n" + columns.String() + kept + "  replaced bigint NOT NULL,\n  PRIMARY KEY (source, id, replaced)\n)",
		"CREATE INDEX " + t.single() + "_changed ON " + t.present() + " (changed)",
		"CREATE INDEX " + t.single() + "_cell ON " + t.present() + " (" + quote(finest) + ")",
		"CREATE INDEX " + t.single() + "_past_replaced ON " + t.past() + " (replaced)",
		t.createView(),
	}
	if times := t.times(); len(times) > 0 {
		statements = append(statements, "CREATE INDEX "+t.single()+"_times ON "+t.present()+
			" USING brin ("+strings.Join(times, ", ")+") WITH (pages_per_range = 32, autosummarize = on)")
	}
	for _, statement := range statements {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("create the tables of %s: %w", t.dataset, err)
		}
	}
	_, err := tx.Exec(ctx, "INSERT INTO civgrid.dataset (dataset) VALUES ($1::text) ON CONFLICT DO NOTHING", string(t.dataset))
	return err
}

// createView returns the statement that makes the view of t, or adds the columns
// to it that came later: who may read it still may, and views of it stay. As a
// scan, it leaves out what was taken back.
func (t table) createView() string {
	return "CREATE OR REPLACE VIEW " + t.view() + " AS SELECT " + t.readable() + " FROM " + t.present() + " f WHERE f." + quote(data.Withdrawn) + " IS NULL"
}

// drop undoes create.
func (t table) drop(ctx context.Context, tx pgx.Tx) error {
	for _, statement := range []string{
		"DROP VIEW " + t.view(), "DROP TABLE " + t.present(), "DROP TABLE " + t.past(), "DROP SEQUENCE " + t.numbers(),
	} {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return fmt.Errorf("drop the tables of %s: %w", t.dataset, err)
		}
	}
	return nil
}

// times are the columns by which a period is cut out, quoted. Facts come
// about in order of time, so that a block range index finds a period. The later
// ones are not among them: the index stays what it was.
func (t table) times() []string {
	var times []string
	for _, c := range t.columns {
		if c.Type == data.Time && c.Name != "updated_at" && !c.Later {
			times = append(times, quote(c.Name))
		}
	}
	return times
}

// leastShown is the first microsecond that a timestamptz can show, in 4713 BC
// (PostgreSQL 15, table 8.9). Its end is beyond what a bigint holds.
const leastShown = -210866803200000000

// readable returns the columns of the view for people and maps: words instead
// of their ids, times with their zone, cells in hexadecimal, a geometry, and
// nothing private. Later columns come last: a view can only grow at its end.
func (t table) readable() string {
	parts := []string{"f.seq"}
	var later []string
	for _, c := range t.columns {
		if c.Private {
			continue
		}
		name := quote(c.Name)
		expression := "f." + name
		switch c.Type {
		case data.Code:
			expression = "(SELECT coalesce(w.long, w.key) FROM civgrid.word w WHERE w.id = f." + name + ")"
		case data.Time:
			expression = fmt.Sprintf("CASE WHEN f.%[1]s >= %[2]d THEN to_timestamp(f.%[1]s / 1000000.0) END", name, leastShown)
		case data.Cell:
			expression = "to_hex(f." + name + ")"
		}
		if c.Name == "id" {
			expression = "coalesce(f.long_id, f.id)"
		}
		if expression += " AS " + name; c.Later {
			later = append(later, expression)
		} else {
			parts = append(parts, expression)
		}
	}
	parts = append(parts, "CASE WHEN f.lon BETWEEN -180 AND 180 AND f.lat BETWEEN -90 AND 90 THEN ST_SetSRID(ST_MakePoint(f.lon, f.lat), 4326) END::geometry(Point, 4326) AS geom")
	return strings.Join(append(parts, later...), ",\n  ")
}
