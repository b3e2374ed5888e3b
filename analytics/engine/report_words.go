package engine

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
)

// methodOf says how the numbers of a report come about.
func methodOf(c *indicator.Compiled) []string {
	var told []string
	if composed := c.Components()[0].Compiled != c; composed {
		told = append(told, "Each item gives its quota times the part of its points that it reached.")
		if c.Over == "fixed" {
			told = append(told, "An item without data gives nothing.")
		} else {
			told = append(told, "Where an item has no data, the others weigh more, so that points can come to less than the score.")
		}
	}
	if slices.ContainsFunc(c.Items, func(i indicator.Item) bool { return i.Bonus }) {
		text := "Bonus items come on top."
		if c.BonusCap != nil {
			text = fmt.Sprintf("Bonus items come on top, %s points at most.", strconv.FormatFloat(*c.BonusCap, 'f', -1, 64))
		}
		told = append(told, text)
	}
	if len(c.Gates) > 0 {
		told = append(told, "Where a precondition is not met, the target is missed whatever the score.")
	}
	if len(c.Vetoes) > 0 {
		told = append(told, "Where a veto holds, the score is 0.")
	}
	return append(told,
		"The pass rate is what passed of all facts or points behind items that are shares, so that an item counts by its facts.",
		"Rank 1 is the best, equals share a rank, and what rests on too few facts is listed but not ranked.")
}

// account fills in where a table comes from and which facts are in none of its
// rows. Of the counts behind an item the one of the most facts tells.
func (r *reckoned) account(t *analytics.ReportTable) {
	if r.whole == nil {
		t.Provenance.Unit = r.request.Unit.String()
		return
	}
	zone := t.Provenance.Zone
	t.Provenance = r.whole.Provenance
	t.Provenance.Zone = zone
	for _, layer := range r.items {
		at := map[string]int{}
		for _, b := range layer.Balances {
			i, seen := at[b.Of]
			switch {
			case !seen:
				at[b.Of] = len(t.Balances)
				t.Balances = append(t.Balances, b)
			case b.Total > t.Balances[i].Total:
				t.Balances[i] = b
			}
		}
	}
}

// notes returns what a reader must know and is not said already: of the
// indicator, and of items.
func (r *reckoned) notes(said []analytics.Note) []analytics.Note {
	if r.whole == nil {
		return []analytics.Note{{Text: "The facts do not say who answers for them."}}
	}
	known := map[string]bool{}
	for _, n := range said {
		known[n.Text] = true
	}
	var notes []analytics.Note
	for _, text := range r.whole.Caveats {
		if !known[text] {
			notes, known[text] = append(notes, analytics.Note{Text: text}), true
		}
	}
	general := map[string]bool{}
	for text := range known {
		general[text] = true
	}
	for i, layer := range r.items {
		for _, text := range layer.Caveats {
			if !general[text] {
				notes = append(notes, analytics.Note{Of: namesOf(r.components[i].Compiled), Text: text})
			}
		}
	}
	return notes
}
