package postgis

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
)

const printRoles = "civgrid migrate --print-roles prints the SQL that sets roles right"

// role tells what the role may do, and whether it may read the store.
func (i *inspection) role(ctx context.Context) (reads bool, err error) {
	f, reads, err := i.lookAtRole(ctx)
	if err != nil {
		return false, known(ctx, err)
	}
	i.add("role", f)
	return reads, nil
}

func (i *inspection) lookAtRole(ctx context.Context) (f Finding, reads bool, err error) {
	var name string
	var super, creates, there, uses, owns bool
	err = i.one(ctx, []any{&name, &super, &creates, &there, &uses, &owns}, `SELECT r.rolname, r.rolsuper,
		has_database_privilege(current_database(), 'CREATE'), n.oid IS NOT NULL,
		coalesce(has_schema_privilege(n.oid, 'USAGE'), false), coalesce(pg_has_role(n.nspowner, 'USAGE'), false)
		FROM pg_roles r LEFT JOIN pg_namespace n ON n.nspname = $1::text WHERE r.rolname = current_user`, schema)
	if err != nil {
		return f, false, err
	}
	switch {
	case super:
		return warn("a service and an import need less: "+printRoles, "%s is a superuser, and may do anything", name), true, nil
	case !there && creates:
		return good("%s may make a store", name), true, nil
	case !there:
		return warn(printRoles, "%s may not make a store", name), true, nil
	case !uses:
		return bad(printRoles, "%s may not look into the schema civgrid", name), false, nil
	}
	p, err := i.privileges(ctx)
	if err != nil {
		return f, false, err
	}
	switch {
	case len(p.unread) > 0:
		return bad(printRoles, "%s may not read %s", name, strings.Join(p.unread, ", ")), false, nil
	case owns && p.owned == p.all:
		return good("%s owns the store: it may import and migrate, and drop tables; a service needs less", name), true, nil
	case len(p.unwritten) == 0:
		return good("%s is a writer: it may look and import", name), true, nil
	case p.written == 0:
		return good("%s is a reader: it may look", name), true, nil
	}
	return warn(printRoles, "%s may write to some tables and not to %s: imports end with an error", name, strings.Join(p.unwritten, ", ")), true, nil
}

// The privileges of a role on the tables and sequences there are.
type privileges struct {
	all, owned, written int
	unread, unwritten   []string
}

func (i *inspection) privileges(ctx context.Context) (p privileges, err error) {
	tables, _ := relations()
	rows, err := i.pool.Query(ctx, `SELECT name, c.relkind = 'S' OR has_table_privilege(c.oid, 'SELECT'),
		CASE c.relkind WHEN 'S' THEN has_sequence_privilege(c.oid, 'USAGE')
			ELSE has_table_privilege(c.oid, 'INSERT') AND has_table_privilege(c.oid, 'UPDATE') AND has_table_privilege(c.oid, 'DELETE') END,
		pg_has_role(c.relowner, 'USAGE')
		FROM unnest($1::text[]) AS name JOIN pg_class c ON c.oid = to_regclass(name)`, tables)
	if err != nil {
		return p, err
	}
	var name string
	var reads, writes, owns bool
	_, err = pgx.ForEachRow(rows, []any{&name, &reads, &writes, &owns}, func() error {
		p.all++
		if owns {
			p.owned++
		}
		if !reads {
			p.unread = append(p.unread, name)
		}
		switch {
		case name == versionTable: // written by who migrates
		case writes:
			p.written++
		default:
			p.unwritten = append(p.unwritten, name)
		}
		return nil
	})
	return p, err
}

// checkOwner looks for things in the schema that belong to others than it:
// they lack the privileges that go with what its owner makes.
func (i *inspection) checkOwner(ctx context.Context) (Finding, error) {
	tables, views := relations()
	strays, err := i.texts(ctx, `SELECT name FROM unnest($1::text[]) AS name JOIN pg_class c ON c.oid = to_regclass(name)
		JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relowner <> n.nspowner`, append(tables, views...))
	if err != nil {
		return Finding{}, err
	}
	var owner string
	if err := i.one(ctx, []any{&owner}, "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = $1::text", schema); err != nil {
		return Finding{}, err
	}
	if len(strays) > 0 {
		return warn(printRoles, "the schema belongs to %s, and not so %s", owner, strings.Join(strays, ", ")), nil
	}
	return good("everything belongs to %s", owner), nil
}
