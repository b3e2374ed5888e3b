package api

// An Extension is what a part of the service adds to the documents that describe
// the whole: the landing page, the conformance classes and the OpenAPI document.
type Extension struct {
	// Links stand on the landing page; each Href is a path, such as "/processes".
	Links []Link
	// Classes are conformance classes that the part meets.
	Classes []string
	// Paths are path items of OpenAPI 3.0.3 by path, each a map[string]any. They may refer to the response
	// #/components/responses/Problem.
	Paths map[string]any
}
