package ogc

import (
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

// The conformance classes of 21-038r1 that are met (section 2.4).
func dggsClasses() []string {
	var classes []string
	for _, name := range []string{
		"core", "root-dggs", "collection-dggs", "operation-ids", "zone-query", "zone-geojson", "zone-uint64",
		"data-retrieval", "data-custom-depths", "data-subsetting", "data-json", "data-geojson",
	} {
		classes = append(classes, "https://www.opengis.net/spec/ogcapi-dggs-1/1.0/conf/"+name)
	}
	return classes
}

// registerDGGS adds the routes of the grid, for the dataset and for each collection.
func (s *service) registerDGGS(router gin.IRouter) {
	for path, h := range map[string]handler{
		"/dggs":                             s.grids,
		"/dggs/:dggrsId":                    s.grid,
		"/dggs/:dggrsId/zones":              s.zones,
		"/dggs/:dggrsId/zones/:zoneId":      s.zone,
		"/dggs/:dggrsId/zones/:zoneId/data": s.zoneData,
	} {
		for _, at := range []string{"", "/collections/:collectionId"} {
			router.GET(at+path, s.answer(h))
			router.HEAD(at+path, s.answer(h))
		}
	}
	router.GET("/dggs/:dggrsId/definition", s.answer(s.gridDefinition))
	router.HEAD("/dggs/:dggrsId/definition", s.answer(s.gridDefinition))
}

// An origin is what a resource of the grid belongs to: a collection, or the dataset
// as a whole (21-038r1, requirements /req/root-dggs/dggs and
// /req/collection-dggs/dggs).
type origin struct {
	k    *catalog
	col  *collection // for the dataset one without rows of its own
	root bool
	base string // public address of the service
	at   string // that of the origin; both without a slash at the end
}

// origin returns what a request is about, and looks whether there is such a grid.
func (s *service) origin(c *gin.Context) (*origin, error) {
	o := &origin{base: s.Base(c.Request), root: c.Param("collectionId") == ""}
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
			"links": []api.Link{{Href: o.href("/dggs", query), Rel: "self", Type: api.JSON.Bare(), Title: "This document"}, o.owner(query)},
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
			"links": []api.Link{
				{Href: o.href(gridPath, query), Rel: "self", Type: api.JSON.Bare(), Title: "This document"},
				o.definition(),
				{Href: o.href(gridPath+"/zones", query), Rel: relations + "dggrs-zone-query", Type: api.JSON.Bare(), Title: "Zones with data"},
				o.owner(query),
			},
			"linkTemplates": []linkTemplate{
				{o.href(gridPath+"/zones/{zoneId}", query), relations + "dggrs-zone-info", api.JSON.Bare(), "One zone"},
				o.dataTemplate(query),
			},
		}, nil
	})
}
