package server

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

// file answers /layers/{name}.{extension} with a whole layer: what civgrid
// analyze writes.
func (w *world) file(c *gin.Context) {
	name, extension, _ := strings.Cut(c.Param("file"), ".")
	a, err := engine.Find(name)
	format, formatErr := encode.Find(extension)
	if err != nil || formatErr != nil {
		w.fail(c, api.NewProblem("not-found", "Layers are at /layers/{name}.{format}, such as /layers/hotspot.geojson; formats are "+strings.Join(encode.Names(), ", ")+"."))
		return
	}
	asked, err := askFor(a, c.Request.URL.RawQuery, []string{"bom"})
	bom, flagErr := asked.flag("bom")
	if err = errors.Join(err, flagErr); err != nil {
		w.fail(c, err)
		return
	}
	ctx := c.Request.Context()
	version, err := w.tables.Engine().Version(ctx)
	if err == nil && w.unchanged(c, version, asked, format.Name) {
		return
	}
	var layer *analytics.Layer
	if err == nil {
		layer, err = w.layer(c, version, asked, format.Name)
	}
	if err != nil {
		w.fail(c, err)
		return
	}
	c.Header("Content-Type", string(format.MediaType))
	c.Header("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s%s"`, name, layer.Provenance.Unit, format.Extension))
	w.whole(c, layer.Frame.Len(), func(w io.Writer) error {
		return encode.Write(w, format.Name, layer, encode.Options{BOM: bom})
	})
}

// Bounds of answers in parts, which are written out before they are sent.
const (
	maxRanged = 100_000 // rows of the layer, some 60 MB of GeoJSON
	maxRanges = 4       // at once
	maxFiles  = 4       // of facts at once: a store has eight readers
)

// whole answers with a file as it is written: one that is not compressed has a
// length for those who ask, and comes in parts on request (RFC 9110, section
// 14), as GDAL's /vsicurl/ needs it.
func (s *server) whole(c *gin.Context, rows int, write func(io.Writer) error) {
	head := c.Request.Method == http.MethodHead
	switch ranged := rows <= maxRanged && !takesCoding(c.Request); {
	case ranged && c.GetHeader("Range") != "":
		s.part(c, write)
		return
	case ranged && head:
		var length counter
		if err := write(&length); err != nil {
			s.fail(c, err)
			return
		}
		c.Header("Content-Length", strconv.FormatInt(int64(length), 10))
		fallthrough
	case ranged:
		c.Header("Accept-Ranges", "bytes")
	}
	if head {
		c.Writer.WriteHeaderNow()
		return
	}
	s.streamed(c, write(c.Writer))
}

// A counter counts what is written to it.
type counter int64

// Write implements io.Writer.
func (n *counter) Write(p []byte) (int, error) {
	*n += counter(len(p))
	return len(p), nil
}

// part answers with the parts of a file that are asked for.
func (s *server) part(c *gin.Context, write func(io.Writer) error) {
	select {
	case s.ranges <- struct{}{}:
		defer func() { <-s.ranges }()
	case <-c.Request.Context().Done():
		s.fail(c, c.Request.Context().Err())
		return
	}
	var body bytes.Buffer
	if err := write(&body); err != nil {
		s.fail(c, err)
		return
	}
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(body.Bytes()))
}

// streamed ends an answer whose writing may have failed half way: then the
// connection is cut, so that nobody takes half for a whole.
func (s *server) streamed(c *gin.Context, err error) {
	if err == nil {
		return
	}
	if !c.Writer.Written() {
		s.fail(c, err)
		return
	}
	panic(http.ErrAbortHandler)
}
