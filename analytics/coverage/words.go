package coverage

import (
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/geo"
)

// The values of column class.
const (
	Served   = "served"   // all have a resource in reach
	Partly   = "partly"   // some
	Unserved = "unserved" // nobody
	Nobody   = "nobody"   // nobody lives, or reports, there
)

const method = "Straight-line distances on the sphere to resources; reach %v m; supply for each by two-step floating catchment areas, decay: %s. " +
	"People live at places, the cells of resolution 10 of the finest community whose population is known; reports stand at the centres of cells or, in communities, as many at each of their places."

func columns() []analytics.Column {
	number := func(name, unit, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Title: title, Doc: doc}
	}
	return []analytics.Column{
		{Name: "class", Type: analytics.WordColumn, Title: "Class", Doc: "served, partly, unserved, or nobody where there is no demand."},
		number("demand", "", "Demand", "Inhabitants, or reports."),
		number("unserved", "", "Without", "Demand without a resource in reach."),
		number("reached", "share", "Share in reach", "Of the demand."),
		{Name: "nearest", Type: analytics.WordColumn, Title: "Nearest resource", Doc: "Its name, or its id; of a community that of most of its demand."},
		number("nearest_m", "m", "Distance to it", "From the centre of a cell; of a community the mean over its demand, each to what is nearest there."),
		{Name: "nearest_id", Type: analytics.WordColumn, Title: "Id of the nearest resource", Doc: "Its source and id, with / between them."},
		{Name: "resources", Type: analytics.IntColumn, Unit: "count", Title: "Resources in reach", Doc: "Of the centre of a cell, or of any place of a community."},
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

// describe fills in the columns.
func (s *study) describe(layer *analytics.Layer, offered []float64) {
	n := s.frame.Len()
	class, reason := make([]string, n), make([]string, n)
	without, reached, supply := make([]float64, n), make([]float64, n), make([]float64, n)
	told, some, hasReason := make([]bool, n), make([]bool, n), make([]bool, n)
	for row := range n {
		reason[row] = s.reason(row)
		hasReason[row] = reason[row] != ""
		if told[row] = !hasReason[row]; !told[row] {
			continue
		}
		mean := s.mean(row)
		for i := s.starts[row]; i < s.starts[row+1]; i++ {
			if !s.found[i].inReach {
				without[row] += s.points[i].amount
			}
			supply[row] += 1000 * mean(i) * offered[i]
		}
		if some[row] = s.demand[row] > 0; some[row] {
			reached[row] = min(max(1-without[row]/s.demand[row], 0), 1)
		}
		class[row] = classOf(s.demand[row], without[row])
	}
	layer.Set("class", analytics.Column{Words: class, Valid: told})
	layer.Set("demand", analytics.Column{Floats: s.demand, Valid: s.known})
	layer.Set("unserved", analytics.Column{Floats: without, Valid: told})
	layer.Set("reached", analytics.Column{Floats: reached, Valid: some})
	s.describeNearest(layer)
	layer.Set("access", analytics.Column{Floats: supply, Valid: told})
	layer.Set("reason", analytics.Column{Words: reason, Valid: hasReason})
}

// mean returns the weights of a mean over the points of a row: by demand or, where
// there is none, all alike.
func (s *study) mean(row int) func(point int32) float64 {
	from, to := s.starts[row], s.starts[row+1]
	sum := 0.0
	for _, p := range s.points[from:to] {
		sum += p.amount
	}
	if sum > 0 {
		return func(point int32) float64 { return s.points[point].amount / sum }
	}
	return func(int32) float64 { return 1 / float64(to-from) }
}

// describeNearest fills in the columns on resources: as seen from the centre of a
// cell, or from the points of a community.
func (s *study) describeNearest(layer *analytics.Layer) {
	n := s.frame.Len()
	name, id := make([]string, n), make([]string, n)
	away, near, placed := make([]float64, n), make([]int64, n), make([]bool, n)
	for row := range n {
		var best int32
		if s.frame.Unit.IsCells() {
			at := s.centre(row)
			found := s.look(at)
			best, away[row] = found.nearest, found.metres
			s.offer.near.Within(at, geo.Metres(s.reach), func(int32) { near[row]++ })
		} else {
			best, away[row], near[row] = s.nearestOf(row)
		}
		if placed[row] = best >= 0; placed[row] {
			site := s.sites[best]
			name[row], id[row] = nameOf(site), site.Source+"/"+site.ID
		}
	}
	layer.Set("nearest", analytics.Column{Words: name, Valid: placed})
	layer.Set("nearest_id", analytics.Column{Words: id, Valid: placed})
	layer.Set("nearest_m", analytics.Column{Floats: away, Valid: placed})
	layer.Set("resources", analytics.Column{Ints: near, Valid: placed})
}

// nearestOf returns the resource that is nearest for most of a community, how far
// the nearest is on average, and how many are in reach of some of it.
func (s *study) nearestOf(row int) (best int32, away float64, near int64) {
	weight, nearest, reached := s.mean(row), map[int32]float64{}, map[int32]bool{}
	best = -1
	for i := s.starts[row]; i < s.starts[row+1] && len(s.sites) > 0; i++ {
		found := s.found[i]
		away += weight(i) * found.metres
		nearest[found.nearest] += weight(i)
		s.offer.near.Within(s.points[i].at, geo.Metres(s.reach), func(site int32) { reached[site] = true })
	}
	for site, share := range nearest {
		if best < 0 || share > nearest[best] || share == nearest[best] && site < best {
			best = site
		}
	}
	return best, away, int64(len(reached))
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
	all, without := s.totals()
	items := []analytics.Item{
		{Key: "resources", Title: "Resources", Value: int64(len(s.sites)), Unit: "count"},
		{Key: "demand", Title: "Demand", Value: all},
		{Key: "unserved", Title: "Demand without a resource in reach"},
		{Key: "reached", Title: "Share in reach", Unit: "share"},
	}
	if all > 0 && len(s.sites) > 0 {
		items[2].Value, items[3].Value = without, min(max(1-without/all, 0), 1)
	}
	return append(items, s.made(t)...)
}

// made tells what demand is made of, and how much of that lies in no row.
func (s *study) made(t *analytics.Tally) []analytics.Item {
	elsewhere, nowhere := t.Beyond("n")
	of := "Reports"
	if s.living {
		of = "Places where people live"
	}
	return []analytics.Item{
		{Key: "in_rows", Title: of + ", in a row of the layer", Value: t.Total("n"), Unit: "count"},
		{Key: "elsewhere", Title: of + ", outside the layer's rows", Value: elsewhere, Unit: "count"},
		{Key: "without_place", Title: of + ", without a place of this kind", Value: nowhere, Unit: "count"},
	}
}

// caveats returns what has to be known of who is served, and of supply.
func (s *study) caveats(r analytics.Request) []string {
	told := s.caveatsOfReach(r)
	if r.Within != "" && !byPeople(r) {
		told = append(told, "Only demand in the area asked for shares the resources; what neighbours outside it take is not counted.")
	}
	if s.rated > 0 && s.rated < len(s.sites) {
		told = append(told, fmt.Sprintf("%d of %d resources have no capacity, and offer nothing in the supply for 1,000.", len(s.sites)-s.rated, len(s.sites)))
	}
	return told
}

// caveatsOfReach returns what has to be known of who is served.
func (s *study) caveatsOfReach(r analytics.Request) []string {
	told := []string{"Distances are straight lines. Rivers, railways and walls make ways longer."}
	if n := s.frame.SitesNowhere; n > 0 {
		told = append(told, fmt.Sprintf("%d resources have no point, and serve nobody here.", n))
	}
	if s.partly > 0 {
		told = append(told, fmt.Sprintf("In %d rows it is known of some places only how many live there: demand is higher.", s.partly))
	}
	asked, there := r.Params.Text("kind"), s.kinds()
	switch {
	case len(s.sites) == 0 && len(there) == 0:
		told = append(told, "There are no resources with a point and a kind: civgrid import resources reads some.")
	case len(s.sites) == 0:
		told = append(told, fmt.Sprintf("There is no resource of kind %s; there are %s.", asked, strings.Join(there, ", ")))
	case asked == "" && len(there) > 1:
		told = append(told, fmt.Sprintf("Resources of all kinds count alike. There are %s: choose by kind.", strings.Join(there, ", ")))
	}
	return told
}

// kinds returns which kinds of resources there are.
func (s *study) kinds() (there []string) {
	for _, site := range s.frame.Sites {
		if site.Kind != "" && !slices.Contains(there, site.Kind) {
			there = append(there, site.Kind)
		}
	}
	slices.Sort(there)
	return there
}
