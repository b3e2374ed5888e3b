package coverage

import (
	"context"
	"errors"
	"fmt"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/geo"
)

// Sites suggests where new resources would reach most of the demand that has none.
var Sites = analytics.Analysis{
	Name:  "sites",
	Title: "Where new resources would reach most",
	Doc: "Suggests sites for new resources, one after the other: each is the row from whose centre most of the demand is in reach that no resource, there or suggested before, reaches. " +
		"Told beside it is what no choice of as many could do better than.",
	Reference: "Church and ReVelle 1974, Pap. Reg. Sci. Assoc. 32:101-118; Nemhauser, Wolsey and Fisher 1978, Math. Program. 14:265-294; Minoux 1978",
	Params: append(shared(), analytics.Param{
		Name: "new", Title: "how many new resources", Kind: analytics.Integer, Default: "5", Min: 1, Max: 1000,
	}),
	Near:    true,
	Places:  fromHomes,
	Sites:   true,
	Columns: siteColumns(),
	Plan:    plan,
	Compute: suggest,
}

// Suggested is the class of a row that is a site suggested.
const Suggested = "suggested"

func siteColumns() []analytics.Column {
	number := func(name, unit, title, doc string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Unit: unit, Title: title, Doc: doc}
	}
	return []analytics.Column{
		{Name: "class", Type: analytics.WordColumn, Title: "Class", Doc: "suggested, served, partly, unserved, or nobody where there is no demand."},
		{Name: "choice", Type: analytics.IntColumn, Title: "Choice", Doc: "1 for the site to begin with; missing where none is suggested."},
		number("gain", "", "Reached anew", "Demand that the site reaches and none before it does."),
		number("covered", "share", "Share in reach then", "Of the demand, once this site and those before it are there."),
		number("lon", "deg", "Longitude", "Of the site, WGS 84."),
		number("lat", "deg", "Latitude", "Of the site, WGS 84."),
		number("demand", "", "Demand", "Inhabitants, or reports."),
		number("unserved", "", "Without", "Demand of the row without a resource in reach now."),
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no value", Doc: "no_population where nobody knows how many live there, or no_place without an outline."},
	}
}

