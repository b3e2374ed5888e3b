package encode

import (
	"cmp"
	"errors"
	"html/template"
	"io"
	"iter"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// An htmlPage is what htmlTable shows.
type htmlPage struct {
	Title    string
	About    *analytics.Layer // nil for plain features
	Page     *Page            // nil for a file
	Returned int
	Columns  []analytics.Column
	Rows     iter.Seq[[]string] // the id, then a text for each column
}

// Links returns the ways to other pages and formats.
func (p htmlPage) Links() []api.Link {
	if p.Page == nil {
		return nil
	}
	return p.Page.Links
}

// htmlTable has neither script nor style, so that it may be shown under any
// Content-Security-Policy.
var htmlTable = template.Must(template.New("table").Parse(`<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{{.Title}}</title></head>
<body>
<h1>{{.Title}}</h1>
{{with .About}}<p>{{.Method}}</p>
{{range .Caveats}}<p>{{.}}</p>
{{end}}{{end}}{{with .Page}}<p>{{$.Returned}} of {{.Matched}} rows</p>
{{end}}{{with .Links}}<ul>
{{range .}}<li><a rel="{{.Rel}}" type="{{.Type}}" href="{{.Href}}">{{.Title}}</a></li>
{{end}}</ul>
{{end}}<table>
<thead><tr><th scope="col">id</th>{{range .Columns}}<th scope="col" title="{{.Title}}">{{.Name}}</th>{{end}}</tr></thead>
<tbody>
{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</tbody>
</table>
</body>
</html>
`))

// writeHTML writes a page with a table of the rows and, in an answer of a
// service, links to the other formats and the next page. No value is an empty
// cell. html/template escapes every text by where it stands.
func writeHTML(w io.Writer, in *input) error {
	s := newSink(w)
	page := htmlPage{Title: in.Title, About: in.Layer, Page: in.options.Page, Returned: in.rows.n, Columns: in.Columns}
	var failed error // of the rows: a template does not hear of it
	page.Rows = func(yield func([]string) bool) {
		cells := make([]string, len(in.Columns)+1)
		failed = in.each(func(_ int, t *Table, row int) error {
			cells[0] = t.ID(row)
			for i := range t.Columns {
				cells[i+1] = htmlValue(&t.Columns[i], row)
			}
			if !yield(cells) {
				return errEnough
			}
			return s.room()
		})
	}
	err := htmlTable.Execute(s, page)
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
	case !hasValue(c, row):
		return ""
	case c.Type == analytics.WordColumn:
		return utf8Text(c.Words[row])
	case c.Type == analytics.TimeColumn:
		return string(appendInstant(nil, c.Ints[row]))
	}
	return string(appendValue(nil, c, row))
}
