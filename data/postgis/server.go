package postgis

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/civgrid/civgrid/data"
)

// The oldest versions that the SQL here was tried on.
const oldestPostgres = 150000 // 15, as server_version_num

// A Server says what a store runs on.
type Server struct {
	Version     string `json:"version"` // of PostgreSQL, "15.18"
	Number      int    `json:"-"`       // server_version_num
	PostGIS     string `json:"postgis"` // version; "" where it is not installed
	Citus       string `json:"citus"`   // version; "" where it is not installed
	Distributed bool   `json:"distributed"`
	Standby     bool   `json:"standby"` // a replica that takes no writes
}

// probe asks a server what it is.
func probe(ctx context.Context, pool *pgxpool.Pool) (s Server, err error) {
	err = pool.QueryRow(ctx, `SELECT current_setting('server_version'), current_setting('server_version_num')::int,
		coalesce((SELECT extversion FROM pg_extension WHERE extname = 'postgis'), ''),
		coalesce((SELECT extversion FROM pg_extension WHERE extname = 'citus'), ''),
		pg_is_in_recovery()`).Scan(&s.Version, &s.Number, &s.PostGIS, &s.Citus, &s.Standby)
	if err != nil || s.Citus == "" {
		return s, err
	}
	err = pool.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass('civgrid.incident'))").Scan(&s.Distributed)
	return s, err
}

// usable returns why the server cannot hold a store.
func (s Server) usable() error {
	if s.Number < oldestPostgres {
		return fmt.Errorf("%w: PostgreSQL %s, civgrid needs 15 or newer", data.ErrUnavailable, s.Version)
	}
	return nil
}
