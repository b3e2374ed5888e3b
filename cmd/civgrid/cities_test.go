package main

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// publicFile returns the path of a file of the public data that may lie beside the
// repository, or skips the test.
func publicFile(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join("..", "..", "..", "shared", "data", filepath.FromSlash(name))
	if _, err := os.Stat(path); err != nil {
		t.Skipf("the public data set %s is not here", name)
	}
	if testing.Short() {
		t.Skip("imports tens of thousands of cases")
	}
	return path
}

// A madeLayer is a layer as its GeoJSON tells of it.
type madeLayer struct {
	Civgrid struct {
		Summary []struct {
			Key   string
			Value any
		}
		Balances   []analytics.Balance
		Provenance analytics.Provenance
	}
	Features []struct {
		ID         string
		Properties map[string]any
	}
}

// indicatorLayer computes an indicator and returns it as it is and as it is
// written.
func indicatorLayer(t *testing.T, store string, args ...string) (madeLayer, []byte) {
	t.Helper()
	text := runs(t, store, append([]string{"analyze", "indicator", "--format", "geojson"}, args...)...)
	var layer madeLayer
	if err := json.Unmarshal(text, &layer); err != nil {
		t.Fatal(err)
	}
	return layer, text
}

// says returns a number of the summary.
func (l madeLayer) says(t *testing.T, key string) float64 {
	t.Helper()
	for _, item := range l.Civgrid.Summary {
		if x, ok := item.Value.(float64); ok && item.Key == key {
			return x
		}
	}
	t.Fatalf("the summary has no number %s", key)
	return 0
}

// balance returns the balance of a count.
func (l madeLayer) balance(t *testing.T, count string) analytics.Balance {
	t.Helper()
	for _, b := range l.Civgrid.Balances {
		if b.Count == count {
			return b
		}
	}
	t.Fatalf("there is no balance of %s", count)
	return analytics.Balance{}
}

// sum adds a column up.
func (l madeLayer) sum(column string) (sum float64) {
	for _, f := range l.Features {
		if x, ok := f.Properties[column].(float64); ok {
			sum += x
		}
	}
	return sum
}

// reconciles tests that the rows of each column together have what the balance
// of its count says, and rows and the rest together what the summary does.
func (l madeLayer) reconciles(t *testing.T, columns map[string]string) {
	t.Helper()
	for column, count := range columns {
		b := l.balance(t, count)
		if rows := l.sum(column); rows != float64(b.InRows) {
			t.Errorf("%s: rows have %v together, the balance of %s has %d", column, rows, count, b.InRows)
		}
		if b.InRows+b.Outside+b.AreaOnly+b.Unlocated != b.Total || float64(b.Total) != l.says(t, column) {
			t.Errorf("%s: %+v do not add up to the %v of the city", column, b, l.says(t, column))
		}
	}
}

// sameInPostGIS imports into a database as well and expects the same bytes of
// every layer.
func sameInPostGIS(t *testing.T, file string, imports, layers [][]string) {
	t.Run("the same bytes from PostGIS", func(t *testing.T) {
		url := pgtest.Shared(t).Database(t)
		for _, args := range imports {
			runsDespiteRejects(t, url, args...)
		}
		for _, args := range layers {
			_, want := indicatorLayer(t, file, args...)
			if _, got := indicatorLayer(t, url, args...); !bytes.Equal(got, want) {
				t.Errorf("%v: the bytes are others: %s", args, firstDifference(got, want))
			}
		}
		samePushedDown(t, file, url, layers)
	})
}

