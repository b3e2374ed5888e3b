package postgis

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// checkConnections holds what the server, the database and the role have left
// against what a program takes.
func (i *inspection) checkConnections(ctx context.Context) (Finding, error) {
	var most, kept, used, ofDatabase, inDatabase, ofRole int
	err := i.one(ctx, []any{&most, &kept, &used, &ofDatabase, &inDatabase, &ofRole}, `SELECT current_setting('max_connections')::int,
		CASE WHEN r.rolsuper THEN 0 ELSE current_setting('superuser_reserved_connections')::int + coalesce(current_setting('reserved_connections', true), '0')::int END,
		(SELECT sum(numbackends) FROM pg_stat_database)::int,
		CASE WHEN r.rolsuper THEN -1 ELSE d.datconnlimit END,
		(SELECT numbackends FROM pg_stat_database WHERE datid = d.oid),
		CASE WHEN r.rolsuper THEN -1 ELSE r.rolconnlimit END
		FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = current_database()`)
	if err != nil {
		return Finding{}, err
	}
	left, who := most-kept-used, "the server"
	if ofDatabase >= 0 && ofDatabase-inDatabase < left {
		left, who = ofDatabase-inDatabase, "the database"
	}
	text := fmt.Sprintf("%d of %d connections of the server are taken; a program takes up to %d", used, most, i.connections)
	if ofRole >= 0 && ofRole < min(i.connections, left) { // how many others take of it is not told
		left, who = ofRole, "the role"
	}
	if left < i.connections {
		return warn("raise max_connections or the limit, or put pgbouncer with pool_mode = session in between", "%s; %s has %d left", text, who, max(left, 0)), nil
	}
	return good("%s", text), nil
}

// checkPooling finds out whether a client keeps its connection to the server.
// Where a pooler gives it a new one for each transaction, the connection that
// one client has used serves the next, and the first finds itself elsewhere.
func (i *inspection) checkPooling(ctx context.Context) (Finding, error) {
	first, err := i.pool.Acquire(ctx)
	if err != nil {
		return Finding{}, err
	}
	defer first.Release()
	second, err := i.pool.Acquire(ctx)
	if err != nil {
		return Finding{}, err
	}
	defer second.Release()
	const backend = "SELECT pg_backend_pid()"
	var before, other, after uint32
	if err := first.QueryRow(ctx, backend).Scan(&before); err != nil {
		return Finding{}, err
	}
	err = pgx.BeginFunc(ctx, second, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, backend).Scan(&other); err != nil || other == before {
			return err
		}
		return first.QueryRow(ctx, backend).Scan(&after)
	})
	switch {
	case err != nil:
		return Finding{}, err
	case other == before || after != before:
		return bad("for pgbouncer: pool_mode = session", "a pooler gives each transaction another connection: locks of imports do not hold"), nil
	case first.Conn().PgConn().PID() != before:
		return good("a pooler is in between, and keeps clients on their connections"), nil
	}
	return good("connections go straight to the server"), nil
}

// nodePatience is how long the nodes of a cluster may take to find each other.
const nodePatience = 20 * time.Second

// A link says whether one node of a cluster reaches another.
type link struct {
	from, to string
	works    bool
}

func (i *inspection) checkCitus(ctx context.Context) (Finding, error) {
	if i.server.Citus == "" {
		return good("not installed: everything is on one server"), nil
	}
	workers, err := i.texts(ctx, `SELECT nodename || ':' || nodeport FROM pg_dist_node WHERE groupid <> 0 AND noderole = 'primary' ORDER BY 1`)
	if err != nil {
		return Finding{}, err
	}
	off, err := i.texts(ctx, `SELECT nodename || ':' || nodeport FROM pg_dist_node WHERE NOT isactive AND noderole = 'primary' ORDER BY 1`)
	if err != nil {
		return Finding{}, err
	}
	limited, cancel := context.WithTimeout(ctx, nodePatience)
	defer cancel()
	links, err := linksOf(limited, i.pool)
	if limited.Err() != nil && ctx.Err() == nil {
		return bad("citus_check_cluster_node_health() tells", "the nodes of the cluster do not find each other in %v", nodePatience), nil
	}
	if err != nil {
		return Finding{}, err
	}
	down, broken := faults(links)
	spread := "facts are on the coordinator: civgrid migrate --distributed spreads them"
	if i.server.Distributed {
		spread = "facts are spread over them"
	}
	switch {
	case len(down) > 0:
		return bad("start it again, or put its standby in its place with citus_update_node()", "%s down", list(down, "is", "are")), nil
	case len(broken) > 0:
		return bad("citus_check_cluster_node_health() asks again", "%s", strings.Join(broken, ", ")), nil
	case len(off) > 0:
		return bad("citus_activate_node() takes it back", "%s not active", list(off, "is", "are")), nil
	case len(workers) == 0:
		return good("Citus %s without workers", i.server.Citus), nil
	}
	return good("Citus %s: %d workers answer, %s", i.server.Citus, len(workers), spread), nil
}

// linksOf has every node of a cluster call every other.
func linksOf(ctx context.Context, pool *pgxpool.Pool) (links []link, err error) {
	rows, err := pool.Query(ctx, `SELECT from_nodename || ':' || from_nodeport, to_nodename || ':' || to_nodeport, coalesce(result, false)
		FROM citus_check_cluster_node_health() ORDER BY 1, 2`)
	if err != nil {
		return nil, err
	}
	var l link
	_, err = pgx.ForEachRow(rows, []any{&l.from, &l.to, &l.works}, func() error {
		links = append(links, l)
		return nil
	})
	return links, err
}

// faults returns the nodes that nobody reaches, and which others do not reach
// each other.
func faults(links []link) (down, broken []string) {
	reached := map[string]bool{}
	for _, l := range links {
		reached[l.to] = reached[l.to] || l.works
	}
	for _, l := range links {
		switch {
		case !reached[l.to] && !slices.Contains(down, l.to):
			down = append(down, l.to)
		case reached[l.to] && reached[l.from] && !l.works:
			broken = append(broken, l.from+" does not reach "+l.to)
		}
	}
	return down, broken
}
