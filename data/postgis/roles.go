package postgis

import (
	"cmp"
	"context"
	_ "embed" // roles.sql
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5"
)

// The usual names of the roles, see [Roles].
const (
	OwnerRole  = "civgrid_owner"
	WriterRole = "civgrid_writer"
	ReaderRole = "civgrid_reader"
)

//go:embed roles.sql
var rolesSQL string

// Roles returns the SQL that makes three groups of users and gives them what
// they need of the store in the database where it is run, and no more. The
// owner may migrate it, a writer import, a reader look. It serves for a
// database without a store and for one with it, whoever made that, and may be
// run again. The names must differ; "" is the usual one.
func Roles(owner, writer, reader string) string {
	names := []string{cmp.Or(owner, OwnerRole), cmp.Or(writer, WriterRole), cmp.Or(reader, ReaderRole)}
	tag := "do"
	for strings.Contains(strings.Join(names, " "), "$"+tag) {
		tag += "o"
	}
	swaps := []string{"{do}", "DO $" + tag + "$", "{od}", "$" + tag + "$"}
	for i, group := range []string{"owner", "writer", "reader"} {
		name := quote(names[i])
		swaps = append(swaps, "{"+group+"}", name, "{# "+group+"}", oneLine(name))
	}
	return strings.NewReplacer(swaps...).Replace(rolesSQL)
}

// oneLine returns a text fit for a comment, which ends with its line.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
}

// AsOwner returns a URL under which the same user acts as the owner of the
// schema, so that what is made belongs to it and gets the privileges that
// [Roles] set. It is the URL itself where the user may not, or need not, where
// there is no schema yet, and on a Citus coordinator: Citus logs in to the
// workers as who asks, and nobody can log in as a group.
func AsOwner(ctx context.Context, databaseURL string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", errors.New("the address of the database is no URL") // the cause would tell the password
	}
	pool, err := newPool(ctx, databaseURL, Options{Connections: 1}.withDefaults())
	if err != nil {
		return "", err
	}
	defer pool.Close()
	var owner string
	err = pool.QueryRow(ctx, `SELECT pg_get_userbyid(n.nspowner) FROM pg_namespace n
		WHERE n.nspname = $1::text AND pg_get_userbyid(n.nspowner) <> current_user
		AND pg_has_role(n.nspowner, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)
		AND EXISTS (SELECT FROM pg_extension WHERE extname = 'postgis')
		AND NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')`, schema).Scan(&owner)
	if errors.Is(err, pgx.ErrNoRows) {
		return databaseURL, nil
	}
	if err != nil {
		return "", fmt.Errorf("look for the owner of the store: %w", known(ctx, err))
	}
	query := u.Query()
	query.Set("role", owner)
	u.RawQuery = query.Encode()
	return u.String(), nil
}
