package ogc

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
)

// crs84 is longitude and latitude on WGS 84, in which everything is served.
const crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// landing answers / (17-069r4, section 7.2; OGC API - Common Part 1, 19-072,
// section 8.2): the page for people in a browser, JSON for everybody else.
func (s *service) landing(c *gin.Context) error {
	if s.Home != nil && api.WantsPage(c.Request, api.JSON) {
		c.Writer.Header().Add("Vary", "Accept")
		s.Home(c, s.landingLinks(c.Request))
		return nil
	}
	return s.plain(c, api.JSON, func(*catalog) (any, error) {
		return object{"title": s.Title, "description": s.Description, "links": s.landingLinks(c.Request)}, nil
	})
}

// landingLinks returns the links of the landing page: what the caller is shown, and
// nothing else.
func (s *service) landingLinks(r *http.Request) []api.Link {
	base := s.Base(r)
	links := append(api.Itself(r, base+"/", api.JSON),
		api.Link{Href: base + "/api", Rel: "service-desc", Type: string(api.OpenAPI), Title: "The interface, as OpenAPI 3.0"},
		api.Link{Href: base + "/api?f=html", Rel: "service-doc", Type: api.HTML.Bare(), Title: "The interface, to read"},
		api.Link{Href: base + "/conformance", Rel: "conformance", Type: api.JSON.Bare(), Title: "Conformance classes"},
		api.Link{Href: base + "/collections", Rel: "data", Type: api.JSON.Bare(), Title: "Collections"},
		api.Link{Href: base + "/exports", Rel: "item", Type: api.JSON.Bare(), Title: "Collections as files"},
		api.Link{Href: base + "/dggs", Rel: relations + "dggrs-list", Type: api.JSON.Bare(), Title: "Grids"},
	)
	for _, col := range s.listFacts() {
		links = append(links, api.Link{Href: base + "/collections/" + col.id, Rel: "item", Type: api.JSON.Bare(), Title: col.title})
	}
	links = append(append(links, tileLinks(base)...), styleLinks(base)...)
	for _, e := range s.Extensions {
		for _, l := range e.Links {
			l.Href = base + l.Href
			links = append(links, l)
		}
	}
	return links
}

// conformsTo lists the conformance classes that are met.
func conformsTo() []string {
	classes := slices.Concat(tileClasses(), styleClasses(), gridClasses())
	return append(classes,
		"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
		"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
		"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
		"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
		"http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
		"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
		"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
		"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
		"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
		"http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
		"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
		"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
		"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
		"http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
		"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/schemas",
		"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/core-roles-features",
		"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/queryables",
		"http://www.opengis.net/spec/ogcapi-features-5/1.0/conf/sortables",
		"http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sorting",
		"http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/sortables",
		"http://www.opengis.net/spec/ogcapi-features-8/1.0/conf/features-sorting",
		"http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
		"http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
		"http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
		"http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
		"http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
		"http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
		"http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
		"http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
		// The name of a draft, without which QGIS evaluates spatial filters itself.
		"http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-operators",
	)
}

// conformance answers /conformance (section 7.4).
func (s *service) conformance(c *gin.Context) error {
	return s.plain(c, api.JSON, func(*catalog) (any, error) {
		classes := conformsTo()
		if s.records() {
			classes = append(classes, writeClasses()...)
		}
		for _, e := range s.Extensions {
			classes = append(classes, e.Classes...)
		}
		return map[string]any{"conformsTo": classes}, nil
	})
}

// A description is a collection as it is listed (section 7.13).
type description struct {
	ID          string     `json:"id"`
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Extent      extent     `json:"extent"`
	ItemType    string     `json:"itemType"`
	CRS         []string   `json:"crs"`
	StorageCRS  string     `json:"storageCrs"`
	Links       []api.Link `json:"links"`
}

type extent struct {
	Spatial  *spatial  `json:"spatial,omitempty"`
	Temporal *temporal `json:"temporal,omitempty"`
}

type spatial struct {
	BBox [][4]float64 `json:"bbox"`
	CRS  string       `json:"crs"`
}

type temporal struct {
	Interval [][2]*time.Time `json:"interval"`
	TRS      string          `json:"trs"`
}

