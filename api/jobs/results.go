package jobs

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

// A result is what a job made.
type result interface {
	// bytes estimates the memory it takes.
	bytes() int64
	// show answers a request for it in a format, in the one the job was asked for
	// if that is "". at is its address.
	show(s *service, c *gin.Context, at, format string) error
}

// results answers /jobs/{jobID}/results (18-062r2, section 7.13).
func (s *service) results(c *gin.Context) error {
	caller, err := allowed(c, api.RunProcesses, api.ImportFiles)
	if err != nil {
		return err
	}
	q, err := api.ParseQuery(c.Request.URL.RawQuery, []string{"f"})
	if err != nil {
		return err
	}
	st, err := s.runner.find(c.Param("jobId"), caller)
	if err != nil {
		return err
	}
	format := q.Get("f")
	if format == "" && api.WantsPage(c.Request, api.JSON) {
		format = "html"
	}
	return s.show(c, st, format)
}

// show answers with the result of a job, or says why there is none.
func (s *service) show(c *gin.Context, st state, format string) error {
	switch st.status {
	case successful:
		return st.result.show(s, c, s.Base(c.Request)+"/jobs/"+st.id+"/results", format)
	case failed:
		if r, ok := st.result.(*importResult); ok {
			return r.explain(c, st.problem, s.Base(c.Request)+"/jobs/"+st.id+"/results", format)
		}
		return st.problem
	case dismissed:
		return api.NewProblem("not-found", "The job was dismissed, and has no results.")
	}
	p := api.NewProblem("not-found", "The job has not ended yet.")
	p.Type = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/result-not-ready"
	return p
}

// A layerResult is the layer that a process made, and how it was asked for.
type layerResult struct {
	table *encode.Table
	execution
}

// bytes reckons 16 bytes for a value and 64 for a row.
func (l *layerResult) bytes() int64 { return int64(l.table.Len()) * int64(64+16*len(l.table.Columns)) }

func (l *layerResult) show(s *service, c *gin.Context, at, format string) error {
	if format != "" {
		f, err := encode.Find(format)
		if err != nil {
			return &api.QueryError{Faults: []api.Fault{{Parameter: "f", Detail: "want one of " + strings.Join(encode.Names(), ", ")}}}
		}
		return l.write(c, f)
	}
	link := api.Link{Href: at + "?f=" + l.format.Name, Rel: api.RelResults, Type: l.format.MediaType.Bare(), Title: l.table.Title}
	switch {
	case l.document && l.reference:
		return s.json(c, http.StatusOK, object{layerOutput: link})
	case l.document:
		value, err := l.value()
		if err != nil {
			return err
		}
		return s.json(c, http.StatusOK, object{layerOutput: value})
	case l.reference: // /req/core/process-execute-sync-raw-ref
		c.Writer.Header().Add("Link", fmt.Sprintf("<%s>; rel=%q; type=%q", link.Href, link.Rel, link.Type))
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	}
	return l.write(c, l.format)
}

// write answers with the layer itself.
func (l *layerResult) write(c *gin.Context, f encode.Format) error {
	c.Header("Content-Type", string(f.MediaType))
	if f.Download {
		c.Header("Content-Disposition", fmt.Sprintf("attachment; filename=%q", l.table.Name+f.Extension))
	}
	return encode.WriteTable(c.Writer, f.Name, l.table, encode.Options{})
}

// value returns the layer as a value within a document (qualifiedInputValue.yaml):
// JSON as it is, text as text, bytes in base64.
func (l *layerResult) value() (object, error) {
	var b bytes.Buffer
	if err := encode.WriteTable(&b, l.format.Name, l.table, encode.Options{}); err != nil {
		return nil, err
	}
	value := object{"mediaType": l.format.MediaType.Bare()}
	switch {
	case isJSON(l.format):
		value["value"] = json.RawMessage(b.Bytes())
	case isText(l.format):
		value["value"] = b.String()
	default:
		value["value"], value["encoding"] = base64.StdEncoding.EncodeToString(b.Bytes()), "base64"
	}
	return value, nil
}
