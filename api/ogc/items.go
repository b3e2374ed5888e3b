package ogc

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// items answers /collections/{collectionId}/items (section 7.15).
func (s *service) items(c *gin.Context) error {
	col, k, err := s.findAny(c, c.Param("collectionId"))
	if err != nil {
		return err
	}
	r, err := s.parse(c.Request.URL.RawQuery, c.GetHeader("Accept"), col, k.zone)
	if err != nil {
		return err
	}
	if col.facts != nil {
		return s.factItems(c, col, k, r)
	}
	if s.known(c, k, r.cursor, r.query.Canonical("f"), string(r.media), markOf(s.Secret)) {
		return nil
	}
	table, err := s.rows(c, k, col, r.given, r.cursor)
	if err != nil {
		return err
	}
	return s.page(c, col, r, k.versionOf(r.cursor), table)
}

// page answers with the rows of a table that a request asks for.
func (s *service) page(c *gin.Context, col *collection, r *request, version string, table *encode.Table) error {
	rows, err := r.rowsOf(c.Request.Context(), col, table)
	if err != nil {
		return err
	}
	begin, err := r.begin(table, rows)
	if err != nil {
		return err
	}
	end := min(begin+r.limit, len(rows))
	if r.hits {
		end = begin
	}
	next := ""
	if end < len(rows) && !r.hits {
		next = cursor{version: version, query: queryHash(col.id, r.query), row: rows[end-1], id: table.ID(rows[end-1])}.text(s.Secret)
	}
	return s.writePage(c, col, r, table.Show(r.shown), rows[begin:end:end], len(rows), next)
}

// writePage answers with some rows of a table, of all that match; next is the cursor
// of what follows them, "" for nothing.
func (s *service) writePage(c *gin.Context, col *collection, r *request, shown *encode.Table, rows []int, matched int, next string) error {
	links := s.itemsLinks(c, col, r)
	if next != "" {
		href := s.itemsURL(c, col, r.query.With("cursor", next))
		links = append(links, api.Link{Href: href, Rel: "next", Type: api.MediaType.Bare(r.media), Title: "Next page"})
		c.Writer.Header().Add("Link", fmt.Sprintf("<%s>; rel=\"next\"", href))
	}
	h := c.Writer.Header()
	h.Set("Content-Type", string(r.media))
	r.setSystem(h)
	h.Set("OGC-NumberMatched", strconv.Itoa(matched))
	h.Set("OGC-NumberReturned", strconv.Itoa(len(rows)))
	if r.format.Download {
		h.Set("Content-Disposition", `attachment; filename="`+col.id+r.format.Extension+`"`)
	}
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return nil
	}
	return encode.WriteTable(c.Writer, r.format.Name, shown, encode.Options{
		Top:  -1,
		Rows: rows,
		Page: &encode.Page{
			Matched: matched, TimeStamp: s.Now(), Links: links, Further: r.query.Has("cursor"),
			Trail: s.trail(c), At: func(id string) string { return s.shownAt(c, col, r, id) },
		},
	})
}

// rowsOf returns the rows of a collection that are asked for, in order.
func (r *request) rowsOf(ctx context.Context, col *collection, t *encode.Table) ([]int, error) {
	rows, err := r.inZone(t, r.matching(t, !col.period))
	if err != nil {
		return nil, err
	}
	return r.wanted.among(ctx, t, rows)
}

// inZone returns the rows out of some that are in the zone: cells that are the zone or
// below it by index, points whose cell it is, and areas that overlap it. What has no
// geometry is in none.
func (r *request) inZone(t *encode.Table, rows []int) ([]int, error) {
	if r.zone == geo.NoCell {
		return rows, nil
	}
	var failed error
	level, box := r.zone.Resolution(), r.zone.Box()
	rows = slices.DeleteFunc(rows, func(row int) bool {
		if t.Cells != nil {
			cell := t.Cells[row]
			return cell.Resolution() < level || cell.Parent(level) != r.zone
		}
		switch shape := t.Shape(row).(type) {
		case orb.Point:
			cell, err := geo.CellAt(shape, level)
			return err != nil || cell != r.zone
		case orb.MultiPolygon:
			if !t.In(row, box) {
				return true
			}
			area, err := geo.NewRegion(shape)
			if err != nil {
				failed = fmt.Errorf("outline of %s: %w", t.ID(row), err)
			}
			return err != nil || !area.Meets(r.zone)
		}
		return true
	})
	return rows, failed
}

// matching returns the rows that meet bbox, which those without a geometry always do
// (requirement /req/core/fc-bbox-response, C), and, where rows are in force for a time,
// datetime.
func (r *request) matching(t *encode.Table, timed bool) []int {
	rows := make([]int, 0, t.Len())
	for row := range t.Len() {
		if r.box != nil && !t.In(row, *r.box) && t.Shape(row) != nil {
			continue
		}
		if timed && r.interval != nil && t.Begin != nil && !r.interval.Meets(t.Begin[row], t.End[row]) {
			continue
		}
		rows = append(rows, row)
	}
	return rows
}

