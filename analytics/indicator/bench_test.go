package indicator

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/civgrid/civgrid/data"
)

// chunks is a data.Source of inspections in several batches.
type chunks []data.Batch

// Schema implements data.Source.
func (c chunks) Schema(d data.Dataset) []data.Column {
	return data.SchemaOf(d, data.DefaultResolutions())
}

// Scan implements data.Source.
func (c chunks) Scan(_ context.Context, q data.Query) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		for _, b := range c {
			if !yield(q.Filter(b)) {
				return
			}
		}
	}
}

// BenchmarkCampaign computes a campaign of 40 items over a million inspections,
// each of one item, for a thousand rows; beside it one of its items alone.
func BenchmarkCampaign(b *testing.B) {
	const items, rows, inspections, each = 40, 1000, 1_000_000, 62_500
	rng := rand.New(rand.NewPCG(1, 1))
	var source chunks
	for range inspections / each {
		list := make([]fact, each)
		for i := range list {
			list[i] = fact{
				"community": rowCode(rng.IntN(rows)), "inspected_at": on(rng.IntN(20)), "item": fmt.Sprintf("item %d", rng.IntN(items)),
				"result": []string{"pass", "pass", "fail", "na"}[rng.IntN(4)],
			}
		}
		source = append(source, facts{data.Inspections, list}.batch())
	}
	var list []*Definition
	text := "code: test.all\nkind: composite\nitems:\n"
	for i := range items {
		code := fmt.Sprintf("test.item%d", i)
		list = append(list, define(b, fmt.Sprintf("code: %s\nkind: ratio\ndataset: inspections\nperiod: {by: inspected}\nwhere: \"item = 'item %d'\"\n"+
			"numerator: \"result = 'pass'\"\ndenominator: \"result <> 'na'\"\n", code, i)))
		text += "- {indicator: " + code + "}\n"
	}
	all := compiled(b, define(b, text), list...)
	frame := districts(rows)
	for name, c := range map[string]*Compiled{"40 items": all, "one item": all.items[0]} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := tryLayer(b, c, march(b, nil), frame, source); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
