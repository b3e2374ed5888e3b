package encode

import (
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// shownBalances is how many balances a text table tells one by one: composites
// have one for each item.
const shownBalances = 4

// whereabouts tells where the facts are that a layer was made of, as titles and
// values.
func whereabouts(balances []analytics.Balance) (lines [][2]string) {
	var all []analytics.Balance
	for _, b := range balances {
		if b.Count == analytics.AllFacts {
			all = append(all, b)
		}
	}
	for _, b := range all[:min(len(all), shownBalances)] {
		title := "Facts by place"
		if len(all) > 1 {
			title += ", " + b.Of
		}
		lines = append(lines, [2]string{title, showBalance(b)})
	}
	if n := len(all) - shownBalances; n > 0 {
		lines = append(lines, [2]string{"Facts by place, others", fmt.Sprintf("%d more, in the format json", n)})
	}
	return lines
}

// showBalance writes a balance in a line, without what is nothing.
func showBalance(b analytics.Balance) string {
	switch {
	case b.Total == 0:
		return "none"
	case b.InRows == b.Total:
		return api.ShowCount(b.InRows) + ", all in rows"
	}
	text := api.ShowCount(b.InRows) + " in rows"
	for _, part := range []struct {
		n   int64
		how string
	}{
		{b.Outside, "with a point in no row"},
		{b.AreaOnly, "by a community in no row"},
		{b.Unlocated, "without any place"},
	} {
		if part.n != 0 {
			text += " · " + api.ShowCount(part.n) + " " + part.how
		}
	}
	return text
}
