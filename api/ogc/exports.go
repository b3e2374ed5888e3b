package ogc

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
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
// Facts are written as the store reads them, all of one moment, by source and id: the
// same facts are the same bytes, whatever the store.
func (s *service) export(c *gin.Context) error {
	name := c.Param("file")
	dot := strings.LastIndexByte(name, '.') + 1
	at := slices.IndexFunc(exportFormats(), func(f encode.Format) bool { return slices.Contains(endings(f), name[dot:]) })
	if dot == 0 || at < 0 {
		return api.NewProblem("not-found", "Collections are exported as "+strings.Join(exportEndings(), ", ")+"; /exports lists them.")
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
		return s.exportFacts(c, k, col, r)
	}
	table, err := s.rows(c, k, col, r.given, nil)
	if err != nil {
		return err
	}
	rows, err := r.rowsOf(c.Request.Context(), col, table)
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

// exportFacts writes facts as they are read.
func (s *service) exportFacts(c *gin.Context, k *catalog, col *collection, r *request) error {
	f, ctx := col.facts, c.Request.Context()
	q, err := f.asked(ctx, r)
	if err != nil || s.beginExport(c, col, r) {
		return err
	}
	if s.Facts.Turns != nil {
		select {
		case s.Facts.Turns <- struct{}{}:
			defer func() { <-s.Facts.Turns }()
		default:
			return api.NewProblem("overloaded", "As many files are being read as may be at once. Try again in a moment.")
		}
	}
	batches := s.steady(c, k, q, f.inOrder(ctx, q.where, f.Needs(r.shown)...))
	if err := encode.Stream(c.Writer, r.format.Name, f.Head().Show(r.shown), f.Tables(batches, r.shown), encode.Options{}); err != nil {
		return fmt.Errorf("export %s: %w", col.id, err)
	}
	return nil
}

// steady returns the batches of a scan, which are of the moment of the first: where the
// data had moved on by then, the entity tag is taken back before anything is written.
func (s *service) steady(c *gin.Context, k *catalog, q *question, batches data.Batches) data.Batches {
	return func(yield func(data.Batch, error) bool) {
		begun := false
		for b, err := range batches {
			if err == nil && !begun {
				begun = true
				_, err = s.settle(c, k)
			}
			if err = cmp.Or(err, q.err()); !yield(b, err) || err != nil {
				return
			}
		}
		if begun {
			return
		}
		_, err := s.settle(c, k)
		if err = cmp.Or(err, q.err()); err != nil {
			yield(data.Batch{}, err)
		}
	}
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

// endings returns the endings by which a format is asked for, without the dot: that of
// its files, and its name in the parameter f where that is another.
func endings(f encode.Format) []string {
	return slices.Compact([]string{f.Extension[1:], f.Name})
}

// exportEndings returns the endings of all exports.
func exportEndings() []string {
	var list []string
	for _, f := range exportFormats() {
		list = append(list, endings(f)...)
	}
	return list
}
