package coverage

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/geo"
)

// A study is demand at points, and the resources there are for it.
type study struct {
	frame  *analytics.Frame
	reach  float64
	living bool      // demand is inhabitants, not reports
	demand []float64 // of each row
	known  []bool    // whether it is
	points []demand  // by row, those in none last
	starts []int32   // the points of row i are points[starts[i]:starts[i+1]]
	found  []served  // of each point
	sites  []analytics.Site
	offer  supplies
	rated  int // resources with a capacity
	partly int // rows of which it is known of some places only who lives there
}

// served says what there is for a point.
type served struct {
	nearest int32 // -1 without any resource
	metres  float64
	inReach bool
}

func newStudy(ctx context.Context, r analytics.Request, f *analytics.Frame, t *analytics.Tally) (*study, error) {
	s := &study{frame: f, living: byPeople(r), reach: r.Params.Number("reach"), known: make([]bool, f.Len()), demand: make([]float64, f.Len())}
	switch {
	case s.living:
		s.addPeople()
		s.pointsAtHomes(true)
	default:
		for row, n := range t.Dense("n", f.Len()) {
			s.demand[row], s.known[row] = float64(n), true
		}
		if f.Unit.IsCells() {
			s.pointsAtCentres()
		} else {
			s.pointsAtHomes(false)
		}
	}
	s.addSites(r.Params.Text("kind"))
	s.found = make([]served, len(s.points))
	for i, p := range s.points {
		if i%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		s.found[i] = s.look(p.at)
	}
	return s, nil
}

// addPeople makes demand the inhabitants of each row.
func (s *study) addPeople() {
	unknown := make([]bool, s.frame.Len())
	for _, h := range s.frame.Homes {
		switch {
		case h.Row < 0:
		case h.Known:
			s.demand[h.Row], s.known[h.Row] = s.demand[h.Row]+h.People, true
		default:
			unknown[h.Row] = true
		}
	}
	for row, known := range s.known {
		if known && unknown[row] {
			s.partly++
		}
	}
}

// pointsAtCentres has the demand of each cell stand at its centre.
func (s *study) pointsAtCentres() {
	s.starts = make([]int32, 1, s.frame.Len()+1)
	for row, cell := range s.frame.Cells {
		at := cell.Centre()
		s.points = append(s.points, demand{geo.SpotAt(at[0], at[1]), s.demand[row]})
		s.starts = append(s.starts, int32(len(s.points)))
	}
}

// pointsAtHomes has demand stand where people live: themselves or, of what is
// known by row alone, as much at each of a row's places.
func (s *study) pointsAtHomes(people bool) {
	homes := slices.Clone(s.frame.Homes)
	rank := func(h analytics.Home) uint32 { return uint32(h.Row) } // -1 comes last
	slices.SortStableFunc(homes, func(a, b analytics.Home) int { return cmp.Compare(rank(a), rank(b)) })
	s.starts = make([]int32, s.frame.Len()+1)
	for _, h := range homes {
		if h.Row >= 0 {
			s.starts[h.Row+1]++
		}
	}
	for row := range s.frame.Len() {
		s.starts[row+1] += s.starts[row]
	}
	s.points = make([]demand, len(homes))
	for i, h := range homes {
		at := h.Cell.Centre()
		s.points[i].at = geo.SpotAt(at[0], at[1])
		switch {
		case people:
			s.points[i].amount = h.People
		case h.Row >= 0:
			s.points[i].amount = s.demand[h.Row] / float64(s.starts[h.Row+1]-s.starts[h.Row])
		}
	}
}

// addSites takes the resources of the kinds that are named, all if none is. A
// resource without a capacity offers 1, unless others say what they offer.
func (s *study) addSites(kinds string) {
	named := strings.Split(kinds, "|")
	for _, site := range s.frame.Sites {
		if kinds == "" || slices.Contains(named, site.Kind) {
			s.sites = append(s.sites, site)
		}
	}
	places := make([]geo.Spot, len(s.sites))
	for i, site := range s.sites {
		places[i] = geo.SpotAt(site.Lon, site.Lat)
		if site.HasCapacity && site.Capacity >= 0 {
			s.rated++
		}
	}
	s.offer = supplies{near: geo.NewSpots(places), amount: make([]float64, len(s.sites))}
	for i, site := range s.sites {
		switch {
		case s.rated == 0:
			s.offer.amount[i] = 1
		case site.HasCapacity && site.Capacity >= 0:
			s.offer.amount[i] = site.Capacity
		}
	}
}

// look finds the resource nearest to a point.
func (s *study) look(p geo.Spot) served {
	nearest := s.offer.near.Nearest(p)
	if nearest < 0 {
		return served{nearest: -1}
	}
	away := float64(p.Distance(s.offer.near.At(nearest)))
	return served{nearest, away, away <= s.reach}
}

// centre returns the centre of a row of cells.
func (s *study) centre(row int) geo.Spot {
	at := s.frame.Cells[row].Centre()
	return geo.SpotAt(at[0], at[1])
}

// totals returns the demand of the rows in all, and that without a resource in
// reach.
func (s *study) totals() (all, without float64) {
	for i, p := range s.points[:s.starts[s.frame.Len()]] {
		all += p.amount
		if !s.found[i].inReach {
			without += p.amount
		}
	}
	return all, without
}

// reason says why nothing can be told of a row.
func (s *study) reason(row int) string {
	switch {
	case !s.frame.Unit.IsCells() && s.starts[row] == s.starts[row+1]:
		return "no_place"
	case len(s.sites) == 0:
		return "no_resources"
	case !s.known[row]:
		return "no_population"
	}
	return ""
}