// collections answers /collections (section 7.13).
func (s *service) collections(c *gin.Context) error {
	return s.plain(c, api.JSON, func(k *catalog) (any, error) {
		base := s.Base(c.Request)
		var listed []description
		for col := range k.all() {
			d, err := s.describe(c, k, col, "")
			if err != nil {
				return nil, err
			}
			listed = append(listed, d)
		}
		return map[string]any{
			"links":       api.Itself(c.Request, base+"/collections", api.JSON),
			"collections": listed,
		}, nil
	})
}

// collection answers /collections/{collectionId} (section 7.14). It takes the
// parameters of the analysis and hands them on, so that GDAL reads any layer by
// its address.
func (s *service) collection(c *gin.Context) error {
	col, k, err := s.findAny(c, c.Param("collectionId"))
	if err != nil {
		return err
	}
	return s.document(c, k, api.JSON, col.params, func(q api.Query) (any, error) {
		return s.describe(c, k, col, q.Canonical("f"))
	})
}

// describe describes a collection; query holds the parameters of its analysis.
func (s *service) describe(c *gin.Context, k *catalog, col *collection, query string) (description, error) {
	base := s.Base(c.Request)
	self := base + "/collections/" + col.id
	with := func(path string, more ...string) string {
		if query != "" {
			more = append(more, query)
		}
		if len(more) == 0 {
			return self + path
		}
		return self + path + "?" + strings.Join(more, "&")
	}
	d := description{
		ID: col.id, Title: col.title, Description: col.description, ItemType: "feature",
		CRS: systemURIs(), StorageCRS: crs84,
		Links: append(api.Itself(c.Request, with(""), api.JSON), []api.Link{
			// GDAL appends /id and the parameters it was given to it, so it has no query.
			{Href: self + "/items", Rel: "items", Type: api.GeoJSON.Bare(), Title: "Features as GeoJSON"},
			{Href: with("/feature-schema"), Rel: api.RelDescribedBy, Type: string(api.Schema), Title: "Schema of a feature"},
			{Href: with("/schema"), Rel: api.RelSchema, Type: string(api.Schema), Title: "Schema of the properties"},
			{Href: with("/queryables"), Rel: api.RelQueryables, Type: string(api.Schema), Title: "What can be asked for"},
			{Href: with("/sortables"), Rel: api.RelSortables, Type: string(api.Schema), Title: "What features can be sorted by"},
			{Href: base + "/collections", Rel: "up", Type: api.JSON.Bare(), Title: "All collections"},
		}...),
	}
	if col.byCells {
		d.Links = append(d.Links, api.Link{Href: with("/dggs"), Rel: relations + "dggrs-list", Type: api.JSON.Bare(), Title: "Grids"})
	}
	for _, f := range featureFormats()[1:] {
		d.Links = append(d.Links, api.Link{Href: with("/items", "f="+f.Name), Rel: "items", Type: f.MediaType.Bare(), Title: "Features: " + f.Title})
	}
	for _, l := range enclosures(base, col, query) {
		d.Links = append(d.Links, l.Link)
	}
	if col.facts != nil {
		if s.Facts.Feed != nil {
			d.Links = append(d.Links, api.Link{Href: self + "/changes", Rel: "monitor", Type: string(api.EventStream), Title: "Changes as they happen"})
		}
		found, err := s.reachOf(c, k, col.facts)
		d.Extent = extentOf(found.box, found.from, found.to)
		return d, err
	}
	d.Links = append(d.Links, api.Link{Href: with("/tiles"), Rel: api.RelTilesetsVector, Type: api.JSON.Bare(), Title: "Vector tiles"})
	if !col.period {
		d.Extent = extentOf(k.boxOf(col), time.Time{}, time.Time{})
		return d, nil
	}
	d.Links = append(d.Links, stylesheets(base, col, query)...)
	d.Extent = extentOf(k.boxOf(col), k.from, k.to)
	return d, nil
}

// extentOf returns the extent of a box and a time, as far as there are any.
func extentOf(box orb.Bound, from, to time.Time) (e extent) {
	if !box.IsEmpty() {
		e.Spatial = &spatial{[][4]float64{{box.Min[0], box.Min[1], box.Max[0], box.Max[1]}}, crs84}
	}
	if !from.IsZero() {
		from, to = from.UTC(), to.UTC()
		e.Temporal = &temporal{[][2]*time.Time{{&from, &to}}, "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}
	}
	return e
}

// boxOf returns the box that all geometries of a collection are in
// (/req/core/fc-md-extent).
func (k *catalog) boxOf(col *collection) orb.Bound {
	if col.byCells {
		return k.drawn()
	}
	return k.box
}
