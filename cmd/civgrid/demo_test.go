package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

var update = flag.Bool("update", false, "write testdata/demo.svg anew")

// TestDemo loads the synthetic city as the demo does: everything planted that
// the analyses can see is found, and the picture in the README is the map of it.
func TestDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("imports the synthetic city")
	}
	store := filepath.Join(t.TempDir(), "demo.gpkg")
	type findings struct {
		Planted []struct{ Kind, Title, Outcome, Words string }
		Missed  int
	}
	got := answerTo[findings](t, store, "demo", "--once")
	if got.Missed != 0 {
		t.Errorf("%d planted items were missed", got.Missed)
	}
	outcomes := map[string]map[string]int{}
	for _, f := range got.Planted {
		if outcomes[f.Kind] == nil {
			outcomes[f.Kind] = map[string]int{}
		}
		outcomes[f.Kind][f.Outcome]++
	}
	for kind, found := range map[string]int{
		"hotspot": 2, "emerging": 2, "cold": 1, "unseen": 1, "unheard": 1, "slow_district": 1, "default_location": 1, "gcj02_source": 1, "area_only": 1,
	} {
		if n := outcomes[kind]["found"]; n != found {
			t.Errorf("%d of kind %s were found, want %d", n, kind, found)
		}
	}
	t.Run("GDAL reads every layer", func(t *testing.T) { gdalReads(t, store) })
	t.Run("the ranking beats chance, and a day is planned by it", func(t *testing.T) { demoTargets(t, store) })
	t.Run("open data tell no small counts", func(t *testing.T) { demoOpen(t, store) })
	comparePicture(t, runs(t, store, "analyze", "hotspot", "--format", "svg"))
}

func comparePicture(t *testing.T, picture []byte) {
	t.Helper()
	const path = "testdata/demo.svg"
	if *update {
		if err := os.WriteFile(path, picture, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(picture, want) {
		t.Errorf("the map of the demo is no longer %s; if it should not be, run go test ./cmd/civgrid -run TestDemo -update and look at it", path)
	}
}
