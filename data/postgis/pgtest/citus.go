package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// citusVariable is the environment variable that says a machine has Citus:
// its value names the library. Without it the library is looked for where the
// server keeps its own.
const citusVariable = "CIVGRID_TEST_CITUS"

// A Cluster is a Citus cluster of this test binary: a coordinator that tests
// talk to, and workers that hold the shards.
type Cluster struct {
	Coordinator *Server
	Workers     []*Server
}

// StartCluster starts a Citus cluster of the test's own. The test is skipped
// where Citus is not installed, also where PostgreSQL is demanded: no Debian
// package has it. It is skipped unless long tests are asked for, see [Long].
func StartCluster(tb testing.TB, workers int) *Cluster {
	tb.Helper()
	Long(tb)
	library, err := findCitus()
	if missing := (*missingError)(nil); errors.As(err, &missing) {
		tb.Skip(err)
	}
	if err != nil {
		tb.Fatal(err)
	}
	settings := []string{
		"shared_preload_libraries=" + library, "citus.node_conninfo=sslmode=disable", "max_prepared_transactions=100",
		"citus.enable_statistics_collection=off", "citus.show_shards_for_app_name_prefixes=*",
	}
	c := &Cluster{Coordinator: Start(tb, settings...)}
	for range workers {
		c.Workers = append(c.Workers, Start(tb, settings...))
	}
	return c
}

// findCitus returns the library to load, or why there is none.
func findCitus() (library string, err error) {
	if named := os.Getenv(citusVariable); named != "" { //nolint:forbidigo // tests have no other settings
		if _, err := os.Stat(named); err != nil {
			return "", fmt.Errorf("%s: %w", citusVariable, err)
		}
		return strings.TrimSuffix(named, filepath.Ext(named)), nil
	}
	programs, err := findPrograms()
	if err != nil {
		return "", err
	}
	out, err := exec.Command(filepath.Join(programs, "pg_config"), "--pkglibdir").Output()
	if err != nil {
		return "", &missingError{fmt.Sprintf("Citus is not found: no pg_config in %s, and %s is not set", programs, citusVariable)}
	}
	path := filepath.Join(strings.TrimSpace(string(out)), "citus.so")
	if _, err := os.Stat(path); err != nil {
		return "", &missingError{fmt.Sprintf("Citus is not installed: no %s, and %s is not set", path, citusVariable)}
	}
	return "citus", nil
}

// Database makes a database with PostGIS and Citus on every server of the
// cluster, knits them together, and returns the coordinator's URL. It is
// dropped with the servers.
func (c *Cluster) Database(tb testing.TB) string {
	tb.Helper()
	url := c.Coordinator.Database(tb)
	name := url[strings.LastIndex(url, "/")+1 : strings.Index(url, "?")]
	c.Coordinator.Exec(tb, url, "CREATE EXTENSION citus")
	c.Coordinator.Exec(tb, url, fmt.Sprintf("SELECT citus_set_coordinator_host('%s', %d)", loopback, c.Coordinator.Port()))
	for _, w := range c.Workers {
		w.Exec(tb, w.URL(orders), "CREATE DATABASE "+name)
		w.Exec(tb, w.URL(name), "CREATE EXTENSION postgis")
		w.Exec(tb, w.URL(name), "CREATE EXTENSION citus")
		c.Coordinator.Exec(tb, url, fmt.Sprintf("SELECT citus_add_node('%s', %d)", loopback, w.Port()))
	}
	return url
}
