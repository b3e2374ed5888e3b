package indicator_test

import (
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
)

// TestRatios holds ratios to examples in their definitions, which are reckoned
// by hand.
func TestRatios(t *testing.T) {
	f := func(name, text string) {
		t.Helper()
		file, err := indicator.Read(strings.NewReader("code: test.ratio\nversion: 1\nname: {en: Test}\nkind: ratio\ndirection: higher\nempty: no_data\n"+text), nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		d := file.Pack.Indicators[0]
		c, err := indicator.Compile(d, indicator.Surroundings{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			return
		}
		for _, x := range d.Examples {
			got, err := engine.Example(t.Context(), c, x)
			if err != nil || len(got.Wrong) > 0 {
				t.Errorf("%s: %v (%v)", name, got.Wrong, err)
			}
		}
	}
	// 4 × 1 + 2 × 0.5 = 5 of 4 + 2 + 4 = 10. The four also meet the second condition.
	f("a fact counts with the first condition that it meets", `
numerator:
  - {where: status = 'closed', weight: 1}
  - {where: reworks > 0, weight: 0.5}
denominator: all
examples:
  - from: 2026-03-01
    to: 2026-04-01
    facts:
      - {times: 4, status: closed, reported_at: 2026-03-02, closed_at: 2026-03-03, reworks: 1}
      - {times: 2, status: open, reported_at: 2026-03-02, reworks: 1}
      - {times: 4, status: open, reported_at: 2026-03-02}
    expect: {value: 0.5, n: 10}
`)
}
