package main

import (
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator/pack"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/postgis"
)

// TestDoctorNamesTheCauseFirst breaks set-ups, one way after the other: the first
// line that doctor prints names what is wrong, and it does not exit with 0.
func TestDoctorNamesTheCauseFirst(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("CIVGRID_ADDR", "127.0.0.1:0")
	write := func(name, text string, mode os.FileMode) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	write("cases.csv", answerFiles["cases.csv"], 0o600)
	if code, _, told := run(t, "import", "incidents", "cases.csv", "--zone", "UTC", "--store", "good.gpkg"); code != exitOK {
		t.Fatal(told)
	}
	whole, err := os.ReadFile("good.gpkg")
	if err != nil {
		t.Fatal(err)
	}
	write("half.gpkg", string(whole[:len(whole)/2]), 0o600)
	write("open.secret", strings.Repeat("x", 64), 0o666)
	write("short.secret", "x", 0o600)
	write("typo.yaml", "stor: good.gpkg\n", 0o600)
	if err := os.Mkdir("folder.gpkg", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod("open.secret", 0o666); err != nil {
		t.Fatal(err)
	}
	changed := func(name, query string) {
		t.Helper()
		write(name, string(whole), 0o600)
		db, err := sql.Open("sqlite", name)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	changed("newer.gpkg", "INSERT INTO civgrid_version (version_id, is_applied) VALUES (999, 1)")
	changed("damaged.gpkg", "UPDATE civgrid_incidents SET address = 'x' WHERE seq = 1")
	changed("columns.gpkg", "SELECT 1")
	write("columns.gpkg.cols", "", 0o600)

	f := func(want int, cause, line string) {
		t.Helper()
		code, out, told := run(t, append([]string{"doctor"}, strings.Fields(line)...)...)
		first, _, _ := strings.Cut(out+told, "\n")
		if code != want || !strings.HasPrefix(first, "✗") || !strings.Contains(first, cause) {
			t.Errorf("civgrid doctor %s exits with %d, want %d; its first line is\n%s\nwant %q in it", line, code, want, first, cause)
		}
	}
	f(exitNotFound, "there is no store none.gpkg", "--store none.gpkg")
	f(exitFailure, "not a civgrid store", "--store cases.csv")
	f(exitFailure, "folder.gpkg", "--store folder.gpkg")
	f(exitFailure, "format", "--store half.gpkg")
	f(exitStore, "version 999 was made by a newer program", "--store newer.gpkg")
	f(exitFailure, "row of seq 1 differs from its digest", "--deep --store damaged.gpkg")
	f(exitFailure, "columns.gpkg.cols is no folder", "--store columns.gpkg")
	f(exitStore, "mysql is no kind of store", "--store mysql://localhost/city")
	f(exitStore, "connection refused", "--store postgres://nobody@127.0.0.1:1/x?connect_timeout=1")
	f(exitUsage, `settings typo.yaml: "stor" is no setting`, "--config typo.yaml")

	g := func(cause, name, value string) {
		t.Helper()
		t.Setenv(name, value)
		f(exitFailure, cause, "--store good.gpkg")
		t.Setenv(name, "")
	}
	g("no.secret", "CIVGRID_SECRET_FILE", "no.secret")
	g("everybody can read", "CIVGRID_SECRET_FILE", "open.secret")
	g("1 bytes, want 32", "CIVGRID_SECRET_FILE", "short.secret")
	g("99999", "CIVGRID_ADDR", "127.0.0.1:99999")
	t.Setenv("CIVGRID_ADDR", "127.0.0.1:0")
	if code, out, told := run(t, "doctor", "--deep", "--store", "good.gpkg"); code != exitOK {
		t.Errorf("doctor of a good store exits with %d\n%s%s", code, out, told)
	}
}

// TestDoctorLooksAtCalendars: a calendar that was published and has no data for
// today is told of before the first case cannot be judged.
func TestDoctorLooksAtCalendars(t *testing.T) {
	library, err := pack.Library()
	if err != nil {
		t.Fatal(err)
	}
	shipped, err := library.Calendar("cn-work")
	if err != nil {
		t.Fatal(err)
	}
	store, file := memory.New(), shipped.File()
	file.ID, file.Version = "office", "1"
	if _, err := engine.New(store, engine.Options{}).PublishCalendar(t.Context(), file, shipped.Holidays()); err != nil {
		t.Fatal(err)
	}
	f := func(now time.Time, want postgis.State) {
		t.Helper()
		p := &program{now: func() time.Time { return now }}
		findings := p.calendarsOf(t.Context(), store)
		if len(findings) != 1 || findings[0].State != want || !strings.Contains(findings[0].Text, "office") {
			t.Errorf("on %s: %v, want one of state %s", now.Format(time.DateOnly), findings, want)
		}
	}
	f(time.Date(2025, 6, 2, 1, 0, 0, 0, time.UTC), postgis.OK)
	f(time.Date(2040, 6, 2, 1, 0, 0, 0, time.UTC), postgis.Warning)
}
