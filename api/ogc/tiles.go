package ogc

import (
	"math"
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/api/tile"
	"github.com/civgrid/civgrid/geo"
)

// leftOut is the header field that says how many rows were left out of a tile.
const leftOut = "Civgrid-Left-Out"

// tile answers …/tiles/WebMercatorQuad/{tileMatrix}/{tileRow}/{tileCol} (20-057,
// section 7): 204 for a tile without content, 404 for one outside the matrices
// (requirement /req/core/tc-error).
func (s *service) tile(c *gin.Context) error {
	set, k, err := s.tileset(c)
	if err != nil {
		return err
	}
	at, err := tile.ParseAddress(c.Param("tileMatrix"), c.Param("tileRow"), c.Param("tileCol"))
	if err != nil {
		return api.NewProblem("not-found", "There is no such tile: "+err.Error()+".")
	}
	q, err := tileQuery(c, set)
	if err != nil {
		return err
	}
	requests, err := s.requests(set, q, k)
	if err != nil {
		return err
	}
	if s.known(c, k, nil, q.Canonical("f")) {
		return nil
	}
	layers := make([]tile.Layer, len(set.layers))
	for i, col := range set.layers {
		if layers[i], err = s.tileLayer(c, k, col, requests[i], at); err != nil {
			return err
		}
	}
	cut := tile.Cut(at, layers)
	if cut.LeftOut > 0 {
		c.Header(leftOut, strconv.Itoa(cut.LeftOut))
	}
	if len(cut.Data) == 0 {
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	}
	c.Data(http.StatusOK, string(tile.MediaType), cut.Data)
	return nil
}

// tileQuery reads the query of a tile, and Accept: there is one format.
func tileQuery(c *gin.Context, set *tileset) (api.Query, error) {
	known := append([]string{"f"}, names(set.parameters())...)
	q, err := api.ParseQuery(c.Request.URL.RawQuery, known)
	if err != nil {
		return q, err
	}
	if f := q.Get("f"); f != "" && f != "mvt" {
		return q, &api.QueryError{Faults: []api.Fault{{Parameter: "f", Detail: "is mvt here"}}, Known: known}
	}
	accept := c.GetHeader("Accept")
	offers := []api.MediaType{tile.MediaType, "application/x-protobuf", "application/octet-stream"}
	if _, ok := api.Negotiate(accept, offers); !ok && !q.Has("f") && !api.PrefersHTML(accept, tile.MediaType) {
		return q, api.NewProblem("not-acceptable", "Tiles are served as "+string(tile.MediaType)+".")
	}
	return q, nil
}

// A tileDescription is a TileJSON document (TileJSON 3.0.0, section 3).
type tileDescription struct {
	TileJSON     string        `json:"tilejson"`
	Name         string        `json:"name"`
	Version      string        `json:"version"`
	Scheme       string        `json:"scheme"`
	Tiles        []string      `json:"tiles"`
	MinZoom      int           `json:"minzoom"`
	MaxZoom      int           `json:"maxzoom"`
	Bounds       *[4]float64   `json:"bounds,omitempty"`
	Center       *[3]float64   `json:"center,omitempty"`
	VectorLayers []vectorLayer `json:"vector_layers"`
}

// A vectorLayer describes a layer. Resolutions, which TileJSON does not know,
// says for each zoom what resolution of H3 is computed for it.
type vectorLayer struct {
	ID          string           `json:"id"`
	Description string           `json:"description"`
	Fields      fields           `json:"fields"`
	MinZoom     int              `json:"minzoom"`
	MaxZoom     int              `json:"maxzoom"`
	Resolutions []geo.Resolution `json:"resolutions,omitempty"`
}

// tileJSON answers …/tiles/WebMercatorQuad/tilejson.json.
func (s *service) tileJSON(c *gin.Context) error {
	return s.about(c, func(set *tileset, k *catalog, q api.Query) (any, error) {
		requests, err := s.requests(set, q, k)
		if err != nil {
			return nil, err
		}
		d := tileDescription{
			TileJSON: "3.0.0", Name: set.title, Version: "1.0.0", Scheme: "xyz", MaxZoom: tile.MaxZoom,
			Tiles:   []string{set.template(s.Base(c.Request), "{z}", "{y}", "{x}", q)},
			MinZoom: tile.MaxZoom,
		}
		for i, col := range set.layers {
			table, err := s.rows(c, k, col, requests[i].given, nil)
			if err != nil {
				return nil, err
			}
			l := k.vectorLayer(col, requests[i], table)
			d.VectorLayers = append(d.VectorLayers, l)
			d.MinZoom = min(d.MinZoom, l.MinZoom)
		}
		if !k.box.IsEmpty() && set.path != "/collections/resources" { // resources may stand outside the limits
			box := k.drawn()
			centre := k.box.Center()
			d.Bounds = &[4]float64{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}
			d.Center = &[3]float64{centre[0], centre[1], math.Floor(math.Log2(360 / max(k.box.Max[0]-k.box.Min[0], 1e-3)))}
		}
		return d, nil
	})
}

// vectorLayer describes what tiles show of a collection.
func (k *catalog) vectorLayer(col *collection, r *request, table *encode.Table) vectorLayer {
	l := vectorLayer{ID: col.id, Description: col.title, Fields: fields{}, MaxZoom: tile.MaxZoom}
	for _, c := range (tile.Layer{Table: table}).Columns(false) {
		l.Fields = append(l.Fields, field{c.Name, tileField(c)})
	}
	switch {
	case !col.cells(r):
	case r.given["res"] == "":
		l.Resolutions = k.tiling.resolutions()
	case len(table.Cells) > tile.MaxFeatures:
		for l.MinZoom < tile.MaxZoom && k.tiling.ladder[l.MinZoom] < table.Cells[0].Resolution() {
			l.MinZoom++
		}
	}
	return l
}

// tileField describes an attribute: its type, then what it is.
func tileField(c analytics.Column) string {
	kind := "Number"
	if c.Type == analytics.WordColumn {
		kind = "String"
	}
	if c.Title != "" {
		kind += ". " + c.Title
	}
	if c.Unit != "" {
		kind += " (" + c.Unit + ")"
	}
	return kind
}

// drawn returns the box of all that is drawn: cells at the rim of the study area
// reach over it by up to their diameter. Edges are longer than the mean by up to a
// third.
func (k *catalog) drawn() orb.Bound {
	if len(k.tiling.offered) == 0 {
		return k.box
	}
	return orbgeo.BoundPad(k.box, 2*4./3*float64(geo.EdgeLength(k.tiling.resolutions()[0])))
}
