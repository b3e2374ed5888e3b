package page

import (
	"slices"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/api"
)

// How much a row shows at once of a value within it: links, members, items or rows, and
// bytes of numbers.
const (
	maxUnfolded     = 10
	maxUnfoldedCode = 200
)

// A row is an object in a table: plain values in the columns that have nothing else, and
// what is not plain below them, so that a table is no wider than the page.
type row struct {
	Cells []member
	More  []member
}

// table makes an object of several objects a table with a row for each.
func (v *value) table() {
	if len(v.Members) < 2 {
		return
	}
	rows := make([]*value, len(v.Members))
	for i, m := range v.Members {
		if m.Value.Members == nil {
			return
		}
		rows[i] = &value{Members: append([]member{{"", &value{Text: m.Name}}}, m.Value.Members...)}
	}
	v.tabulate(rows)
	v.Members = nil
}

// tabulate makes a table of objects. Each has a row, each name of plain values a column,
// and what a row is called by leads to it where the row has a link to itself.
func (v *value) tabulate(rows []*value) {
	names, nested := namesOf(rows)
	for _, name := range names {
		if !nested[name] {
			v.Heads = append(v.Heads, name)
		}
	}
	for _, object := range rows {
		object.lead()
		var shown row
		for _, name := range v.Heads {
			cell := object.member(name)
			if cell == nil {
				cell = &value{}
			}
			shown.Cells = append(shown.Cells, member{name, cell})
		}
		for _, m := range object.Members {
			if nested[m.Name] {
				m.Value.fold()
				shown.More = append(shown.More, m)
			}
		}
		v.Rows = append(v.Rows, shown)
	}
}

// namesOf returns the names of the members of objects, each before those that it stands
// before in its object, and which of them have values that are not plain.
func namesOf(objects []*value) (names []string, nested map[string]bool) {
	nested = map[string]bool{}
	for _, object := range objects {
		at := len(names) // of the next name that is known
		for _, m := range slices.Backward(object.Members) {
			if known := slices.Index(names, m.Name); known >= 0 {
				at = known
			} else {
				names = slices.Insert(names, at, m.Name)
			}
			if !m.Value.plain() {
				nested[m.Name] = true
			}
		}
	}
	return names, nested
}

// plain reports whether the value is a text or a few numbers.
func (v *value) plain() bool {
	return v.Links == nil && v.Rows == nil && v.Members == nil && v.Items == nil && len(v.Code) <= maxUnfoldedCode
}

// lead makes the id or else the title of an object lead to it.
func (v *value) lead() {
	links := v.member("links")
	if links == nil {
		return
	}
	at := slices.IndexFunc(links.Links, func(l api.Link) bool { return l.Rel == "self" })
	for _, name := range []string{"id", "jobID", "title"} {
		if called := v.member(name); called != nil && called.Text != "" && at >= 0 {
			called.Href = links.Links[at].Href
			return
		}
	}
}

// fold says how much there is where it is too much for a row.
func (v *value) fold() {
	told := func(n int, what string) {
		if n > maxUnfolded {
			v.Long = strconv.Itoa(n) + " " + what
		}
	}
	told(len(v.Links), "links")
	told(len(v.Rows), "rows")
	told(len(v.Members), "members")
	told(len(v.Items), "items")
	if len(v.Code) > maxUnfoldedCode {
		told(1+strings.Count(v.Code, ","), "numbers")
	}
}
