package web

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// names says in one language what rows, columns and values are called.
type names struct {
	layer     *analytics.Layer
	hierarchy *data.Hierarchy
	words     *words
}

func newNames(layer *analytics.Layer, h *data.Hierarchy, w *words) *names {
	return &names{layer, h, w}
}

// heading says what the layer shows: an indicator by its name.
func (n *names) heading() string {
	if n.differs() {
		return n.headingOfChange()
	}
	title, ok := n.words.Translate(n.layer.Title)
	if !ok { // it is that of the analysis, or nobody translated it
		title = n.words.Say("analysis."+n.layer.Name, n.layer.Title)
	}
	name := n.layer.Names.In(n.words.Tag)
	if name == "" {
		return title
	}
	if key := "heading." + n.layer.Name; n.words.Text[key] != "" {
		return n.words.Fill(key, name)
	}
	return name
}

// community returns the name of a community, or its code.
func (n *names) community(code string) string {
	if n.hierarchy != nil {
		if c, ok := n.hierarchy.Get(code); ok {
			if name := c.Names.In(n.words.Tag); name != "" {
				return name
			}
		}
	}
	return code
}

// path returns the names of the areas that hold a community, coarsest first,
// without the city, which holds all.
func (n *names) path(code string) []string {
	if n.hierarchy == nil {
		return nil
	}
	var path []string
	for _, c := range n.hierarchy.Path(code) {
		if area, ok := n.hierarchy.Get(c); ok && area.Level.Rank() > data.City.Rank() {
			path = append(path, n.community(c))
		}
	}
	return path
}

// row returns what a row is called, and where it lies.
func (n *names) row(row int) (name, where string) {
	if !n.layer.Frame.Unit.IsCells() {
		path := n.path(n.layer.Frame.Communities[row].Code)
		if len(path) > 1 {
			where = above(path)
		}
		return n.community(n.layer.Frame.Communities[row].Code), where
	}
	if place, ok := n.layer.Column("place"); ok && place.Type == analytics.WordColumn && place.Has(row) {
		path := n.path(place.Words[row])
		if len(path) == 0 {
			return n.community(place.Words[row]), ""
		}
		if len(path) > 1 {
			where = path[0]
		}
		return path[len(path)-1], where
	}
	return n.layer.Frame.ID(row), ""
}

// above returns the two coarsest names of a path that lie above its last.
func above(path []string) string {
	return strings.Join(path[:min(len(path)-1, 2)], " · ")
}

// column returns the title of a column.
func (n *names) column(c analytics.Column) string {
	if n.differs() {
		return n.columnOfChange(c)
	}
	title := c.Title
	if title == "" {
		title = c.Name
	}
	return n.words.Say("column."+n.layer.Name+"."+c.Name, n.words.Say("column."+c.Name, title))
}

// item returns the title of a figure of the summary. Titles that tell more than
// their key does are sentences.
func (n *names) item(item analytics.Item) string {
	if n.differs() {
		if text, ok := n.words.Text["change.item."+item.Key]; ok {
			return text
		}
	}
	key := item.Key
	switch item.Title { // the way to go is no part of the key
	case "Target, at least":
		key += ".least"
	case "Target, at most":
		key += ".most"
	}
	title, _ := n.words.Translate(item.Title)
	return n.words.Say("item."+n.layer.Name+"."+key, n.words.Say("item."+key, title))
}

// count returns what a count of facts is called.
func (n *names) count(count string) string {
	name, number := count, ""
	if at := strings.LastIndexByte(count, '_'); at > 0 && strings.Trim(count[at+1:], "0123456789") == "" {
		name, number = count[:at], " "+count[at+1:]
	}
	return n.words.Say("count."+name, n.words.Say("item."+n.layer.Name+"."+name, n.words.Say("item."+name, name))) + number
}

