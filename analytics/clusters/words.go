package clusters

import (
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats/scan"
)

// The values of column class: a surge at a p of at most 1, 5 or 10 in 100, or none.
const (
	Surge99 = "surge99"
	Surge95 = "surge95"
	Surge90 = "surge90"
	NoSurge = "none"
)

// classOf returns the class of a cluster, NoSurge for one that chance explains.
func classOf(p float64) string {
	switch {
	case p <= 0.01:
		return Surge99
	case p <= 0.05:
		return Surge95
	case p <= 0.10:
		return Surge90
	}
	return NoSurge
}

func columns() []analytics.Column {
	count := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.IntColumn, Unit: "count", Title: title, Doc: doc}
	}
	number := func(name, unit, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Title: title, Doc: doc}
	}
	word := func(name, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.WordColumn, Title: title, Doc: doc}
	}
	return []analytics.Column{
		word("class", "Class", "surge99, surge95, surge90 or none, by p."),
		{Name: "cluster", Type: analytics.IntColumn, Title: "Surge", Doc: "Number of the surge the row belongs to, the strongest being 1; missing in none."},
		word("role", "Role", "centre or member of the surge."),
		word("since", "Since", "First step of the surge."),
		word("until", "Until", "Last step of the surge."),
		count("observed", "Reports", "Reports in the row, in whole steps; missing where there is none."),
		count("surge_observed", "Reports in the surge", "In all its rows, while it lasts."),
		number("surge_expected", "count", "Expected in the surge", ""),
		number("relative_risk", "", "Relative risk", "Reports to expected within, over the same without."),
		number("llr", "", "Log likelihood ratio", "How strong the surge is."),
		number("p", "", "p", "How often chance alone shows a surge as strong anywhere."),
		number("p_gumbel", "", "p, approximate", "From a Gumbel distribution fitted to the simulations; below what their number can tell."),
	}
}

func rank() analytics.Rank {
	return analytics.Rank{Column: "llr", Descending: true, Chosen: true, Show: []string{"class", "cluster", "role", "since", "surge_observed", "surge_expected", "p"}}
}

func legend() analytics.Legend {
	return analytics.Legend{Column: "class", Title: "Surges of reports", Classes: []analytics.Class{
		{Key: Surge99, Label: "Surge, p ≤ 0.01", Color: "#7a0177"},
		{Key: Surge95, Label: "Surge, p ≤ 0.05", Color: "#c51b8a"},
		{Key: Surge90, Label: "Surge, p ≤ 0.10", Color: "#f768a1"},
		{Key: NoSurge, Label: "No surge", Color: "#f7f7f2"},
		{Key: analytics.NoData, Label: "Cannot be told", Color: "#d9d9d9"},
	}}
}

func (s *study) method() string {
	expected := "what place and time would have if they were independent (space-time permutation)"
	if s.people != nil {
		expected = "the place's share of the inhabitants, at any time (Poisson)"
	}
	return fmt.Sprintf("Scan statistic over %d disks of complete rings and every span of steps looked at; expected is %s; p from %d simulations of the whole search.",
		s.found.Zones, expected, len(s.found.Largest))
}

