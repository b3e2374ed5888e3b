package jobs

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

type object = map[string]any

// A summary is a process as it is listed (18-062r2, processSummary.yaml).
type summary struct {
	ID                 string     `json:"id"`
	Title              string     `json:"title"`
	Description        string     `json:"description,omitempty"`
	Version            string     `json:"version"`
	JobControlOptions  []string   `json:"jobControlOptions"`
	OutputTransmission []string   `json:"outputTransmission"`
	Links              []api.Link `json:"links"`
}

// A description is a process as it is described (process.yaml).
type description struct {
	summary
	Inputs  map[string]input  `json:"inputs"`
	Outputs map[string]output `json:"outputs"`
}

// An input is a parameter of an analysis (inputDescription.yaml). None must be
// given, and none more than once.
type input struct {
	Title       string `json:"title"`
	Description string `json:"description,omitempty"`
	Schema      object `json:"schema"`
	MinOccurs   int    `json:"minOccurs"`
	MaxOccurs   int    `json:"maxOccurs"`
}

// An output is what a process makes (outputDescription.yaml).
type output struct {
	Title  string `json:"title"`
	Schema object `json:"schema"`
}

// layerOutput names the output of every process.
const layerOutput = "layer"

// The bounds of lists (18-062r2, /req/core/pl-limit-definition and
// /req/job-list/limit-definition).
const (
	defaultListed = 10
	maxListed     = 1000
)

// processes answers /processes (section 7.9).
func (s *service) processes(c *gin.Context) error {
	q, err := only(c, "limit", "cursor")
	if err != nil {
		return err
	}
	limit, err := limitOf(q)
	if err != nil {
		return err
	}
	from := 0
	if q.Has("cursor") {
		for from < len(s.Analyses) && s.Analyses[from].Name <= q.Get("cursor") {
			from++
		}
	}
	base := s.Base(c.Request)
	links := api.Itself(c.Request, base+"/processes"+query(q, "f"), api.JSON)
	to := min(from+limit, len(s.Analyses))
	if to < len(s.Analyses) {
		next := q.With("cursor", s.Analyses[to-1].Name)
		links = append(links, api.Link{Href: base + "/processes" + query(next), Rel: "next", Type: api.JSON.Bare(), Title: "More processes"})
	}
	listed := make([]summary, 0, to-from)
	for _, a := range s.Analyses[from:to] {
		listed = append(listed, s.summarise(c.Request, a))
	}
	return s.json(c, http.StatusOK, object{"processes": listed, "links": links})
}

// query returns the query of a link, with its question mark and without some parameters.
func query(q api.Query, without ...string) string {
	if text := q.Canonical(without...); text != "" {
		return "?" + text
	}
	return ""
}

// limitOf reads the parameter limit; a larger one than the maximum is cut to it.
func limitOf(q api.Query) (int, error) {
	if !q.Has("limit") {
		return defaultListed, nil
	}
	n, err := strconv.Atoi(q.Get("limit"))
	if err != nil || n < 1 {
		return 0, &api.QueryError{Faults: []api.Fault{{Parameter: "limit", Detail: "want a whole number from 1 on"}}}
	}
	return min(n, maxListed), nil
}

func (s *service) summarise(r *http.Request, a analytics.Analysis) summary {
	self := s.Base(r) + "/processes/" + a.Name
	return summary{
		ID: a.Name, Title: a.Title, Description: a.Doc, Version: cmp.Or(s.Version, "0.0.0"),
		JobControlOptions: []string{"sync-execute", "async-execute", "dismiss"}, OutputTransmission: []string{"value", "reference"},
		Links: append(api.Itself(r, self, api.JSON), api.Link{Href: self + "/execution", Rel: api.RelExecute, Type: api.JSON.Bare(), Title: "Where it is executed"}),
	}
}

// process answers /processes/{processID} (section 7.10).
func (s *service) process(c *gin.Context) error {
	if _, err := only(c); err != nil {
		return err
	}
	a, params, err := s.find(c)
	if err != nil {
		return err
	}
	d := description{summary: s.summarise(c.Request, a), Inputs: map[string]input{}}
	for _, p := range params {
		d.Inputs[p.Name] = input{Title: p.Title, Description: p.Doc, Schema: api.ParamSchema(p), MaxOccurs: 1}
	}
	d.Outputs = map[string]output{layerOutput: {Title: "The layer: " + a.Title, Schema: object{"oneOf": layerSchemas()}}}
	return s.json(c, http.StatusOK, d)
}

// find returns the analysis that a request names, and its parameters.
func (s *service) find(c *gin.Context) (analytics.Analysis, []analytics.Param, error) {
	for _, a := range s.Analyses {
		if a.Name == c.Param("processId") {
			params, err := s.Engine.Params(c.Request.Context(), a)
			return a, params, err
		}
	}
	p := api.NewProblem("not-found", "There is no process of that id; /processes lists those there are.")
	p.Type = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-process"
	return analytics.Analysis{}, nil, p
}

// layerSchemas describes a layer in each of its formats, the default first
// (/req/ogc-process-description/output-mixed-type).
func layerSchemas() []object {
	var list []object
	for _, f := range encode.Formats() {
		schema := object{"type": "string", "title": f.Title, "contentMediaType": f.MediaType.Bare()}
		switch {
		case f.MediaType == api.GeoJSON:
			schema["type"], schema["format"] = "object", "geojson-feature-collection"
		case isJSON(f):
			schema["type"] = "object"
		case !isText(f):
			schema["contentEncoding"] = "binary"
		}
		list = append(list, schema)
	}
	return list
}

// isJSON reports whether a format is one JSON text.
func isJSON(f encode.Format) bool { return strings.HasSuffix(f.MediaType.Bare(), "json") }

// isText reports whether a format is text.
func isText(f encode.Format) bool {
	return isJSON(f) || strings.HasPrefix(f.MediaType.Bare(), "text/") || f.MediaType == api.GeoJSONSeq
}
