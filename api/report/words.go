package report

import (
	"embed"
	"fmt"
	"html/template"
	"strings"
	"sync"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

//go:embed i18n/*.json
var wordFiles embed.FS

// languages reads the word files, once.
var languages = sync.OnceValue(func() map[string]*api.Words { return api.ReadWords(wordFiles, "i18n") })

// A printed is a report in one language.
type printed struct {
	*analytics.Report
	words   *api.Words
	picture template.HTML
}

func inLanguage(lang string, r *analytics.Report) (*printed, error) {
	words := languages()[lang]
	if words == nil {
		return nil, fmt.Errorf("language %q: want one of %s", lang, strings.Join(api.Languages(), ", "))
	}
	return &printed{Report: r, words: words}, nil
}

// title is what the report is about.
func (p *printed) title() string { return p.Names.In(p.words.Tag) }

// tableTitle is what a table is called, sheet the same in a word.
func (p *printed) tableTitle(t *analytics.ReportTable) string {
	return p.words.Fill("table."+t.Name, p.words.Must("in."+p.Provenance.Unit))
}

func (p *printed) sheet(name string) string {
	return p.words.Fill("sheet."+name, p.words.Must("in."+p.Provenance.Unit))
}

// entry is what a row or column is called. All facts together are the total of
// items and one more area.
func (p *printed) entry(t *analytics.ReportTable, e analytics.Entry, across bool) string {
	switch {
	case e.All && !across && (t.Name == analytics.ItemTable || t.Name == analytics.MatrixTable):
		return p.words.Must("total")
	case e.All:
		return p.words.Must("all")
	case e.Bonus:
		return p.words.Fill("bonus", e.Names.In(p.words.Tag))
	}
	return e.Names.In(p.words.Tag)
}

// first is the head of the column that names rows.
func (p *printed) first(t *analytics.ReportTable) string {
	return p.words.Fill("first."+t.Name, p.words.Must("level."+p.Provenance.Unit))
}

// head is what column i of a table is called, with its unit where the numbers do
// not say it; bare numbers do not say seconds either.
func (p *printed) head(t *analytics.ReportTable, i int, bare bool) string {
	c := t.Columns[i]
	if t.Across != nil && i > 0 {
		return p.entry(t, t.Across[i-1], true)
	}
	text := p.words.Say("column."+c.Name, c.Title)
	switch {
	case c.Unit == "", c.Unit == "share", c.Unit == "count", c.Unit == "s" && !bare:
		return text
	}
	return p.words.Fill("head.unit", text, p.unit(c.Unit))
}

func (p *printed) unit(unit string) string {
	return strings.TrimSpace(p.words.Say("unit."+unit, unit))
}

// word writes a word of a column.
func (p *printed) word(word string) string { return p.words.Say("word."+word, word) }

// A sentence is one in the language, or, with Lang set, in another.
type sentence struct{ Text, Lang string }

func (p *printed) sentence(english string) sentence {
	text, ok := p.words.Translate(english)
	if ok {
		return sentence{Text: text}
	}
	return sentence{text, "en"}
}

// notes are what a reader must know, with the item that it is about.
func (p *printed) notes(notes []analytics.Note) []sentence {
	var told []sentence
	for _, n := range notes {
		s := p.sentence(n.Text)
		if name := n.Of.In(p.words.Tag); name != "" {
			s.Text = p.words.Fill("about.of", name, s.Text)
		}
		told = append(told, s)
	}
	return told
}

// accounts say which facts are in no row of a table.
func (p *printed) accounts(t *analytics.ReportTable) []string {
	if t.Name == analytics.ItemTable || t.Name == analytics.MatrixTable || len(t.Balances) == 0 {
		return nil
	}
	var lines []string
	for _, b := range t.Balances {
		missing := b.Total - b.InRows
		if missing == 0 {
			continue
		}
		name, n, of := p.item(b.Of), api.ShowCount(missing), api.ShowCount(b.Total)
		if t.Name == analytics.UnitTable {
			lines = append(lines, p.words.Fill("balance.units", name, n, of))
			continue
		}
		lines = append(lines, p.words.Fill("balance.places", name, n, of, p.reasons(b)))
	}
	if lines == nil {
		return []string{p.words.Must("balance.none")}
	}
	if p.Provenance.Within == "" {
		lines = append(lines, p.words.Must("balance.total"))
	} else if t.Name == analytics.AreaTable {
		lines = append(lines, p.words.Must("balance.dropped"))
	}
	return lines
}

// reasons say why facts are in no row.
func (p *printed) reasons(b analytics.Balance) string {
	var told []string
	for _, reason := range []struct {
		key string
		n   int64
	}{{"balance.outside", b.Outside}, {"balance.area_only", b.AreaOnly}, {"balance.unlocated", b.Unlocated}} {
		if reason.n > 0 {
			told = append(told, p.words.Fill(reason.key, api.ShowCount(reason.n)))
		}
	}
	return strings.Join(told, p.words.Must("balance.and"))
}

// item returns the name of the item of a code or, of what an item is made of,
// the code.
func (p *printed) item(code string) string {
	for _, e := range p.Tables[0].Rows {
		if e.Code == code {
			return e.Names.In(p.words.Tag)
		}
	}
	return code
}
