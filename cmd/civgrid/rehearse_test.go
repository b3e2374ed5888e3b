package main

import (
	"bytes"
	"crypto/sha256"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/cobra"
)

// TestDryRuns: every command that writes has --dry-run, and with it the folder
// of the store, byte by byte, is the same before and after; what would be refused
// is.
func TestDryRuns(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range answerFiles {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	do := func(want int, line string) (told string) {
		t.Helper()
		code, out, told := run(t, strings.Fields(line)...)
		if code != want {
			t.Fatalf("civgrid %s exits with %d, want %d\n%s%s", line, code, want, out, told)
		}
		return out + told
	}
	do(exitOK, "import boundaries areas.geojson --level district")
	do(exitOK, "import incidents cases.csv --zone UTC")
	key := strings.Split(do(exitOK, "keys create team --role reader"), "_")[1]
	do(exitOK, "numbers keep first --indicator general.cases --level district")
	rehearsed := map[string]bool{}
	f := func(want int, line, says string) {
		t.Helper()
		before := contents(t)
		told := do(want, line+" --dry-run")
		if !strings.Contains(told, says) {
			t.Errorf("civgrid %s --dry-run does not say %q but\n%s", line, says, told)
		}
		if diff := cmp.Diff(before, contents(t)); diff != "" {
			t.Errorf("civgrid %s --dry-run changes files:\n%s", line, diff)
		}
		cmd, _, err := (&program{}).root().Find(strings.Fields(line))
		if err != nil {
			t.Fatal(err)
		}
		rehearsed[cmd.CommandPath()] = true
	}
	f(exitOK, "import boundaries areas.geojson --level street", "nothing was written")
	f(exitRejected, "import incidents bad.csv --zone UTC", "1 of 2 rows would be imported")
	f(exitOK, "import resources places.csv --zone UTC", "1 of 1 rows would be imported")
	f(exitOK, "import inspections visits.csv --zone UTC", "1 of 1 rows would be imported")
	f(exitOK, "indicators publish --pack general", "general.on_time@1 would be published")
	f(exitOK, "indicators publish --pack general --store none.gpkg", "general.on_time@1 would be published")
	f(exitOK, "numbers keep second --indicator general.cases --level district", "it would be kept as second")
	f(exitRefused, "numbers keep first --indicator general.cases --level district --period 2026-01", "first")
	f(exitOK, "keys create other --role planner --community A", "a key for planner of A, for good, would be made")
	f(exitNotFound, "keys create other --role planner --community B", "community")
	f(exitOK, "keys revoke "+key, "key "+key+" would be taken back")
	f(exitNotFound, "keys revoke 00000000", "not found")
	f(exitOK, "watch --once --level district --days 3 --history 20d --simulations 199", "looked up to")
	f(exitUsage, "migrate", "PostgreSQL") // against a database: migrate.txtar
	f(exitUsage, "sync", "PostgreSQL")    // sync.txtar
	f(exitOK, "init town", "would be written")
	each((&program{}).root(), func(cmd *cobra.Command) {
		if cmd.Flags().Lookup("dry-run") != nil && !rehearsed[cmd.CommandPath()] {
			t.Errorf("%s --dry-run is not tried here", cmd.CommandPath())
		}
	})
}

// contents returns the digests of all files of this folder by name.
func contents(t *testing.T) map[string][sha256.Size]byte {
	t.Helper()
	files := map[string][sha256.Size]byte{}
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if len(text) > 0 && !strings.HasSuffix(path, "-shm") { // SQLite's index of what is not yet in the file, and holders
			files[path] = sha256.Sum256(text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestConfirm: what cannot be undone is done after a yes, and not at all where
// there is nobody to ask.
func TestConfirm(t *testing.T) {
	ask := func(yes bool, typed *string) (string, error) {
		var told bytes.Buffer
		p := &program{err: &told, now: time.Now}
		if typed != nil {
			p.in = strings.NewReader(*typed)
		}
		err := p.confirm(yes, "take key 1 back")
		return told.String(), err
	}
	f := func(typed string, want int) {
		t.Helper()
		told, err := ask(false, &typed)
		if got := codeOf(err); got != want || !strings.Contains(told, "take key 1 back") {
			t.Errorf("%q is answered with exit code %d, want %d, and %q", typed, got, want, told)
		}
	}
	f("y\n", exitOK)
	f("YES", exitOK)
	f("n\n", exitFailure)
	f("\n", exitFailure)
	f("", exitFailure)
	if told, err := ask(true, nil); err != nil || told != "" {
		t.Errorf("with --yes: %v, %q", err, told)
	}
	if _, err := ask(false, nil); codeOf(err) != exitUsage {
		t.Errorf("with nobody to ask: %v, want a usage error", err)
	}
}
