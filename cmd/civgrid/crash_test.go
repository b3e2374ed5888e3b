package main

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sample"
)

// TestKilledImports kills an import with SIGKILL at ten moments, goes on each
// time where it stopped, and compares the layers with those of one clean run.
func TestKilledImports(t *testing.T) {
	if testing.Short() {
		t.Skip("imports the synthetic city a dozen times")
	}
	files := cityFiles(t)
	clean := t.TempDir()
	began := time.Now()
	importCity(t, clean, files)
	whole := time.Since(began)

	broken := t.TempDir()
	rng := rand.New(rand.NewPCG(1, 1))
	killed := 0
	for range 200 {
		if killed == 10 {
			break
		}
		if killImport(t, broken, files, time.Duration(rng.Float64()*float64(whole)/2)) {
			killed++
		} else if err := os.RemoveAll(broken); err != nil { // it was done already: begin anew
			t.Fatal(err)
		} else if err := os.MkdirAll(broken, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if killed < 10 {
		t.Fatalf("killed %d imports, want 10", killed)
	}
	importCity(t, broken, files)
	for _, args := range [][]string{
		{"analyze", "hotspot", "--res", "9", "--format", "geojson"},
		{"analyze", "compliance", "--level", "street", "--format", "csv"},
		{"quality", "--json"},
	} {
		want := outputOf(t, clean, "1", args)
		for _, processors := range []string{"1", "2", "7"} {
			if outputOf(t, broken, processors, args) != want {
				t.Errorf("%v after ten kills, on %s processors, differs from one clean run on one", args, processors)
			}
		}
	}
}

// cityFiles writes the synthetic city's districts and streets and 28,000 of its
// incidents, and returns how to import them.
func cityFiles(t *testing.T) [][]string {
	t.Helper()
	dir := t.TempDir()
	var imports [][]string
	for _, f := range sample.New(demoSeed).Files() {
		path := filepath.Join(dir, f.Name)
		if err := os.WriteFile(path, f.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		switch {
		case f.Dataset == sample.CommunityFacts && (f.Level == data.District || f.Level == data.Street):
			imports = append(imports, []string{"import", "boundaries", path, "--level", string(f.Level)})
		case f.Name == "patrol-app.csv" || f.Name == "311-requests.csv":
			args := []string{"import", "incidents", path, "--source", f.Source, "--zone", f.Zone, "--crs", f.CRS, "--rejects", os.DevNull}
			for canonical, column := range f.Mapping {
				args = append(args, "--map", canonical+"="+column)
			}
			imports = append(imports, args)
		}
	}
	return imports
}

func importCity(t *testing.T, dir string, imports [][]string) {
	t.Helper()
	for _, args := range imports {
		cmd := command(t, dir, args...)
		out, err := cmd.CombinedOutput()
		if code := cmd.ProcessState.ExitCode(); code != exitOK && code != exitRejected {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}

// killImport begins to import and kills the program after a while. It says
// whether there was something to kill.
func killImport(t *testing.T, dir string, imports [][]string, after time.Duration) bool {
	t.Helper()
	timer := time.NewTimer(after)
	defer timer.Stop()
	for _, args := range imports {
		cmd := command(t, dir, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() { done <- cmd.Wait() }()
		select {
		case <-done:
		case <-timer.C:
			if err := cmd.Process.Kill(); err != nil {
				<-done
				return false
			}
			<-done
			return true
		}
	}
	return false
}

// outputOf returns what a command prints, without when it began and how long it took.
func outputOf(t *testing.T, dir, processors string, args []string) string {
	t.Helper()
	cmd := command(t, dir, args...)
	cmd.Env = append(cmd.Env, "GOMAXPROCS="+processors)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v", args, err)
	}
	return timing.ReplaceAllString(string(out), "")
}

// timing is what --json says of the time that a command took.
var timing = regexp.MustCompile(`"timing":\s*\{[^}]*\}`)
