package page

import (
	"cmp"
	"strings"

	"github.com/civgrid/civgrid/api"
)

// kindOf returns what a resource is whose path ends so, in words; "" for what is called by
// its own name.
func kindOf(part string) string {
	return map[string]string{
		"collections": "Collections", "feature-schema": "Schema of a feature", "schema": "Schema",
		"queryables": "Queryables", "sortables": "Sortables", "tiles": "Tile sets",
		"tileMatrixSets": "Tile matrix sets", "styles": "Styles", "conformance": "Conformance classes",
		"dggs": "Grids", "definition": "Definition", "zones": "Zones", "data": "Data",
		"processes": "Processes", "jobs": "Jobs", "results": "Results",
	}[part]
}

// titleOf returns the title of a document to which a trail leads: what it is, and of
// what, by its own title where it has one.
func titleOf(whole *value, trail []api.Link) string {
	own := whole.text("title")
	id := cmp.Or(whole.text("jobID"), whole.text("id"))
	n := len(trail)
	if n < 2 {
		if n == 1 {
			id = trail[0].Title
		}
		return cmp.Or(own, id)
	}
	// The parts of the path from the last on, with no name for those that are not there.
	last, above, beyond := trail[n-1].Title, trail[n-2].Title, ""
	if n > 2 {
		beyond = trail[n-3].Title
		switch above {
		case "jobs":
			return "Job " + shortID(last) + ": " + cmp.Or(whole.text("processID"), "unknown")
		case "items":
			return "Feature " + last + " of " + beyond
		case "zones":
			return "Zone " + last + " of " + beyond
		}
	}
	kind := kindOf(last)
	switch {
	case kind == "":
		return cmp.Or(own, id, last)
	case beyond == "jobs":
		return kind + " of job " + shortID(above)
	}
	return kind + " of " + cmp.Or(own, above)
}

// shortID returns the first group of a UUID (RFC 9562, section 4), which people tell jobs
// apart by.
func shortID(id string) string {
	short, _, _ := strings.Cut(id, "-")
	return short
}
