package postgis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/spelling"
)

// A namePart is one part of a name as people write it.
type namePart struct {
	text   string
	quoted bool // stands in double quotes, and is meant to the letter
}

// spellings are what a part may be called in the database, the likelier first:
// SQL turns what is not quoted into small letters.
func (p namePart) spellings() []string {
	if small := strings.ToLower(p.text); !p.quoted && small != p.text {
		return []string{p.text, small}
	}
	return []string{p.text}
}

// parseName takes apart a name such as public.districts or gis."My Table".
func parseName(said string) (parts []namePart, err error) {
	rest := strings.TrimSpace(said)
	for {
		var p namePart
		if strings.HasPrefix(rest, `"`) {
			if p.text, rest, err = quotedPart(rest[1:]); err != nil {
				return nil, fmt.Errorf("name %s: %w", said, err)
			}
			p.quoted = true
		} else {
			end := strings.IndexByte(rest+".", '.')
			p.text, rest = rest[:end], rest[end:]
		}
		if p.text == "" {
			return nil, fmt.Errorf("name %s: a part of it is empty", said)
		}
		parts = append(parts, p)
		if rest == "" {
			return parts, nil
		}
		if rest[0] != '.' {
			return nil, fmt.Errorf("name %s: want a dot after the quote", said)
		}
		rest = rest[1:]
	}
}

// quotedPart reads up to the closing quote. Two quotes stand for one.
func quotedPart(s string) (text, rest string, err error) {
	var b strings.Builder
	for {
		before, after, found := strings.Cut(s, `"`)
		if !found {
			return "", "", errors.New("a quote is not closed")
		}
		b.WriteString(before)
		if s = after; !strings.HasPrefix(s, `"`) {
			return b.String(), s, nil
		}
		b.WriteByte('"')
		s = s[1:]
	}
}

// A foundTable is a table or view of the database.
type foundTable struct {
	name       pgx.Identifier // schema and name
	geometries []string       // columns that hold geometries
	others     []string       // other columns that the role may read
}

// String returns the name as SQL would have it, without quotes where it needs
// none.
func (t foundTable) String() string { return shown(t.name...) }

// shown returns a name of one or two parts, quoted where SQL needs it.
func shown(parts ...string) string {
	quoted := make([]string, len(parts))
	for i, p := range parts {
		quoted[i] = p
		plain := p != "" && strings.Trim(p, "abcdefghijklmnopqrstuvwxyz_0123456789") == "" && (p[0] < '0' || p[0] > '9')
		if !plain {
			quoted[i] = quote(p)
		}
	}
	return strings.Join(quoted, ".")
}

// readableKinds are the kinds of relations that rows can be read of: tables,
// views, materialized views and foreign tables (pg_class.relkind).
const readableKinds = "('r', 'p', 'v', 'm', 'f')"

// findTable finds a table by the name that somebody gave.
func findTable(ctx context.Context, tx pgx.Tx, said string) (t foundTable, err error) {
	parts, err := parseName(said)
	if err != nil {
		return t, err
	}
	if len(parts) > 2 {
		return t, fmt.Errorf("name %s: want a table or schema.table", said)
	}
	schemas := []string{}
	if len(parts) == 2 {
		schemas = parts[0].spellings()
	}
	var id uint32
	var within bool
	t.name = make(pgx.Identifier, 2)
	err = tx.QueryRow(ctx, `SELECT c.oid, n.nspname, c.relname, has_schema_privilege(n.oid, 'USAGE')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN `+readableKinds+` AND c.relname = ANY ($1::text[])
			AND (n.nspname = ANY ($2::text[]) OR cardinality($2::text[]) = 0 AND pg_table_is_visible(c.oid))
		ORDER BY array_position($2::text[], n.nspname::text), array_position($1::text[], c.relname::text) LIMIT 1`,
		parts[len(parts)-1].spellings(), schemas).Scan(&id, &t.name[0], &t.name[1], &within)
	if errors.Is(err, pgx.ErrNoRows) {
		return t, noTable(ctx, tx, parts)
	}
	if err != nil {
		return t, err
	}
	if within {
		err = t.readColumns(ctx, tx, id)
	}
	if err == nil && len(t.geometries)+len(t.others) == 0 {
		return t, t.locked(ctx, tx, within)
	}
	return t, err
}

