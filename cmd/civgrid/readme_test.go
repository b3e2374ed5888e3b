package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api/docs"
)

// notRun are lines of the README that name what is everybody's own, or that tests do
// otherwise.
var notRun = regexp.MustCompile(`…|\bCODE\b|CASE-ID|example\.org|^go test`)

// TestREADME runs the commands of the README in their order: in blocks that begin with
// the program, on the files of the quick start where they import some, else on the demo.
func TestREADME(t *testing.T) {
	if os.Getenv("CIVGRID_TEST_LONG") == "" {
		t.Skip("loads the demo twice; set CIVGRID_TEST_LONG=1 to run it")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	r := newReading(t)
	quickstart, _ := docs.Text("en", "quickstart")
	for _, f := range fencesOf(quickstart) {
		if f.file != "" {
			mended := strings.Replace(f.text, "2026-03-40", "2026-03-05", 1) // which is there to be rejected
			if err := os.WriteFile(filepath.Join(r.dir, f.file), []byte(mended), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.run(0, "civgrid demo --once --store demo.gpkg")
	blocks := 0
	for _, f := range fencesOf(string(text)) {
		commands := strings.ReplaceAll(f.text, "go run ./cmd/civgrid ", "civgrid ")
		if !strings.HasPrefix(commands, "civgrid ") {
			continue
		}
		blocks++
		r.store = "demo.gpkg"
		if strings.Contains(commands, "civgrid import ") {
			r.store = ""
		}
		for line := range strings.Lines(commands) {
			line, _, _ = strings.Cut(strings.TrimSpace(line), "   ") // what it does may stand behind
			if line != "" && !notRun.MatchString(line) {
				r.run(f.line, line)
			}
		}
	}
	if blocks == 0 {
		t.Error("no block of the README begins with the program")
	}
}
