package ogc

import (
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// An enclosure is a link to a collection as a file (RFC 8288; 17-069r4, section 7.13).
type enclosure struct {
	api.Link
	// F is what the parameter f calls the format. It may stand for the ending too.
	F string `json:"f"`
}

// enclosures returns links to a collection as files; query holds the parameters of its
// analysis.
func enclosures(base string, col *collection, query string) (files []enclosure) {
	if query != "" {
		query = "?" + query
	}
	for _, f := range exportFormats() {
		files = append(files, enclosure{api.Link{
			Href: base + "/exports/" + col.id + f.Extension + query, Rel: "enclosure", Type: f.MediaType.Bare(), Title: "All features at once: " + f.Title,
		}, f.Name})
	}
	return files
}

// An exported collection is listed with its files.
type exported struct {
	ID    string      `json:"id"`
	Title string      `json:"title"`
	Links []enclosure `json:"links"`
}

// exports answers /exports: each collection that the caller may read, in each format.
func (s *service) exports(c *gin.Context) error {
	return s.plain(c, api.JSON, func(k *catalog) (any, error) {
		base := s.Base(c.Request)
		var listed []exported
		for col := range k.all() {
			listed = append(listed, exported{col.id, col.title, enclosures(base, col, "")})
		}
		return object{
			"title": "Collections as files",
			"description": "Each file has all features of a collection, takes the parameters of its items but limit, sortby, resultType and cursor, " +
				"and may end in what f calls its format as well: " + strings.Join(exportEndings(), ", ") + ".",
			"links": append(api.Itself(c.Request, base+"/exports", api.JSON),
				api.Link{Href: base + "/collections", Rel: "related", Type: api.JSON.Bare(), Title: "All collections"}),
			"exports": listed,
		}, nil
	})
}
