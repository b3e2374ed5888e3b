package engine

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/agg"
	"github.com/civgrid/civgrid/data"
)

// balances accounts for the facts behind every count of a layer: those in its
// rows and, by why they are not, the others. It asks once more for the facts
// without a point, which are few, and for those of the area a layer is cut to.
func balances(ctx context.Context, source data.Source, v *view, frame *analytics.Frame, rollups []data.Rollup, tallies []analytics.Tally) ([]analytics.Balance, error) {
	var asked []data.Rollup
	var of []int
	seen := map[string]bool{}
	for i, r := range rollups {
		if seen[r.Name] {
			continue // of an earlier period
		}
		seen[r.Name] = true
		of = append(of, i)
		asked = append(asked, unplaced(v, frame, r)...)
	}
	answers, err := agg.Collect(ctx, source, frame, asked, nil)
	if err != nil {
		return nil, fmt.Errorf("account for facts: %w", err)
	}
	var list []analytics.Balance
	for _, i := range of {
		whole := &tallies[i]
		if cut(frame) {
			whole, answers = &answers[0], answers[1:]
		}
		for _, count := range rollups[i].Counts {
			list = append(list, balance(rollups[i].Name, count.Name, whole, &answers[0]))
		}
		answers = answers[1:]
	}
	return list, nil
}

// cut reports whether the layer has communities of one area only: what is
// elsewhere in the city then is none of its business.
func cut(f *analytics.Frame) bool { return f.Within != "" && !f.Unit.IsCells() }

// unplaced returns the rollups that say why facts are in no row: for a layer cut
// to an area first one of all facts of the area, then one of those without a
// point.
func unplaced(v *view, f *analytics.Frame, r data.Rollup) []data.Rollup {
	r.Keys, r.Sums = r.Keys[:1], nil
	var list []data.Rollup
	if cut(f) {
		r.Where = data.All{r.Where, data.In{Column: "community", Words: v.hierarchy.Within(f.Within)}}
		list = append(list, r)
	}
	is := func(place string) data.Condition {
		return data.Compare{Column: "location", Op: data.Equal, Value: place}
	}
	r.Where = data.All{r.Where, data.Not{Condition: is(data.LocationPoint)}}
	counts := r.Counts
	r.Counts = nil
	for _, c := range counts {
		r.Counts = append(r.Counts, c, data.Count{Name: areaOnly(c.Name), Where: data.All{c.Where, is(data.LocationArea)}})
	}
	return append(list, r)
}

func areaOnly(count string) string { return count + " by area only" }

func balance(rollup, count string, whole, pointless *analytics.Tally) analytics.Balance {
	b := analytics.Balance{Of: rollup, Count: count, InRows: whole.Total(count) + whole.Without(count)}
	beyond := func(t *analytics.Tally, name string) int64 {
		elsewhere, nowhere := t.Beyond(name)
		return elsewhere + nowhere
	}
	b.AreaOnly = beyond(pointless, areaOnly(count))
	b.Unlocated = beyond(pointless, count) - b.AreaOnly
	b.Outside = beyond(whole, count) - b.AreaOnly - b.Unlocated
	b.Total = b.InRows + b.Outside + b.AreaOnly + b.Unlocated
	return b
}
