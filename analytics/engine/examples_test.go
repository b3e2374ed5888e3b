package engine

import (
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics/indicator"
)

// TestExamplesAreSmall: a few lines that repeat a fact must not fill the memory.
func TestExamplesAreSmall(t *testing.T) {
	c, err := indicator.Compile(definition(t, "code: test.all\nversion: 1\nkind: count\n"), indicator.Surroundings{})
	if err != nil {
		t.Fatal(err)
	}
	f := func(want string, times ...string) {
		t.Helper()
		x := indicator.Example{Title: "Many", From: "2026-01-01", To: "2026-02-01"}
		for _, n := range times {
			x.Facts = append(x.Facts, map[string]string{"reported_at": "2026-01-05", "times": n})
		}
		if _, err := Example(t.Context(), c, x); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", times, err, want)
		}
	}
	f("want a number to 1000000", "1000001")
	f("want a number to 1000000", "-1")
	f("want a number to 1000000", "many")
	f("more than 1000000 facts in all", "400000", "400000", "400000")
}
