package analysistest

import (
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/data"
)

// LayerOf plans an analysis, adds the facts of a source up and computes the
// layer.
func LayerOf(t testing.TB, a analytics.Analysis, r analytics.Request, f *analytics.Frame, source data.Source) *analytics.Layer {
	t.Helper()
	rollups, err := a.Plan(r, f)
	if err != nil {
		t.Fatal(err)
	}
	tallies, err := agg.Collect(t.Context(), a.Facts(source, r), f, rollups, nil)
	if err != nil {
		t.Fatal(err)
	}
	layer, err := a.Compute(t.Context(), r, f, tallies)
	if err != nil {
		t.Fatal(err)
	}
	return layer
}

// Column returns the named column of a layer, which must have it.
func Column(t testing.TB, layer *analytics.Layer, name string) analytics.Column {
	t.Helper()
	c, ok := layer.Column(name)
	if !ok {
		t.Fatalf("layer has no column %s", name)
	}
	return c
}

// Item returns the value of an item of a layer's summary, which must have it.
func Item(t testing.TB, layer *analytics.Layer, key string) any {
	t.Helper()
	for _, i := range layer.Summary {
		if i.Key == key {
			return i.Value
		}
	}
	t.Fatalf("summary has no item %s", key)
	return nil
}
