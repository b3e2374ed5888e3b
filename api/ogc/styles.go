package ogc

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/style"
	"github.com/civgrid/civgrid/api/tile"
)

func (s *service) styleRoutes() map[string]handler {
	return map[string]handler{"/styles": s.styles, "/styles/:styleId": s.style}
}

// styleLinks returns the link of the landing page.
func styleLinks(base string) []api.Link {
	return []api.Link{{Href: base + "/styles", Rel: api.RelStyles, Type: api.JSON.Bare(), Title: "Styles"}}
}

// styleClasses lists the conformance classes of styles; the standard is a draft
// and its names say so.
func styleClasses() []string {
	return []string{
		"http://www.opengis.net/spec/ogcapi-styles-1/0.0/conf/core",
		"http://www.opengis.net/spec/ogcapi-styles-1/0.0/conf/mapbox-styles",
	}
}

// stylesheets returns the links to the style of a collection, which has its
// name; query holds the parameters of its analysis.
func stylesheets(base string, col *collection, query string) []api.Link {
	link := func(f string, media api.MediaType, title string) api.Link {
		parts := []string{"f=" + f}
		if query != "" {
			parts = append(parts, query)
		}
		return api.Link{Href: base + "/styles/" + col.id + "?" + strings.Join(parts, "&"), Rel: "stylesheet", Type: string(media), Title: title}
	}
	return []api.Link{
		link("mapbox", style.MapLibreType, "Style for MapLibre, with its tiles"),
		link("qml", style.QMLType, "Style for QGIS"),
	}
}

// styles answers /styles (OGC API - Styles, draft 20-009, section 7.2): one for
// each collection of an analysis.
func (s *service) styles(c *gin.Context) error {
	return s.plain(c, api.JSON, func(k *catalog) (any, error) {
		base := s.Base(c.Request)
		list := []object{}
		for i := range k.collections {
			if col := &k.collections[i]; col.period {
				list = append(list, object{"id": col.id, "title": col.title, "links": stylesheets(base, col, "")})
			}
		}
		return object{
			"styles": list,
			"links":  api.Itself(c.Request, base+"/styles", api.JSON),
		}, nil
	})
}

// style answers /styles/{styleId}: the legend that the layer has for the given
// parameters, as a style.
func (s *service) style(c *gin.Context) error {
	k, err := s.catalog(c.Request.Context())
	if err != nil {
		return err
	}
	col := k.get(c.Param("styleId"))
	if col == nil || !col.period {
		return api.NewProblem("not-found", "There is no style of that name; /styles lists those there are.")
	}
	known := append([]string{"f", "datetime"}, names(col.params)...)
	q, err := api.ParseQuery(c.Request.URL.RawQuery, known)
	if err != nil {
		return err
	}
	media, err := styleMedia(q, c.GetHeader("Accept"), known)
	if err != nil {
		return err
	}
	r, err := s.parse(q.Canonical("f"), "", col, k.zone)
	if err != nil {
		return err
	}
	if s.known(c, k, nil, string(media), q.Canonical("f")) {
		return nil
	}
	sheet, err := s.sheet(c, k, col, r, q)
	if err != nil {
		return err
	}
	if media != style.QMLType {
		return s.json(c, media, sheet.MapLibre())
	}
	text, err := sheet.QML()
	if err != nil {
		return err
	}
	c.Header("Content-Disposition", `attachment; filename="`+col.id+`.qml"`)
	c.Data(http.StatusOK, string(media), text)
	return nil
}

// styleMedia chooses the kind of style by f, else by Accept.
func styleMedia(q api.Query, accept string, known []string) (api.MediaType, error) {
	switch q.Get("f") {
	case "mapbox", "json":
		return style.MapLibreType, nil
	case "qml":
		return style.QMLType, nil
	case "html":
		return api.HTML, nil
	case "":
	default:
		return "", &api.QueryError{Known: known, Faults: []api.Fault{{Parameter: "f", Detail: "want one of mapbox, json (the same), qml, html"}}}
	}
	offers := []api.MediaType{style.MapLibreType, api.JSON, style.QMLType, api.HTML}
	media, ok := api.Negotiate(accept, offers)
	if !ok {
		return "", api.NewProblem("not-acceptable", "Styles are served as "+joinMedia(offers)+".")
	}
	return media, nil
}

// sheet makes the style of a layer.
func (s *service) sheet(c *gin.Context, k *catalog, col *collection, r *request, q api.Query) (style.Sheet, error) {
	table, err := s.rows(c, k, col, r.given, nil)
	if err != nil {
		return style.Sheet{}, err
	}
	set := tileset{path: "/collections/" + col.id}
	sheet := style.Sheet{
		Title: table.Title, Legend: table.Layer.Legend, Layer: col.id, Key: "code", Box: k.box,
		Tiles: set.at(s.Base(c.Request), "/"+tile.MatrixSet+"/tilejson.json", q),
	}
	if table.Cells != nil {
		sheet.Key = "cell"
	}
	sheet.Column, _ = table.Layer.Column(sheet.Legend.Column)
	return sheet, nil
}
