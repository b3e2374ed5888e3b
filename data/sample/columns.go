package sample

import (
	"strconv"
	"strings"
)

// column is one column of a file: what it means, what the file calls it, and
// what stands in it. The columns of a file make its mapping, its header and its
// rows.
type column[T any] struct {
	means string // canonical name
	name  string // in the file
	value func(T) string
	bare  bool // a number in JSON
}

// mapping returns the file's names of the canonical columns.
func mapping[T any](columns []column[T]) map[string]string {
	names := make(map[string]string, len(columns))
	for _, c := range columns {
		names[c.means] = c.name
	}
	return names
}

// writeHeader appends the first line of a CSV file.
func writeHeader[T any](s *sheet, columns []column[T]) {
	for n, c := range columns {
		s.cell(n, c.name)
	}
	s.text("\n")
}

// writeRow appends a line of a CSV file.
func writeRow[T any](s *sheet, columns []column[T], row T) {
	for n, c := range columns {
		s.cell(n, c.value(row))
	}
	s.text("\n")
}

// writeProperties appends a JSON object; empty values are null.
func writeProperties[T any](s *sheet, columns []column[T], row T) {
	for n, c := range columns {
		s.text([]string{`{"`, `,"`}[min(n, 1)], c.name, `":`)
		switch v := c.value(row); {
		case v == "":
			s.text("null")
		case c.bare:
			s.text(v)
		default:
			s.text(`"`, v, `"`)
		}
	}
	s.text("}")
}

// inspectionColumns returns the columns of the inspectors' file.
func inspectionColumns() []column[inspection] {
	points := func(in inspection, v int) string {
		if in.score < 0 {
			return ""
		}
		return strconv.Itoa(v)
	}
	return sameName([]column[inspection]{
		{means: "id", value: func(in inspection) string { return in.id }},
		{means: "campaign", value: func(in inspection) string { return in.campaign }},
		{means: "channel", value: func(in inspection) string { return in.channel }},
		{means: "point", value: func(in inspection) string { return in.point.id }},
		{means: "point_type", value: func(in inspection) string { return in.point.sort }},
		{means: "item", value: func(in inspection) string { return in.item }},
		{means: "result", value: func(in inspection) string { return in.result }},
		{means: "score", value: func(in inspection) string { return points(in, in.score) }},
		{means: "max_score", value: func(in inspection) string { return points(in, maxScore) }},
		{means: "found", value: func(in inspection) string { return strconv.Itoa(in.found) }},
		{means: "responsible", value: func(in inspection) string { return in.responsible }},
		{means: "community_given", value: func(in inspection) string { return in.community }},
		{means: "inspected_at", value: func(in inspection) string { return clock(in.when) }},
		{means: "rectify_due_at", value: func(in inspection) string { return clock(in.due) }},
		{means: "rectified_at", value: func(in inspection) string { return clock(in.repaired) }},
		{means: "lon", value: func(in inspection) string { return degrees(in.point.at[0]) }},
		{means: "lat", value: func(in inspection) string { return degrees(in.point.at[1]) }},
	})
}

// resourceColumns returns the columns of the assets' file.
func resourceColumns() []column[resource] {
	return sameName([]column[resource]{
		{means: "id", value: func(r resource) string { return r.id }},
		{means: "kind", value: func(r resource) string { return r.kind }},
		{means: "name", value: func(r resource) string { return r.name }},
		{means: "status", value: func(r resource) string { return r.status }},
		{means: "owner", value: func(r resource) string { return r.owner }},
		{means: "capacity", value: func(r resource) string { return strconv.Itoa(r.capacity) }},
		{means: "valid_from", value: func(r resource) string { return strconv.Itoa(r.since) + "-01-01 00:00:00" }},
		{means: "lon", value: func(r resource) string { return degrees(r.at[0]) }},
		{means: "lat", value: func(r resource) string { return degrees(r.at[1]) }},
	})
}

// sameName gives columns their canonical name in the file.
func sameName[T any](columns []column[T]) []column[T] {
	for n := range columns {
		columns[n].name = columns[n].means
	}
	return columns
}

// caseColumns returns the columns that all files of incidents have, under the
// names of a source, comma between them, and the source's words for open,
// closed, suspended and void.
func (c *City) caseColumns(names string, states [4]string) []column[incident] {
	columns := []column[incident]{
		{means: "id", value: func(in incident) string { return in.id }},
		{means: "kind", value: func(in incident) string { return c.categories[in.category].kind }},
		{means: "category", value: func(in incident) string { return c.categories[in.category].Word }},
		{means: "subcategory", value: func(in incident) string { return c.categories[in.category].finer[in.finer] }},
		{means: "channel", value: func(in incident) string { return in.channel }},
		{means: "status", value: func(in incident) string { return in.state(states) }},
		{means: "outcome", value: func(in incident) string { return in.outcome }},
		{means: "duplicate_of", value: func(in incident) string { return in.repeats }},
		{means: "responsible", value: c.department},
		{means: "reported_at", value: incident.reportedAt},
		{means: "responded_at", value: func(in incident) string { return clock(in.responded) }},
		{means: "closed_at", value: func(in incident) string { return clock(in.closed) }},
		{means: "due_at", value: func(in incident) string { return clock(in.due) }},
		{means: "updated_at", value: func(in incident) string { return clock(in.updated) }},
	}
	for n, name := range strings.Split(names, ",") {
		columns[n].name = name
	}
	return columns
}

// located appends the two columns of the coordinates.
func located(columns []column[incident], lon, lat string) []column[incident] {
	return append(columns,
		column[incident]{means: "lon", name: lon, value: func(in incident) string { return degrees(in.at[0]) }},
		column[incident]{means: "lat", name: lat, value: func(in incident) string { return degrees(in.at[1]) }})
}

// named appends the column of the community that is named.
func named(columns []column[incident], name string) []column[incident] {
	return append(columns, column[incident]{means: "community_given", name: name, value: func(in incident) string { return in.community }})
}

// addressed appends the column of the address.
func (c *City) addressed(columns []column[incident], name string) []column[incident] {
	return append(columns, column[incident]{means: "address", name: name, value: c.line})
}
