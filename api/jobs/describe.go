package jobs

import (
	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

// Extension returns what the routes add to the description of the service as callers of
// a role are shown it. imports says whether files are imported.
func Extension(analyses []analytics.Analysis, role api.Role, imports bool) api.Extension {
	const class = "http://www.opengis.net/spec/ogcapi-processes-1/1.0/conf/"
	e := api.Extension{
		Links: []api.Link{
			{Href: "/processes", Rel: api.RelProcesses, Type: api.JSON.Bare(), Title: "Processes"},
			// What the standard calls the relation (18-062r2, /req/core/landingpage-success).
			{Href: "/conformance", Rel: "http://www.opengis.net/def/rel/ogc/1.0/conformance", Type: api.JSON.Bare(), Title: "Conformance classes"},
		},
		Classes: []string{class + "core", class + "ogc-process-description", class + "json", class + "oas30", class + "job-list", class + "dismiss"},
		Paths: map[string]any{
			"/processes":                       object{"get": operation("getProcesses", "Processes", answers("200", "Processes", readBody()), formatParameter(), limitParameter(), cursorParameter())},
			"/processes/{processID}":           object{"get": operation("getProcessDescription", "A process, described", answers("200", "The process", readBody()), formatParameter(), processParameter(analyses))},
			"/processes/{processID}/execution": object{"post": executeOperation(analyses)},
			"/jobs":                            object{"get": operation("getJobs", "The caller's jobs, newest first", answers("200", "Jobs", readBody()), listParameters()...)},
			"/jobs/{jobID}": object{
				"get":    operation("getStatus", "The state of a job", answers("200", "The job", readBody()), formatParameter(), jobParameter()),
				"delete": operation("dismiss", "End a job, and forget its results", answers("200", "The job", jsonBody()), jobParameter()),
			},
			"/jobs/{jobID}/results": object{"get": operation("getResult", "The results of a job", answers("200", "The results", layerBodies()), jobParameter(),
				parameter("f", "The format, where it is to be another than the job was asked for.", object{"type": "string", "enum": encode.Names()}))},
		},
	}
	if role.May(api.RunProcesses) || role.May(api.ImportFiles) {
		e.Links = append(e.Links, api.Link{Href: "/jobs", Rel: api.RelJobList, Type: api.JSON.Bare(), Title: "Jobs"})
	}
	if imports && role.May(api.ImportFiles) {
		e.Links = append(e.Links, api.Link{Href: "/jobs?type=" + typeImport, Rel: "related", Type: api.JSON.Bare(), Title: "Imports, which are jobs"})
	}
	if imports {
		e.Paths["/imports"] = object{"post": importOperation()}
	}
	return e
}

// jsonBody is a body that is some JSON object.
func jsonBody() object { return object{api.JSON.Bare(): object{"schema": object{"type": "object"}}} }

// readBody is a body that is some JSON object or a page of it.
func readBody() object {
	body := jsonBody()
	body[string(api.HTML)] = object{"schema": object{"type": "string"}}
	return body
}

// formatParameter says which of the two.
func formatParameter() object {
	return parameter("f", "The format; if it is not given, Accept says which.", object{"type": "string", "enum": []string{"json", "html"}})
}

// layerBodies describes a layer by its media types.
func layerBodies() object {
	bodies := object{}
	for _, f := range encode.Formats() {
		schema := object{"type": "string", "format": "binary"}
		switch {
		case isJSON(f):
			schema = object{"type": "object"}
		case isText(f):
			schema = object{"type": "string"}
		}
		bodies[string(f.MediaType)] = object{"schema": schema}
	}
	return bodies
}

func operation(id, summary string, responses object, parameters ...object) object {
	o := object{"operationId": id, "summary": summary, "responses": responses}
	if len(parameters) > 0 {
		o["parameters"] = parameters
	}
	return o
}

// answers describes an answer of a status, and problems.
func answers(status, doc string, content object) object {
	return object{
		status:    object{"description": doc, "content": content},
		"default": object{"$ref": "#/components/responses/Problem"},
	}
}

func parameter(name, doc string, schema object) object {
	return object{"name": name, "in": "query", "required": false, "style": "form", "explode": false, "description": doc, "schema": schema}
}

func pathParameter(name, doc string, schema object) object {
	return object{"name": name, "in": "path", "required": true, "description": doc, "schema": schema}
}

func headerParameter(name, doc string) object {
	return object{"name": name, "in": "header", "required": false, "description": doc, "schema": object{"type": "string"}}
}

func jobParameter() object {
	return pathParameter("jobID", "The id of a job.", object{"type": "string", "format": "uuid"})
}

func processParameter(analyses []analytics.Analysis) object {
	names := make([]string, len(analyses))
	for i, a := range analyses {
		names[i] = a.Name
	}
	return pathParameter("processID", "The id of a process.", object{"type": "string", "enum": names})
}

func limitParameter() object {
	return parameter("limit", "The most that are listed; the rest follows by next.",
		object{"type": "integer", "minimum": 1, "maximum": maxListed, "default": defaultListed})
}

func cursorParameter() object {
	return parameter("cursor", "Where to go on reading: part of next links.", object{"type": "string"})
}

// listParameters are those of the list of jobs (18-062r2, section 11.2).
func listParameters() []object {
	list := func(words ...string) object {
		item := object{"type": "string"}
		if len(words) > 0 {
			item["enum"] = words
		}
		return object{"type": "array", "items": item}
	}
	seconds := object{"type": "integer", "minimum": 0}
	return []object{
		formatParameter(), limitParameter(), cursorParameter(),
		parameter("type", "Only jobs of these types.", list(typeProcess, typeImport)),
		parameter("processID", "Only jobs of these processes.", list()),
		parameter("status", "Only jobs in these states.", list(statuses()...)),
		parameter("datetime", "Only jobs made then: an instant, a date, or two with a slash between, where .. is open.", object{"type": "string"}),
		parameter("minDuration", "Only jobs that took this many seconds or more.", seconds),
		parameter("maxDuration", "Only jobs that took no more than this many seconds.", seconds),
	}
}

func executeOperation(analyses []analytics.Analysis) object {
	responses := answers("200", "The layer, or a document with it", layerBodies())
	responses["201"] = object{
		"description": "The job, where Prefer: respond-async asked for one", "content": jsonBody(),
		"headers": object{"Location": object{"description": "Where the job is", "schema": object{"type": "string"}}},
	}
	responses["204"] = object{"description": "The address of the layer, in the header field Link"}
	o := operation("execute", "Execute a process", responses, processParameter(analyses),
		headerParameter("Prefer", "respond-async answers with a job (RFC 7240)."))
	o["requestBody"] = object{"required": false, "content": object{api.JSON.Bare(): object{"schema": object{
		"type": "object", "additionalProperties": false,
		"properties": object{
			"inputs":   object{"type": "object", "description": "The inputs by name, as the process is described."},
			"outputs":  object{"type": "object", "description": "The outputs by name, each with format and transmissionMode."},
			"response": object{"type": "string", "enum": []string{"raw", "document"}, "default": "raw"},
		},
	}}}}
	return o
}

func importOperation() object {
	responses := answers("201", "The job that imports the file", jsonBody())
	parameters := []object{
		headerParameter("Content-Disposition", "The name of the file."),
		headerParameter("Content-Encoding", "gzip or zstd."),
		headerParameter("Idempotency-Key", "The same key with the same file makes one job."),
	}
	for _, p := range importParams() {
		described := parameter(p.name, p.doc, p.schema)
		described["required"] = p.name == "dataset"
		parameters = append(parameters, described)
	}
	o := operation("importFile", "Import a file", responses, parameters...)
	content := object{}
	for _, m := range mediaTypes {
		content[string(m)] = object{"schema": object{"type": "string", "format": "binary"}}
	}
	o["requestBody"] = object{"required": true, "content": content}
	return o
}
