package agg

import (
	"context"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// A Step says how some rollups over the same facts are answered.
type Step struct {
	Dataset data.Dataset
	Rollups []string // their names
	data.Choice
}

func stepOf(rollups []data.Rollup) Step {
	step := Step{Dataset: rollups[0].Dataset}
	for _, r := range rollups {
		step.Rollups = append(step.Rollups, r.Name)
	}
	return step
}

// pushDown has the source add rollups up and lays the answers over the frame.
func pushDown(ctx context.Context, source data.Aggregator, frame *analytics.Frame, rollups []data.Rollup) ([]table, error) {
	index := newRowIndex(frame)
	tables := make([]table, len(rollups))
	for i, r := range rollups {
		tables[i] = newTable(index.len(), r, 1)
	}
	for a, err := range source.Aggregate(ctx, rollups...) {
		if err != nil {
			return nil, err
		}
		tables[a.Rollup].addAnswer(index, rollups[a.Rollup], a.Batch)
	}
	return tables, nil
}

// addAnswer adds a part of the answer to a rollup. Its words are recoded
// already.
func (t *table) addAnswer(index *rowIndex, r data.Rollup, b data.Batch) {
	key := index.frame.Key
	if code, ok := key.(data.ByCode); ok {
		key = data.ByCode{Column: code.Column}
	}
	rows := index.rowsOfKey(nil, b, key)
	counts := make([][]int64, len(r.Counts))
	for i, c := range r.Counts {
		counts[i] = b.Ints(c.Name)
	}
	sums := make([][]int64, len(r.Sums))
	for i, s := range r.Sums {
		sums[i] = b.Ints(s.Name)
	}
	keys := make([]int64, b.Len())
	if len(r.Keys) > 1 {
		name := r.Keys[1].Result().Name
		valid := b.Valid(name)
		for i, k := range b.Ints(name) {
			if keys[i] = k; !valid.At(i) {
				keys[i] = -1
			}
		}
	}
	for i, row := range rows {
		at := t.at(t.entry(row, keys[i]))
		for c := range counts {
			at[c] += counts[c][i]
		}
		for s := range sums {
			addLong(at[t.counts+2*s:], sums[s][i])
		}
	}
}
