package postgis_test

import (
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
	"github.com/civgrid/civgrid/data/storetest"
)

// distribute makes a store spread over the workers of a cluster.
func distribute(t *testing.T, url string) {
	t.Helper()
	if _, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{Distributed: true, Shards: 4}); err != nil {
		t.Fatal(err)
	}
}

func TestCitusKeepsThePromisesOfStores(t *testing.T) {
	if testing.Short() {
		t.Skip("starts three servers")
	}
	cluster := pgtest.StartCluster(t, 2)
	url := cluster.Database(t)
	storetest.Run(t, func(t *testing.T) data.Store {
		cluster.Coordinator.Exec(t, url, "DROP SCHEMA IF EXISTS civgrid CASCADE")
		distribute(t, url)
		return open(t, url, postgis.Options{})
	})
}
