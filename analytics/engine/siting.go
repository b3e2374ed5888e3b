package engine

import (
	"cmp"
	"context"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/coverage"
	"github.com/civgrid/civgrid/geo"
)

// A Siting says where new resources would reach most of those who have none.
type Siting struct {
	Resources int64   `json:"resources"` // that there are
	Demand    string  `json:"demand"`    // people or reports
	Total     float64 `json:"total"`     // of the demand
	Reach     float64 `json:"reach_m"`
	Wanted    int     `json:"wanted"` // sites that were asked for
	// Now and Then are the shares of the demand with a resource in reach, before and
	// after; no choice of as many sites gives more than Bound. All are missing where
	// there is no demand.
	Now        *float64             `json:"reached_now"`
	Then       *float64             `json:"reached_then"`
	Bound      *float64             `json:"bound"`
	Sites      []NewSite            `json:"sites"` // the first to begin with
	Caveats    []string             `json:"caveats"`
	Method     string               `json:"method"`
	Reference  string               `json:"reference"`
	Provenance analytics.Provenance `json:"provenance"`
}

// A NewSite is one that is suggested: the centre of a cell.
type NewSite struct {
	Cell geo.Cell `json:"cell"`
	analytics.Point
	Place string  `json:"place,omitempty"` // code of the finest community at the centre
	Name  string  `json:"name,omitempty"`  // of it
	Gain  float64 `json:"gain"`            // demand that it reaches and none before it does
	// Covered is the share of the demand in reach once this site and those before it
	// are there.
	Covered float64 `json:"covered"`
}

// SitingParams returns the parameters of Siting: those of the analysis sites, by
// cells only.
func SitingParams() []analytics.Param {
	return slices.DeleteFunc(Params(coverage.Sites), func(p analytics.Param) bool { return p.Name == "level" })
}

// Siting suggests new sites among the centres of cells. Parameters are given as
// text, by the names of [SitingParams]. Errors are those of Run.
func (e *Engine) Siting(ctx context.Context, given map[string]string) (*Siting, error) {
	if err := e.refuseOpen("choose sites"); err != nil {
		return nil, err
	}
	values, err := analytics.ParseValues(SitingParams(), given)
	if err != nil {
		return nil, err
	}
	layer, err := e.Run(ctx, coverage.Sites.Name, given)
	if err != nil {
		return nil, err
	}
	s := &Siting{
		Demand: values.Text("demand"), Reach: values.Number("reach"), Wanted: values.Int("new"), Sites: []NewSite{},
		Caveats: layer.Caveats, Method: layer.Method, Reference: layer.Reference, Provenance: layer.Provenance,
	}
	for _, item := range layer.Summary {
		switch item.Key {
		case "resources":
			s.Resources = item.Value.(int64)
		case "demand":
			s.Total = item.Value.(float64)
		case "reached":
			s.Now = share(item)
		case "reached_then":
			s.Then = share(item)
		case "bound":
			s.Bound = share(item)
		}
	}
	s.addSites(layer)
	return s, nil
}

// share returns the value of an item, nil where it has none.
func share(item analytics.Item) *float64 {
	x, ok := item.Value.(float64)
	if !ok {
		return nil
	}
	return &x
}

// addSites takes the rows that are suggested, in the order of choice.
func (s *Siting) addSites(layer *analytics.Layer) {
	column := func(name string) analytics.Column {
		c, _ := layer.Column(name)
		return c
	}
	choice, gain, covered, lon, lat := column("choice"), column("gain"), column("covered"), column("lon"), column("lat")
	place, name := column("place"), column("place_name")
	var rows []int
	for row := range layer.Frame.Len() {
		if choice.Has(row) {
			rows = append(rows, row)
		}
	}
	slices.SortFunc(rows, func(a, b int) int { return cmp.Compare(choice.Ints[a], choice.Ints[b]) })
	for _, row := range rows {
		s.Sites = append(s.Sites, NewSite{
			Cell: layer.Frame.Cells[row], Point: analytics.Point{Lon: lon.Floats[row], Lat: lat.Floats[row]},
			Place: place.Words[row], Name: name.Words[row], Gain: gain.Floats[row], Covered: covered.Floats[row],
		})
	}
}
