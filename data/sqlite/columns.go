package sqlite

import (
	"fmt"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// complete adds the later columns to the tables of facts that an older program
// made, and makes their views anew. It comes before the migration that numbers
// the format, so that a file of a format has all its columns. An older program
// that opens the file in between does not mind them.
func complete(c session) error {
	for _, d := range data.Datasets() {
		t := newTable(d, nil)
		lacking, err := lackingIn(c, t.present(), t.columns)
		if err != nil {
			return err
		}
		if len(lacking) == 0 { // or no table yet
			continue
		}
		settings, err := readSettings(c)
		if err != nil {
			return err
		}
		t = newTable(d, settings.Resolutions)
		if err := t.complete(c); err != nil {
			return fmt.Errorf("add columns to %s: %w", t.present(), err)
		}
	}
	return nil
}

// complete adds the columns that the tables of t lack.
func (t table) complete(c session) error {
	for _, name := range []string{t.present(), t.past()} {
		lacking, err := lackingIn(c, name, t.columns)
		if err != nil {
			return err
		}
		for _, column := range lacking {
			if err := c.exec("ALTER TABLE " + name + " ADD COLUMN " + quote(column.Name) + " " + sqlType(column.Type)); err != nil {
				return err
			}
		}
	}
	return c.exec("DROP VIEW IF EXISTS " + string(t.dataset) + ";" + t.view())
}

// lackingIn returns the later ones of the columns that a table does not have,
// none where there is no such table.
func lackingIn(c session, name string, columns []data.Column) (lacking []data.Column, err error) {
	has := map[string]bool{}
	err = c.each("SELECT name FROM pragma_table_info(?)", []value{name}, func(row []value) error {
		column, _ := row[0].(string)
		has[column] = true
		return nil
	})
	if err != nil || len(has) == 0 {
		return nil, err
	}
	for _, column := range columns {
		if column.Later && !has[column.Name] {
			lacking = append(lacking, column)
		}
	}
	return lacking, nil
}

// widened returns what to read from in place of a table of facts, so that all
// of the columns are there: the table itself, unless the store is open for
// reading only and of an older format.
func (s *Store) widened(c session, name string, columns []data.Column) (string, error) {
	if !s.old {
		return name, nil
	}
	lacking, err := lackingIn(c, name, columns)
	if err != nil || len(lacking) == 0 {
		return name, err
	}
	var b strings.Builder
	b.WriteString("(SELECT *")
	for _, column := range lacking {
		b.WriteString(", NULL AS " + quote(column.Name))
	}
	return b.String() + " FROM " + name + ")", nil
}
