package main

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestCompletionScripts: each shell that there is reads its script without a
// word.
func TestCompletionScripts(t *testing.T) {
	for _, s := range shells {
		t.Run(s.name, func(t *testing.T) {
			code, script, told := run(t, "completion", s.name)
			if code != exitOK || !strings.Contains(script, "civgrid") {
				t.Fatalf("exit code %d, %s", code, told)
			}
			path, err := exec.LookPath(s.name)
			if err != nil {
				t.Skip("no such shell here")
			}
			cmd := exec.CommandContext(t.Context(), path)
			cmd.Stdin = strings.NewReader(script)
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// TestCompletion completes commands, words, and the codes of a store.
func TestCompletion(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("areas.geojson", []byte(answerFiles["areas.geojson"]), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, told := run(t, "import", "boundaries", "areas.geojson", "--level", "district", "--store", "city.gpkg"); code != exitOK {
		t.Fatal(told)
	}
	f := func(want string, line ...string) {
		t.Helper()
		_, out, _ := run(t, append([]string{"__complete"}, line...)...)
		if !slices.Contains(strings.Split(out, "\n"), want) {
			t.Errorf("%q is completed by no line %q of\n%s", line, want, out)
		}
	}
	f("incidents\tRead incidents", "import", "inc")
	f("exit-codes\tWhat exit codes mean", "help", "")
	f("zsh", "completion", "")
	f("geojson", "analyze", "density", "--format", "")
	f("district", "analyze", "density", "--level", "")
	f("A\tAlpha", "analyze", "density", "--store", "city.gpkg", "--within", "")
	f("A\tAlpha", "keys", "create", "team", "--store", "city.gpkg", "--community", "")
	f("general.cases\tCases reported", "analyze", "indicator", "--indicator", "")
	f("general.cases\tCases reported", "indicators", "show", "")
	f("plain", "quality", "--progress", "")
	f("boston311", "check", "cases.csv", "--profile", "")
	_, out, _ := run(t, "__complete", "analyze", "density", "--store", "none.gpkg", "--within", "")
	if !strings.HasPrefix(out, ":") {
		t.Errorf("where there is no store, communities are completed by %q", out)
	}
	if _, err := os.Stat("none.gpkg"); err == nil {
		t.Error("completion made a store")
	}
}
