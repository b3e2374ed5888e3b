package main

import (
	"context"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// TestEveryExitCode brings about each of the codes that civgrid help exit-codes
// lists.
func TestEveryExitCode(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range answerFiles {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[int]bool{}
	f := func(want int, line string) {
		t.Helper()
		code, out, told := run(t, strings.Fields(line)...)
		if code != want {
			t.Errorf("civgrid %s exits with %d, want %d\n%s%s", line, code, want, out, told)
		}
		seen[code] = true
	}
	f(exitNotFound, "quality")
	f(exitNotFound, "import incidents nothing.csv")
	f(exitNotFound, "check nothing.csv")
	f(exitOK, "import boundaries areas.geojson --level district")
	f(exitOK, "import incidents cases.csv --zone UTC")
	f(exitUsage, "no-such-command")
	f(exitUsage, "quality --no-such-flag")
	f(exitUsage, "help no-such-topic")
	f(exitUsage, "completion no-such-shell")
	f(exitUsage, "analyze hotspot --res 3")
	f(exitRejected, "import incidents bad.csv --zone UTC")
	f(exitNotFound, "indicators show general.case")
	f(exitNotFound, "analyze indicator --indicator general.case")
	f(exitNotFound, "analyze indicator --indicator general.cases@9")
	f(exitNotFound, "analyze density --within B")
	f(exitNotFound, "report --indicator general.case --level district")
	f(exitStore, "quality --store mysql://localhost/x")
	f(exitRefused, "import incidents bad.csv --zone UTC --all-or-nothing --source other")
	f(exitRefused, "import incidents cases.csv --crs epsg:2249")
	f(exitFailure, "doctor --store cases.csv")

	holder := &program{out: io.Discard, err: io.Discard, now: time.Now, config: config{"store": {value: defaultStore}}}
	store, err := holder.openStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	f(exitBusy, "import incidents cases.csv --zone UTC")
	f(exitOK, "quality")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}

	ended, cancel := context.WithCancel(t.Context())
	cancel()
	p := &program{out: io.Discard, err: io.Discard, now: time.Now}
	if code := p.run(ended, []string{"analyze", "hotspot"}); code != exitInterrupted {
		t.Errorf("a run that is interrupted exits with %d, want %d", code, exitInterrupted)
	}
	seen[exitInterrupted] = true

	_, help, _ := run(t, "help", "exit-codes")
	for _, m := range meanings {
		if !seen[m.code] {
			t.Errorf("exit code %d is listed and nothing here brings it about", m.code)
		}
		if first, _, _ := strings.Cut(m.meaning, ":"); !strings.Contains(help, first) {
			t.Errorf("civgrid help exit-codes does not say %q", first)
		}
	}
}

// TestSuggestions: a slip of two letters is answered with what was meant.
func TestSuggestions(t *testing.T) {
	t.Chdir(t.TempDir())
	f := func(want int, line, near string) {
		t.Helper()
		code, _, told := run(t, strings.Fields(line)...)
		if code != want || !strings.Contains(told, "did you mean "+near+"?") {
			t.Errorf("civgrid %s exits with %d, want %d and %s in %q", line, code, want, near, told)
		}
	}
	f(exitUsage, "anlayze", "analyze")
	f(exitUsage, "query", "analyze")
	f(exitUsage, "analyze hotspto", "hotspot")
	f(exitUsage, "import incident", "incidents")
	f(exitUsage, "indicators lits", "list or lint")
	f(exitUsage, "help exit-code", "exit-codes")
	f(exitUsage, "help import incidnts", "incidents")
	f(exitUsage, "completion bsh", "bash")
	f(exitUsage, "quality --stroe x", "--store")
	f(exitUsage, "analyze hotspot --form csv", "--format")
	f(exitUsage, "import incidents x.csv --dryrun", "--dry-run")
	f(exitNotFound, "indicators show general.caess", "general.cases")
	f(exitNotFound, "indicators explain genral.case", "general.cases")
	if err := os.WriteFile("civgrid.yaml", []byte("stor: x.gpkg\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f(exitUsage, "quality", "store")
}
