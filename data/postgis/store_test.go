package postgis_test

import (
	"os"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/storetest"
)

func TestMain(m *testing.M) {
	if job := os.Getenv(childJob); job != "" {
		os.Exit(asChild(job))
	}
	os.Exit(pgtest.Main(m))
}

func open(t testing.TB, url string, options postgis.Options) *postgis.Store {
	t.Helper()
	s, err := postgis.Open(t.Context(), url, options)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestStore(t *testing.T) {
	server := pgtest.Shared(t)
	storetest.Run(t, func(t *testing.T) data.Store {
		return open(t, server.Database(t), postgis.Options{})
	})
}
