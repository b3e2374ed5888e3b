package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

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
func putDocument(c session, kind, name string, document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return c.exec("INSERT INTO civgrid_document(kind, name, body) VALUES (?, ?, ?) "+
		"ON CONFLICT(kind, name) DO UPDATE SET body = excluded.body", kind, name, string(body))
}

// readDocument reads a document into a value, or returns data.ErrNotFound.
func readDocument(c session, kind, name string, document any) error {
	row, err := c.one("SELECT body FROM civgrid_document WHERE kind = ? AND name = ?", kind, name)
	if err != nil {
		return err
	}
	if row == nil {
		return data.ErrNotFound
	}
	body, _ := row[0].(string)
	return json.Unmarshal([]byte(body), document)
}

// readSettings returns the settings that are kept, or the defaults.
func readSettings(c session) (data.Settings, error) {
	var settings data.Settings
	err := readDocument(c, settingsKind, "", &settings)
	if err != nil && !errors.Is(err, data.ErrNotFound) {
		return settings, fmt.Errorf("read settings: %w", err)
	}
	return data.AcceptSettings(settings)
}

// Settings implements [data.Catalog].
func (s *Store) Settings(ctx context.Context) (settings data.Settings, err error) {
	err = s.read(ctx, func(c session) error {
		settings, err = readSettings(c)
		return err
	})
	return settings, err
}

// PutSettings implements [data.Catalog]. New resolutions make new tables, as
// long as there are no facts.
func (s *Store) PutSettings(ctx context.Context, settings data.Settings) error {
	settings, err := data.AcceptSettings(settings)
	if err != nil {
		return err
	}
	err = s.write(ctx, func(c session) error {
		old, err := readSettings(c)
		if err != nil {
			return err
		}
		if !slices.Equal(old.Resolutions, settings.Resolutions) {
			if err := replaceFacts(c, old, settings); err != nil {
				return err
			}
		}
		if err := putDocument(c, settingsKind, "", settings); err != nil {
			return err
		}
		_, err = s.change(c, settingsKind)
		return err
	})
	if err != nil {
		return fmt.Errorf("keep settings: %w", err)
	}
	s.settings.Store(&settings)
	return nil
}

// replaceFacts makes the empty tables anew for other resolutions.
func replaceFacts(c session, old, settings data.Settings) error {
	for _, d := range data.Datasets() {
		rows, err := c.number("SELECT rows FROM civgrid_dataset WHERE dataset = ?", string(d))
		if err != nil {
			return err
		}
		if rows > 0 {
			return fmt.Errorf("resolutions %v cannot become %v: there are %s already", old.Resolutions, settings.Resolutions, d)
		}
		was, will := newTable(d, old.Resolutions), newTable(d, settings.Resolutions)
		if err := c.exec(was.drop() + will.create()); err != nil {
			return err
		}
	}
	return nil
}

// Report implements [data.Catalog].
func (s *Store) Report(ctx context.Context, d data.Dataset) (data.Report, error) {
	var report data.Report
	err := s.read(ctx, func(c session) error { return readDocument(c, reportKind, string(d), &report) })
	if err != nil {
		return data.Report{}, fmt.Errorf("report on %s: %w", d, err)
	}
	return report, nil
}

// PutReport implements [data.Catalog].
func (s *Store) PutReport(ctx context.Context, r data.Report) error {
	err := s.write(ctx, func(c session) error { return putDocument(c, reportKind, string(r.Dataset), r) })
	if err != nil {
		return fmt.Errorf("keep report on %s: %w", r.Dataset, err)
	}
	return nil
}

// Imports implements [data.Catalog].
func (s *Store) Imports(ctx context.Context) (imports []data.Import, err error) {
	err = s.read(ctx, func(c session) error {
		q := "SELECT body FROM civgrid_document WHERE kind = ? ORDER BY position"
		return c.each(q, []value{importKind}, func(row []value) error {
			var i data.Import
			body, _ := row[0].(string)
			imports = append(imports, i)
			return json.Unmarshal([]byte(body), &imports[len(imports)-1])
		})
	})
	if err != nil {
		return nil, fmt.Errorf("read imports: %w", err)
	}
	return imports, nil
}

// PutImport implements [data.Catalog]. Imports are in the order in which they
// were first put.
func (s *Store) PutImport(ctx context.Context, i data.Import) error {
	err := s.write(ctx, func(c session) error { return putDocument(c, importKind, i.ID, i) })
	if err != nil {
		return fmt.Errorf("keep import %s: %w", i.ID, err)
	}
	return nil
}

// Version implements [data.Catalog]. It is computed once after each change.
func (s *Store) Version(ctx context.Context) (version string, err error) {
	err = s.read(ctx, func(c session) error {
		change, err := c.number("SELECT ifnull(max(number), 0) + 1 FROM civgrid_change")
		if err != nil {
			return err
		}
		s.mu.Lock()
		known := s.version
		s.mu.Unlock()
		if known.change == change {
			version = known.text
			return nil
		}
		if version, err = readVersion(c); err != nil {
			return err
		}
		s.mu.Lock()
		s.version.change, s.version.text = change, version
		s.mu.Unlock()
		return nil
	})
	if err != nil {
		return "", fmt.Errorf("version: %w", err)
	}
	return version, nil
}

func readVersion(c session) (string, error) {
	sums := map[data.Dataset]uint64{}
	err := c.each("SELECT dataset, digest FROM civgrid_dataset", nil, func(row []value) error {
		d, _ := row[0].(string)
		sum, _ := row[1].(int64)
		sums[data.Dataset(d)] = uint64(sum)
		return nil
	})
	if err != nil {
		return "", err
	}
	communities, err := readCommunities(c)
	if err != nil {
		return "", err
	}
	settings, err := readSettings(c)
	if err != nil {
		return "", err
	}
	return data.VersionOf(sums, communities, settings), nil
}
