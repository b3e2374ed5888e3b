package indicator

import (
	"fmt"
	"math"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// The values of column funnel.
const (
	Above998 = "above_998" // above the upper 99.8 % limit
	Above95  = "above_95"  // above the upper 95 % limit
	InFunnel = "inside"
	Below95  = "below_95"
	Below998 = "below_998"
)

// FunnelParam is the parameter that says how wide a funnel is.
func FunnelParam() analytics.Param {
	return analytics.Param{
		Name: "funnel", Title: "what the limits of the funnel allow for", Kind: analytics.Choice,
		Default: "chance", Choices: []string{"chance", overdispersed},
		Doc: "chance: nothing but chance. overdispersed: as much more as rows scatter among themselves, if there are ten or more, so that only those stand out that do so among unlike rows.",
	}
}

// overdispersed is the value of parameter funnel that makes it wide.
const overdispersed = "overdispersed"

// FunnelColumns returns the columns that SetFunnel fills, of a share called so.
func FunnelColumns(share string) []analytics.Column {
	limit := func(name, title string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: "share", Title: title, Doc: "For as many cases as the row has, interpolated between whole cases."}
	}
	return []analytics.Column{
		{
			Name: "funnel", Type: analytics.WordColumn, Title: "Within the funnel",
			Doc: "Where " + share + " stands against the limits of a funnel plot: above_998, above_95, inside, below_95 or below_998. " +
				"Of rows that differ as the limits allow for, no more than 5 in 100 are outside those of 95 %, and 2 in 1000 outside those of 99.8 %: it goes by the exact probability, while the limits are drawn smooth. Missing without cases, and where those of all rows are alike.",
		},
		{Name: "funnel_z", Type: analytics.FloatColumn, Title: "Funnel, z", Doc: "How far the row is from the middle, over chance and over what rows differ by anyhow."},
		limit("funnel_low_998", "Funnel, lower 99.8 % limit"),
		limit("funnel_low_95", "Funnel, lower 95 % limit"),
		limit("funnel_high_95", "Funnel, upper 95 % limit"),
		limit("funnel_high_998", "Funnel, upper 99.8 % limit"),
	}
}

// SetFunnel fills in the columns of FunnelColumns for shares of so many cases, 0
// where a row has none. A target of 0 stands for the share of all rows together.
// What it returns are items of the summary and a sentence on the method.
func SetFunnel(layer *analytics.Layer, r analytics.Request, shares []float64, cases []int64, target float64) ([]analytics.Item, string, error) {
	funnel, err := stats.ShareFunnel(shares, cases, stats.FunnelOptions{Target: target, Wide: r.Params.Text("funnel") == overdispersed})
	if err != nil {
		return nil, "", err
	}
	words := make([]string, len(shares))
	rows := map[string]int64{}
	for row, ok := range funnel.Valid {
		if ok {
			words[row] = funnelWord(&funnel, row)
			rows[words[row]]++
		}
	}
	layer.Set("funnel", analytics.Column{Words: words, Valid: funnel.Valid})
	layer.Set("funnel_z", analytics.Column{Floats: funnel.Z, Valid: funnel.Valid})
	layer.Set("funnel_low_998", analytics.Column{Floats: funnel.Low998, Valid: funnel.Valid})
	layer.Set("funnel_low_95", analytics.Column{Floats: funnel.Low95, Valid: funnel.Valid})
	layer.Set("funnel_high_95", analytics.Column{Floats: funnel.High95, Valid: funnel.Valid})
	layer.Set("funnel_high_998", analytics.Column{Floats: funnel.High998, Valid: funnel.Valid})
	items := []analytics.Item{
		{Key: "funnel_below", Title: "Rows below the 95 % limits of the funnel", Value: rows[Below95] + rows[Below998], Unit: "count"},
		{Key: "funnel_above", Title: "Rows above the 95 % limits of the funnel", Value: rows[Above95] + rows[Above998], Unit: "count"},
		{Key: "funnel_scatter", Title: "Scatter of rows, over that of chance", Value: present(funnel.Scatter, funnel.Scatter > 0)},
	}
	limits := "of chance alone"
	if r.Params.Text("funnel") == overdispersed {
		limits = "for rows that differ as these do"
	}
	return items, fmt.Sprintf("Funnel around %.4g, limits %s; z by the additive model of over-dispersion, %.3g beyond chance.", funnel.Target, limits, math.Sqrt(funnel.Between)), nil
}

func funnelWord(f *stats.Funnel, row int) string {
	switch {
	case f.Few[row] <= 0.001:
		return Below998
	case f.Few[row] <= 0.025:
		return Below95
	case f.Many[row] <= 0.001:
		return Above998
	case f.Many[row] <= 0.025:
		return Above95
	}
	return InFunnel
}