func suggest(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (*analytics.Layer, error) {
	s, err := newStudy(ctx, r, f, &tallies[0])
	if err != nil {
		return nil, err
	}
	open, candidates := s.open(), s.candidates()
	covers, err := s.covers(ctx, r, open, candidates, maxPairs)
	if err != nil {
		return nil, err
	}
	chosen, err := cover(ctx, open, covers, r.Params.Int("new"))
	if err != nil {
		return nil, err
	}
	layer := &analytics.Layer{
		Columns: siteColumns(), Legend: legend("New sites"), Method: fmt.Sprintf(siteMethod, s.reach),
		Rank: analytics.Rank{Column: "gain", Descending: true, Chosen: true, Show: []string{"choice", "gain", "covered", "lon", "lat"}},
	}
	layer.Legend.Classes = append([]analytics.Class{{Key: Suggested, Label: "Suggested site", Color: "#4d004b", Shape: "square"}}, layer.Legend.Classes...)
	hidden := s.describeSites(layer, chosen, candidates, open)
	layer.Summary = s.siteSummary(&tallies[0], chosen)
	layer.Caveats = append(s.caveatsOfReach(r), "Whether a site can be had is not known here, nor what it would cost.")
	if hidden > 0 {
		layer.Caveats = append(layer.Caveats, fmt.Sprintf("%d of the sites lie in communities that another is shown for: civgrid sites tells all.", hidden))
	}
	return layer, nil
}

const siteMethod = "Greedy maximal covering: candidates are the centres of the cells or, in communities, places of resolution 10 some 300 m apart; reach %v m in a straight line."

// open returns the demand of the rows at each point that no resource reaches.
func (s *study) open() []float64 {
	open := make([]float64, s.starts[s.frame.Len()])
	for i := range open {
		if !s.found[i].inReach {
			open[i] = s.points[i].amount
		}
	}
	return open
}

// A spot is where a resource could stand.
type spot struct {
	at  geo.Spot
	row int32
}

// spotResolution is the H3 resolution by which places of a community are thinned
// to candidates: one of each seven.
const spotResolution geo.Resolution = 9

// candidates returns the centre of each cell or, of communities, the first of the
// places in each cell of spotResolution.
func (s *study) candidates() []spot {
	var spots []spot
	if s.frame.Unit.IsCells() {
		for row := range s.frame.Cells {
			spots = append(spots, spot{s.centre(row), int32(row)})
		}
		return spots
	}
	type part struct {
		row  int32
		cell geo.Cell
	}
	seen := map[part]bool{}
	for _, h := range s.frame.Homes {
		k := part{h.Row, h.Cell.Parent(spotResolution)}
		if h.Row < 0 || seen[k] {
			continue
		}
		seen[k] = true
		at := h.Cell.Centre()
		spots = append(spots, spot{geo.SpotAt(at[0], at[1]), h.Row})
	}
	return spots
}

// maxPairs is the most points that all candidates together may reach: they take
// 200 MB.
const maxPairs = 50_000_000

// errManyPairs says that so many are in reach of each other that they cannot be weighed.
var errManyPairs = errors.New("too many are in reach of each other")

// manyPairs turns errManyPairs into what to do about it.
func manyPairs(r analytics.Request, err error) error {
	if !errors.Is(err, errManyPairs) {
		return err
	}
	return &analytics.ParamError{Name: "reach", Value: r.Params.Text("reach"), Why: "so many are in reach of each other that they cannot be weighed: take a smaller one, a coarser resolution, or within"}
}

// covers returns, for each candidate, the points with demand that it reaches, up to
// limit in all.
func (s *study) covers(ctx context.Context, r analytics.Request, open []float64, candidates []spot, limit int) ([][]int32, error) {
	var places []geo.Spot
	var of []int32 // the point of each place
	for i, amount := range open {
		if amount > 0 {
			places, of = append(places, s.points[i].at), append(of, int32(i))
		}
	}
	near, covers, pairs := geo.NewSpots(places), make([][]int32, len(candidates)), 0
	for i, c := range candidates {
		if i%256 == 0 {
			r.Tell(i, len(candidates))
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		near.Within(c.at, geo.Metres(s.reach), func(j int32) { covers[i] = append(covers[i], of[j]) })
		if pairs += len(covers[i]); pairs > limit {
			return nil, manyPairs(r, errManyPairs)
		}
	}
	return covers, nil
}

// describeSites fills in the columns, and returns how many sites are not shown as
// their community has another.
func (s *study) describeSites(layer *analytics.Layer, chosen Covering, candidates []spot, open []float64) (hidden int) {
	n := s.frame.Len()
	class, reason, choice := make([]string, n), make([]string, n), make([]int64, n)
	gain, covered, lon, lat, without := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	told, site, hasReason := make([]bool, n), make([]bool, n), make([]bool, n)
	for row := range n {
		if reason[row] = s.reason(row); reason[row] == "no_resources" {
			reason[row] = "" // where there is none yet, all is to be covered
		}
		hasReason[row] = reason[row] != ""
		told[row] = !hasReason[row]
		for i := s.starts[row]; i < s.starts[row+1]; i++ {
			without[row] += open[i]
		}
		if told[row] {
			class[row] = classOf(s.demand[row], without[row])
		}
	}
	all, before := s.totals()
	for k, c := range chosen.Choices {
		row := candidates[c.Candidate].row
		if site[row] { // of a community, the first of its sites is shown
			hidden++
			continue
		}
		site[row], class[row], told[row], choice[row] = true, Suggested, true, int64(k+1)
		gain[row], covered[row] = c.Gain, min(1, (all-before+c.Covered)/all)
		lon[row], lat[row] = candidates[c.Candidate].at.Degrees()
	}
	layer.Set("class", analytics.Column{Words: class, Valid: told})
	layer.Set("choice", analytics.Column{Ints: choice, Valid: site})
	layer.Set("gain", analytics.Column{Floats: gain, Valid: site})
	layer.Set("covered", analytics.Column{Floats: covered, Valid: site})
	layer.Set("lon", analytics.Column{Floats: lon, Valid: site})
	layer.Set("lat", analytics.Column{Floats: lat, Valid: site})
	layer.Set("demand", analytics.Column{Floats: s.demand, Valid: s.known})
	layer.Set("unserved", analytics.Column{Floats: without, Valid: told})
	layer.Set("reason", analytics.Column{Words: reason, Valid: hasReason})
	return hidden
}

func (s *study) siteSummary(t *analytics.Tally, chosen Covering) []analytics.Item {
	all, before := s.totals()
	gained := 0.0
	if n := len(chosen.Choices); n > 0 {
		gained = chosen.Choices[n-1].Covered
	}
	share := func(covered float64) any {
		if all <= 0 {
			return nil
		}
		return min(max(covered/all, 0), 1)
	}
	return append([]analytics.Item{
		{Key: "resources", Title: "Resources there are", Value: int64(len(s.sites)), Unit: "count"},
		{Key: "suggested", Title: "Sites suggested", Value: int64(len(chosen.Choices)), Unit: "count"},
		{Key: "demand", Title: "Demand", Value: all},
		{Key: "reached", Title: "Share in reach now", Value: share(all - before), Unit: "share"},
		{Key: "reached_then", Title: "Share in reach with the sites suggested", Value: share(all - before + gained), Unit: "share"},
		{Key: "bound", Title: "No choice of as many could reach more than", Value: share(all - before + chosen.Bound), Unit: "share"},
	}, s.made(t)...)
}
