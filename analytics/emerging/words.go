package emerging

import (
	"fmt"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats/trend"
)

func rank() analytics.Rank {
	return analytics.Rank{Column: "urgency", Descending: true, Show: []string{"class", "since", "trend_z", "observed", "last", "slope"}}
}

// legend names the classes in one of the two vocabularies.
func legend(vocabulary string) analytics.Legend {
	colors := map[trend.Class]string{
		{Family: trend.Hot, Pattern: trend.New}: "#67000d", {Family: trend.Hot, Pattern: trend.Consecutive}: "#cb181d",
		{Family: trend.Hot, Pattern: trend.Intensifying}: "#a50f15", {Family: trend.Hot, Pattern: trend.Persistent}: "#ef3b2c",
		{Family: trend.Hot, Pattern: trend.Diminishing}: "#fcbba1", {Family: trend.Hot, Pattern: trend.Sporadic}: "#fb6a4a",
		{Family: trend.Hot, Pattern: trend.Oscillating}: "#fc9272", {Family: trend.Hot, Pattern: trend.Historical}: "#fee0d2",
		{Family: trend.Cold, Pattern: trend.New}: "#08306b", {Family: trend.Cold, Pattern: trend.Consecutive}: "#2171b5",
		{Family: trend.Cold, Pattern: trend.Intensifying}: "#08519c", {Family: trend.Cold, Pattern: trend.Persistent}: "#4292c6",
		{Family: trend.Cold, Pattern: trend.Diminishing}: "#c6dbef", {Family: trend.Cold, Pattern: trend.Sporadic}: "#6baed6",
		{Family: trend.Cold, Pattern: trend.Oscillating}: "#9ecae1", {Family: trend.Cold, Pattern: trend.Historical}: "#deebf7",
		{}: "#f7f7f2",
	}
	l := analytics.Legend{Column: "class", Title: "Emerging hot and cold spots"}
	for _, c := range trend.Classes() {
		name := c.String()
		if vocabulary == "carto" {
			name = c.CARTO()
		}
		l.Classes = append(l.Classes, analytics.Class{Key: Key(c), Label: strings.ToUpper(name[:1]) + name[1:], Color: colors[c]})
	}
	l.Classes = append(l.Classes, analytics.Class{Key: analytics.NoData, Label: "Cannot be told", Color: "#d9d9d9"})
	return l
}

func method(how string) string {
	return "Gi* of every row and step over the row and its neighbours, in the step and those before that belong to it, against all bins of the cube, empty ones included; " +
		how + "; false discovery rate of Benjamini and Hochberg over all bins; patterns of the bins of each row after Esri's definitions, by a test of its z for a trend."
}

func (c *cube) summary(layer *analytics.Layer, t *analytics.Tally) []analytics.Item {
	elsewhere, nowhere := t.Beyond("n")
	urgency, _ := layer.Column("urgency")
	var hot, cold int64
	for row, u := range urgency.Ints {
		switch {
		case !urgency.Has(row):
		case u > 0:
			hot++
		case u < 0:
			cold++
		}
	}
	return []analytics.Item{
		{Key: "hot", Title: "Rows with a pattern of a hot spot", Value: hot, Unit: "count"},
		{Key: "cold", Title: "Rows with a pattern of a cold spot", Value: cold, Unit: "count"},
		{Key: "rows", Title: "Rows of the study area", Value: int64(c.frame.Len()), Unit: "count"},
		{Key: "steps", Title: "Steps of time", Value: int64(c.steps.Len()), Unit: "count"},
		{Key: "in_rows", Title: "Reports in a row of the layer", Value: t.Total("n") + t.Without("n"), Unit: "count"},
		{Key: "between_steps", Title: "Of those, in no whole step", Value: t.Without("n"), Unit: "count"},
		{Key: "elsewhere", Title: "Reports outside the layer's rows", Value: elsewhere, Unit: "count"},
		{Key: "without_place", Title: "Reports without a place of this kind", Value: nowhere, Unit: "count"},
	}
}

// few is the number of steps below which trends say little: ArcGIS asks for ten.
const few = 10

func (c *cube) caveats() []string {
	told := []string{"Reports show where and when people report. A place may become hot because a new channel was opened."}
	if text := c.steps.Incomplete(c.request.From, c.request.To); text != "" {
		told = append(told, text)
	}
	if tests := len(c.counts); c.draws > 0 && 2*float64(tests)/float64(c.draws+1) > c.request.Params.Number("q") {
		told = append(told, fmt.Sprintf("%d permutations cannot tell a single one of %d bins from chance: take longer steps or fewer rows.", c.draws, tests))
	}
	if n := c.steps.Len(); n < few {
		told = append(told, fmt.Sprintf("There are %d steps only; with fewer than %d little can be told of trends.", n, few))
	}
	if c.request.Params.Text("test") == "normal" {
		told = append(told, "Bins are tested by the normal approximation, for comparison with ArcGIS: where there are few reports in a bin, it shows hot spots on pure noise.")
	}
	return told
}
