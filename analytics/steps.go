package analytics

import (
	"fmt"
	"slices"
)

// Steps returns the classes of a number column: five of about equal size, with
// bounds that round makes readable, or fewer where values do not differ so
// much, and last the one of rows without a value, labelled none. Colours go
// from few to much and stay apart for colour-blind readers: the viridis scale,
// reversed, without its two ends. label tells a bound.
func Steps(c Column, round func(float64) float64, label func(float64) string, none string) []Class {
	var values []float64
	for row, v := range c.Floats {
		if c.Has(row) {
			values = append(values, v)
		}
	}
	slices.Sort(values)
	colors := []string{"#f0f921", "#7ad151", "#22a884", "#2a788e", "#414487"}
	var bounds []float64
	for i := 1; i < len(colors) && len(values) > 0; i++ {
		at := round(values[i*len(values)/len(colors)])
		if at > values[0] && at <= values[len(values)-1] {
			bounds = append(bounds, at)
		}
	}
	bounds = slices.Compact(bounds)
	var classes []Class
	for i := 0; i <= len(bounds) && len(values) > 0; i++ {
		class := Class{Key: fmt.Sprintf("class%d", i+1), Color: colors[i]}
		switch first, last := i == 0, i == len(bounds); {
		case first && last:
			class.Label = "any value"
		case first:
			class.High, class.Label = &bounds[i], "under "+label(bounds[i])
		case last:
			class.Low, class.Label = &bounds[i-1], label(bounds[i-1])+" or more"
		default:
			class.Low, class.High = &bounds[i-1], &bounds[i]
			class.Label = label(bounds[i-1]) + " to " + label(bounds[i])
		}
		classes = append(classes, class)
	}
	return append(classes, Class{Key: NoData, Label: none, Color: "#d9d9d9"})
}
