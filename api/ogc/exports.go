package ogc

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

// exportFormats returns the formats in which a collection is given whole: those of
// features that are files.
func exportFormats() []encode.Format {
	return slices.DeleteFunc(featureFormats(), func(f encode.Format) bool { return f.Whole || f.MediaType == api.HTML })
}

// exportParameters are those of an export, beside those of the analysis and the
// properties, in reading order.
func exportParameters() []string {
	return slices.DeleteFunc(ownParameters(), func(name string) bool {
		return slices.Contains([]string{"limit", "sortby", "resultType", "cursor", "f"}, name)
	})
}

// export answers /exports/{collectionId}.{extension} with all features at once.
//
// Facts are written as the store reads them, all of one moment, in its order. Every
// order that is the same for all stores would take either memory that grows with the
// facts, or a reading of the whole store for each part of them, which then are no
// longer of one moment. Whoever wants an order reads items, which have one, or sorts.
func (s *service) export(c *gin.Context) error {
	name := c.Param("file")
	dot := strings.LastIndexByte(name, '.') + 1
	at := slices.IndexFunc(exportFormats(), func(f encode.Format) bool { return f.Extension == "."+name[dot:] })
	if dot == 0 || at < 0 {
		return api.NewProblem("not-found", "Collections are exported as "+strings.Join(exportExtensions(), ", ")+".")
	}
	col, k, err := s.findAny(c, name[:dot-1])
	if err != nil {
		return err
	}
	r := &request{format: exportFormats()[at]}
	r.media = r.format.MediaType
	if err := r.parse(c.Request.URL.RawQuery, exportParameters(), "", col, k.zone); err != nil {
		return err
	}
	if s.known(c, k, nil, r.query.Canonical(), col.tag()) {
		return nil
	}
	if col.facts != nil {
		return s.exportFacts(c, col, r)
	}
	table, err := s.rows(c, k, col, r.given, nil)
	if err != nil {
		return err
	}
	rows, err := r.wanted.among(c.Request.Context(), table, r.matching(table, !col.period))
	if err != nil {
		return err
	}
	if len(rows) == table.Len() {
		rows = nil // of all rows a file may have an index
	}
	if s.beginExport(c, col, r) {
		return nil
	}
	return encode.WriteTable(c.Writer, r.format.Name, table.Show(r.shown), encode.Options{Rows: rows})
}

func (s *service) exportFacts(c *gin.Context, col *collection, r *request) error {
	f, ctx := col.facts, c.Request.Context()
	q, err := f.asked(ctx, r)
	if err != nil || s.beginExport(c, col, r) {
		return err
	}
	rows := f.Tables(f.scan(ctx, q.where, f.Needs(r.shown)...), r.shown)
	err = encode.Stream(c.Writer, r.format.Name, f.Head().Show(r.shown), func(yield func(*encode.Table, error) bool) {
		for t, err := range rows {
			if err == nil {
				err = q.err()
			}
			if !yield(t, err) || err != nil {
				return
			}
		}
		if err := q.err(); err != nil {
			yield(nil, err)
		}
	}, encode.Options{})
	if err != nil {
		return fmt.Errorf("export %s: %w", col.id, err)
	}
	return nil
}

// beginExport sets the header, and reports whether that was all.
func (s *service) beginExport(c *gin.Context, col *collection, r *request) bool {
	h := c.Writer.Header()
	h.Set("Content-Type", string(r.media))
	h.Set("Content-Disposition", `attachment; filename="`+col.id+r.format.Extension+`"`)
	r.setSystem(h)
	c.Status(http.StatusOK)
	if c.Request.Method != http.MethodHead {
		return false
	}
	c.Writer.WriteHeaderNow()
	return true
}

// exportExtensions returns the endings of exports, without the dot.
func exportExtensions() []string {
	var list []string
	for _, f := range exportFormats() {
		list = append(list, f.Extension[1:])
	}
	return list
}
