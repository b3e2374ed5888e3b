package web

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api/tile"
	"github.com/civgrid/civgrid/data"
)

// glass is what the interactive map is told of a layer; all of it is drawn on the
// server too. Addresses are relative to that of the page.
type glass struct {
	// Base is the public address of the service, under which the style names its tiles.
	Base string `json:"base"`
	// Style is the address of the style of the layer, Layer the layer of its tiles, Key
	// the attribute that names a row.
	Style string `json:"style"`
	Layer string `json:"layer"`
	Key   string `json:"key"`
	// Hatch is the colour of the class of too little data, which is hatched.
	Hatch  string     `json:"hatch,omitempty"`
	Select string     `json:"select,omitempty"`
	Box    [4]float64 `json:"box"` // west, south, east, north
	// Lines is the address of the tiles of communities, of which those of some codes are
	// drawn thick, and others thin.
	Lines string   `json:"lines"`
	Thick []string `json:"thick"`
	Thin  []string `json:"thin"`
	Names []place  `json:"names"`
	// Res is the resolution of the rows, 0 for communities; Steps are those that are
	// served. Many says that the rows are more than every tile can hold.
	Res   int    `json:"res,omitempty"`
	Steps []step `json:"steps,omitempty"`
	Many  bool   `json:"many,omitempty"`
	// Words are those that the map says, by the names that MapLibre GL JS has for them.
	Words map[string]string `json:"words"`
}

// place is a name and where it stands.
type place struct {
	Name string    `json:"name"`
	At   orb.Point `json:"at"`
}

// step is a resolution, the first zoom whose tiles can hold its cells, and the address
// of the page with it.
type step struct {
	Res  int    `json:"res"`
	Zoom int    `json:"zoom"`
	Href string `json:"href"`
}

// glass tells the interactive map what a drawing shows; nil where there is none.
func (p Page) glass(d *drawing) *glass {
	if !hasMap() || d.placeless {
		return nil
	}
	collection, query := p.collection("f", "mapbox")
	g := &glass{
		Base: p.Base, Style: "styles/" + collection + query, Layer: collection, Key: "code", Select: p.Select,
		Lines: "collections/communities/tiles/" + tile.MatrixSet + "/{z}/{y}/{x}",
		Thick: []string{}, Thin: []string{}, Names: []place{}, Words: map[string]string{},
	}
	box, _ := d.extent()
	g.Box = [4]float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
	hatch := hatched(p.Layer.Legend)
	for _, class := range p.Layer.Legend.Classes {
		if class.Key == hatch {
			g.Hatch = safeColour(class.Color)
		}
	}
	if d.Hierarchy != nil {
		g.communities(d)
	}
	for name, key := range map[string]string{
		"NavigationControl.ZoomIn": "map.in", "NavigationControl.ZoomOut": "map.out", "Map.Title": "map.title",
		"ScaleControl.Meters": "map.metres", "ScaleControl.Kilometers": "map.kilometres",
	} {
		g.Words[name] = d.words.Must(key)
	}
	if unit := p.Layer.Frame.Unit; unit.IsCells() {
		g.Key, g.Res, g.Many = "cell", int(unit.Resolution), p.Layer.Frame.Len() > tile.MaxFeatures
		g.Steps = p.ladder(box)
	}
	return g
}

// communities says which lines and names a drawing has, and names those of the thin
// lines too, as a map that is moved has room for them.
func (g *glass) communities(d *drawing) {
	thick, thin := d.lines()
	g.Thick, g.Thin = append(g.Thick, codes(thick)...), append(g.Thin, codes(thin)...)
	for _, c := range slices.Concat(thick, thin) {
		if name := c.Names.In(d.words.Tag); name != "" && len(c.Outline) > 0 {
			g.Names = append(g.Names, place{name, labelPoint(c.Outline)})
		}
	}
}

// sparing is by how much more cells a study area may have at a coarser resolution than
// a seventh of those at the next finer one: along its limits there are more.
const sparing = 1.5

// ladder returns the resolutions that are served, each from the zoom at which a tile
// can hold its cells: all of those of the layer, or as many as the ladder of tiles says.
func (p Page) ladder(box orb.Bound) (steps []step) {
	finest := tile.LadderOf(box)
	shown := p.Layer.Frame
	for _, r := range p.Resolutions {
		first := 0
		all := sparing * float64(shown.Len()) * math.Pow(7, float64(r)-float64(shown.Unit.Resolution))
		for all > tile.MaxFeatures && first < tile.MaxZoom && finest[first] < r {
			first++
		}
		steps = append(steps, step{int(r), first, p.address("res", r.String(), "level", "", "sel", "")})
	}
	return steps
}

func codes(list []data.Community) []string {
	var all []string
	for _, c := range list {
		all = append(all, c.Code)
	}
	return all
}
