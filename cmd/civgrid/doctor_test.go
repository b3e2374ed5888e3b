package main

import (
	"bytes"
	"database/sql"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// run runs the program and returns its exit code and what it printed.
func run(t *testing.T, args ...string) (code int, out, err string) {
	t.Helper()
	var printed, told bytes.Buffer
	p := &program{out: &printed, err: &told, now: time.Now}
	code = p.run(t.Context(), args)
	return code, printed.String(), told.String()
}

// TestDoctorFindsFaultsOfAFile breaks one thing after the other in a store and
// puts it right again.
func TestDoctorFindsFaultsOfAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cases, path := filepath.Join(dir, "cases.csv"), filepath.Join(dir, "city.gpkg")
	if err := os.WriteFile(cases, []byte("id,reported_at,lat,lon\n1,2026-01-02,22.601,113.901\n2,2026-01-03,22.602,113.912\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, told := run(t, "import", "incidents", cases, "--zone", "UTC", "--store", path); code != exitOK {
		t.Fatal(told)
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	query := func(q string) func() {
		return func() {
			t.Helper()
			if _, err := db.Exec(q); err != nil {
				t.Fatal(err)
			}
		}
	}
	f := func(do, undo func(), want int, text string) {
		t.Helper()
		do()
		defer undo()
		code, out, _ := run(t, "doctor", "--deep", "--store", path)
		if code != want || !strings.Contains(out, text) {
			t.Errorf("doctor exits with %d, want %d and %q in\n%s", code, want, text, out)
		}
		code, out, told := run(t, "doctor", "--deep", "--json", "--store", path)
		var answer struct {
			OK    bool
			Data  []struct{ Check, State, Text string }
			Error struct{ Code int }
		}
		if err := json.Unmarshal([]byte(out), &answer); err != nil {
			t.Fatalf("doctor --json prints more or less than one object: %v\n%s", err, out)
		}
		if code != want || answer.OK != (want == exitOK) || answer.Error.Code != want || len(answer.Data) == 0 || told != "" && !answer.OK {
			t.Errorf("doctor --json exits with %d, want %d; it says %q and\n%s", code, want, told, out)
		}
	}
	nothing := func() {}
	f(nothing, nothing, exitOK, "✓ content")
	f(query("UPDATE civgrid_incidents SET address = 'x' WHERE seq = 1"), query("UPDATE civgrid_incidents SET address = NULL WHERE seq = 1"), exitFailure, "civgrid_incidents: row of seq 1 differs from its digest")
	f(query("UPDATE civgrid_dataset SET rows = 7 WHERE dataset = 'incidents'"), query("UPDATE civgrid_dataset SET rows = 2 WHERE dataset = 'incidents'"), exitFailure, "count or sum of 2 rows differs")
	f(query("INSERT INTO civgrid_version (version_id, is_applied) VALUES (999, 1)"), query("DELETE FROM civgrid_version WHERE version_id = 999"), exitStore, "version 999 was made by a newer program")
	columns := path + ".cols"
	f(func() {
		if err := os.Rename(columns, columns+".away"); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(columns, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}, func() {
		if err := os.Remove(columns); err != nil {
			t.Fatal(err)
		}
	}, exitFailure, "city.gpkg.cols is no folder")
	f(nothing, nothing, exitOK, "✓ columns      none yet")
}

func TestBytesOf(t *testing.T) {
	f := func(n int64, want string) {
		t.Helper()
		if got := bytesOf(n); got != want {
			t.Errorf("bytesOf(%d) = %q, want %q", n, got, want)
		}
	}
	f(0, "0 bytes")
	f(999, "999 bytes")
	f(1000, "1.0 kB")
	f(163_840, "163.8 kB")
	f(2_500_000, "2.5 MB")
	f(7_000_000_000_000, "7.0 TB")
}
