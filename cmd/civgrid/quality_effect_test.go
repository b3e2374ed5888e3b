package main

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// effects is what civgrid quality effect --json answers.
type effects struct {
	Maps []struct {
		Kept        bool
		Rows, Facts int
		MoranI      float64 `json:"moran_i"`
		Spdep       float64 `json:"moran_i_spdep"`
		Hot, Cold   map[string]int
	}
	Changes []struct {
		Row, Test, Kept string
		LeftOut         string `json:"left_out"`
	}
}

// TestEffectOfADefaultLocation has sixty cases at places of their own and forty at
// one that stands for none, far away: without those its cells are not on the map.
func TestEffectOfADefaultLocation(t *testing.T) {
	var file strings.Builder
	file.WriteString("id,reported_at,lon,lat\n")
	for i := range 100 {
		lon, lat := 114+0.0041*float64(i%8), 22.5+0.0037*float64(i/8)
		if i >= 60 {
			lon, lat = 114.5, 22.9
		}
		fmt.Fprintf(&file, "c%d,2025-03-%02dT10:00:00Z,%v,%v\n", i, 1+i%28, lon, lat)
	}
	path, store := filepath.Join(t.TempDir(), "cases.csv"), filepath.Join(t.TempDir(), "effect.gpkg")
	if err := os.WriteFile(path, []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	runs(t, store, "import", "incidents", path, "--zone", "UTC")
	got := answerTo[effects](t, store, "quality", "effect", "--res", "9")
	kept, left := got.Maps[0], got.Maps[1]
	if kept.Facts != 100 || left.Facts != 60 || kept.Rows != left.Rows+7 {
		t.Errorf("%d facts in %d rows and %d in %d, want 100, and 60 without the cell and its six neighbours", kept.Facts, kept.Rows, left.Facts, left.Rows)
	}
	for _, test := range tests() {
		gone := map[string]bool{}
		for _, c := range got.Changes {
			if c.Test == test && c.LeftOut == "" {
				gone[c.Row] = true
			}
			if c.Kept == c.LeftOut || c.Kept == "" {
				t.Errorf("%s changes from %q to %q", c.Row, c.Kept, c.LeftOut)
			}
		}
		if len(gone) != 7 {
			t.Errorf("%s: %d rows are on the first map only, want 7", test, len(gone))
		}
	}
	if said := string(runs(t, store, "quality", "effect", "--res", "9")); !strings.Contains(said, "not on the map") || !strings.Contains(said, "100  ") {
		t.Errorf("the table does not tell of facts and of rows that are gone:\n%s", said)
	}
}

// bostonEffect holds what the default location does to the map against what spdep
// 1.2-7 says of the same cells: Moran's I, for which it leaves the one cell
// without neighbours out of n, cells at a false discovery rate of 5 %, and which
// cells are of another class.
func bostonEffect(t *testing.T, store, reference string) {
	t.Helper()
	got := answerTo[effects](t, store, "quality", "effect", "--res", "9")
	if len(got.Maps) != 2 || !got.Maps[0].Kept {
		t.Fatalf("%d maps, want two, the first with all facts", len(got.Maps))
	}
	for i, want := range []struct {
		moran float64
		hot   int
	}{{0.0970, 7}, {0.5801, 100}} {
		m := got.Maps[i]
		if m.Rows != 1190 || math.Abs(m.Spdep-want.moran) > 5e-5 || math.Abs(m.MoranI-m.Spdep*1190/1189) > 1e-12 || m.Hot["normal"] != want.hot || m.Cold["normal"] != 0 {
			t.Errorf("kept %t: %d rows, Moran's I %.4f, %d cells hot and %d cold; want 1190, %.4f, %d and none", m.Kept, m.Rows, m.Spdep, m.Hot["normal"], m.Cold["normal"], want.moran, want.hot)
		}
	}
	before := spdepClasses(t, filepath.Join(reference, "boston_311_2011H2_h3r9_spdep.csv"))
	after := spdepClasses(t, filepath.Join(reference, "boston_311_2011H2_noDefault_h3r9_spdep.csv"))
	want := map[string][2]string{}
	for cell, class := range before {
		if class != after[cell] {
			want[cell] = [2]string{class, after[cell]}
		}
	}
	changed := 0
	for _, c := range got.Changes {
		if c.Test != "normal" {
			continue
		}
		if changed++; want[c.Row] != [2]string{c.Kept, c.LeftOut} {
			t.Errorf("%s changes from %s to %s, by spdep %v", c.Row, c.Kept, c.LeftOut, want[c.Row])
		}
	}
	if changed != len(want) {
		t.Errorf("%d cells change, by spdep %d", changed, len(want))
	}
}

// spdepClasses returns the class of each cell by its Gi* in a recorded result: two
// sides of the normal distribution, and Benjamini and Hochberg's procedure.
func spdepClasses(t *testing.T, path string) map[string]string {
	t.Helper()
	reference, sorted := referenceRows(t, path), []float64{}
	p := func(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }
	for _, row := range reference {
		sorted = append(sorted, p(row.giStar))
	}
	slices.Sort(sorted)
	classes := map[string]string{}
	for cell, row := range reference {
		class := "ns"
		for _, level := range []struct {
			rate float64
			name string
		}{{0.10, "90"}, {0.05, "95"}, {0.01, "99"}} {
			limit := -1.0
			for k, v := range sorted {
				if v <= level.rate*float64(k+1)/float64(len(sorted)) {
					limit = v
				}
			}
			if p(row.giStar) <= limit {
				class = "cold" + level.name
				if row.giStar > 0 {
					class = "hot" + level.name
				}
			}
		}
		classes[cell] = class
	}
	return classes
}
