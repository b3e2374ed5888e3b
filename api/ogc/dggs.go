package ogc

import (
	"net/http"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/geo"
)

// dggrs is the grid there is: OGC API - DGGS Part 1 (21-038r1) calls it a discrete
// global grid reference system.
const dggrs = "H3"

// relations is what the link relations of 21-038r1 begin with (section 5.2).
const relations = "https://www.opengis.net/def/rel/ogc/1.0/"

// gridClasses lists the conformance classes of 21-038r1 that are met (section 2.4).
func gridClasses() []string {
	var classes []string
	for _, name := range []string{
		"core", "root-dggs", "collection-dggs", "operation-ids", "zone-query", "zone-query-cql2-filter", "zone-geojson", "zone-uint64",
		"data-retrieval", "data-custom-depths", "data-subsetting", "data-cql2-filter", "data-json", "data-geojson",
	} {
		classes = append(classes, "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/"+name)
	}
	return classes
}

// gridRoutes returns the handlers of the grid, for the dataset and for each collection.
func (s *service) gridRoutes() map[string]handler {
	routes := map[string]handler{"/dggs/:dggrsId/definition": s.gridDefinition}
	for _, at := range []string{"", "/collections/:collectionId"} {
		routes[at+"/dggs"] = s.grids
		one := at + "/dggs/:dggrsId"
		routes[one] = s.grid
		routes[one+"/zones"] = s.zones
		routes[one+"/zones/:zoneId"] = s.zone
		routes[one+"/zones/:zoneId/data"] = s.zoneData
	}
	return routes
}

// An origin is what a resource of the grid belongs to: a collection, or the dataset
// as a whole (21-038r1, requirements /req/root-dggs/dggs and
// /req/collection-dggs/dggs).
type origin struct {
	k     *catalog
	col   *collection // for the dataset one without rows of its own
	root  bool
	base  string // public address of the service
	asked *http.Request
	at    string // that of the origin; both without a slash at the end
}

// origin returns what a request is about, and looks whether there is such a grid.
func (s *service) origin(c *gin.Context) (*origin, error) {
	o := &origin{base: s.Base(c.Request), root: c.Param("collectionId") == "", asked: c.Request}
	if id := c.Param("dggrsId"); id != "" && id != dggrs {
		return nil, api.NewProblem("not-found", "There is no grid of that name; "+dggrs+" is the one there is.")
	}
	if o.root {
		k, err := s.catalog(c.Request.Context())
		if err != nil {
			return nil, err
		}
		o.k, o.at = k, o.base
		o.col = &collection{id: "", title: s.Title, period: true}
		return o, nil
	}
	col, k, err := s.find(c)
	if err != nil {
		return nil, err
	}
	if !col.byCells {
		return nil, api.NewProblem("not-found", "The collection is not by cells, so it has no grid; the one by cells has the name of the analysis alone.")
	}
	own := *col
	own.params = without(col.params, "res", "level") // zones say both
	o.k, o.col, o.at = k, &own, o.base+"/collections/"+col.id
	return o, nil
}

// href returns the address of a resource of the origin, with the parameters of the
// analysis.
func (o *origin) href(path, query string) string {
	if query != "" {
		query = "?" + query
	}
	return o.at + path + query
}

// gridPath is where the grid is below an origin.
const gridPath = "/dggs/" + dggrs

func zonePath(zone geo.Cell) string { return gridPath + "/zones/" + zone.String() }

// definition links to what the grid is.
func (o *origin) definition() api.Link {
	return api.Link{Href: o.base + gridPath + "/definition", Rel: relations + "dggrs-definition", Type: api.JSON.Bare(), Title: "Definition of the grid"}
}

// owner links to the collection or the dataset.
func (o *origin) owner(query string) api.Link {
	if o.root {
		return api.Link{Href: o.base + "/", Rel: relations + "dataset", Type: api.JSON.Bare(), Title: o.col.title}
	}
	return api.Link{Href: o.href("", query), Rel: relations + "geodata", Type: api.JSON.Bare(), Title: o.col.title}
}

// A linkTemplate is a link with a variable (21-038r1, linkTemplate.yaml).
type linkTemplate struct {
	URITemplate string `json:"uriTemplate"`
	Rel         string `json:"rel"`
	Type        string `json:"type"`
	Title       string `json:"title"`
}

func (o *origin) dataTemplate(query string) linkTemplate {
	return linkTemplate{o.href(gridPath+"/zones/{zoneId}/data", query), relations + "dggrs-zone-data", api.JSON.Bare(), "Data of a zone"}
}

// grids answers .../dggs (requirement /req/core/dggrs-list).
func (s *service) grids(c *gin.Context) error {
	o, err := s.origin(c)
	if err != nil {
		return err
	}
	return s.document(c, o.k, api.JSON, o.col.params, func(q api.Query) (any, error) {
		query := q.Canonical("f")
		return object{
			"links": append(api.Itself(c.Request, o.href("/dggs", query), api.JSON), o.owner(query)),
			"dggrs": []object{{
				"id": dggrs, "title": gridTitle,
				"links": []api.Link{{Href: o.href(gridPath, query), Rel: "self", Type: api.JSON.Bare(), Title: gridTitle}, o.definition()},
			}},
		}, nil
	})
}

// grid answers .../dggs/H3 (requirement /req/core/dggrs-description). H3 has no
// registered URI and belongs to no coordinate reference system of its own, so there
// is neither uri nor crs.
func (s *service) grid(c *gin.Context) error {
	o, err := s.origin(c)
	if err != nil {
		return err
	}
	return s.document(c, o.k, api.JSON, o.col.params, func(q api.Query) (any, error) {
		query := q.Canonical("f")
		return object{
			"id": dggrs, "title": gridTitle, "description": gridDescription,
			"defaultDepth": defaultDepth, "maxRelativeDepth": maxDepth(), "maxRefinementLevel": int(slices.Max(o.k.settings.Resolutions)),
			"links": append(api.Itself(c.Request, o.href(gridPath, query), api.JSON),
				o.definition(),
				api.Link{Href: o.href(gridPath+"/zones", query), Rel: relations + "dggrs-zone-query", Type: api.JSON.Bare(), Title: "Zones with data"},
				o.owner(query),
			),
			"linkTemplates": []linkTemplate{
				{o.href(gridPath+"/zones/{zoneId}", query), relations + "dggrs-zone-info", api.JSON.Bare(), "One zone"},
				o.dataTemplate(query),
			},
		}, nil
	})
}
