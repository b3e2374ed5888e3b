package ogc

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/tile"
)

// A tileset is what one set of tiles shows: a collection, or several of the
// dataset.
type tileset struct {
	path   string // of what is tiled, "" for the dataset
	title  string
	layers []*collection
	params []analytics.Param // of the one analysis among layers
}

// tileRoutes returns the handlers of tiles.
func (s *service) tileRoutes() map[string]handler {
	routes := map[string]handler{
		"/tileMatrixSets":                   s.tileMatrixSets,
		"/tileMatrixSets/" + tile.MatrixSet: s.tileMatrixSet,
	}
	for _, at := range []string{"", "/collections/:collectionId"} {
		routes[at+"/tiles"] = s.tilesets
		one := at + "/tiles/" + tile.MatrixSet
		routes[one] = s.describeTileset
		routes[one+"/tilejson.json"] = s.tileJSON
		routes[one+"/:tileMatrix/:tileRow/:tileCol"] = s.tile
	}
	return routes
}

// tileLinks returns the links of the landing page (20-057, requirement
// /req/dataset-tilesets/landingpage).
func tileLinks(base string) []api.Link {
	return []api.Link{
		{Href: base + "/tiles", Rel: api.RelTilesetsVector, Type: api.JSON.Bare(), Title: "Vector tiles"},
		{Href: base + "/tileMatrixSets", Rel: api.RelTilingSchemes, Type: api.JSON.Bare(), Title: "Tile matrix sets"},
	}
}

// tileClasses lists the conformance classes of tiles that are met (20-057,
// 17-083r4).
func tileClasses() []string {
	classes := []string{
		"http://www.opengis.net/spec/tms/2.0/conf/tilematrixset",
		"http://www.opengis.net/spec/tms/2.0/conf/json-tilematrixset",
	}
	for _, class := range []string{
		"core", "tileset", "tilesets-list", "dataset-tilesets", "geodata-tilesets", "collections-selection", "datetime", "mvt", "oas30",
	} {
		classes = append(classes, "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/"+class)
	}
	return classes
}

// tileset returns the set of tiles that a request names.
func (s *service) tileset(c *gin.Context) (*tileset, *catalog, error) {
	if c.Param("collectionId") != "" {
		col, k, err := s.find(c)
		if err != nil {
			return nil, nil, err
		}
		return &tileset{path: "/collections/" + col.id, title: col.title, layers: []*collection{col}, params: col.params}, k, nil
	}
	k, err := s.catalog(c.Request.Context())
	if err != nil {
		return nil, nil, err
	}
	given, _ := url.ParseQuery(c.Request.URL.RawQuery) // whoever reads the whole query says what is wrong with it
	set := &tileset{title: s.Title}
	if !given.Has("collections") {
		set.layers = s.usualLayers(k)
	} else if set.layers, err = chosenLayers(k, given.Get("collections")); err != nil {
		return nil, nil, err
	}
	for _, col := range set.layers {
		set.params = append(set.params, col.params...)
	}
	return set, k, nil
}

// usualLayers returns communities and an analysis.
func (s *service) usualLayers(k *catalog) []*collection {
	first := s.First
	if first == "" && len(s.Analyses) > 0 {
		first = s.Analyses[0].Name
	}
	var layers []*collection
	for _, id := range []string{first, "communities"} {
		if col := k.get(id); col != nil {
			layers = append(layers, col)
		}
	}
	return layers
}

// chosenLayers reads the parameter collections (20-057, section 12.2.1).
func chosenLayers(k *catalog, text string) ([]*collection, error) {
	fault := func(format string, args ...any) ([]*collection, error) {
		return nil, &api.QueryError{Faults: []api.Fault{{Parameter: "collections", Detail: fmt.Sprintf(format, args...)}}}
	}
	var layers []*collection
	analyses := 0
	for id := range strings.SplitSeq(text, ",") {
		col := k.get(id)
		switch {
		case col == nil:
			return fault("there is no collection %q; /collections lists those there are", id)
		case slices.Contains(layers, col):
			return fault("names %s twice", id)
		case col.period:
			analyses++
		}
		layers = append(layers, col)
	}
	if analyses > 1 {
		return fault("names %d analyses; a tile shows one, because all share its parameters", analyses)
	}
	return layers, nil
}

// parameters returns those of the query, beside f: of the analysis, and those of
// tiles. Only tiles of one collection take filters: properties are its own.
func (t *tileset) parameters() []analytics.Param {
	own := []string{"datetime"}
	if t.path == "" {
		own = append(own, "collections")
	}
	if len(t.layers) == 1 {
		own = append(own, t.layers[0].filters()...)
	}
	var list []analytics.Param
	for _, name := range own {
		list = append(list, analytics.Param{Name: name})
	}
	return append(list, t.params...)
}

// filters returns the parameters that say which rows of a collection are wanted: a
// filter, and properties.
func (col *collection) filters() []string {
	return append(filterParameters(), col.properties()...)
}

// requests reads the query for each layer. Parameters of the analysis are not
// the business of other layers.
func (s *service) requests(t *tileset, q api.Query, k *catalog) ([]*request, error) {
	list := make([]*request, len(t.layers))
	for i, col := range t.layers {
		without := []string{"f", "collections"}
		if len(col.params) == 0 {
			without = append(without, names(t.params)...)
		}
		r, err := s.parse(q.Canonical(without...), "", col, k.zone)
		if err != nil {
			return nil, err
		}
		list[i] = r
	}
	return list, nil
}

