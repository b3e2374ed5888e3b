package api

import (
	"net/http"
	"net/url"
	"strings"
)

// A Link points from one resource to another (RFC 8288; OGC API - Common Part
// 1, 19-072, link.yaml).
type Link struct {
	Href     string `json:"href"`
	Rel      string `json:"rel"`
	Type     string `json:"type,omitempty"`
	Title    string `json:"title,omitempty"`
	Hreflang string `json:"hreflang,omitempty"`
}

// The link relations that are not plain words.
const (
	// RelDescribedBy is spelled as GDAL reads it; relation types compare without
	// regard to case (RFC 8288, section 2.1.1).
	RelDescribedBy = "describedBy"
	RelQueryables  = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
	RelSortables   = "http://www.opengis.net/def/rel/ogc/1.0/sortables"
	RelSchema      = "http://www.opengis.net/def/rel/ogc/1.0/schema"
	// Those of OGC API - Tiles (20-057, table 4) and of OGC API - Styles (draft
	// 20-009).
	RelTilesetsVector = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	RelTilingSchemes  = "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes"
	RelTilingScheme   = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
	RelStyles         = "http://www.opengis.net/def/rel/ogc/1.0/styles"
	// Those of OGC API - Processes Part 1 (18-062r2, table 2).
	RelProcesses  = "http://www.opengis.net/def/rel/ogc/1.0/processes"
	RelJobList    = "http://www.opengis.net/def/rel/ogc/1.0/job-list"
	RelExecute    = "http://www.opengis.net/def/rel/ogc/1.0/execute"
	RelResults    = "http://www.opengis.net/def/rel/ogc/1.0/results"
	RelExceptions = "http://www.opengis.net/def/rel/ogc/1.0/exceptions"
)

// WantsPage reports whether a request to read a document, which is served as media, wants
// a page of it: by f=html or, without f, by an Accept field that prefers HTML.
func WantsPage(r *http.Request, media MediaType) bool {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	if f, given := formatOf(r); given {
		return f == "html"
	}
	return PrefersHTML(r.Header.Get("Accept"), media)
}

// WantsProblemPage reports whether a request that comes to a problem wants a page of it:
// as [WantsPage] does, but a browser that asks for a file in another format than JSON has
// a person before it too.
func WantsProblemPage(r *http.Request) bool {
	if f, _ := formatOf(r); f == "json" || r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	return WantsPage(r, ProblemJSON) || PrefersHTML(r.Header.Get("Accept"), ProblemJSON)
}

// formatOf returns the first parameter f of a request.
func formatOf(r *http.Request) (f string, given bool) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	return q.Get("f"), err == nil && q.Has("f")
}

// Address returns the address of what a request is for, without the parameter f, where
// base is that of the service.
func Address(r *http.Request, base string) string {
	var kept []string
	for part := range strings.SplitSeq(r.URL.RawQuery, "&") {
		if name, _, _ := strings.Cut(part, "="); name != "f" && part != "" {
			kept = append(kept, part)
		}
	}
	href := base + r.URL.EscapedPath()
	if len(kept) > 0 {
		href += "?" + strings.Join(kept, "&")
	}
	return href
}

// Itself returns the links of the document that a request gets to itself and to its
// other format (17-069r4, requirements /req/core/fc-md-links and alike): it is served as
// media at href, which has no parameter f, and as a page.
func Itself(r *http.Request, href string, media MediaType) []Link {
	sign := "?"
	if strings.Contains(href, "?") {
		sign = "&"
	}
	text := Link{Href: href, Rel: "self", Type: string(media), Title: "This document"}
	page := Link{Href: href + sign + "f=html", Rel: "alternate", Type: HTML.Bare(), Title: "This document, to read"}
	if !WantsPage(r, media) {
		return []Link{text, page}
	}
	text.Href, text.Rel, text.Title = text.Href+sign+"f=json", "alternate", "This document as JSON"
	page.Rel, page.Title = "self", "This document"
	return []Link{page, text}
}
