package ogc

import (
	"bytes"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// An operation is one of the interface, as people read it.
type operation struct {
	Method, Path, Summary string
	Parameters            []object
}

// interfaceTemplate has neither script nor style, so that it may be shown under any
// Content-Security-Policy.
var interfaceTemplate = template.Must(template.New("interface").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}: interface</title></head>
<body>
<h1>{{.Title}}: interface</h1>
{{with .Description}}<p>{{.}}</p>
{{end}}<p>What is read with GET is known to HEAD as well. <a href="{{.Base}}/api">The same as OpenAPI 3.0</a>, <a href="{{.Base}}/">the landing page</a>.</p>
{{if .Identified}}<p>Say who you are with an API key, in the header <code>X-API-Key</code> or as the password of HTTP Basic, or with a bearer token. What stands here is what you may do so; readers see incidents and inspections as well, inspectors record them, planners run processes and import files.</p>
{{end}}{{range .Operations}}<h2><code>{{if ne .Method "GET"}}{{.Method}} {{end}}{{.Path}}</code></h2>
<p>{{.Summary}}</p>
{{with .Parameters}}<dl>
{{range .}}<dt><code>{{.name}}</code> ({{.schema.type}}{{with .schema.default}}, {{.}} if not given{{end}})</dt>
<dd>{{.description}}{{$titles := index .schema "x-enum-descriptions"}}{{with .schema.enum}} One of {{range $i, $v := .}}{{if $i}}, {{end}}<code>{{$v}}</code>{{with $titles}} ({{index . $i}}){{end}}{{end}}.{{end}}</dd>
{{end}}</dl>
{{end}}{{end}}</body>
</html>
`))

// documentFormat describes f where a document is served as JSON and as a page.
func documentFormat() object {
	return object{
		"name": "f", "in": "query", "required": false, "style": "form", "explode": false,
		"description": "The format; if it is not given, Accept says which.", "schema": object{"type": "string", "enum": []string{"json", "html"}},
	}
}

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
	var page bytes.Buffer
	err = interfaceTemplate.Execute(&page, map[string]any{
		"Title": s.Title, "Description": s.Description, "Base": base, "Identified": s.Identified, "Operations": operations(s.describeInterface(k, base)),
	})
	if err != nil {
		return err
	}
	c.Data(http.StatusOK, string(api.HTML), page.Bytes())
	return nil
}

// operations lists those of an OpenAPI document of ours by path, their parameters in
// place of references.
func operations(document object) []operation {
	paths := document["paths"].(object)                              //nolint:forcetypeassert // made by describeInterface
	shared := document["components"].(object)["parameters"].(object) //nolint:forcetypeassert // made by describeInterface
	byReference := map[any]object{}
	for name, described := range shared {
		byReference["#/components/parameters/"+name] = described.(object) //nolint:forcetypeassert // made by sharedParameters
	}
	var list []operation
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
					p = whole
				}
				o.Parameters = append(o.Parameters, p)
			}
			list = append(list, o)
		}
	}
	return list
}
