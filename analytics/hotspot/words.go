package hotspot

import (
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

func rank() analytics.Rank {
	return analytics.Rank{Column: "gi_z", Descending: true, Show: []string{"class", "observed", "expected", "ratio", "gi_z", "q"}}
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

func summary(t *analytics.Tally, layer *analytics.Layer) []analytics.Item {
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
	return []analytics.Item{
		{Key: "hot", Title: "Rows hot at 95 % or more", Value: hot, Unit: "count"},
		{Key: "cold", Title: "Rows cold at 95 % or more", Value: cold, Unit: "count"},
		{Key: "rows", Title: "Rows of the study area", Value: int64(len(class.Words)), Unit: "count"},
		{Key: "in_rows", Title: "Reports in a row of the layer", Value: t.Total("n"), Unit: "count"},
		{Key: "elsewhere", Title: "Reports outside the layer's rows", Value: elsewhere, Unit: "count"},
		{Key: "without_place", Title: "Reports without a place of this kind", Value: nowhere, Unit: "count"},
	}
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

func caveats(r analytics.Request, f *analytics.Frame) []string {
	told := []string{"Reports show where people report. A cold spot can be a place where nobody does."}
	switch r.Params.Text("measure") {
	case Late, Compliance:
		told = []string{"Hot means more late cases, cold fewer."}
	case Wait:
		told = []string{"Hot means longer waits, cold shorter ones."}
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
