package indicator

import (
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
)

var document = Kind{
	Name:  "document",
	Title: "Share of the documents asked for that were approved",
	Doc: "items are the words of column item that are asked for, with weights. One is approved when an inspection of the period with that item " +
		"meets the numerator (result = 'pass' unless said otherwise). There is nothing random in it, so it has no interval.",
	Fields: []string{"items", "numerator"},
	Needs:  []string{"items"},
	Unit:   func(*Definition) string { return "share" },
	Counts: func(c *Compiled, asOf time.Time) []data.Count {
		counts := []data.Count{{Name: "seen", Where: c.counted(asOf)}}
		if len(c.numerator) > 0 {
			counts[0].Where = nil
		}
		for i, item := range c.Items {
			approved := data.Condition(data.Compare{Column: "result", Op: data.Equal, Value: "pass"})
			if len(c.numerator) > 0 {
				approved = c.numerator[0].condition.at(asOf)
			}
			counts = append(counts, data.Count{
				Name:  fmt.Sprintf("item_%d", i+1),
				Where: data.All{data.Compare{Column: "item", Op: data.Equal, Value: item.Document}, approved},
			})
		}
		return counts
	},
	Estimate: func(c *Compiled, s Sample) Estimate {
		e := Estimate{N: s.count("seen")}
		if e.N == 0 {
			e.Reason = NoFacts
			return e
		}
		for i, item := range c.Items {
			weight := item.weight()
			e.Denominator += weight
			if s.count(fmt.Sprintf("item_%d", i+1)) > 0 {
				e.Numerator += weight
			}
		}
		e.Value, e.Has = e.Numerator/e.Denominator, true
		e.Low, e.High, e.HasLow, e.HasHigh = e.Value, e.Value, true, true
		return e
	},
}

func (i Item) weight() float64 {
	if i.Weight == nil {
		return 1
	}
	return *i.Weight
}
