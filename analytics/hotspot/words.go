package hotspot

import (
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
)

// title returns what the layer of a measure is called.
func title(measure string) string {
	switch measure {
	case Cases:
		return "Hot and cold spots of cases"
	case Rate:
		return "Hot and cold spots of reports by inhabitants"
	case Compliance:
		return "Hot and cold spots of late cases, by category"
	case Late:
		return "Hot and cold spots of late cases"
	case Wait:
		return "Hot and cold spots of long waits"
	}
	return "Hot and cold spots of reports"
}

func rank(measure string) analytics.Rank {
	show := []string{"class", "observed", "expected", "ratio_nearby", "gi_z", "q"}
	if measure == Wait {
		show = slices.Insert(show, 1, "wait")
	}
	return analytics.Rank{Column: "gi_z", Descending: true, Show: show}
}

func legend() analytics.Legend {
	return analytics.Legend{Column: "class", Title: "Hot and cold spots", Classes: []analytics.Class{
		{Key: Hot99, Label: "Hot, 99 %", Color: "#a50f15"},
		{Key: Hot95, Label: "Hot, 95 %", Color: "#e8703a"},
		{Key: Hot90, Label: "Hot, 90 %", Color: "#fdc08a"},
		{Key: NotSignificant, Label: "Not significant", Color: "#f7f7f2"},
		{Key: Cold90, Label: "Cold, 90 %", Color: "#b3d3e8"},
		{Key: Cold95, Label: "Cold, 95 %", Color: "#5e9fd0"},
		{Key: Cold99, Label: "Cold, 99 %", Color: "#2166ac"},
		{Key: analytics.NoData, Label: "Cannot be told", Color: "#d9d9d9"},
	}}
}

func summary(t *analytics.Tally, layer *analytics.Layer, m *measured, measure string) []analytics.Item {
	elsewhere, nowhere := t.Beyond("n")
	class, _ := layer.Column("class")
	var hot, cold int64
	for row, key := range class.Words {
		switch {
		case !class.Valid[row]:
		case key == Hot99 || key == Hot95:
			hot++
		case key == Cold99 || key == Cold95:
			cold++
		}
	}
	facts := "Reports"
	if measure != Reports && measure != Rate {
		facts = "Cases"
	}
	items := append([]analytics.Item{
		{Key: "hot", Title: "Rows hot at 95 % or more", Value: hot, Unit: "count"},
		{Key: "cold", Title: "Rows cold at 95 % or more", Value: cold, Unit: "count"},
		{Key: "rows", Title: "Rows of the study area", Value: int64(len(class.Words)), Unit: "count"},
	}, m.figures...)
	return append(items,
		analytics.Item{Key: "in_rows", Title: facts + " in a row of the layer", Value: t.Total("n") + t.Without("n"), Unit: "count"},
		analytics.Item{Key: "elsewhere", Title: facts + " outside the layer's rows", Value: elsewhere, Unit: "count"},
		analytics.Item{Key: "without_place", Title: facts + " without a place of this kind", Value: nowhere, Unit: "count"})
}

// few is the number of rows below which a map of hot spots says little
// (statistical software refuses fewer than 30).
const few = 30

// alike returns how alike neighbours are, as far as that can be told.
func alike(moran stats.Global) []analytics.Item {
	items := []analytics.Item{{Key: "moran_i", Title: "Moran's I, rows standardised", Value: nil}, {Key: "moran_z", Title: "Moran's I, z", Value: nil}}
	if moran.Valid {
		items[0].Value = moran.Value
	}
	if moran.Tested {
		items[1].Value = moran.Z
	}
	return items
}

func caveats(r analytics.Request, f *analytics.Frame, t *analytics.Tally) []string {
	told := []string{"Reports show where people report. A cold spot can be a place where nobody does."}
	switch r.Params.Text("measure") {
	case Late, Compliance:
		told = []string{"Hot means more late cases, cold fewer."}
	case Wait:
		told = []string{"Hot means longer waits, cold shorter ones."}
		if t.Total("closed") == 0 {
			told = append(told, indicator.NothingEnded(t.Total("open"))...)
		}
	case Rate:
		told = append(told, "Inhabitants are spread evenly over the finest community whose population is known; where people work or pass through, rates are high.")
	}
	if r.Params.Text("test") == normal {
		told = append(told, "Rows are tested by the normal approximation, for comparison with ArcGIS and spdep: where there are few reports a row, it shows hot spots on pure noise.")
	}
	if f.Len() < few {
		told = append(told, fmt.Sprintf("The study area has %d rows only; with fewer than %d little can be told from chance.", f.Len(), few))
	}
	return told
}
