package encode

import (
	"cmp"
	"errors"
	"io"
	"iter"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
)

// An htmlPage is what htmlTable shows.
type htmlPage struct {
	page.Head
	About    *analytics.Layer // nil for plain features
	Page     *Page            // nil for a file
	Returned int
	Columns  []analytics.Column
	Rows     iter.Seq[htmlRow]
}

// An htmlRow is a row as texts.
type htmlRow struct {
	ID, Href string // Href is "" in a file
	Cells    []string
}

var htmlTable = page.Frame(`{{with .About}}<p>{{.Method}}</p>
{{range .Caveats}}<p>{{.}}</p>
{{end}}{{end}}{{with .Page}}<p>{{$.Returned}} of {{.Matched}} rows, <time>{{.TimeStamp.UTC.Format "2006-01-02T15:04:05Z"}}</time></p>
{{end}}<div class="scroll tall" tabindex="0" role="region" aria-label="Rows"><table>
<thead><tr><th scope="col">id</th>{{range .Columns}}<th scope="col" title="{{.Title}}">{{.Name}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr><td>{{if .Href}}<a href="{{.Href}}">{{.ID}}</a>{{else}}{{.ID}}{{end}}</td>{{range .Cells}}<td>{{.}}</td>{{end}}</tr>
{{end}}</tbody>
</table></div>
{{with .Page}}{{with .Links}}<h2>Links</h2>
{{template "links" .}}{{end}}{{end}}`)

// writeHTML writes a page with a table of the rows and, in an answer of a
// service, links to the other formats and the next page. No value is an empty
// cell. html/template escapes every text by where it stands.
func writeHTML(w io.Writer, in *input) error {
	s := newSink(w)
	shown := htmlPage{Head: page.Head{Title: in.Title}, About: in.Layer, Page: in.options.Page, Returned: in.rows.n, Columns: in.Columns}
	address := func(string) string { return "" }
	if p := in.options.Page; p != nil {
		shown.Trail = p.Trail
		shown.Others = slices.DeleteFunc(slices.Clone(p.Links), func(l api.Link) bool { return l.Rel != "alternate" })
		if p.At != nil {
			address = p.At
		}
	}
	var failed error // of the rows: a template does not hear of it
	shown.Rows = func(yield func(htmlRow) bool) {
		cells := make([]string, len(in.Columns))
		failed = in.each(func(_ int, t *Table, row int) error {
			for i := range t.Columns {
				cells[i] = htmlValue(&t.Columns[i], row)
			}
			id := t.ID(row)
			if !yield(htmlRow{id, address(id), cells}) {
				return errEnough
			}
			return s.room()
		})
	}
	err := htmlTable.ExecuteTemplate(s, "frame", shown)
	if err = cmp.Or(err, failed); err != nil {
		return err
	}
	return s.close()
}

// errEnough ends rows that nobody reads any more.
var errEnough = errors.New("the template wants no more rows")

// htmlValue returns a value as text, numbers as in GeoJSON.
func htmlValue(c *analytics.Column, row int) string {
	switch {
	case !api.Known(c, row):
		return ""
	case c.Type == analytics.WordColumn:
		return utf8Text(c.Words[row])
	case c.Type == analytics.TimeColumn:
		return string(appendInstant(nil, c.Ints[row]))
	}
	return string(appendValue(nil, c, row))
}
