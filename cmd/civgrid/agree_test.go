package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/follow"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// TestStoresAgreeOnCities imports two cities into a file and into PostGIS, and
// expects the same bytes of every layer: from the file, and from the database
// by scan, by push-down, and served from a copy.
func TestStoresAgreeOnCities(t *testing.T) {
	pgtest.Long(t) // imports 200,000 cases, twice
	shared := filepath.Join("..", "..", "..", "shared", "data")
	if _, err := os.Stat(shared); err != nil {
		t.Skip("the public data of ../shared/data are not here")
	}
	at := func(name string) string { return filepath.Join(shared, filepath.FromSlash(name)) }
	t.Run("Boston", func(t *testing.T) {
		storesAgree(t, "district", [][]string{
			{"import", "boundaries", at("boston/boston_neighborhoods.geojson"), "--level", "district"},
			{"import", "incidents", at("boston/boston_311_2011H2.csv.gz")},
		})
	})
	t.Run("Chicago", func(t *testing.T) {
		storesAgree(t, "community", [][]string{
			{"import", "boundaries", at("chicago/chicago_community_areas_pop.geojson.gz"), "--level", "community"},
			{"import", "incidents", at("chicago/chicago_311_sanitation_2011_2014.csv.gz"), at("chicago/chicago_burglary_2011_2014.csv.gz")},
			{"import", "inspections", at("chicago/chicago_food_inspections_2011_2014.csv.gz")},
		})
	})
}

// TestStoresAgreeOnTheDemo does the same without the public data, on some files
// of the synthetic city.
func TestStoresAgreeOnTheDemo(t *testing.T) {
	if testing.Short() {
		t.Skip("imports 28,000 cases, twice")
	}
	storesAgree(t, "street", cityFiles(t))
}

func storesAgree(t *testing.T, level string, imports [][]string) {
	file, url := filepath.Join(t.TempDir(), "city.gpkg"), pgtest.Shared(t).Database(t)
	for _, args := range imports {
		runsDespiteRejects(t, file, args...)
		runsDespiteRejects(t, url, args...)
	}
	embedded := openStore(t, file)
	store, err := postgis.Open(t.Context(), url, postgis.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	copied, err := follow.Open(t.Context(), unowned{store}, t.TempDir(), follow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { copied.Close() })
	var steps []agg.Step
	reference, others := engineOf(embedded), map[string]*engine.Engine{ // one each, which keeps study areas
		"by scan": engineOf(forced{store, false}), "by push-down": engineOf(forced{store, true}), "from a copy": engineOf(copied),
		"as the planner likes": engine.New(store, engine.Options{Now: fixedNow, Explain: func(s agg.Step) { steps = append(steps, s) }}),
	}
	for _, analysis := range engine.Analyses() {
		for _, unit := range []map[string]string{{"res": "9"}, {"res": "8", "fill": "centre+observed"}, {"level": level}} {
			if slices.ContainsFunc(analysis.Params, func(p analytics.Param) bool { return p.Name == "simulations" }) {
				unit["simulations"] = "19" // what is added up must agree; each simulation follows from it
			}
			want := layerOf(t, reference, analysis.Name, unit)
			for how, other := range others {
				got := layerOf(t, other, analysis.Name, unit)
				if !bytes.Equal(got, want) {
					t.Errorf("%s %v %s: %d bytes of GeoJSON differ from the %d of the embedded store: %s", analysis.Name, unit, how, len(got), len(want), firstDifference(got, want))
				}
			}
		}
	}
	for _, s := range steps {
		t.Logf("%s: push-down %t, because %s", strings.Join(s.Rollups, ", "), s.PushDown, s.Why)
	}
}

// runsDespiteRejects runs an import, which may reject rows.
func runsDespiteRejects(t *testing.T, store string, args ...string) {
	t.Helper()
	var talk bytes.Buffer
	p := &program{out: &talk, err: &talk, now: fixedNow}
	code := p.run(t.Context(), append(args, "--store", store, "--progress", "none"))
	if code != exitOK && code != exitRejected {
		t.Fatalf("civgrid %v: exit code %d\n%s", args, code, talk.String())
	}
}

func openStore(t *testing.T, path string) data.Store {
	t.Helper()
	p := &program{out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: fixedNow, config: config{"store": {value: path}, "log-level": {value: "error"}}}
	store, err := p.openStore(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

func engineOf(store data.Store) *engine.Engine {
	return engine.New(store, engine.Options{Now: fixedNow})
}

func layerOf(t *testing.T, e *engine.Engine, analysis string, params map[string]string) []byte {
	t.Helper()
	layer, err := e.Run(t.Context(), analysis, params)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := encode.Write(&b, "geojson", layer, encode.Options{}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func firstDifference(got, want []byte) string {
	n := min(len(got), len(want))
	for i := range n {
		if got[i] != want[i] {
			return fmt.Sprintf("%q, want %q", got[max(i-60, 0):min(i+40, len(got))], want[max(i-60, 0):min(i+40, len(want))])
		}
	}
	return "one ends where the other goes on"
}

// forced is a database that is always asked in one way.
type forced struct {
	*postgis.Store
	push bool
}

// Weigh implements [data.Aggregator].
func (f forced) Weigh(context.Context, []data.Rollup) (data.Choice, error) {
	return data.Choice{PushDown: f.push, Why: "the test says so"}, nil
}

// unowned is a store that outlives its copy.
type unowned struct{ *postgis.Store }

// Close implements [data.Store].
func (unowned) Close() error { return nil }