// readColumns reads which columns the role may read.
func (t *foundTable) readColumns(ctx context.Context, tx pgx.Tx, id uint32) error {
	rows, err := tx.Query(ctx, `SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
		WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(a.attrelid, a.attnum, 'SELECT')
		ORDER BY a.attnum`, id)
	if err != nil {
		return err
	}
	var name, kind string
	_, err = pgx.ForEachRow(rows, []any{&name, &kind}, func() error {
		switch kind {
		case "geometry", "geography":
			t.geometries = append(t.geometries, name)
		case "raster":
		default:
			t.others = append(t.others, name)
		}
		return nil
	})
	return err
}

// locked says that the role may read nothing of a table, and what would help.
func (t foundTable) locked(ctx context.Context, tx pgx.Tx, within bool) error {
	var role string
	if err := tx.QueryRow(ctx, "SELECT current_user").Scan(&role); err != nil {
		return err
	}
	grants := fmt.Sprintf("GRANT SELECT ON %s TO %s", t, shown(role))
	if !within {
		grants = fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s; ", shown(t.name[0]), shown(role)) + grants
	}
	return fmt.Errorf("%w: %s lets it read", ErrPermission, grants)
}

// choose returns the column of the outlines, and the others.
func (t foundTable) choose(said string) (geometry string, others []string, err error) {
	if said == "" {
		switch len(t.geometries) {
		case 0:
			return "", nil, fmt.Errorf("it has no column of type geometry; columns are %s", strings.Join(t.others, ", "))
		case 1:
			return t.geometries[0], t.others, nil
		}
		return "", nil, fmt.Errorf("it has several columns of type geometry: name one with --geom (%s)", strings.Join(t.geometries, ", "))
	}
	spellings := []string{said}
	if parts, err := parseName(said); err == nil && len(parts) == 1 {
		spellings = append(spellings, parts[0].spellings()...)
	}
	for _, name := range spellings {
		if slices.Contains(t.geometries, name) {
			return name, t.others, nil
		}
	}
	what := "there is no column %q; "
	if slices.Contains(t.others, said) {
		what = "column %q is not of type geometry; "
	}
	if len(t.geometries) == 0 {
		return "", nil, fmt.Errorf(what+"columns are %s", said, strings.Join(t.others, ", "))
	}
	return "", nil, fmt.Errorf(what+"those of type geometry are %s", said, strings.Join(t.geometries, ", "))
}

const (
	// nearTables is the most tables named to somebody who looks for one.
	nearTables = 5
	// nearEdits is how many letters, up to half of them, may be different in a
	// name that is near.
	nearEdits = 2
)

// noTable says that there is no such table, and which ones with geometries are
// near by name, or else which there are.
func noTable(ctx context.Context, tx pgx.Tx, parts []namePart) error {
	rows, err := tx.Query(ctx, `SELECT DISTINCT n.nspname COLLATE "C", c.relname COLLATE "C" FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
		WHERE c.relkind IN `+readableKinds+` AND t.typname IN ('geometry', 'geography') AND NOT a.attisdropped
			AND n.nspname <> $1::text ORDER BY 1, 2`, schema)
	if err != nil {
		return err
	}
	type table struct {
		name  string
		edits int
	}
	var there, near []table
	var space, name string
	wanted := strings.ToLower(parts[len(parts)-1].text)
	_, err = pgx.ForEachRow(rows, []any{&space, &name}, func() error {
		t := table{shown(space, name), spelling.Edits(wanted, strings.ToLower(name))}
		there = append(there, t)
		if t.edits <= min(nearEdits, len(wanted)/2) {
			near = append(near, t)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case len(there) == 0:
		return fmt.Errorf("table %w: no table of the database holds geometries", data.ErrNotFound)
	}
	words, end := "did you mean", "?"
	slices.SortStableFunc(near, func(a, b table) int { return cmp.Compare(a.edits, b.edits) })
	if len(near) == 0 {
		near, words, end = there, "tables with geometries are", ""
	}
	var names []string
	for _, t := range near[:min(len(near), nearTables)] {
		names = append(names, t.name)
	}
	if more := len(near) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return fmt.Errorf("table %w: %s %s%s", data.ErrNotFound, words, strings.Join(names, ", "), end)
}

// refusal returns what the server says against a value, "" where the error is
// another. PostGIS reports its own as internal errors.
func refusal(err error) string {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return ""
	}
	switch e.Code[:2] {
	case "XX", "22":
		return e.Message
	}
	return ""
}
