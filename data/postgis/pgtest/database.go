package pgtest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// The database to give orders from, and the one that new ones are copied from.
const (
	orders   = "postgres"
	template = "civgrid_template"
)

// Database makes a database with PostGIS in it and otherwise empty, and returns
// its URL. The database is dropped when the test is over, whoever is still
// connected to it, unless the server is down then. The test is skipped when
// the server has no PostGIS.
func (s *Server) Database(tb testing.TB) string {
	tb.Helper()
	name, err := s.newDatabase()
	if err != nil {
		giveUp(tb, err)
	}
	tb.Cleanup(func() {
		if !s.isUp() {
			return
		}
		if err := run(s.URL(orders), "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
			tb.Error(err)
		}
	})
	return s.URL(name)
}

// Exec runs SQL in the database at a URL, such as [Server.Database] returns.
// Several statements, parted by semicolons, are one transaction.
func (s *Server) Exec(tb testing.TB, databaseURL, sql string) {
	tb.Helper()
	if err := run(databaseURL, sql); err != nil {
		tb.Fatal(err)
	}
}

// newDatabase copies the template, which it makes the first time. Copies are
// made one after another.
func (s *Server) newDatabase() (name string, err error) {
	s.templateMu.Lock()
	defer s.templateMu.Unlock()
	if !s.template {
		if err := s.makeTemplate(); err != nil {
			return "", err
		}
		s.template = true
	}
	s.databases++
	name = fmt.Sprintf("civgrid_test_%d", s.databases)
	return name, run(s.URL(orders), "CREATE DATABASE "+name+" TEMPLATE "+template)
}

// makeTemplate makes the template database, which takes about a second. It
// begins with an end, because an earlier attempt may have been cut short, and
// ends with a lock, because what somebody is connected to cannot be copied.
func (s *Server) makeTemplate() error {
	err := run(s.URL(orders), "DROP DATABASE IF EXISTS "+template, "CREATE DATABASE "+template)
	if err != nil {
		return err
	}
	if err := run(s.URL(template), "CREATE EXTENSION postgis"); err != nil {
		return orMissing(err)
	}
	return run(s.URL(orders), "ALTER DATABASE "+template+" ALLOW_CONNECTIONS false")
}

// orMissing tells an extension that is not installed from other errors. It is
// feature_not_supported, or in PostgreSQL 14 and before undefined_file.
func orMissing(err error) error {
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) && (refusal.Code == "0A000" || refusal.Code == "58P01") {
		return &missingError{"PostGIS is not installed: " + refusal.Message}
	}
	return err
}

// run executes statements one by one over a connection of their own.
func run(databaseURL string, statements ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	conn, err := pgconn.Connect(ctx, databaseURL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, statement := range statements {
		if _, err := conn.Exec(ctx, statement).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", statement, err)
		}
	}
	return nil
}
