package postgis_test

import (
	"fmt"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// TestACluster is given roles, looked at, verified while others write, and
// loses a worker.
func TestACluster(t *testing.T) {
	t.Parallel()
	cluster := pgtest.StartCluster(t, 2)
	url := cluster.Database(t)
	roles := func() { cluster.Coordinator.Exec(t, url, postgis.Roles("", "", "")) }
	roles()
	if got := asOwner(t, url); got != url {
		t.Errorf("on Citus somebody acts as the owner: %s", got)
	}
	if _, err := postgis.Migrate(t.Context(), url, postgis.MigrateOptions{}); err != nil {
		t.Fatal(err)
	}
	wantFinding(t, inspect(t, url), "citus", postgis.OK, "2 workers answer, facts are on the coordinator")
	wantFinding(t, inspect(t, url), "owner", postgis.Warning, "civgrid.incident")
	distribute(t, url)
	roles()
	cluster.Coordinator.Exec(t, url, logins)
	wantFinding(t, inspect(t, url), "citus", postgis.OK, "2 workers answer, facts are spread over them")
	testRoles(t, url)
	t.Run("verified by a writer", func(t *testing.T) { verifyWhileOthersWrite(t, as(t, url, "will")) })
	t.Run("a writer ends what died", func(t *testing.T) {
		cluster.Coordinator.Exec(t, url, "INSERT INTO civgrid.batch (id, dataset, state) VALUES (1000000, 'incidents', 0)")
		wantFinding(t, inspect(t, url), "batches", postgis.Warning, "1 not published, whose writers died")
		openClosed(t, as(t, url, "will"), postgis.Options{})
		wantFinding(t, inspect(t, url), "batches", postgis.OK, "all are published")
	})
	t.Run("damaged", func(t *testing.T) {
		s := openClosed(t, url, postgis.Options{})
		wantDamages(t, s)
		cluster.Coordinator.Exec(t, url, "DELETE FROM civgrid.incident WHERE seq = 1")
		rows := sumOf(t, s, data.Incidents).Rows
		wantDamages(t, s, fmt.Sprintf("incidents: %d rows are published, and %d are counted", rows, rows+1), "incidents: the sum over its rows differs from what is kept")
	})
	findings := inspect(t, url)
	wantSound(t, findings)
	cluster.Workers[1].Kill()
	wantFinding(t, inspect(t, url), "citus", postgis.Problem, fmt.Sprintf("127.0.0.1:%d is down", cluster.Workers[1].Port()))
	cluster.Workers[1].Restart(t)
	wantFinding(t, inspect(t, url), "citus", postgis.OK, "2 workers answer")
}
