package response

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/stats"
)

func readJSON(t *testing.T, into any, path ...string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// offBy compares a value with one recorded, relatively; a nil want is no value.
func offBy(t *testing.T, c analytics.Column, row int, want *float64) float64 {
	t.Helper()
	switch {
	case want == nil && c.Has(row):
		t.Errorf("row %d: %s is %v, want no value", row, c.Name, c.Floats[row])
	case want != nil && !c.Has(row):
		t.Errorf("row %d: %s has no value, want %v", row, c.Name, *want)
	case want != nil:
		return math.Abs(c.Floats[row]-*want) / *want
	}
	return 0
}

// TestQuantilesAreThoseOfR compares with R's survival package, curve by curve:
// the recorded curves are communities, their times are hours.
func TestQuantilesAreThoseOfR(t *testing.T) {
	f := func(name, folder string) {
		t.Run(name, func(t *testing.T) {
			if _, err := os.Stat(folder); err != nil {
				t.Skipf("there is no %s", folder)
			}
			var recorded struct {
				Cases map[string]struct {
					Time     []float64
					Status   []int
					Quantile struct{ P, Q, Lower, Upper []*float64 } `json:"quantile_loglog"`
				}
			}
			readJSON(t, &recorded, folder, "km.json")
			names := slices.Sorted(maps.Keys(recorded.Cases))
			var facts cases
			for _, name := range names {
				c := recorded.Cases[name]
				for i, hours := range c.Time {
					facts = append(facts, waited(name, hours*3600, c.Status[i] == 1))
				}
			}
			layer := analysistest.LayerOf(t, Analysis, request(t, map[string]string{"min-n": "1"}), frameOf(names...), facts)
			worst := 0.0
			for row, name := range names {
				quantile := recorded.Cases[name].Quantile
				for i, p := range quantile.P {
					which := map[float64]string{0.5: "km_p50", 0.9: "km_p90"}[*p]
					if which == "" {
						continue
					}
					for suffix, want := range map[string]*float64{"": quantile.Q[i], "_low": quantile.Lower[i], "_high": quantile.Upper[i]} {
						if want != nil {
							seconds := *want * 3600
							want = &seconds
						}
						worst = max(worst, offBy(t, analysistest.Column(t, layer, which+suffix), row, want))
					}
				}
			}
			if worst > stats.BucketError {
				t.Errorf("quantiles are off by %.4f", worst)
			}
			t.Logf("%d curves: quantiles and bounds are off by %.4f at most", len(names), worst)
		})
	}
	f("ours", "../stats/testdata/survival")
	f("all", "../../../shared/oracles/survival")
}

// TestStreamOfDurations compares naive and Kaplan-Meier quantiles of 5,000
// durations in 20 communities with R.
func TestStreamOfDurations(t *testing.T) {
	folder := "../../../shared/oracles/survival"
	file, err := os.Open(filepath.Join(folder, "durations.csv"))
	if err != nil {
		t.Skip("there is no ../shared/oracles beside the checkout")
	}
	defer file.Close()
	lines, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var facts cases
	for _, line := range lines[1:] {
		seconds, err := strconv.ParseFloat(line[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		group, err := strconv.Atoi(line[0])
		if err != nil {
			t.Fatal(err)
		}
		facts = append(facts, waited(fmt.Sprintf("g%02d", group), seconds, line[2] == "1"))
	}
	type answer struct {
		N, Closed int64
		Type1     []float64 `json:"closed_type1"` // of 0.5, 0.9 and 0.95
		P50       *float64  `json:"km_p50"`
		P90       *float64  `json:"km_p90"`
		Within    float64   `json:"share_within_24h_km"`
	}
	var recorded struct {
		All    answer
		Groups []answer
	}
	readJSON(t, &recorded, folder, "durations_expected.json")
	frame := frameOf()
	for group := range recorded.Groups {
		frame.Communities = append(frame.Communities, frameOf(fmt.Sprintf("g%02d", group)).Communities...)
	}
	layer := analysistest.LayerOf(t, Analysis, request(t, map[string]string{"limit-hours": "24"}), frame, facts)
	worst, share := 0.0, 0.0
	for row, want := range recorded.Groups {
		worst = max(worst,
			offBy(t, analysistest.Column(t, layer, "naive_p50"), row, &want.Type1[0]), offBy(t, analysistest.Column(t, layer, "naive_p90"), row, &want.Type1[1]),
			offBy(t, analysistest.Column(t, layer, "km_p50"), row, want.P50), offBy(t, analysistest.Column(t, layer, "km_p90"), row, want.P90))
		share = max(share, math.Abs(analysistest.Column(t, layer, "within_limit").Floats[row]-want.Within))
		if n, closed := analysistest.Column(t, layer, "n").Ints[row], analysistest.Column(t, layer, "closed").Ints[row]; n != want.N || closed != want.Closed {
			t.Errorf("row %d: %d cases, %d closed, want %d, %d", row, n, closed, want.N, want.Closed)
		}
	}
	for key, want := range map[string]float64{
		"naive_p50": recorded.All.Type1[0], "naive_p90": recorded.All.Type1[1], "km_p50": *recorded.All.P50, "km_p90": *recorded.All.P90,
	} {
		worst = max(worst, math.Abs(analysistest.Item(t, layer, key).(float64)-want)/want)
	}
	share = max(share, math.Abs(analysistest.Item(t, layer, "within_limit").(float64)-recorded.All.Within))
	if worst > stats.BucketError || share > 0.005 {
		t.Errorf("quantiles are off by %.4f, shares by %.4f", worst, share)
	}
	t.Logf("quantiles are off by %.4f at most, shares within a day by %.4f", worst, share)
}
