package web

import (
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// Rows of the ranking table.
const (
	firstRows = 12
	mostRows  = 500
)

type rankView struct {
	Title string
	Place string // what the rows are called
	Heads []head
	Rows  []rankRow
	More  string // address of the whole ranking, "" if it is shown
	Left  string // how many rows are not shown
	Of    string // how many rows have a rank
}

// head is the head of a column.
type head struct {
	Title, Doc, Href string
	Number           bool
	Sorted           string // ascending, descending, or "" where it is not by this column
}

type rankRow struct {
	Code, Rank, Name, Where, Href string
	Here                          bool
	Cells                         []rankCell
}

type rankCell struct {
	Text   string
	Number bool
	Status string // the word, where the cell is of the legend's column
	Swatch template.HTML
}

// ranking makes the table of the rows, worst first.
func (p Page) ranking(n *names) rankView {
	rows, ranked := api.Ranked(p.Layer)
	place := make(map[int]string, ranked)
	for i, row := range rows[:ranked] {
		place[row] = strconv.Itoa(i + 1)
	}
	p.sort(rows)
	limit := firstRows
	if p.All {
		limit = mostRows
	}
	r := rankView{Title: n.words.Must("rank.title"), Place: n.words.Must("place")}
	if c, ok := p.Layer.Column("rank"); ok && blank(c, p.Layer.Frame.Len()) {
		r.Title = n.words.Must("rank.none")
	}
	if p.Layer.Frame.Unit.IsParty() {
		r.Place = n.unit(p.Layer.Frame.Unit)
	}
	r.Of = api.ShowCount(int64(ranked))
	if len(rows) > limit {
		r.Left = api.ShowCount(int64(len(rows) - limit))
		if !p.All {
			r.More = p.address("all", "true") + "#rank"
		}
		rows = rows[:limit]
	}
	columns := p.shown()
	for _, c := range columns {
		h := head{Title: columnsTitle(n, c), Doc: c[0].Doc, Number: c[0].Type != analytics.WordColumn}
		h.Href, h.Sorted = p.sorting(c[0].Name)
		r.Heads = append(r.Heads, h)
	}
	for _, row := range rows {
		name, where := n.row(row)
		id := p.Layer.Frame.ID(row)
		line := rankRow{Code: id, Rank: "–", Name: name, Where: where, Href: p.address("sel", id) + "#popup", Here: id == p.Select}
		if at := place[row]; at != "" {
			line.Rank = at
		}
		for _, c := range columns {
			line.Cells = append(line.Cells, p.cell(n, c, row))
		}
		r.Rows = append(r.Rows, line)
	}
	return r
}

// sort orders rows by the column that is asked for; those that are alike stay in the
// order of their rank, and those without a value come last.
func (p Page) sort(rows []int) {
	name, descending := strings.CutPrefix(p.Sort, "-")
	if column, ok := p.Layer.Column(name); ok {
		slices.SortStableFunc(rows, func(a, b int) int { return api.Order(&column, descending, a, b) })
	}
}

// sorting returns the address of the ranking ordered by a column, from the greatest
// first, and how it is ordered by it now. What is ordered both ways goes back to the
// rank.
func (p Page) sorting(column string) (href, sorted string) {
	next := "-" + column
	switch p.Sort {
	case next:
		next, sorted = column, "descending"
	case column:
		next, sorted = "", "ascending"
	}
	return p.address("sort", next) + "#rank", sorted
}

// beside reports whether a column is left to the details of a row, because the
// ranking has to fit beside the map.
func beside(column string) bool {
	return slices.Contains([]string{"expected", "funnel", "q", "rank"}, column)
}

// shown returns the columns of the ranking; lower and upper bound of an interval
// share one place.
func (p Page) shown() [][]analytics.Column {
	var list [][]analytics.Column
	show := p.Layer.Rank.Show
	if p.Given["changes"] == "true" { // where the interval says how much there is to go by
		show = slices.DeleteFunc(slices.Clone(show), func(name string) bool { return name == "n" || name == "change_p" })
	}
	for i := 0; i < len(show); i++ {
		c, ok := p.Layer.Column(show[i])
		if !ok || beside(show[i]) || blank(c, p.Layer.Frame.Len()) {
			continue
		}
		if of, lower := strings.CutSuffix(show[i], "low"); lower && i+1 < len(show) && show[i+1] == of+"high" {
			if high, ok := p.Layer.Column(of + "high"); ok {
				list = append(list, []analytics.Column{c, high})
				i++
				continue
			}
		}
		list = append(list, []analytics.Column{c})
	}
	return list
}

// blank reports whether no row has a value in a column.
func blank(c analytics.Column, rows int) bool {
	for row := range rows {
		if c.Has(row) {
			return false
		}
	}
	return rows > 0
}

func columnsTitle(n *names, c []analytics.Column) string {
	if len(c) == 2 {
		return n.words.Say("interval."+n.layer.Name, n.words.Must("interval"))
	}
	return n.column(c[0])
}

func (p Page) cell(n *names, c []analytics.Column, row int) rankCell {
	if len(c) == 2 {
		if !c[0].Has(row) || !c[1].Has(row) {
			return rankCell{Text: "–", Number: true}
		}
		return rankCell{Text: interval(n.value(c[0], row), n.value(c[1], row)), Number: true}
	}
	cell := rankCell{Text: n.value(c[0], row), Number: c[0].Type != analytics.WordColumn}
	if c[0].Name != p.Layer.Legend.Column {
		return cell
	}
	if i := p.Layer.Legend.Of(c[0], row); i >= 0 {
		class := p.Layer.Legend.Classes[i]
		cell.Status, cell.Swatch = class.Key, swatchHTML(class, p.Layer.Legend)
	}
	return cell
}

// popupView tells everything about one row.
type popupView struct {
	Code, Name, Where, Why, Zoom string
	Close                        string
	Swatch                       template.HTML
	Values                       []field
}

// popup tells about the selected row; nil if none is selected.
func (p Page) popup(n *names) *popupView {
	row, ok := p.Layer.Frame.RowOf(p.Select)
	if !ok {
		return nil
	}
	name, where := n.row(row)
	v := &popupView{Code: p.Select, Name: name, Where: where, Close: p.address("sel", "")}
	if unit := p.Layer.Frame.Unit; !unit.IsCells() && !unit.IsParty() {
		v.Zoom = p.address("within", p.Select, "sel", "")
	}
	v.Why = p.why(n, row)
	if c, ok := p.Layer.Column(p.Layer.Legend.Column); ok {
		if i := p.Layer.Legend.Of(c, row); i >= 0 {
			v.Swatch = swatchHTML(p.Layer.Legend.Classes[i], p.Layer.Legend)
		}
	}
	for _, c := range p.Layer.Columns {
		if named(c.Name) || !c.Has(row) {
			continue
		}
		v.Values = append(v.Values, field{n.column(c), n.value(c, row)})
	}
	return v
}

// named reports whether a column says which row it is, which the head of the
// popup does already.
func named(column string) bool {
	switch column {
	case "cell", "code", "name", "parent", "place", "place_name", "name_en", "name_zh_hans", "name_zh_hant":
		return true
	}
	return false
}

// why says in words what the map says of a row, with its place in the ranking.
func (p Page) why(n *names, row int) string {
	text := ""
	if c, ok := p.Layer.Column(p.Layer.Legend.Column); ok {
		text = n.legend() + ": " + n.value(c, row)
	}
	rows, ranked := api.Ranked(p.Layer)
	for i, other := range rows[:ranked] {
		if other == row {
			text += n.words.Fill("why.rank", strconv.Itoa(i+1), api.ShowCount(int64(ranked)))
		}
	}
	return text
}

// heatView is the table of weekdays and hours.
type heatView struct {
	Title, Zone, Total string
	Hours              []string
	Days               []heatDay
}

type heatDay struct {
	Name  string
	Cells []heatCell
}

type heatCell struct {
	Day, Hour int
	Value     int64
	Shade     int // 0 to 6
	Label     string
	Href      string // of the facts of that hour alone, or of all where they are shown
	Here      bool
}

// shades of the heat table beside 0, which is no count at all.
const shades = 6

// heat makes the table; nil where the analysis has none.
func (p Page) heat(w *words) *heatView {
	m := p.Layer.Matrix
	if m == nil {
		return nil
	}
	v := &heatView{Title: w.Say("matrix", m.Title), Zone: m.Zone}
	var most, total int64
	for _, day := range m.Counts {
		for _, n := range day {
			most, total = max(most, n), total+n
		}
	}
	v.Total = api.ShowCount(total)
	for hour := range 24 {
		v.Hours = append(v.Hours, strconv.Itoa(hour))
	}
	for d, counts := range m.Counts {
		day := heatDay{Name: w.Must("day." + strconv.Itoa(d))}
		for hour, n := range counts {
			cell := heatCell{Day: d + 1, Hour: hour, Value: n}
			if n > 0 {
				cell.Shade = min(int((n-1)*shades/max(most, 1))+1, shades)
			}
			weekday, hourOfDay := strconv.Itoa(cell.Day), strconv.Itoa(hour)
			cell.Here = p.Given["weekday"] == weekday && p.Given["hour"] == hourOfDay
			if cell.Href = p.address("weekday", weekday, "hour", hourOfDay, "sel", ""); cell.Here {
				cell.Href = p.address("weekday", "", "hour", "", "sel", "")
			}
			cell.Label = w.Fill("heat.cell", day.Name, strconv.Itoa(hour), api.ShowCount(n))
			day.Cells = append(day.Cells, cell)
		}
		v.Days = append(v.Days, day)
	}
	return v
}
