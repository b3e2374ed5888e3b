package pack_test

import (
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/indicator/pack"
)

// TestExamplesHold works out every example. What they come to is reckoned by
// hand, in the comments beside them.
func TestExamplesHold(t *testing.T) {
	l := library(t)
	worked := 0
	for _, name := range pack.Names() {
		for _, d := range read(t, name, nil).Indicators {
			c, err := indicator.Compile(d, indicator.Surroundings{Library: l, Zone: time.UTC})
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range d.Examples {
				worked++
				got, err := engine.Example(t.Context(), c, x)
				if err != nil {
					t.Errorf("%s: %v", d.Code, err)
				}
				for _, wrong := range got.Wrong {
					t.Errorf("%s: %s: %s", d.Code, x.Title, wrong)
				}
			}
		}
	}
	if worked < 75 {
		t.Errorf("%d examples were worked out, want all of them", worked)
	}
}
