package main

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// TestBoston does the main job on half a year of Boston's 311 cases and holds
// it against the city's own verdicts and against spdep.
func TestBoston(t *testing.T) {
	shared := filepath.Join("..", "..", "..", "shared", "data")
	cases := filepath.Join(shared, "boston", "boston_311_2011H2.csv.gz")
	if _, err := os.Stat(cases); err != nil {
		t.Skip("the public data of ../shared/data are not here")
	}
	if testing.Short() {
		t.Skip("imports 58,251 cases")
	}
	store := filepath.Join(t.TempDir(), "boston.gpkg")
	runs(t, store, "import", "boundaries", filepath.Join(shared, "boston", "boston_neighborhoods.geojson"), "--level", "district")
	runs(t, store, "import", "incidents", cases)

	t.Run("the default location spoils the map as spdep says", func(t *testing.T) { bostonEffect(t, store, filepath.Join(shared, "reference")) })
	t.Run("every row is in and counted", func(t *testing.T) { bostonQuality(t, store) })
	t.Run("the city's rule agrees with the city's verdicts", func(t *testing.T) { bostonVerdicts(t, store) })
	t.Run("importing again changes no byte of any layer", func(t *testing.T) { bostonAgain(t, store, cases) })
	for _, res := range []string{"8", "9"} {
		t.Run("Gi* equals spdep at resolution "+res, func(t *testing.T) {
			bostonHotspots(t, store, res, filepath.Join(shared, "reference", "boston_311_2011H2_h3r"+res+"_spdep.csv"), "--keep-default-locations")
			bostonHotspots(t, store, res, filepath.Join(shared, "reference", "boston_311_2011H2_noDefault_h3r"+res+"_spdep.csv"))
		})
	}
}

// fixedNow is the clock of programs that run in this process.
func fixedNow() time.Time { return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC) }

// runs runs a command in this process and returns what it prints.
func runs(t *testing.T, store string, args ...string) []byte {
	t.Helper()
	var out, talk bytes.Buffer
	p := &program{out: &out, err: &talk, now: fixedNow}
	if code := p.run(t.Context(), append(args, "--store", store, "--progress", "none")); code != exitOK {
		t.Fatalf("civgrid %v: exit code %d\n%s", args, code, talk.String())
	}
	return out.Bytes()
}

// answerTo runs a command with --json and reads the data of its answer.
func answerTo[T any](t *testing.T, store string, args ...string) T {
	t.Helper()
	var answer struct {
		OK   bool
		Data T
	}
	if err := json.Unmarshal(runs(t, store, append(args, "--json")...), &answer); err != nil || !answer.OK {
		t.Fatalf("civgrid %v: %v", args, err)
	}
	return answer.Data
}

// bostonQuality expects the counts of the data's own description, made by
// other programs.
func bostonQuality(t *testing.T, store string) {
	type report struct {
		Rows                                 int64
		Located, Outside, AreaOnly, Unplaced int64
		Rules                                []struct {
			Rule string
			Rows int64
		}
		Defaults []struct {
			Lon, Lat float64
			Rows     int64
		} `json:"default_locations"`
	}
	r := answerTo[report](t, store, "quality")
	if r.Rows != 58_251 || r.Located+r.Outside != 58_251 {
		t.Errorf("%d rows, %d of them with a point, want 58251 of both", r.Rows, r.Located+r.Outside)
	}
	want := map[string]int64{
		"without_due": 10_981, "never_closed": 3_681, "without_verdict": 158, "due_before_reported": 3,
		"due_far_future": 18, "zero_duration": 2_499, "time_occurs_twice": 3, "closed_before_reported": 0, "default_location": 4_775,
	}
	for _, rule := range r.Rules {
		if n, ok := want[rule.Rule]; ok && n != rule.Rows {
			t.Errorf("rule %s finds %d rows, want %d", rule.Rule, rule.Rows, n)
		}
		delete(want, rule.Rule)
	}
	for rule := range want {
		t.Errorf("there is no rule %s", rule)
	}
	if len(r.Defaults) != 1 || r.Defaults[0].Lat != 42.3594 || r.Defaults[0].Lon != -71.0587 || r.Defaults[0].Rows != 4_775 {
		t.Errorf("default locations are %v, want City Hall alone", r.Defaults)
	}
}

