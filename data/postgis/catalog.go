package postgis

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

// The kinds of documents.
const (
	settingsKind = "settings"
	reportKind   = "report"
	importKind   = "import"
)

// putDocument keeps a value as JSON, replacing the one of equal kind and name
// in its place.
func putDocument(ctx context.Context, tx pgx.Tx, kind, name string, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO civgrid.document (kind, name, body) VALUES ($1::text, $2::text, $3::json)
		ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body`, kind, encodeText(name), string(body))
	return err
}

// readDocument reads a document into a value, or returns data.ErrNotFound.
func readDocument(ctx context.Context, q querier, kind, name string, document any) error {
	var body string
	err := q.QueryRow(ctx, "SELECT body::text FROM civgrid.document WHERE kind = $1::text AND name = $2::text", kind, encodeText(name)).Scan(&body)
	if errors.Is(err, pgx.ErrNoRows) {
		return data.ErrNotFound
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(body), document)
}

// readSettings returns the settings that are kept, or the defaults.
func readSettings(ctx context.Context, q querier) (data.Settings, error) {
	var settings data.Settings
	err := readDocument(ctx, q, settingsKind, "", &settings)
	if err != nil && !errors.Is(err, data.ErrNotFound) {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	return data.AcceptSettings(settings)
}

// Settings implements [data.Catalog].
func (s *Store) Settings(ctx context.Context) (data.Settings, error) {
	settings, err := readSettings(ctx, s.pool)
	if err != nil {
		return settings, known(ctx, err)
	}
	kept := settings
	kept.Resolutions = slices.Clone(settings.Resolutions)
	s.settings.Store(&kept)
	return settings, nil
}

// PutSettings implements [data.Catalog]. New resolutions make new tables, as
// long as there are no facts, which takes the role that owns them.
func (s *Store) PutSettings(ctx context.Context, settings data.Settings) error {
	settings, err := data.AcceptSettings(settings)
	if err != nil {
		return err
	}
	err = s.write(ctx, "keep settings", func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1, 0)", lockSettings); err != nil {
			return err
		}
		old, err := readSettings(ctx, tx)
		if err != nil {
			return err
		}
		if !slices.Equal(old.Resolutions, settings.Resolutions) {
			if err := s.replaceFacts(ctx, tx, old, settings); err != nil {
				return err
			}
		}
		if err := putDocument(ctx, tx, settingsKind, "", settings); err != nil {
			return err
		}
		return revise(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("keep settings: %w", err)
	}
	s.settings.Store(&settings)
	return nil
}

// replaceFacts makes the empty tables anew for other resolutions, as the owner
// of the schema where the role can act as such.
func (s *Store) replaceFacts(ctx context.Context, tx pgx.Tx, old, settings data.Settings) error {
	if s.server.Citus == "" { // which logs in to the workers as who asks
		_, err := tx.Exec(ctx, `SELECT set_config('role', pg_get_userbyid(nspowner), true) FROM pg_namespace
			WHERE nspname = $1::text
			AND pg_has_role(nspowner, CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'MEMBER' ELSE 'SET' END)`, schema)
		if err != nil {
			return err
		}
	}
	distributed, err := s.distributed(ctx, tx)
	if err != nil {
		return err
	}
	for _, d := range data.Datasets() {
		was, will := newTable(d, old.Resolutions), newTable(d, settings.Resolutions)
		var facts bool
		err := tx.QueryRow(ctx, `SELECT rows > 0 OR EXISTS (SELECT 1 FROM civgrid.batch WHERE dataset = $1::text AND state = 1)
			FROM civgrid.dataset WHERE dataset = $1::text`, string(d)).Scan(&facts)
		if err != nil {
			return err
		}
		if facts {
			return fmt.Errorf("resolutions %v cannot become %v: there are %s already", old.Resolutions, settings.Resolutions, d)
		}
		if err := was.drop(ctx, tx); err != nil {
			return err
		}
		if err := will.create(ctx, tx); err != nil {
			return err
		}
	}
	if distributed {
		return spread(ctx, tx, settings, 0)
	}
	return nil
}

// revise says that the content changed otherwise than by a batch.
func revise(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "UPDATE civgrid.clock SET revision = revision + 1, nonce = gen_random_uuid()")
	return err
}

// Report implements [data.Catalog].
func (s *Store) Report(ctx context.Context, d data.Dataset) (data.Report, error) {
	var report data.Report
	if err := readDocument(ctx, s.pool, reportKind, string(d), &report); err != nil {
		return data.Report{}, fmt.Errorf("report on %s: %w", d, known(ctx, err))
	}
	return report, nil
}

// PutReport implements [data.Catalog].
func (s *Store) PutReport(ctx context.Context, r data.Report) error {
	err := s.write(ctx, "keep a report", func(tx pgx.Tx) error { return putDocument(ctx, tx, reportKind, string(r.Dataset), r) })
	if err != nil {
		return fmt.Errorf("keep report on %s: %w", r.Dataset, err)
	}
	return nil
}

// Imports implements [data.Catalog].
func (s *Store) Imports(ctx context.Context) ([]data.Import, error) {
	var imports []data.Import
	rows, err := s.pool.Query(ctx, "SELECT body::text FROM civgrid.document WHERE kind = $1::text ORDER BY position", importKind)
	if err == nil {
		var body string
		_, err = pgx.ForEachRow(rows, []any{&body}, func() error {
			imports = append(imports, data.Import{})
			return json.Unmarshal([]byte(body), &imports[len(imports)-1])
		})
	}
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", known(ctx, err))
	}
	return imports, nil
}

// PutImport implements [data.Catalog]. Imports are in the order in which they
// were first put.
func (s *Store) PutImport(ctx context.Context, i data.Import) error {
	err := s.write(ctx, "keep an import", func(tx pgx.Tx) error { return putDocument(ctx, tx, importKind, i.ID, i) })
	if err != nil {
		return fmt.Errorf("keep import %s: %w", i.ID, err)
	}
	return nil
}

// Version implements [data.Catalog]. It is computed once after each change.
func (s *Store) Version(ctx context.Context) (version string, err error) {
	const revision = "SELECT revision || ' ' || nonce FROM civgrid.clock"
	var at string
	err = s.pool.QueryRow(ctx, revision).Scan(&at)
	if err == nil {
		s.mu.Lock()
		held := s.version
		s.mu.Unlock()
		if held.revision == at {
			return held.text, nil
		}
		err = s.read(ctx, func(tx pgx.Tx) error {
			if err := tx.QueryRow(ctx, revision).Scan(&at); err != nil {
				return err
			}
			version, err = s.readVersion(ctx, tx)
			return err
		})
	}
	if err != nil {
		return "", fmt.Errorf("version: %w", known(ctx, err))
	}
	s.mu.Lock()
	s.version.revision, s.version.text = at, version
	s.mu.Unlock()
	return version, nil
}

func (s *Store) readVersion(ctx context.Context, tx pgx.Tx) (string, error) {
	sums := map[data.Dataset]uint64{}
	rows, err := tx.Query(ctx, "SELECT dataset, digest FROM civgrid.dataset")
	if err != nil {
		return "", err
	}
	var d string
	var sum int64
	_, err = pgx.ForEachRow(rows, []any{&d, &sum}, func() error {
		sums[data.Dataset(d)] = uint64(sum)
		return nil
	})
	if err != nil {
		return "", err
	}
	communities, err := s.heldCommunities(ctx, tx)
	if err != nil {
		return "", err
	}
	settings, err := readSettings(ctx, tx)
	if err != nil {
		return "", err
	}
	return data.VersionOf(sums, communities, settings), nil
}

// Refresh brings the server's estimates up to date after many writes, by which
// it is decided where rollups are added up. A role that does not own the tables
// leaves that to the server's own upkeep.
func (s *Store) Refresh(ctx context.Context) error {
	for _, d := range data.Datasets() {
		t, err := s.tableOf(d)
		if err != nil {
			return err
		}
		if _, err := s.pool.Exec(ctx, "ANALYZE "+t.present()); err != nil {
			return fmt.Errorf("analyze %s: %w", d, known(ctx, err))
		}
	}
	return nil
}
