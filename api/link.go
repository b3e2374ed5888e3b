package api

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
