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
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: "share", Title: title, Doc: "For as many cases as the row has."}
	}
	return []analytics.Column{
		{
			Name: "funnel", Type: analytics.WordColumn, Title: "Within the funnel",
			Doc: "Where " + share + " stands against the limits of a funnel plot: above_998, above_95, inside, below_95 or below_998. " +
				"Of rows that differ as the limits allow for, 5 in 100 are outside those of 95 % and 2 in 1000 outside those of 99.8 %. Missing without cases, and where those of all rows are alike.",
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
	for row, share := range shares {
		if funnel.Valid[row] {
			words[row] = funnelWord(&funnel, row, share, cases[row])
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

// funnelWord says where a share of so many cases stands. Limits are interpolated
// between whole numbers of cases, which makes an upper one a little low: a share is
// above it if it were so with a case less, so that no more than 25 in 1000, or 1, are
// there by chance, be the cases ever so few.
func funnelWord(f *stats.Funnel, row int, share float64, cases int64) string {
	n := float64(cases)
	above := func(limit float64) bool { return math.Round(share*n) > math.Ceil(limit*n-1e-9) }
	switch {
	case share < f.Low998[row]:
		return Below998
	case share < f.Low95[row]:
		return Below95
	case above(f.High998[row]):
		return Above998
	case above(f.High95[row]):
		return Above95
	}
	return InFunnel
}
