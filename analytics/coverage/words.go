package coverage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/analytics"
)

// The values of column class.
const (
	Served   = "served"   // all have a resource in reach
	Partly   = "partly"   // some
	Unserved = "unserved" // nobody
	Nobody   = "nobody"   // nobody lives, or reports, there
)

const method = "Straight-line distances on the sphere from the centres of cells to resources; reach %v m; supply for each by two-step floating catchment areas, decay: %s. " +
	"Communities are taken as the centres of their cells of resolution 9, among which demand is spread evenly."

func columns() []analytics.Column {
	number := func(name, unit, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Title: title, Doc: doc}
	}
	return []analytics.Column{
		{Name: "class", Type: analytics.WordColumn, Title: "Class", Doc: "served, partly, unserved, or nobody where there is no demand."},
		number("demand", "", "Demand", "Inhabitants, or reports."),
		number("unserved", "", "Without", "Demand without a resource in reach."),
		number("reached", "share", "Share in reach", "Of the demand."),
		{Name: "nearest", Type: analytics.WordColumn, Title: "Nearest resource", Doc: "Its name, or its id."},
		number("nearest_m", "m", "Distance to it", "Of a community the mean over its points."),
		number("access", "", "Supply for 1,000", "What resources offer for each 1,000 of the demand that shares them; in the unit of their capacity or, where none has one, in resources."),
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no value", Doc: "no_resources, no_population where nobody knows how many live there, or no_place without an outline."},
	}
}

func rank() analytics.Rank {
	return analytics.Rank{Column: "unserved", Descending: true, Show: []string{"class", "demand", "unserved", "reached", "nearest", "nearest_m", "access"}}
}

func legend(title string) analytics.Legend {
	return analytics.Legend{Column: "class", Title: title, Classes: []analytics.Class{
		{Key: Served, Label: "All in reach", Color: "#1a9850", Shape: "circle"},
		{Key: Partly, Label: "Some in reach", Color: "#d9ef8b", Shape: "ring"},
		{Key: Unserved, Label: "None in reach", Color: "#d73027", Shape: "triangle"},
		{Key: Nobody, Label: "No demand", Color: "#f7f7f2"},
		{Key: analytics.NoData, Label: "Cannot be told", Color: "#d9d9d9"},
	}}
}

// reason says why nothing can be told of a row.
func (s *study) reason(row int) string {
	switch {
	case s.starts[row] == s.starts[row+1]:
		return "no_place"
	case len(s.sites) == 0:
		return "no_resources"
	case !s.known[row]:
		return "no_population"
	}
	return ""
}

// describe fills in the columns.
func (s *study) describe(layer *analytics.Layer, offered []float64) {
	n := s.frame.Len()
	class, nearest, reason := make([]string, n), make([]string, n), make([]string, n)
	without, reached, away, supply := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	told, placed, some, hasReason := make([]bool, n), make([]bool, n), make([]bool, n), make([]bool, n)
	for row := range n {
		reason[row] = s.reason(row)
		hasReason[row] = reason[row] != ""
		told[row] = !hasReason[row]
		from, to := s.starts[row], s.starts[row+1]
		least := -1.0
		for i := from; i < to && len(s.sites) > 0; i++ {
			in, site, metres := s.served(s.points[i].at)
			placed[row] = true
			away[row] += metres / float64(to-from)
			if least < 0 || metres < least {
				least, nearest[row] = metres, nameOf(s.sites[site])
			}
			if !in {
				without[row] += s.points[i].amount
			}
			supply[row] += 1000 * offered[i] / float64(to-from)
		}
		if some[row] = told[row] && s.demand[row] > 0; some[row] {
			reached[row] = min(max(1-without[row]/s.demand[row], 0), 1)
		}
		if told[row] {
			class[row] = classOf(s.demand[row], without[row])
		}
	}
	layer.Set("class", analytics.Column{Words: class, Valid: told})
	layer.Set("demand", analytics.Column{Floats: s.demand, Valid: s.known})
	layer.Set("unserved", analytics.Column{Floats: without, Valid: told})
	layer.Set("reached", analytics.Column{Floats: reached, Valid: some})
	layer.Set("nearest", analytics.Column{Words: nearest, Valid: placed})
	layer.Set("nearest_m", analytics.Column{Floats: away, Valid: placed})
	layer.Set("access", analytics.Column{Floats: supply, Valid: told})
	layer.Set("reason", analytics.Column{Words: reason, Valid: hasReason})
}

func nameOf(site analytics.Site) string {
	if site.Name != "" {
		return site.Name
	}
	return site.ID
}

func classOf(demand, without float64) string {
	switch {
	case demand <= 0:
		return Nobody
	case without <= 1e-9*demand:
		return Served
	case without >= (1-1e-9)*demand:
		return Unserved
	}
	return Partly
}

func (s *study) summary(t *analytics.Tally) []analytics.Item {
	elsewhere, nowhere := t.Beyond("n")
	all, without := s.totals()
	items := []analytics.Item{
		{Key: "resources", Title: "Resources", Value: int64(len(s.sites)), Unit: "count"},
		{Key: "demand", Title: "Demand", Value: all},
		{Key: "unserved", Title: "Demand without a resource in reach", Value: without},
		{Key: "reached", Title: "Share in reach", Unit: "share"},
		{Key: "in_rows", Title: "What demand is made of, in a row of the layer", Value: t.Total("n"), Unit: "count"},
		{Key: "elsewhere", Title: "Outside the layer's rows", Value: elsewhere, Unit: "count"},
		{Key: "without_place", Title: "Without a place of this kind", Value: nowhere, Unit: "count"},
	}
	if all > 0 && len(s.sites) > 0 {
		items[3].Value = min(max(1-without/all, 0), 1)
	}
	return items
}

// totals returns the demand in all, and that without a resource in reach.
func (s *study) totals() (all, without float64) {
	for _, p := range s.points {
		all += p.amount
		if in, _, _ := s.served(p.at); !in {
			without += p.amount
		}
	}
	return all, without
}

func (s *study) caveats(r analytics.Request) []string {
	told := []string{"Distances are straight lines. Rivers, railways and walls make ways longer."}
	if len(s.sites) == 0 {
		told = append(told, s.kinds(r.Params.Text("kind")))
	}
	if r.Within != "" {
		told = append(told, "Only demand in the area asked for shares the resources; what neighbours outside it take is not counted.")
	}
	if s.rated > 0 && s.rated < len(s.sites) {
		told = append(told, fmt.Sprintf("%d of %d resources have no capacity, and offer nothing in the supply for 1,000.", len(s.sites)-s.rated, len(s.sites)))
	}
	return told
}

// kinds says which kinds of resources there are, where there is none of those asked
// for.
func (s *study) kinds(asked string) string {
	var there []string
	for _, site := range s.frame.Sites {
		if site.Kind != "" && !slices.Contains(there, site.Kind) {
			there = append(there, site.Kind)
		}
	}
	if len(there) == 0 {
		return "There are no resources with a point and a kind: civgrid import resources reads some."
	}
	slices.Sort(there)
	return fmt.Sprintf("There is no resource of kind %s; there are %s.", asked, strings.Join(there, ", "))
}
