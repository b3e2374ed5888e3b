package api

import (
	"strconv"
	"strings"
)

// A MediaType is a media type with its parameters, as it stands in Content-Type
// (RFC 9110, section 8.3.1).
type MediaType string

// The media types that are served.
const (
	JSON    MediaType = "application/json"
	GeoJSON MediaType = "application/geo+json"
	CSV     MediaType = "text/csv; charset=utf-8"
	Text    MediaType = "text/plain; charset=utf-8"
	HTML    MediaType = "text/html; charset=utf-8"
	SVG     MediaType = "image/svg+xml"
	// EventStream is that of server-sent events (HTML Living Standard, section 9.2).
	EventStream MediaType = "text/event-stream"
	// GeoJSONSeq is the media type of GeoJSON text sequences (RFC 8142, section 5).
	GeoJSONSeq MediaType = "application/geo+json-seq"
	// JSONFG is the media type of OGC Features and Geometries JSON by which it is
	// told apart from GeoJSON. The standard (21-045r1, clause "Media Types") lets
	// it be served so for those who ask, beside application/geo+json.
	JSONFG MediaType = "application/vnd.ogc.fg+json"
	// JSONFGDraft is what drafts of the standard called JSONFG.
	JSONFGDraft MediaType = "application/fg+json"
	// FlatGeobuf has no registered type; this is in the tree for vendors.
	FlatGeobuf MediaType = "application/vnd.flatgeobuf"
	// FlatGeobufShort is what others call FlatGeobuf.
	FlatGeobufShort MediaType = "application/flatgeobuf"
	// ArrowStream is the media type of the streaming format of Arrow IPC (IANA).
	ArrowStream MediaType = "application/vnd.apache.arrow.stream"
	// Parquet is the media type of Apache Parquet (IANA).
	Parquet MediaType = "application/vnd.apache.parquet"
	// Schema is the media type of JSON Schema (draft-bhutton-json-schema-01,
	// section 14).
	Schema MediaType = "application/schema+json"
	// OpenAPI is spelled as the OGC API - Features suite and GDAL compare it;
	// GDAL refuses the type of version 3.1.
	OpenAPI MediaType = "application/vnd.oai.openapi+json;version=3.0"
	// ProblemJSON is the media type of [Problem] (RFC 9457, section 6.1).
	ProblemJSON MediaType = "application/problem+json"
)

// Bare returns the type without parameters, in lower case.
func (m MediaType) Bare() string {
	bare, _, _ := strings.Cut(string(m), ";")
	return strings.ToLower(strings.TrimSpace(bare))
}

// Negotiate returns the offer that an Accept field prefers (RFC 9110, section
// 12.5.1). Offers of equal quality are taken in their order, so the first is
// what an empty field or "*/*" gets. The field prefers nothing when it accepts
// none of the offers.
func Negotiate(accept string, offers []MediaType) (MediaType, bool) {
	if strings.TrimSpace(accept) == "" && len(offers) > 0 {
		return offers[0], true
	}
	var best MediaType
	bestQuality := 0.0
	for _, offer := range offers {
		if q := quality(accept, offer); q > bestQuality {
			best, bestQuality = offer, q
		}
	}
	return best, bestQuality > 0
}

// PrefersHTML reports whether an Accept field names text/html with a quality above that
// of JSON and of another type: what browsers send and other clients do not.
func PrefersHTML(accept string, other MediaType) bool {
	named := strings.Contains(strings.ToLower(accept), "text/html")
	return named && quality(accept, HTML) > max(quality(accept, JSON), quality(accept, other))
}

// quality returns the weight that the most specific matching range of an Accept
// field gives to an offer; 0 means that it is not accepted.
func quality(accept string, offer MediaType) float64 {
	bare := offer.Bare()
	kind, _, _ := strings.Cut(bare, "/")
	best, bestRank := 0.0, 0
	for part := range strings.SplitSeq(accept, ",") {
		given, params, _ := strings.Cut(part, ";")
		rank := 0
		switch strings.ToLower(strings.TrimSpace(given)) {
		case bare:
			rank = 3
		case kind + "/*":
			rank = 2
		case "*/*":
			rank = 1
		}
		if rank > bestRank {
			best, bestRank = weight(params), rank
		}
	}
	return best
}

// weight reads the parameter q; a field without one, or with a bad one, has
// weight 1.
func weight(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(param), "=")
		if !ok || !strings.EqualFold(name, "q") {
			continue
		}
		if q, err := strconv.ParseFloat(value, 64); err == nil && q >= 0 && q <= 1 {
			return q
		}
	}
	return 1
}