// begin returns where among the rows the page begins.
func (r *request) begin(t *encode.Table, rows []int) (int, error) {
	if r.cursor == nil {
		return 0, nil
	}
	last := r.cursor.row
	if last >= t.Len() || t.ID(last) != r.cursor.id {
		return 0, api.NewProblem("invalid-cursor", "")
	}
	at := slices.Index(rows, last)
	if at < 0 {
		return 0, api.NewProblem("invalid-cursor", "")
	}
	return at + 1, nil
}

// itemsURL returns the address of items with a query.
func (s *service) itemsURL(c *gin.Context, col *collection, q api.Query) string {
	href := s.Base(c.Request) + "/collections/" + col.id + "/items"
	if query := q.Canonical(); query != "" {
		href += "?" + query
	}
	return href
}

// itemsLinks returns the links of a page but next (requirement 28
// /req/core/fc-links).
func (s *service) itemsLinks(c *gin.Context, col *collection, r *request) []api.Link {
	links := []api.Link{{Href: s.itemsURL(c, col, r.query), Rel: "self", Type: r.media.Bare(), Title: "This page"}}
	for _, f := range featureFormats() {
		if f.Name != r.format.Name {
			links = append(links, api.Link{Href: s.itemsURL(c, col, r.query.With("f", f.Name)), Rel: "alternate", Type: f.MediaType.Bare(), Title: "This page: " + f.Title})
		}
	}
	return append(links, api.Link{Href: s.Base(c.Request) + "/collections/" + col.id, Rel: "collection", Type: api.JSON.Bare(), Title: col.title})
}

// item answers /collections/{collectionId}/items/{featureId} (section 7.16). It
// takes the parameters of the analysis, so that a feature of any layer has an
// address.
func (s *service) item(c *gin.Context) error {
	col, k, err := s.findAny(c, c.Param("collectionId"))
	if err != nil {
		return err
	}
	known := append(col.itemParameters(), names(col.params)...)
	q, err := api.ParseQuery(c.Request.URL.RawQuery, known)
	if err != nil {
		return err
	}
	r, err := s.parse(q.Canonical(), "", col, k.zone)
	if err != nil {
		return err
	}
	if r.format.Name != "geojson" && r.format.Name != "html" {
		return &api.QueryError{Faults: []api.Fault{{Parameter: "f", Detail: "want geojson, json (the same) or html"}}, Known: known}
	}
	if col.facts != nil {
		return s.factItem(c, col, r)
	}
	if s.known(c, k, nil, q.Canonical("f"), strconv.FormatBool(api.WantsPage(c.Request, api.GeoJSON))) {
		return nil
	}
	table, err := s.rows(c, k, col, r.given, nil)
	if err != nil {
		return err
	}
	row, ok := table.Find(c.Param("featureId"))
	if !ok {
		return errNoFeature()
	}
	return s.writeItem(c, col, r, table.Show(r.shown), row)
}

// writeItem answers with one row of a table.
func (s *service) writeItem(c *gin.Context, col *collection, r *request, table *encode.Table, row int) error {
	links := append(api.Itself(c.Request, s.shownAt(c, col, r, table.ID(row)), api.GeoJSON),
		api.Link{Href: s.Base(c.Request) + "/collections/" + col.id, Rel: "collection", Type: api.JSON.Bare(), Title: col.title})
	r.setSystem(c.Writer.Header())
	if api.WantsPage(c.Request, api.GeoJSON) {
		var text bytes.Buffer
		if err := encode.WriteFeature(&text, table, row, links); err != nil {
			return err
		}
		return s.show(c, api.GeoJSON, text.Bytes())
	}
	c.Header("Content-Type", string(api.GeoJSON))
	return encode.WriteFeature(c.Writer, table, row, links)
}

// shownAt returns the address of a feature with those parameters of a request that one
// feature takes too.
func (s *service) shownAt(c *gin.Context, col *collection, r *request, id string) string {
	taken := append(col.itemParameters(), names(col.params)...)
	others := slices.DeleteFunc(slices.Clone(r.known), func(name string) bool { return name != "f" && slices.Contains(taken, name) })
	href := s.itemURL(c, col, id)
	if query := r.query.Canonical(others...); query != "" {
		href += "?" + query
	}
	return href
}

// itemURL returns the address of a feature.
func (s *service) itemURL(c *gin.Context, col *collection, id string) string {
	return s.Base(c.Request) + "/collections/" + col.id + "/items/" + url.PathEscape(id)
}

// itemParameters returns the parameters of a single feature beside those of the
// analysis.
func (col *collection) itemParameters() []string {
	if col.facts != nil {
		return []string{"f", "crs", "datum"}
	}
	return []string{"f", "datetime", "crs", "datum"}
}