// describe fills in the columns.
func (s *study) describe(layer *analytics.Layer) {
	n := s.frame.Len()
	class, role, since, until := make([]string, n), make([]string, n), make([]string, n), make([]string, n)
	cluster, inSurge := make([]int64, n), make([]int64, n)
	expected, risk, ratio, p, approximate := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	looked, member, hasRisk := make([]bool, n), make([]bool, n), make([]bool, n)
	for row := range class {
		looked[row] = len(s.found.Largest) > 0 && (s.people == nil || s.people[row] > 0)
		class[row] = NoSurge
	}
	for i, c := range s.surges() {
		for _, row := range c.Cells {
			if role[row] = "member"; row == c.Centre {
				role[row] = "centre"
			}
			class[row], cluster[row], member[row] = classOf(c.P), int64(i+1), true
			since[row], until[row] = s.steps.Name(c.First), s.steps.Name(c.Last)
			inSurge[row], expected[row], ratio[row], p[row], approximate[row] = c.Observed, c.Expected, c.Ratio, c.P, c.Approximate
			risk[row], hasRisk[row] = c.RelativeRisk, c.RelativeRisk > 0
		}
	}
	layer.Set("class", analytics.Column{Words: class, Valid: looked})
	layer.Set("cluster", analytics.Column{Ints: cluster, Valid: member})
	layer.Set("role", analytics.Column{Words: role, Valid: member})
	layer.Set("since", analytics.Column{Words: since, Valid: member})
	layer.Set("until", analytics.Column{Words: until, Valid: member})
	layer.Set("observed", analytics.Column{Ints: s.observed, Valid: slices.Repeat([]bool{s.steps.Len() > 0}, n)})
	layer.Set("surge_observed", analytics.Column{Ints: inSurge, Valid: member})
	layer.Set("surge_expected", analytics.Column{Floats: expected, Valid: member})
	layer.Set("relative_risk", analytics.Column{Floats: risk, Valid: hasRisk})
	layer.Set("llr", analytics.Column{Floats: ratio, Valid: member})
	layer.Set("p", analytics.Column{Floats: p, Valid: member})
	layer.Set("p_gumbel", analytics.Column{Floats: approximate, Valid: member})
}

// surges returns the clusters that chance does not explain.
func (s *study) surges() []scan.Cluster {
	for i, c := range s.found.Clusters {
		if classOf(c.P) == NoSurge {
			return s.found.Clusters[:i] // p does not fall with the ratio
		}
	}
	return s.found.Clusters
}

// told is how many surges the summary tells of.
const told = 5

func (s *study) summary(t *analytics.Tally) []analytics.Item {
	elsewhere, nowhere := t.Beyond("n")
	surges := s.surges()
	items := []analytics.Item{{Key: "surges", Title: "Surges at 90 % or more", Value: int64(len(surges)), Unit: "count"}}
	for i, c := range surges[:min(len(surges), told)] {
		items = append(items, analytics.Item{Key: fmt.Sprintf("surge_%d", i+1), Title: fmt.Sprintf("Surge %d", i+1), Value: s.tell(c)})
	}
	return append(items,
		analytics.Item{Key: "steps", Title: "Steps of time", Value: int64(s.steps.Len()), Unit: "count"},
		analytics.Item{Key: "in_rows", Title: "Reports in a row of the layer", Value: t.Total("n") + t.Without("n"), Unit: "count"},
		analytics.Item{Key: "between_steps", Title: "Of those, in no whole step", Value: t.Without("n"), Unit: "count"},
		analytics.Item{Key: "elsewhere", Title: "Reports outside the layer's rows", Value: elsewhere, Unit: "count"},
		analytics.Item{Key: "without_place", Title: "Reports without a place of this kind", Value: nowhere, Unit: "count"})
}

// tell says in words what a surge is.
func (s *study) tell(c scan.Cluster) string {
	when := s.steps.Name(c.First)
	if c.Last > c.First {
		when += " to " + s.steps.Name(c.Last)
	}
	where := s.frame.ID(int(c.Centre))
	if around := len(c.Cells) - 1; around > 0 {
		where += fmt.Sprintf(" and %d rows around", around)
	}
	return fmt.Sprintf("%s, %s: %d reports, %.1f expected, p %.2g", where, when, c.Observed, c.Expected, c.P)
}

func (s *study) caveats() []string {
	notes := []string{"A surge of reports can be one of the reporting: a new channel, a campaign, a count entered at once."}
	if text := s.steps.Incomplete(s.request.From, s.request.To); text != "" {
		notes = append(notes, text)
	}
	if text := s.steps.NotOver(s.request.AsOf); text != "" {
		notes = append(notes, text)
	}
	if n := len(s.surges()) - told; n > 0 {
		notes = append(notes, fmt.Sprintf("%d further surges are told by the rows only.", n))
	}
	if s.missing > 0 {
		notes = append(notes, fmt.Sprintf("%d reports come from rows where nobody is known to live; the model of inhabitants leaves them out.", s.missing))
	}
	return append(notes, s.partly...)
}
