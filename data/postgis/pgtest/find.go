package pgtest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// programsVariable is the environment variable that names the folder of the
// server programs.
const programsVariable = "CIVGRID_TEST_PGBIN"

// debianPrograms matches the folders of server programs on Debian and Ubuntu,
// one for each major version.
const debianPrograms = "/usr/lib/postgresql/*/bin"

// A missingError says what this machine lacks.
type missingError struct{ what string }

func (e *missingError) Error() string { return e.what }

// giveUp ends a test: it is skipped where something is missing on a machine
// that does not claim to have it, else it fails.
func giveUp(tb testing.TB, err error) {
	tb.Helper()
	var missing *missingError
	if errors.As(err, &missing) && demanded() == "" {
		tb.Skip(err)
	}
	tb.Fatal(err)
}

// demanded returns the folder of programs that the environment names, "" for
// none.
func demanded() string {
	return os.Getenv(programsVariable) //nolint:forbidigo // tests have no other settings
}

// findPrograms returns the folder of the server programs to use.
func findPrograms() (string, error) {
	if folder := demanded(); folder != "" {
		if !holdsServer(folder) {
			return "", fmt.Errorf("%s=%s: there are no initdb and postgres", programsVariable, folder)
		}
		return folder, nil
	}
	var folders []string
	if out, err := exec.Command("pg_config", "--bindir").Output(); err == nil {
		folders = append(folders, strings.TrimSpace(string(out)))
	}
	debian, err := filepath.Glob(debianPrograms)
	if err != nil {
		return "", fmt.Errorf("look for %s: %w", debianPrograms, err)
	}
	slices.SortFunc(debian, func(a, b string) int { return majorVersion(b) - majorVersion(a) })
	for _, folder := range append(folders, debian...) {
		if holdsServer(folder) {
			return folder, nil
		}
	}
	return "", &missingError{"no PostgreSQL server programs: " + programsVariable +
		" is not set, pg_config names none, and there are none in " + debianPrograms}
}

// majorVersion reads the version out of a folder such as
// /usr/lib/postgresql/15/bin; what is no number counts as 0.
func majorVersion(folder string) int {
	n, err := strconv.Atoi(filepath.Base(filepath.Dir(folder)))
	if err != nil {
		return 0
	}
	return n
}

func holdsServer(folder string) bool {
	for _, program := range []string{"initdb", "postgres"} {
		if _, err := exec.LookPath(filepath.Join(folder, program)); err != nil {
			return false
		}
	}
	return true
}

// checkPostGIS looks for PostGIS beside the programs. Where pg_config is not
// among them it cannot tell and returns nil; the template database will.
func checkPostGIS(programs string) error {
	out, err := exec.Command(filepath.Join(programs, "pg_config"), "--sharedir").Output()
	if err != nil {
		return nil //nolint:nilerr // without pg_config there is no answer
	}
	control := filepath.Join(strings.TrimSpace(string(out)), "extension", "postgis.control")
	if _, err := os.Stat(control); err != nil {
		return &missingError{fmt.Sprintf("PostGIS is not installed for %s: no %s", programs, control)}
	}
	return nil
}
