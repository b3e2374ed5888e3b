package engine

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// secrets are cases whose ids can be told from all else, as their addresses and
// attributes can.
func secrets(n int) []kase {
	cases := incidents(4, n)
	for i := range cases {
		cases[i].id = "secret-" + cases[i].id
	}
	return cases
}

// TestNoLayerTellsWhoReported looks for addresses, attributes, ids and exact points of
// cases in all that layers of every analysis and of every indicator say, be they for
// the public or not.
func TestNoLayerTellsWhoReported(t *testing.T) {
	cases := secrets(500)
	store := storeOf(t, "Asia/Shanghai", cityOf(), cases, 100)
	points := map[float64]bool{}
	for _, k := range cases {
		if k.point[0] != 0 {
			points[k.point[0]], points[k.point[1]] = true, true
		}
	}
	private := 0
	for _, c := range store.Schema(data.Incidents) {
		if c.Private {
			private++
		}
	}
	if private < 2 {
		t.Fatalf("%d columns of the store are private, want address and attributes", private)
	}
	told := 0
	for _, options := range []Options{{}, {Public: true, MinCount: 3}} {
		e := New(store, options)
		for _, given := range everyRequest(t, e) {
			name := given["analysis"]
			delete(given, "analysis")
			layer, err := e.Run(t.Context(), name, given)
			if wrong := (*analytics.ParamError)(nil); errors.As(err, &wrong) || errors.Is(err, data.ErrNotFound) {
				continue // there are no facts for it, or not by those who answer
			}
			if err != nil {
				t.Fatalf("%s %v: %v", name, given, err)
			}
			told++
			for _, text := range wordsIn(layer) {
				if strings.Contains(text, "private") || strings.Contains(text, "secret-") {
					t.Errorf("%s %v tells %q", name, given, text)
				}
			}
			for _, c := range layer.Columns {
				if i := slices.IndexFunc(c.Floats, func(x float64) bool { return points[x] }); i >= 0 {
					t.Errorf("%s %v: %s has a coordinate of a report, %v", name, given, c.Name, c.Floats[i])
				}
			}
		}
	}
	if told < 60 {
		t.Errorf("%d layers were looked at, want more", told)
	}
}

// everyRequest asks for every analysis, by several units, and for every indicator.
func everyRequest(t *testing.T, e *Engine) (requests []map[string]string) {
	t.Helper()
	l, err := e.Library(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, unit := range []string{"level=street", "res=9", "level=responsible_unit"} {
		for _, a := range Analyses() {
			requests = append(requests, asked(unit, "analysis="+a.Name))
		}
	}
	for _, d := range l.Definitions() {
		for _, name := range []string{indicator.Analysis.Name, indicator.Execution.Name} {
			requests = append(requests, asked("level=street", "analysis="+name, "indicator="+d.Code))
		}
	}
	return requests
}

// wordsIn returns every text of a layer but those of its identity.
func wordsIn(l *analytics.Layer) []string {
	texts := slices.Concat([]string{l.Name, l.Title, l.Doc, l.Method, l.Reference, fmt.Sprint(l.Provenance), fmt.Sprint(l.Legend)}, l.Caveats)
	for _, item := range l.Summary {
		texts = append(texts, item.Title, fmt.Sprint(item.Value))
	}
	for _, c := range l.Columns {
		texts = append(texts, c.Words...)
		texts = append(texts, c.Name, c.Title, c.Doc)
	}
	return texts
}
