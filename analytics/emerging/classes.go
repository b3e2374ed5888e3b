package emerging

import (
	"fmt"
	"math"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/analytics/stats/trend"
)

func columns() []analytics.Column {
	count := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.IntColumn, Unit: "count", Title: title, Doc: doc}
	}
	number := func(name, unit, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Title: title, Doc: doc}
	}
	return []analytics.Column{
		{Name: "class", Type: analytics.WordColumn, Title: "Class", Doc: "Of the row with its neighbours: new_hot, consecutive_hot, intensifying_hot, diminishing_hot, historical_hot, persistent_hot, sporadic_hot, oscillating_hot, the same of cold, or no_pattern."},
		{Name: "urgency", Type: analytics.IntColumn, Title: "Urgency", Doc: "In which order to look: 8 for a new hot spot down to 1 for a historical one, 0 without a pattern, below 0 for cold spots."},
		count("observed", "Reports", "Reports in the row by itself, in whole steps; missing where there is none."),
		count("last", "Reports in the last step", "In the row by itself."),
		number("slope", "count", "Change per step", "Sen's slope of the reports of the row by itself, which can fall where the neighbours' grow."),
		number("trend_z", "", "Trend z, with neighbours", "Of the z of Gi*, step by step: above 0 it becomes hotter."),
		number("trend_p", "", "Trend p", "Two-sided."),
		count("hot_steps", "Hot steps", ""),
		count("cold_steps", "Cold steps", ""),
		{Name: "since", Type: analytics.WordColumn, Title: "Hot or cold since", Doc: "First step of the run that reaches to the last."},
		number("gi_z", "", "Gi* z in the last step", ""),
		number("q", "", "q of the last step", "The smallest false discovery rate at which the row is hot or cold in it."),
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no class", Doc: "no_steps, zero_variance, no_neighbours, degenerate_neighbourhood, too_few_cells, missing or mostly_outside."},
	}
}

// Key returns the word of column class: "new_hot", "no_pattern".
func Key(c trend.Class) string {
	return strings.ReplaceAll(strings.TrimSuffix(c.String(), " spot"), " ", "_")
}

// urgency returns the order in which to look.
func urgency(c trend.Class) int64 {
	order := [...]int64{
		trend.None: 0, trend.New: 8, trend.Intensifying: 7, trend.Consecutive: 6, trend.Persistent: 5,
		trend.Sporadic: 4, trend.Oscillating: 3, trend.Diminishing: 2, trend.Historical: 1,
	}
	return int64(c.Family) * order[c.Pattern]
}

// describe fills in the columns.
func (c *cube) describe(layer *analytics.Layer) error {
	w := newColumns(c.frame.Len())
	for row := range c.frame.Len() {
		counts, z, bins, known := c.series(row)
		for _, n := range counts[:c.steps.Len()] {
			w.observed[row] += int64(n)
		}
		if c.steps.Len() > 0 {
			w.last[row], w.counted[row] = int64(counts[len(counts)-1]), true
		}
		if w.reason[row] = c.reason(row); !known || w.reason[row] != "" {
			continue
		}
		if err := c.pattern(w, row, counts, z, bins); err != nil {
			return fmt.Errorf("trend of row %s: %w", c.frame.ID(row), err)
		}
	}
	w.write(layer)
	return nil
}

// pattern classes a row whose bins are all known.
func (c *cube) pattern(w *resultColumns, row int, counts, z []float64, bins []int8) error {
	test := trend.MannKendall
	if c.request.Params.Text("trend") == "hamed-rao" {
		test = trend.HamedRao
	}
	t, err := test(z)
	if err != nil {
		return err
	}
	slope, err := trend.Sen(counts, 0.95)
	if err != nil {
		return err
	}
	rise := 0
	p, ok := t.P(stats.TwoSided)
	if ok && p <= c.request.Params.Number("alpha") {
		rise = int(math.Copysign(1, t.Z))
	}
	class := trend.Classify(bins, rise)
	w.known[row], w.class[row], w.urgency[row] = true, Key(class), urgency(class)
	w.trends[row], w.trendZ[row], w.trendP[row] = ok, t.Z, p
	w.sloped[row], w.slope[row] = slope.Valid, slope.Value
	for _, b := range bins {
		if b > 0 {
			w.hot[row]++
		} else if b < 0 {
			w.cold[row]++
		}
	}
	last := len(bins) - 1
	w.z[row], w.q[row] = z[last], c.q[last*c.frame.Len()+row]
	for first := last; first >= 0 && bins[last] != 0 && bins[first] == bins[last]; first-- {
		w.since[row] = c.steps.Name(first)
	}
	return nil
}

// resultColumns collects the columns row by row.
type resultColumns struct {
	observed, last, hot, cold, urgency []int64
	slope, trendZ, trendP, z, q        []float64
	class, since, reason               []string
	known, trends, sloped, counted     []bool
}

func newColumns(n int) *resultColumns {
	ints, floats := func() []int64 { return make([]int64, n) }, func() []float64 { return make([]float64, n) }
	words, flags := func() []string { return make([]string, n) }, func() []bool { return make([]bool, n) }
	return &resultColumns{
		ints(), ints(), ints(), ints(), ints(), floats(), floats(), floats(), floats(), floats(),
		words(), words(), words(), flags(), flags(), flags(), flags(),
	}
}

func (w *resultColumns) write(layer *analytics.Layer) {
	said := func(words []string) []bool {
		has := make([]bool, len(words))
		for i, word := range words {
			has[i] = word != ""
		}
		return has
	}
	layer.Set("class", analytics.Column{Words: w.class, Valid: w.known})
	layer.Set("urgency", analytics.Column{Ints: w.urgency, Valid: w.known})
	layer.Set("observed", analytics.Column{Ints: w.observed, Valid: w.counted})
	layer.Set("last", analytics.Column{Ints: w.last, Valid: w.counted})
	layer.Set("slope", analytics.Column{Floats: w.slope, Valid: w.sloped})
	layer.Set("trend_z", analytics.Column{Floats: w.trendZ, Valid: w.trends})
	layer.Set("trend_p", analytics.Column{Floats: w.trendP, Valid: w.trends})
	layer.Set("hot_steps", analytics.Column{Ints: w.hot, Valid: w.known})
	layer.Set("cold_steps", analytics.Column{Ints: w.cold, Valid: w.known})
	layer.Set("since", analytics.Column{Words: w.since, Valid: said(w.since)})
	layer.Set("gi_z", analytics.Column{Floats: w.z, Valid: w.known})
	layer.Set("q", analytics.Column{Floats: w.q, Valid: w.known})
	layer.Set("reason", analytics.Column{Words: w.reason, Valid: said(w.reason)})
}
