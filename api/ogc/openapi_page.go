package ogc

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
)

// An operation is one of the interface, as people read it.
type operation struct {
	Method, Path, Summary string
	// Parameters are those that only it has, Shared those that others have too, by the
	// names of components.
	Parameters []object
	Shared     []reference
}

// A reference leads to what is described once for several operations.
type reference struct {
	Component string
	Described object
}

// An interfacePage is what interfaceTemplate shows.
type interfacePage struct {
	page.Head
	Service, Description, Base string
	Identified                 bool
	Operations                 []operation
	Shared                     []reference // in the order of components
}

// interfaceTemplate is the body of the page of the interface.
var interfaceTemplate = page.Frame(`{{define "parameter"}}({{.in}}, {{.schema.type}}{{with .schema.default}}, {{.}} if not given{{end}})</dt>
<dd>{{.description}}{{$titles := index .schema "x-enum-descriptions"}}{{with .schema.enum}} One of {{range $i, $v := .}}{{if $i}}, {{end}}<code>{{$v}}</code>{{with $titles}} ({{index . $i}}){{end}}{{end}}.{{end}}</dd>
{{end}}{{with .Description}}<p>{{.}}</p>
{{end}}<p>What is read with GET is known to HEAD as well. <a rel="alternate" href="{{.Base}}/api?f=json">The same as OpenAPI 3.0</a>, <a href="{{.Base}}/">the landing page</a>, <a href="#parameters">parameters of several operations</a>.</p>
{{if .Identified}}<p>Say who you are with an API key, in the header <code>X-API-Key</code> or as the password of HTTP Basic, or with a bearer token. What stands here is what you may do so; readers see incidents and inspections as well, inspectors record them, planners run processes and import files.</p>
{{end}}{{range .Operations}}<h2><code>{{if ne .Method "GET"}}{{.Method}} {{end}}{{.Path}}</code></h2>
<p>{{.Summary}}</p>
{{with .Parameters}}<dl>
{{range .}}<dt><code>{{.name}}</code> {{template "parameter" .}}{{end}}</dl>
{{end}}{{with .Shared}}<p>{{range $i, $s := .}}{{if $i}}, {{end}}<a href="#{{.Component}}">{{.Described.name}}</a>{{end}}</p>
{{end}}{{end}}<h2 id="parameters">Parameters of several operations</h2>
<dl>
{{range .Shared}}<dt id="{{.Component}}"><code>{{.Described.name}}</code> {{template "parameter" .Described}}{{end}}</dl>
`)

// interfacePage answers /api?f=html: the OpenAPI document as a page
// (/req/oas30/oas-definition-1).
func (s *service) interfacePage(c *gin.Context) error {
	k, err := s.catalog(c.Request.Context())
	if err != nil {
		return err
	}
	if s.known(c, k, nil, string(api.HTML)) {
		return nil
	}
	base := s.Base(c.Request)
	document, err := s.describeInterface(k, base)
	if err != nil {
		return err
	}
	shown := interfacePage{
		Head:    page.Head{Title: s.Title + ": interface", Trail: s.trail(c)},
		Service: s.Title, Description: s.Description, Base: base, Identified: s.Identified,
	}
	shown.Operations, shown.Shared = operations(document)
	var text bytes.Buffer
	if err := interfaceTemplate.ExecuteTemplate(&text, "frame", shown); err != nil {
		return err
	}
	c.Data(http.StatusOK, string(api.HTML), text.Bytes())
	return nil
}

// operations lists those of an OpenAPI document of ours by path, and the parameters that
// its components describe.
func operations(document object) (list []operation, all []reference) {
	paths := document["paths"].(object)                                  //nolint:forcetypeassert // made by describeInterface
	components := document["components"].(object)["parameters"].(object) //nolint:forcetypeassert // made by describeInterface
	byReference := map[any]reference{}
	for _, name := range slices.Sorted(maps.Keys(components)) {
		r := reference{name, components[name].(object)} //nolint:forcetypeassert // made by sharedParameters
		all, byReference["#/components/parameters/"+name] = append(all, r), r
	}
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item := paths[path].(object) //nolint:forcetypeassert // made by get, or by an extension alike
		for _, method := range slices.Sorted(maps.Keys(item)) {
			described, ok := item[method].(object)
			if !ok {
				continue // parameters of all methods
			}
			summary, _ := described["summary"].(string)
			o := operation{Method: strings.ToUpper(method), Path: path, Summary: summary}
			parameters, _ := described["parameters"].([]object)
			for _, p := range parameters {
				if whole, ok := byReference[p["$ref"]]; ok {
					o.Shared = append(o.Shared, whole)
					continue
				}
				o.Parameters = append(o.Parameters, p)
			}
			list = append(list, o)
		}
	}
	return list, all
}