// at returns the address of a part of the set's tiles.
func (t *tileset) at(base, part string, q api.Query) string {
	href := base + t.path + "/tiles" + part
	if query := q.Canonical("f"); query != "" {
		href += "?" + query
	}
	return href
}

// template returns the address of tiles with variables for their place in it.
func (t *tileset) template(base, matrix, row, col string, q api.Query) string {
	return t.at(base, "/"+tile.MatrixSet+"/"+matrix+"/"+row+"/"+col, q)
}

// A templated link holds variables.
type templated struct {
	api.Link
	Templated bool `json:"templated"`
}

// about answers with a document on the set of tiles that a request names.
func (s *service) about(c *gin.Context, build func(*tileset, *catalog, api.Query) (any, error)) error {
	set, k, err := s.tileset(c)
	if err != nil {
		return err
	}
	return s.document(c, k, api.JSON, set.parameters(), func(q api.Query) (any, error) { return build(set, k, q) })
}

// tilesets answers …/tiles (20-057, section 9): the one set there is.
func (s *service) tilesets(c *gin.Context) error {
	return s.about(c, func(set *tileset, k *catalog, q api.Query) (any, error) {
		if _, err := s.requests(set, q, k); err != nil {
			return nil, err
		}
		base := s.Base(c.Request)
		return object{
			"links": api.Itself(c.Request, set.at(base, "", q), api.JSON),
			"tilesets": []object{{
				"title": set.title, "dataType": "vector", "crs": tile.CRS, "tileMatrixSetURI": tile.MatrixSetURI,
				"links": set.links(c.Request, base, q),
			}},
		}, nil
	})
}

// links returns those of the set's description (requirements
// /req/tilesets-list/tileset-links and /req/tileset/description).
func (t *tileset) links(asked *http.Request, base string, q api.Query) []any {
	set := "/" + tile.MatrixSet
	var links []any
	for _, l := range api.Itself(asked, t.at(base, set, q), api.JSON) {
		links = append(links, l)
	}
	return append(links,
		api.Link{Href: base + "/tileMatrixSets/" + tile.MatrixSet, Rel: api.RelTilingScheme, Type: api.JSON.Bare(), Title: "Tile matrix set"},
		api.Link{Href: t.at(base, set+"/tilejson.json", q), Rel: api.RelDescribedBy, Type: api.JSON.Bare(), Title: "TileJSON"},
		templated{api.Link{
			Href: t.template(base, "{tileMatrix}", "{tileRow}", "{tileCol}", q), Rel: "item", Type: string(tile.MediaType), Title: "Tiles",
		}, true},
	)
}

// describeTileset answers …/tiles/WebMercatorQuad with the metadata of the set
// (17-083r4, section 7.3.2).
func (s *service) describeTileset(c *gin.Context) error {
	return s.about(c, func(set *tileset, k *catalog, q api.Query) (any, error) {
		if _, err := s.requests(set, q, k); err != nil {
			return nil, err
		}
		var layers []object
		for _, col := range set.layers {
			dimension := 2
			if col.id == "resources" {
				dimension = 0
			}
			layers = append(layers, object{"id": col.id, "title": col.title, "dataType": "vector", "geometryDimension": dimension})
		}
		described := object{
			"title": set.title, "dataType": "vector", "crs": tile.CRS, "tileMatrixSetURI": tile.MatrixSetURI,
			"layers": layers, "tileMatrixSetLimits": tileLimits(), "links": set.links(c.Request, s.Base(c.Request), q),
		}
		if !k.box.IsEmpty() {
			described["boundingBox"] = object{"lowerLeft": k.box.Min, "upperRight": k.box.Max, "crs": crs84}
		}
		return described, nil
	})
}

// tileLimits says which matrices are served, whole.
func tileLimits() []object {
	var limits []object
	for _, m := range tile.Matrices()[:tile.MaxZoom+1] {
		limits = append(limits, object{
			"tileMatrix": m.ID, "minTileRow": 0, "maxTileRow": m.MatrixHeight - 1, "minTileCol": 0, "maxTileCol": m.MatrixWidth - 1,
		})
	}
	return limits
}

// tileMatrixSets answers /tileMatrixSets (20-057, section 6.2.1).
func (s *service) tileMatrixSets(c *gin.Context) error {
	return s.plain(c, api.JSON, func(*catalog) (any, error) {
		at := s.Base(c.Request) + "/tileMatrixSets"
		return object{"links": api.Itself(c.Request, at, api.JSON), "tileMatrixSets": []object{{
			"id": tile.MatrixSet, "title": "Web Mercator, a quad tree", "uri": tile.MatrixSetURI, "crs": tile.CRS, "links": api.Itself(c.Request, at+"/"+tile.MatrixSet, api.JSON),
		}}}, nil
	})
}

// tileMatrixSet answers with the definition of WebMercatorQuad (17-083r4, annex
// D.1).
func (s *service) tileMatrixSet(c *gin.Context) error {
	return s.plain(c, api.JSON, func(*catalog) (any, error) {
		return object{
			"id": tile.MatrixSet, "title": "Web Mercator, a quad tree", "uri": tile.MatrixSetURI, "crs": tile.CRS,
			"orderedAxes": []string{"X", "Y"}, "wellKnownScaleSet": "http://www.opengis.net/def/wkss/OGC/1.0/GoogleMapsCompatible",
			"tileMatrices": tile.Matrices(),
		}, nil
	})
}
