package agg

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// pushing adds up by itself, in the plainest way there is: one part of an
// answer for each fact.
type pushing struct {
	facts
	asked int // how often
}

// Weigh implements data.Aggregator.
func (p *pushing) Weigh(context.Context, []data.Rollup) (data.Choice, error) {
	return data.Choice{PushDown: true, Why: "it is a test"}, nil
}

// Aggregate implements data.Aggregator.
func (p *pushing) Aggregate(ctx context.Context, rollups ...data.Rollup) data.Answers {
	p.asked++
	return func(yield func(data.Answer, error) bool) {
		for i, r := range rollups {
			for b, err := range p.Scan(ctx, data.Query{Dataset: r.Dataset, Where: r.Where}) {
				if !yield(data.Answer{Rollup: i, Batch: partsOf(r, b)}, err) {
					return
				}
			}
		}
	}
}

func partsOf(r data.Rollup, b data.Batch) data.Batch {
	parts := data.NewBuilder(r.Columns())
	for row := range b.Len() {
		one := b.Slice(row, row+1)
		for i, key := range r.Keys {
			setKey(parts, i, key, one)
		}
		for i, c := range r.Counts {
			n := int64(0)
			if data.Select(nil, one, c.Where)[0] {
				n = 1
			}
			parts.SetInt(len(r.Keys)+i, n)
		}
		for i, s := range r.Sums {
			v := int64(0)
			if one.Valid(s.Column).At(0) && data.Select(nil, one, s.Where)[0] {
				v = one.Ints(s.Column)[0]
			}
			parts.SetInt(len(r.Keys)+len(r.Counts)+i, v)
		}
	}
	return parts.Build()
}

// setKey puts the key of a batch of one row into column i of an answer.
func setKey(parts *data.Builder, i int, key data.Key, one data.Batch) {
	switch key := key.(type) {
	case data.ByCell:
		cell := geo.NoCell
		if one.Valid(key.Column).At(0) {
			cell = one.Cells(key.Column)[0]
		}
		parts.SetCell(i, cell)
	case data.ByCode:
		if word, ok := key.Recode[one.Codes(key.Column).At(0)]; ok {
			parts.SetText(i, word)
		} else {
			parts.Missing(i)
		}
	case data.ByHourOfWeek:
		local := time.UnixMicro(one.Ints(key.Column)[0]).In(key.Zone)
		parts.SetInt(i, int64((int(local.Weekday())+6)%7*24+local.Hour()))
	case data.ByWait:
		stop := key.AsOf.UnixMicro()
		if one.Valid(key.To).At(0) {
			stop = min(stop, one.Ints(key.To)[0])
		}
		wait, below := stop-one.Ints(key.From)[0], int64(0)
		for _, bound := range key.Bounds {
			if bound < wait {
				below++
			}
		}
		if wait < 0 {
			parts.Missing(i)
		} else {
			parts.SetInt(i, below)
		}
	}
}

// TestAnswersOfTheSourceEqualAScan lays answers that the source added up over
// frames of cells and of communities, and compares with a scan.
func TestAnswersOfTheSourceEqualAScan(t *testing.T) {
	rows := randomFacts(8, 3000)
	streets := &analytics.Frame{
		Unit:        analytics.CommunitiesOf(data.Street),
		Key:         data.ByCode{Column: "community", Recode: map[string]string{"a1": "A", "a2": "A", "b1": "B"}},
		Communities: []data.Community{{Code: "A"}},
	}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	closed := data.Compare{Column: "status", Op: data.Equal, Value: "closed"}
	for _, frame := range []*analytics.Frame{frameOfCells(), streets} {
		counts := []data.Count{{Name: "n"}, {Name: "closed", Where: closed}}
		rollups := []data.Rollup{
			{Name: "plain", Dataset: data.Incidents, Keys: []data.Key{frame.Key}, Counts: counts},
			{Name: "hours", Dataset: data.Incidents, Keys: []data.Key{frame.Key, data.ByHourOfWeek{Column: "reported_at", Zone: zone}}, Counts: counts},
			{Name: "waits", Dataset: data.Incidents, Where: closed, Keys: []data.Key{frame.Key, data.ByWait{From: "reported_at", To: "closed_at", AsOf: asOf, Bounds: bounds}}, Counts: counts},
		}
		want, err := Collect(t.Context(), facts{rows, 500}, frame, rollups, nil)
		if err != nil {
			t.Fatal(err)
		}
		source, steps := &pushing{facts: facts{rows, 500}}, 0
		got, err := Collect(t.Context(), source, frame, rollups, func(s Step) {
			steps++
			if !s.PushDown || s.Why != "it is a test" {
				t.Errorf("step %+v, want a push-down", s)
			}
		})
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("error %v, tallies (-scan +push-down):\n%s", err, diff)
		}
		if source.asked != 2 || steps != 2 { // rollups of the same facts are asked for together
			t.Errorf("the source was asked %d times in %d steps, want 2 of both", source.asked, steps)
		}
	}
}
