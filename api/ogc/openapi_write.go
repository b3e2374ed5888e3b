package ogc

import (
	"github.com/civgrid/civgrid/api"
)

// writeClasses are the conformance classes of changing features (OGC API - Features Part
// 4, 20-002r1).
func writeClasses() []string {
	const part = "http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/"
	return []string{part + "create-replace-delete", part + "update", part + "features", part + "optimistic-locking-etags"}
}

// records reports whether callers can change facts.
func (s *service) records() bool { return s.Facts != nil && s.Facts.Record != nil }

// describeWriting adds what changes the facts of a collection to the operations at its
// items and at one of them.
func describeWriting(items, item object, col *collection) {
	name := "." + col.id
	body := func(media ...api.MediaType) object {
		content := object{}
		for _, m := range media {
			content[m.Bare()] = object{"schema": col.featureBody()}
		}
		return object{"required": true, "content": content, "description": "1 MiB at most, in no content coding."}
	}
	header := func(name, text string, required bool) object {
		return object{"name": name, "in": "header", "required": required, "description": text, "schema": object{"type": "string"}}
	}
	system := header("Content-Crs", "The coordinate system of the geometry in the body, as <URI>. Longitude and latitude unless said.", false)
	known := header("If-Match", "The entity tag of the state that is changed, or * for any. Where another has changed it since, nothing is kept, and the answer is 412.", true)
	feature := object{"name": "featureId", "in": "path", "required": true, "schema": object{"type": "string"}}
	items["post"] = writing("createFeature"+name, "Record a feature of "+col.title, object{"201": "It is recorded at Location."}, body(api.GeoJSON, api.JSON), system,
		header("Idempotency-Key", "A text of the client's choice, by which a request that is sent again is told from a second one.", false))
	item["put"] = writing("replaceFeature"+name, "Replace a feature of "+col.title+", or record it under an id of the client's", object{"200": "It is replaced.", "201": "It is recorded."},
		body(api.GeoJSON, api.JSON), feature, system, header("If-Match", "The entity tag of the state that is replaced, or *; not for a new feature.", false))
	item["patch"] = writing("updateFeature"+name, "Change some of a feature of "+col.title, object{"200": "It is changed."}, body(mergePatch, api.GeoJSON, api.JSON), feature, system, known)
	item["patch"].(object)["description"] = "By a JSON merge patch (RFC 7396): null takes away, what is not named stays. What it makes of the feature has to be one that can be taken."
	item["delete"] = writing("deleteFeature"+name, "Delete a feature of "+col.title, object{"204": "No answer holds it any more."}, nil, feature, known)
}

// writing describes one operation that changes a feature.
func writing(id, summary string, done, body object, parameters ...object) object {
	responses := object{
		"429":     object{"$ref": "#/components/responses/TooManyRequests"},
		"503":     object{"$ref": "#/components/responses/Unavailable"},
		"default": object{"$ref": "#/components/responses/Problem"},
	}
	for status, text := range done {
		response := object{"description": text}
		if status != "204" {
			response["content"] = object{api.GeoJSON.Bare(): object{"schema": object{"type": "object"}}}
		}
		responses[status] = response
	}
	operation := object{"operationId": id, "summary": summary, "parameters": parameters, "responses": responses}
	if body != nil {
		operation["requestBody"] = body
	}
	return operation
}

// featureBody describes a feature as it is sent. What the service makes itself is read
// only, and may be sent back.
func (col *collection) featureBody() object {
	properties := object{}
	for _, c := range col.columns {
		described := columnSchema(c)
		described["nullable"] = true
		behind, _ := col.facts.Column(c.Name)
		if isMade(behind) {
			described["readOnly"] = true
		}
		if words := vocabulary(col.facts.Dataset(), c.Name); words != nil {
			described["enum"] = append(asAny(words), nil)
		}
		properties[c.Name] = described
	}
	return object{
		"type": "object",
		"properties": object{
			"type": object{"type": "string", "enum": []string{"Feature"}},
			"geometry": object{
				"type": "object", "nullable": true, "description": "Where it is; null where property community_given says so.",
				"properties": object{
					"type":        object{"type": "string", "enum": []string{"Point"}},
					"coordinates": object{"type": "array", "minItems": 2, "maxItems": 3, "items": object{"type": "number"}},
				},
			},
			"properties": object{"type": "object", "properties": properties, "additionalProperties": false},
		},
	}
}

func asAny(words []string) []any {
	list := make([]any, len(words))
	for i, w := range words {
		list[i] = w
	}
	return list
}

// describeIdentity adds to a document how callers say who they are, and whether all have
// to.
func describeIdentity(document object, required bool) {
	document["components"].(object)["securitySchemes"] = object{
		"key":   object{"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "An API key, as civgrid keys create prints it."},
		"basic": object{"type": "http", "scheme": "basic", "description": "An API key as the password, for programs that know no other way."},
		"token": object{"type": "http", "scheme": "bearer", "description": "A token of the OpenID Connect provider that the service believes, or an API key."},
	}
	ways := []object{{"key": []string{}}, {"basic": []string{}}, {"token": []string{}}}
	if !required {
		ways = append([]object{{}}, ways...)
	}
	document["security"] = ways
}
