package postgis

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/civgrid/civgrid/data"
)

// The oldest versions that the SQL here was tried on, or is known to work with:
// Citus hands the isolation of a transaction to its workers since 11.2.
const (
	oldestPostgres = 150000 // 15, as server_version_num
	oldestCitus    = 12     // major version
)

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
	err = pool.QueryRow(ctx, isDistributed).Scan(&s.Distributed)
	return s, err
}

// distributed reports whether facts are spread over workers by now: that can be
// done while this program runs.
func (s *Store) distributed(ctx context.Context, q querier) (spread bool, err error) {
	if s.server.Citus == "" {
		return false, nil
	}
	err = q.QueryRow(ctx, isDistributed).Scan(&spread)
	return spread, err
}

const isDistributed = "SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = to_regclass('civgrid.incident'))"

// usable returns why the server cannot hold a store.
func (s Server) usable() error {
	if s.Number < oldestPostgres {
		return fmt.Errorf("%w: PostgreSQL %s, civgrid needs 15 or newer", data.ErrUnavailable, s.Version)
	}
	major, _, _ := strings.Cut(s.Citus, ".")
	if n, err := strconv.Atoi(major); err == nil && n < oldestCitus {
		return fmt.Errorf("%w: Citus %s, civgrid needs %d or newer", data.ErrUnavailable, s.Citus, oldestCitus)
	}
	return nil
}