// samePushedDown compares layers that the database adds up, and such that it does
// not, whatever it would have chosen.
func samePushedDown(t *testing.T, file, url string, layers [][]string) {
	embedded := openStore(t, file)
	store, err := postgis.Open(t.Context(), url, postgis.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	for _, args := range layers {
		params := map[string]string{}
		for i := 0; i < len(args); i += 2 {
			params[args[i][len("--"):]] = args[i+1]
		}
		want := layerOf(t, engineOf(embedded), "indicator", params)
		for _, push := range []bool{false, true} {
			if got := layerOf(t, engineOf(forced{store, push}), "indicator", params); !bytes.Equal(got, want) {
				t.Errorf("%v, push-down %t: the bytes are others: %s", args, push, firstDifference(got, want))
			}
		}
	}
}

// TestBostonByItsOwnRule works the indicator that comes with the program out on
// half a year of cases. The file has the city's verdict on 58,093 of its 58,251
// rows: 46,572 on time and 11,521 late.
func TestBostonByItsOwnRule(t *testing.T) {
	imports := [][]string{
		{"import", "boundaries", publicFile(t, "boston/boston_neighborhoods.geojson"), "--level", "district"},
		{"import", "incidents", publicFile(t, "boston/boston_311_2011H2.csv.gz")},
	}
	store := filepath.Join(t.TempDir(), "boston.gpkg")
	for _, args := range imports {
		runs(t, store, args...)
	}
	asked := []string{"--indicator", "boston311.on_time", "--from", "2011-07-01", "--to", "2012-01-01"}
	byDistrict := append(asked[:len(asked):len(asked)], "--level", "district")
	layer, _ := indicatorLayer(t, store, byDistrict...)
	if on, of := layer.says(t, "numerator"), layer.says(t, "denominator"); on != 46_572 || of != 46_572+11_521 || layer.says(t, "value") != on/of {
		t.Errorf("%v of %v on time, want 46572 of 58093", on, of)
	}
	populations := map[string]string{}
	for _, name := range []string{"closed_on_time", "closed_late", "open_overdue", "open_not_due", "suspended", "void", "no_limit", "undated", "on_time_not_matured"} {
		populations[name] = name
	}
	layer.reconciles(t, populations)
	// The file names its points; 15 of them lie in no neighbourhood.
	if b := layer.balance(t, analytics.AllFacts); b.Total != 58_093 || b.Outside != 15 || b.InRows != 58_078 || layer.sum("n") != 58_078 || layer.sum("denominator") != 58_078 {
		t.Errorf("of the facts %+v, and the rows rest on %v; want 58078 in rows and 15 outside", b, layer.sum("n"))
	}
	if p := layer.Civgrid.Provenance; p.Indicator != "boston311.on_time@1" || p.Definition == "" {
		t.Errorf("the layer is of definition %q (%q)", p.Indicator, p.Definition)
	}
	cells, _ := indicatorLayer(t, store, append(asked[:len(asked):len(asked)], "--res", "8", "--keep-default-locations")...)
	cells.reconciles(t, populations)
	if cells.says(t, "numerator") != 46_572 || cells.balance(t, analytics.AllFacts).Total != 58_093 {
		t.Errorf("by cell %v are on time, of %d", cells.says(t, "numerator"), cells.balance(t, analytics.AllFacts).Total)
	}
	sameInPostGIS(t, store, imports, [][]string{byDistrict, append(asked[:len(asked):len(asked)], "--res", "8")})
}

// TestChicagoPassesByCommunityAndCell works the share of inspections passed out,
// with the worth of a pass with conditions as it is declared. The file has 18,494
// passes, 3,651 with conditions and 5,455 failures, 110 of the 27,600 without
// coordinates.
func TestChicagoPassesByCommunityAndCell(t *testing.T) {
	imports := [][]string{
		{"import", "boundaries", publicFile(t, "chicago/chicago_community_areas_pop.geojson.gz"), "--level", "community"},
		{"import", "inspections", publicFile(t, "chicago/chicago_food_inspections_2011_2014.csv.gz")},
	}
	store := filepath.Join(t.TempDir(), "chicago.gpkg")
	for _, args := range imports {
		runsDespiteRejects(t, store, args...)
	}
	period := []string{"--from", "2011-09-01", "--to", "2015-01-01"}
	passed := func(code string, want float64, unit ...string) madeLayer {
		t.Helper()
		layer, _ := indicatorLayer(t, store, append(append([]string{"--indicator", code}, period...), unit...)...)
		if got, of := layer.says(t, "numerator"), layer.says(t, "denominator"); got != want || of != 27_600 || layer.says(t, "value") != want/27_600 {
			t.Errorf("%s: %v of %v passed, want %v of 27600", code, got, of, want)
		}
		layer.reconciles(t, map[string]string{"denominator": "denominator"})
		if b := layer.balance(t, analytics.AllFacts); b.Total != 27_600 || b.Unlocated != 110 {
			t.Errorf("of the facts %+v, want 110 of 27600 without any place", b)
		}
		layer.hasWilsonIntervals(t)
		return layer
	}
	byArea := passed("chicago_food.pass_share", 18_494+3_651, "--level", "community")
	if len(byArea.Features) != 77 {
		t.Errorf("%d community areas, want 77", len(byArea.Features))
	}
	passed("chicago_food.pass_share", 18_494+3_651, "--res", "8")
	sameInPostGIS(t, store, imports, [][]string{
		append([]string{"--indicator", "chicago_food.pass_share", "--level", "community"}, period...),
		append([]string{"--indicator", "chicago_food.pass_share", "--res", "8"}, period...),
	})
	// What a pass with conditions is worth is a setting, or stands in a file.
	runs(t, store, "indicators", "publish", "--pack", "chicago_food", "--set", "conditions=0.5")
	passed("chicago_food.pass_share", 18_494+3_651.0/2, "--level", "community")
	passed("chicago_food.pass_share", 18_494+3_651.0/2, "--res", "8")
	runs(t, store, "indicators", "publish", written(t, `
code: town.passed_outright
version: 1
name: {en: Passed without conditions}
kind: ratio
dataset: inspections
numerator: result = 'pass'
denominator: result IN ('pass', 'pass_with_conditions', 'fail')
period: {by: inspected, unit: year, tz: America/Chicago}
direction: higher
empty: no_data
`))
	passed("town.passed_outright", 18_494, "--level", "community")
}

// hasWilsonIntervals computes the interval of every row again, at the points where
// a share lies 1.96 standard errors away (Wilson 1927, equation of his section on
// probable inference).
func (l madeLayer) hasWilsonIntervals(t *testing.T) {
	t.Helper()
	const z = 1.959963984540054
	rows := 0
	for _, f := range l.Features {
		n, _ := f.Properties["n"].(float64)
		value, has := f.Properties["value"].(float64)
		low, hasLow := f.Properties["low"].(float64)
		high, hasHigh := f.Properties["high"].(float64)
		if has != (n > 0) || hasLow != has || hasHigh != has {
			t.Errorf("row %s with %v facts: value %t, interval %t and %t", f.ID, n, has, hasLow, hasHigh)
		}
		if !has {
			continue
		}
		rows++
		for _, bound := range []float64{low, high} {
			if gap := (value-bound)*(value-bound) - z*z*bound*(1-bound)/n; math.Abs(gap) > 1e-9 {
				t.Errorf("row %s: %v of %v has the bound %v, which is not Wilson's", f.ID, value, n, bound)
			}
		}
	}
	if rows == 0 {
		t.Error("no row has a value")
	}
}

// written returns the path of a new file with a text.
func written(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "file.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestNewYorkCaseworkByDistrict works an indicator out on records that have no
// coordinates. Every one of the 341,299 rows is a case here; 267,983 name a
// community district, 72,772 none, 544 one there is not, and 14,142 are open.
func TestNewYorkCaseworkByDistrict(t *testing.T) {
	imports := [][]string{
		{"import", "boundaries", publicFile(t, "nyc/nyc_community_districts.geojson.gz"), "--level", "community", "--code", "BoroCD"},
		{"import", "incidents", publicFile(t, "nyc/nyc_council_casework_2015_2025.csv.gz"), "--map", "id="},
	}
	store := filepath.Join(t.TempDir(), "nyc.gpkg")
	for _, args := range imports {
		runs(t, store, args...)
	}
	t.Run("and in PostGIS", func(t *testing.T) {
		pgtest.Long(t) // a third of a million cases
		sameInPostGIS(t, store, imports, [][]string{{"--indicator", "general.cases", "--level", "community", "--from", "2015-01-01", "--to", "2025-02-01"}})
	})
	runs(t, store, "indicators", "publish", written(t, `
code: town.closed_share
version: 1
name: {en: Cases closed}
kind: ratio
numerator: closed
denominator: all
period: {by: opened, unit: year, tz: America/New_York}
direction: higher
empty: no_data
`))
	asked := []string{"--indicator", "town.closed_share", "--level", "community", "--from", "2015-01-01", "--to", "2025-02-01"}
	layer, _ := indicatorLayer(t, store, asked...)
	want := analytics.Balance{Of: "town.closed_share", Count: analytics.AllFacts, Total: 341_299, InRows: 267_983, AreaOnly: 544, Unlocated: 72_772}
	if got := layer.balance(t, analytics.AllFacts); got != want {
		t.Errorf("of the facts %+v, want %+v", got, want)
	}
	layer.reconciles(t, map[string]string{"n": "denominator"})
	if closed := layer.says(t, "numerator"); closed != 341_299-14_142 || len(layer.Features) != 71 || layer.sum("n") != 267_983 {
		t.Errorf("%v closed, %d districts that rest on %v; want 327157, 71, 267983", closed, len(layer.Features), layer.sum("n"))
	}
	table := runs(t, store, append([]string{"analyze", "indicator", "--format", "table"}, asked...)...)
	if line := "267,983 in rows · 544 by a community in no row · 72,772 without any place"; !bytes.Contains(table, []byte(line)) {
		t.Errorf("the table does not say %q:\n%s", line, table)
	}
}
