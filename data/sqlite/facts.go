package sqlite

import (
	"fmt"
	"strings"

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

// present is the name of the table of present rows, past of replaced ones.
func (t table) present() string { return "civgrid_" + string(t.dataset) }
func (t table) past() string    { return "civgrid_" + string(t.dataset) + "_past" }

// keeping are the columns that follow those of the dataset in present rows.
// recorded and changed are numbers of civgrid_change: the one that brought
// this version of the record, and the last one that wrote to the row at all.
func keeping() []string { return []string{"content", "stamped", "recorded", "changed"} }

// names returns the columns of the dataset, quoted.
func (t table) names() []string {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = quote(c.Name)
	}
	return names
}

func quote(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// definitions returns the columns as a CREATE TABLE statement has them.
func (t table) definitions() string {
	var b strings.Builder
	for _, c := range t.columns {
		fmt.Fprintf(&b, "  %s %s", quote(c.Name), sqlType(c.Type))
		if c.Required {
			b.WriteString(" NOT NULL")
		}
		b.WriteString(",\n")
	}
	return b.String()
}

func sqlType(t data.Type) string {
	switch t {
	case data.Text:
		return "TEXT"
	case data.Float:
		return "REAL"
	default: // times in microseconds, cells as they are, words by their id
		return "INTEGER"
	}
}

// create returns the statements that make the tables of t and the readable
// view of it.
func (t table) create() string {
	return fmt.Sprintf(`
CREATE TABLE IF NOT EXISTS %[1]s (
  seq INTEGER PRIMARY KEY,
%[3]s  content INTEGER NOT NULL,
  stamped INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  changed INTEGER NOT NULL,
  UNIQUE (source, id)
) STRICT;
CREATE INDEX IF NOT EXISTS %[1]s_changed ON %[1]s(changed);
CREATE TABLE IF NOT EXISTS %[2]s (
  version INTEGER PRIMARY KEY,
  seq INTEGER NOT NULL,
%[3]s  content INTEGER NOT NULL,
  stamped INTEGER NOT NULL,
  recorded INTEGER NOT NULL,
  replaced INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS %[2]s_seq ON %[2]s(seq);
%[5]s
INSERT OR IGNORE INTO civgrid_dataset(dataset) VALUES ('%[4]s');
INSERT OR IGNORE INTO gpkg_contents(table_name, data_type, identifier, description)
  VALUES ('%[4]s', 'attributes', '%[4]s', 'readable view of %[1]s');
`, t.present(), t.past(), t.definitions(), t.dataset, t.view())
}

// view returns the statement that makes the readable view of t: as a scan, it
// leaves out what was taken back.
func (t table) view() string {
	return fmt.Sprintf("CREATE VIEW IF NOT EXISTS %s AS SELECT seq AS fid%s FROM %s f WHERE f.%s IS NULL;",
		t.dataset, t.readable(), t.present(), quote(data.Withdrawn))
}

// drop returns the statements that undo create.
func (t table) drop() string {
	return fmt.Sprintf("DROP VIEW %s; DROP TABLE %s; DROP TABLE %s;", t.dataset, t.present(), t.past())
}

// readable returns the columns of the view for people and maps: words instead
// of their ids, times as text, cells in hexadecimal, nothing private.
func (t table) readable() string {
	var b strings.Builder
	for _, c := range t.columns {
		if c.Private {
			continue
		}
		name := quote(c.Name)
		expression := "f." + name
		switch c.Type {
		case data.Code:
			expression = "(SELECT word FROM civgrid_word WHERE id = f." + name + ")"
		case data.Time:
			expression = "strftime('%Y-%m-%dT%H:%M:%fZ', f." + name + " / 1000000.0, 'unixepoch')"
		case data.Cell:
			expression = "printf('%x', f." + name + ")"
			expression = "iif(f." + name + " IS NULL, NULL, " + expression + ")"
		}
		b.WriteString(",\n  " + expression + " AS " + name)
	}
	return b.String()
}

// createFacts makes the tables of all datasets that are not there yet.
func (s *Store) createFacts(c session) error {
	settings, err := readSettings(c)
	if err != nil {
		return err
	}
	for _, d := range data.Datasets() {
		t := newTable(d, settings.Resolutions)
		if err := c.exec(t.create()); err != nil {
			return fmt.Errorf("create %s: %w", t.present(), err)
		}
	}
	return nil
}

// insert returns the statement that keeps rows: whole ones, the same whether
// their seq is new or not.
func (t table) insert(rows int) string {
	columns := append(append([]string{"seq"}, t.names()...), keeping()...)
	row := "(?" + strings.Repeat(",?", len(columns)-1) + ")"
	set := make([]string, 0, len(columns))
	for _, name := range columns[1:] {
		set = append(set, name+"=excluded."+name)
	}
	return "INSERT INTO " + t.present() + "(" + strings.Join(columns, ",") + ") VALUES " +
		row + strings.Repeat(","+row, rows-1) + " ON CONFLICT(seq) DO UPDATE SET " + strings.Join(set, ",")
}

// bury returns the statement that copies a present row to the past. Its
// arguments are the change that replaces it and its seq.
func (t table) bury() string {
	columns := strings.Join(append([]string{"seq"}, t.names()...), ",") + ",content,stamped,recorded"
	return "INSERT INTO " + t.past() + "(" + columns + ",replaced) SELECT " + columns + ",? FROM " + t.present() + " WHERE seq = ?"
}