// class returns the label of a class of the legend. Labels made of times are
// made anew in the language.
func (n *names) class(c analytics.Class) string {
	if n.differs() {
		return n.words.Say("change.class."+c.Key, c.Label)
	}
	if text, ok := n.words.Text["class."+n.layer.Name+"."+c.Key]; ok {
		return text
	}
	if text, ok := n.words.Text["class."+c.Key]; ok {
		return text
	}
	if c.Low == nil && c.High == nil {
		if strings.HasPrefix(c.Key, "class") { // the only one of a number that is the same everywhere
			return n.words.Must("class.any")
		}
		return c.Label
	}
	show := func(x *float64) string {
		number, unit, _ := strings.Cut(n.number(*x, n.layer.Legend.Unit), " ")
		number, percent := strings.CutSuffix(number, "%")
		if strings.Contains(number, ".") {
			number = strings.TrimSuffix(strings.TrimRight(number, "0"), ".")
		}
		if percent {
			number += "%"
		}
		return strings.TrimSpace(number + " " + unit)
	}
	switch {
	case c.Low == nil:
		return n.words.Fill("class.under", show(c.High))
	case c.High == nil:
		return n.words.Fill("class.from", show(c.Low))
	}
	return n.words.Fill("class.between", show(c.Low), show(c.High))
}

// span returns the first and the last day of the period, or the moments that
// bound one that is not made of days.
func (n *names) span() string {
	p := n.layer.Provenance
	last := api.ShowMoment(p.To, p.Zone)
	if len(last) == len(time.DateOnly) {
		last = api.Local(p.To.Add(-time.Minute), p.Zone).Format(time.DateOnly)
	}
	return api.ShowMoment(p.From, p.Zone) + " – " + last
}

// legend returns the title of the legend.
func (n *names) legend() string {
	if n.differs() {
		return n.words.Must("change.legend")
	}
	if n.layer.Legend.Column == "value" {
		return n.heading()
	}
	return n.words.Say("legend."+n.layer.Name, n.layer.Legend.Title)
}

// value writes what a row has in a column.
func (n *names) value(c analytics.Column, row int) string {
	if !c.Has(row) {
		return "–"
	}
	switch c.Type {
	case analytics.IntColumn:
		return n.number(float64(c.Ints[row]), c.Unit)
	case analytics.FloatColumn:
		if math.IsNaN(c.Floats[row]) {
			return "–"
		}
		switch {
		case changes(c.Name):
			return n.change(c.Floats[row])
		case strings.HasSuffix(c.Name, "_p"): // a probability is no part of anything
			return n.number(c.Floats[row], "")
		}
		return n.number(c.Floats[row], c.Unit)
	}
	return n.word(c.Words[row])
}

// changes reports whether a column or figure holds differences of values.
func changes(name string) bool {
	switch name {
	case "change", "change_low", "change_high", "year_change", "previous_change", "year_before_change":
		return true
	}
	return false
}

// change writes a difference of two values with its sign; that of two shares in
// points, as percent would read like a part of the value.
func (n *names) change(x float64) string {
	unit := ""
	if value, ok := n.layer.Column("value"); ok {
		unit = value.Unit
	}
	sign := "+"
	if x < 0 {
		sign, x = "−", -x
	}
	if unit == "share" {
		return sign + strconv.FormatFloat(100*x, 'f', 1, 64) + n.words.Must("unit.points")
	}
	return sign + n.number(x, unit)
}

// word writes a word of a column: the label of its class or of the word itself.
func (n *names) word(word string) string {
	for _, c := range n.layer.Legend.Classes {
		if c.Key == word {
			return n.class(c)
		}
	}
	return n.words.Say("word."+word, word)
}

func (n *names) number(x float64, unit string) string {
	if unit == "d" {
		return api.Show(x, "", api.UnitWords{}) + n.words.Units().Days
	}
	return api.Show(x, unit, n.words.Units())
}

// tip names a row and says what the map shows of it.
func (n *names) tip(row int) string {
	name, where := n.row(row)
	if where != "" {
		name += " (" + where + ")"
	}
	if c, ok := n.layer.Column(n.layer.Legend.Column); ok {
		name += ": " + n.value(c, row)
	}
	return name
}

// unit says what a row is: hexagons of a resolution, or a level.
func (n *names) unit(u analytics.Unit) string {
	if u.IsCells() {
		return n.words.Fill("unit.cells", u.Resolution.String())
	}
	return n.words.Say("level."+string(u.Level), string(u.Level))
}