func bostonVerdicts(t *testing.T, store string) {
	type reconciliation struct {
		Cases, Both, Agree, Late int64
		OnTime                   int64 `json:"on_time"`
		Unjudged                 []any `json:"without_verdict"`
	}
	got := answerTo[reconciliation](t, store, "reconcile", "--open-policy", "pessimistic", "--no-limit", "on_time")
	if got.Cases != 58_251 || got.Both != 58_093 || got.Agree != 58_093 || got.OnTime != 46_572 || got.Late != 11_521 || len(got.Unjudged) != 158 {
		t.Errorf("reconciled %d cases, %d with a verdict, %d agree, %d on time, %d late, %d without; want 58251, 58093, 58093, 46572, 11521, 158",
			got.Cases, got.Both, got.Agree, got.OnTime, got.Late, len(got.Unjudged))
	}
}

// bostonAgain imports the same rows from another file, so that every row is
// read and compared.
func bostonAgain(t *testing.T, store, cases string) {
	var layers [][]string
	for _, analysis := range []string{"compliance", "hotspot", "response"} {
		layers = append(layers,
			[]string{"analyze", analysis, "--res", "9", "--format", "geojson"},
			[]string{"analyze", analysis, "--level", "district", "--format", "geojson"})
	}
	before := make([][]byte, len(layers))
	for i, args := range layers {
		before[i] = runs(t, store, args...)
	}
	type imported []struct {
		Already bool
		Changes struct{ Unchanged int64 }
	}
	again := answerTo[imported](t, store, "import", "incidents", unzipped(t, cases), "--source", "boston311")
	if again[0].Already || again[0].Changes.Unchanged != 58_251 {
		t.Errorf("of the same rows again, %d are unchanged, want 58251", again[0].Changes.Unchanged)
	}
	for i, args := range layers {
		if !bytes.Equal(before[i], runs(t, store, args...)) {
			t.Errorf("civgrid %v gives other bytes after importing again", args)
		}
	}
}

func unzipped(t *testing.T, path string) string {
	t.Helper()
	packed, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer packed.Close()
	plain, err := gzip.NewReader(packed)
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "same-cases.csv")
	if err := os.WriteFile(name, content, 0o644); err != nil {
		t.Fatal(err)
	}
	return name
}

// bostonHotspots compares cells, counts and Gi* of the GeoJSON that is written
// with a recorded result of spdep 1.2-7.
func bostonHotspots(t *testing.T, store, res, reference string, flags ...string) {
	t.Helper()
	var layer struct {
		Features []struct {
			ID         string
			Properties struct {
				Observed int64
				GiZ      float64 `json:"gi_z"`
			}
		}
	}
	// spdep's cells were those with their centre inside, and those with cases.
	args := append([]string{"analyze", "hotspot", "--res", res, "--fill", "centre+observed", "--format", "geojson"}, flags...)
	if err := json.Unmarshal(runs(t, store, args...), &layer); err != nil {
		t.Fatal(err)
	}
	want := referenceRows(t, reference)
	if len(layer.Features) != len(want) {
		t.Errorf("%d cells, want %d", len(layer.Features), len(want))
	}
	worst := 0.0
	for _, f := range layer.Features {
		w, ok := want[f.ID]
		if !ok || w.n != f.Properties.Observed {
			t.Fatalf("cell %s has %d cases, want %d (in the reference: %t)", f.ID, f.Properties.Observed, w.n, ok)
		}
		worst = math.Max(worst, math.Abs(w.giStar-f.Properties.GiZ))
	}
	if worst > 1e-9 {
		t.Errorf("Gi* differs from spdep by up to %g, want 1e-9", worst)
	}
	t.Logf("%s: %d cells, Gi* within %.2g", filepath.Base(reference), len(want), worst)
}

type referenceRow struct {
	n      int64
	giStar float64
}

func referenceRows(t *testing.T, path string) map[string]referenceRow {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	records, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, name := range records[0] {
		at[name] = i
	}
	rows := map[string]referenceRow{}
	for _, r := range records[1:] {
		n, err := strconv.ParseInt(r[at["n"]], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		z, err := strconv.ParseFloat(r[at["gistar"]], 64)
		if err != nil {
			t.Fatal(err)
		}
		rows[r[at["h3"]]] = referenceRow{n, z}
	}
	return rows
}
