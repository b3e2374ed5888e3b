package postgis_test

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// instances is how many programs are started at once.
const instances = 5

// newest is the version of the format that this program makes.
const newest = 3

func TestOfManyWhoMakeTheStoreOneDoes(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	var made [instances]postgis.Migration
	var work sync.WaitGroup
	for i := range made {
		work.Go(func() {
			var err error
			if made[i], err = postgis.Migrate(t.Context(), url, postgis.MigrateOptions{}); err != nil {
				t.Errorf("instance %d: %v", i+1, err)
			}
		})
	}
	work.Wait()
	first := 0
	for i, m := range made {
		switch {
		case m.From == 0 && m.To == newest && len(m.Steps) == newest:
			first++
		case m.From != newest || m.To != newest || len(m.Steps) != 0:
			t.Errorf("instance %d: %+v, want all steps or none", i+1, m)
		}
	}
	if first != 1 {
		t.Errorf("%d instances made the store, want 1 of %d: %+v", first, instances, made)
	}
	s := openClosed(t, url, postgis.Options{})
	add(t, s, data.Chunk{}, importFacts(0)...)
	audit(t, s, url)
}

// TestWhoeverFindsNoStoreMayUseItAtOnce has instances open an empty database and
// write to it, each as soon as it can.
func TestWhoeverFindsNoStoreMayUseItAtOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	var stores [instances]*postgis.Store
	var work sync.WaitGroup
	for i := range stores {
		work.Go(func() {
			s, err := postgis.Open(t.Context(), url, postgis.Options{})
			if err != nil {
				t.Errorf("instance %d: %v", i+1, err)
				return
			}
			stores[i] = s
			f := fact{source: "s", id: fmt.Sprint(i), version: 1}
			if _, err := s.Append(t.Context(), data.Incidents, data.Chunk{}, batchOf(s.Schema(data.Incidents), f)); err != nil {
				t.Errorf("instance %d: %v", i+1, err)
			}
		})
	}
	work.Wait()
	for _, s := range stores {
		if s == nil {
			continue
		}
		defer s.Close()
		if got := sumOf(t, s, data.Incidents); got.Rows != instances {
			t.Errorf("an instance sees %d facts, want %d", got.Rows, instances)
		}
	}
}

// TestAStoreThatIsHalfMadeIsFinished has the one who makes a store die after the
// migrations and before the tables of facts.
func TestAStoreThatIsHalfMadeIsFinished(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	if _, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	server.Exec(t, url, `DROP VIEW civgrid.incidents, civgrid.resources, civgrid.inspections;
		DROP TABLE civgrid.incident, civgrid.incident_past, civgrid.resource, civgrid.resource_past, civgrid.inspection, civgrid.inspection_past;
		DROP SEQUENCE civgrid.incident_seq, civgrid.resource_seq, civgrid.inspection_seq;
		DELETE FROM civgrid.dataset`)
	wantRefused(t, url, postgis.Options{ReadOnly: true}, data.ErrNotFound)
	s := openClosed(t, url, postgis.Options{})
	add(t, s, data.Chunk{}, importFacts(0)...)
	audit(t, s, url)
}

// wantRefused tests that a store is not opened.
func wantRefused(t *testing.T, url string, options postgis.Options, want error) {
	t.Helper()
	s, err := postgis.Open(t.Context(), url, options)
	if err == nil {
		s.Close()
	}
	if !errors.Is(err, want) {
		t.Errorf("Open with %+v: %v, want %v", options, err, want)
	}
}

func TestAStoreOfAnotherVersionIsRefusedAndLeftAlone(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := openClosed(t, url, postgis.Options{})
	add(t, s, data.Chunk{}, importFacts(0)...)
	before := contentOf(t, s, url)

	server.Exec(t, url, "INSERT INTO civgrid.version (version_id, is_applied) VALUES (99, true)")
	wantRefused(t, url, postgis.Options{}, data.ErrVersion)
	wantRefused(t, url, postgis.Options{ReadOnly: true}, data.ErrVersion)
	if _, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{}); !errors.Is(err, data.ErrVersion) {
		t.Errorf("Migrate of a newer store: %v, want data.ErrVersion", err)
	}
	server.Exec(t, url, "DELETE FROM civgrid.version WHERE version_id = 99")

	// A store that does not know its version must not be taken for none.
	server.Exec(t, url, "CREATE TABLE kept AS SELECT * FROM civgrid.version; DELETE FROM civgrid.version")
	if s, err := postgis.Open(t.Context(), url, postgis.Options{}); err == nil {
		s.Close()
		t.Error("a store that does not know its version was opened, want an error")
	}
	wantRefused(t, url, postgis.Options{ReadOnly: true}, data.ErrNotFound)
	server.Exec(t, url, "DELETE FROM civgrid.version; INSERT INTO civgrid.version OVERRIDING SYSTEM VALUE SELECT * FROM kept")
	audit(t, openClosed(t, url, postgis.Options{}), url)
	for what, got := range contentOf(t, s, url) {
		if got != before[what] {
			t.Errorf("%s went from %s to %s", what, before[what], got)
		}
	}
}

func TestWhatCannotBeOpenedSaysWhy(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	wantRefused(t, url, postgis.Options{ReadOnly: true}, data.ErrNotFound)
	if made := ask[bool](t, url, "SELECT to_regnamespace('civgrid') IS NOT NULL"); made {
		t.Error("a store opened for reading made the schema")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	nobody := strings.Replace(url, server.Address(), listener.Addr().String(), 1)
	wantRefused(t, nobody, postgis.Options{}, data.ErrUnavailable)

	// A store that is open for reading takes nothing.
	openClosed(t, url, postgis.Options{})
	s := openClosed(t, url, postgis.Options{ReadOnly: true})
	if _, err := appendChunk(t.Context(), s, 0); err == nil {
		t.Error("a store that is open for reading took facts")
	}
	if err := s.PutReport(t.Context(), data.Report{Dataset: data.Incidents}); err == nil {
		t.Error("a store that is open for reading took a report")
	}
}
