package report

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"html/template"
	"io"
	"slices"
	"strconv"
	"sync"

	"github.com/civgrid/civgrid/analytics"
)

//go:embed report.html report.css
var files embed.FS

// css is that of pages, which stands in each.
var css = sync.OnceValue(func() template.CSS {
	text, err := files.ReadFile("report.css")
	if err != nil {
		panic("BUG: no style for reports")
	}
	return template.CSS(text)
})

// Policy is the Content-Security-Policy under which pages work: nothing is fetched, and
// their style is told by its digest.
func Policy() string {
	digest := sha256.Sum256([]byte(css()))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(digest[:]) + "'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
}

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Funcs(template.FuncMap{"css": css}).ParseFS(files, "report.html"))
})

// A page is what the template is handed.
type page struct {
	Lang, Title, Heading, Subtitle string
	T                              func(key string, values ...string) string
	Figures                        []figure
	Picture                        template.HTML
	Tables                         []pageTable
	About                          []fact
}

// A figure stands out.
type figure struct{ Label, Value, Of string }

// A pageTable is a table, or a part of one that is wider than a page.
type pageTable struct {
	Name, Title, Source string
	First               string
	Heads               []head
	Rows                []pageRow
	Few                 bool // some cell is marked
	Below               []string
	Notes               []sentence
}

type head struct {
	Text  string
	Class string
}

type pageRow struct {
	Name string
	All  bool
	Cell []pageCell
}

// A pageCell is a cell with what makes it seen: a bar, a sign.
type pageCell struct {
	Text, Class string
	Bar         string // width in percent, "" for none
	Sign        string // ●, ▲, ■ or ○
	Few         bool
}

// most is how many areas of a matrix fit on a page.
const most = 10

// writeHTML writes one page of HTML that needs nothing else.
func writeHTML(w io.Writer, p *printed) error {
	v := page{
		Lang: p.words.Tag, Title: p.title(), T: p.words.Fill, Heading: p.title(), Subtitle: p.words.Must("report") + " · " + p.period(),
		Figures: p.figures(), Picture: p.picture, About: p.about(),
	}
	for i := range p.Tables {
		v.Tables = append(v.Tables, p.pages(&p.Tables[i])...)
	}
	return pageTemplate().ExecuteTemplate(w, "report.html", v)
}

// figures are those of all facts together.
func (p *printed) figures() []figure {
	t := &p.Tables[0]
	last := len(t.Rows) - 1
	var list []figure
	for _, name := range []string{"score", "pass_rate", "status", "n"} {
		c, found := t.Column(name)
		if !found || !c.Has(last) {
			continue
		}
		f := figure{Label: p.words.Must("column." + name), Value: p.show(&c, last)}
		if quota, ok := t.Column("quota"); ok && name == "score" && quota.Has(last) && quota.Unit != "share" {
			f.Of = "/ " + p.show(&quota, last)
		}
		list = append(list, f)
	}
	return list
}

// pages cuts a table into parts that fit on a page, each with the quota and the
// last, with all areas, on every part.
func (p *printed) pages(t *analytics.ReportTable) []pageTable {
	all := make([]int, len(t.Columns))
	for i := range all {
		all[i] = i
	}
	if t.Across == nil || len(t.Across) <= most+1 {
		return []pageTable{p.page(t, all, false)}
	}
	var parts []pageTable
	areas := all[1 : len(all)-1]
	pages := (len(areas) + most - 1) / most
	for some := range slices.Chunk(areas, (len(areas)+pages-1)/pages) {
		columns := append([]int{0}, some...)
		parts = append(parts, p.page(t, append(columns, len(all)-1), len(parts) > 0))
	}
	return parts
}

// page makes a table of some columns.
func (p *printed) page(t *analytics.ReportTable, columns []int, further bool) pageTable {
	v := pageTable{Name: t.Name, Title: p.tableTitle(t), Source: p.source(t), First: p.first(t), Few: t.Few != nil}
	if further {
		v.Title = p.words.Fill("continued", v.Title)
	} else {
		v.Below, v.Notes = p.accounts(t), p.notes(t.Notes)
	}
	for _, i := range columns {
		class := "number"
		if t.Columns[i].Type == analytics.WordColumn {
			class = "word"
		}
		v.Heads = append(v.Heads, head{p.head(t, i, false), class})
	}
	for row, e := range t.Rows {
		line := pageRow{Name: p.entry(t, e, false), All: e.All}
		for _, i := range columns {
			line.Cell = append(line.Cell, p.cell(t, i, row))
		}
		v.Rows = append(v.Rows, line)
	}
	return v
}

func (p *printed) cell(t *analytics.ReportTable, i, row int) pageCell {
	c := &t.Columns[i]
	v := pageCell{Text: p.show(c, row), Class: "number"}
	switch {
	case c.Name == "status":
		v.Class = "word"
		if c.Has(row) {
			v.Class, v.Sign = "word "+c.Words[row], sign(c.Words[row])
		}
	case c.Type == analytics.WordColumn:
		v.Class = "word"
	case !c.Has(row):
		v.Class = "number none"
	case c.Name == "pass_rate":
		v.Class, v.Bar = "number barred", width(c.Floats[row])
	case c.Type == analytics.FloatColumn && c.Name != "quota":
		if reached, ok := part(t, c, row); ok {
			v.Class, v.Bar = "number barred", width(reached)
		}
		v.Few = t.Few != nil && t.Few[i-1][row]
	}
	return v
}

// width is a share as the length of a bar.
func width(share float64) string { return strconv.FormatFloat(rounded(100*share, 1), 'f', 1, 64) }

// sign is the shape of a status, as on the map.
func sign(status string) string {
	switch status {
	case "compliant":
		return "●"
	case "undetermined":
		return "▲"
	case "non_compliant":
		return "■"
	}
	return "○"
}
