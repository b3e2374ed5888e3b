package encode

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// defaultTop is how many rows a text table shows when nothing is said.
const defaultTop = 20

// writeText writes what people at a terminal want to see: title, provenance,
// summary, the first rows by rank and the caveats.
func writeText(w io.Writer, in *input) error {
	s, t := newSink(w), in.Table
	if t.Layer != nil {
		s.textHead(t.Layer)
	}
	rows, left := textRows(t, in.options)
	s.textGrid(textColumns(t), rows)
	if left > 0 {
		s.printf("… and %s more\n", api.ShowCount(int64(left)))
	}
	if t.Layer != nil {
		for _, caveat := range t.Layer.Caveats {
			s.printf("\nNote: %s", printable(caveat))
		}
		if len(t.Layer.Caveats) > 0 {
			s.printf("\n")
		}
	}
	return s.close()
}

func (s *sink) printf(format string, args ...any) { s.buf = fmt.Appendf(s.buf, format, args...) }

func (s *sink) textHead(l *analytics.Layer) {
	p := l.Provenance
	s.printf("%s\n", printable(l.Title))
	s.printf("%s, %s to %s, as of %s (%s), data %s\n", p.Unit,
		api.ShowMoment(p.From, p.Zone), api.ShowMoment(p.To, p.Zone), api.ShowMoment(p.AsOf, p.Zone), p.Zone, p.DataVersion)
	if !p.Against.IsZero() {
		s.printf("compared with %s to %s\n", api.ShowMoment(p.Against.From, p.Zone), api.ShowMoment(p.Against.To, p.Zone))
	}
	if p.Indicator != "" {
		s.printf("definition %s (%s)", printable(p.Indicator), p.Definition)
		if p.Calendar != "" {
			s.printf(", calendar %s", printable(p.Calendar))
		}
		s.printf("\n")
	}
	s.printf("\n")
	lines := summaryLines(l)
	longest := 0
	for _, line := range lines {
		longest = max(longest, width(line[0]))
	}
	for _, line := range lines {
		s.printf("%s  %s\n", pad(line[0], longest, false), printable(line[1]))
	}
	if len(lines) > 0 {
		s.printf("\n")
	}
}

// summaryLines returns titles and values of what holds for the layer as a whole,
// the whereabouts of its facts last.
func summaryLines(l *analytics.Layer) (lines [][2]string) {
	for _, item := range l.Summary {
		lines = append(lines, [2]string{item.Title, showItem(item)})
	}
	return append(lines, whereabouts(l.Balances)...)
}

func showItem(item analytics.Item) string {
	switch v := item.Value.(type) {
	case nil:
		return "–"
	case int64:
		return api.Show(float64(v), item.Unit, api.UnitWords{})
	case float64:
		if strings.HasSuffix(item.Key, "_p") {
			return showProbability(v)
		}
		return api.Show(v, item.Unit, api.UnitWords{})
	}
	return fmt.Sprint(item.Value)
}

// textRows returns the rows to show, the given ones or else the worst by rank, and how
// many more there are.
func textRows(t *Table, o Options) (rows []int, left int) {
	if o.Rows == nil && t.Layer != nil {
		ranked := 0
		if rows, ranked = api.Ranked(t.Layer); t.Layer.Rank.Chosen {
			rows = rows[:ranked]
		}
	} else {
		for _, row := range o.rowsOf(t).all() {
			rows = append(rows, row)
		}
	}
	top := o.Top
	if top == 0 {
		top = defaultTop
	}
	if top > 0 && len(rows) > top {
		rows, left = rows[:top], len(rows)-top
	}
	return rows, left
}

// identity names the columns that tell people which row it is, as the engine
// calls them.
func identity() []string { return []string{"cell", "place_name", "code", "name"} }

// textColumns returns the columns a ranking shows, those that name the row
// first, or all of them.
func textColumns(t *Table) []analytics.Column {
	if t.Layer == nil || len(t.Layer.Rank.Show) == 0 {
		return t.Columns
	}
	var shown []analytics.Column
	for _, name := range identity() {
		if c, ok := t.column(name); ok && !blank(&c, t.Len()) {
			shown = append(shown, c)
		}
	}
	for _, name := range t.Layer.Rank.Show {
		if c, ok := t.column(name); ok {
			shown = append(shown, c)
		}
	}
	return shown
}

// blank reports whether a column of words has none: boundaries may come without
// names.
func blank(c *analytics.Column, rows int) bool {
	if c.Type != analytics.WordColumn {
		return false
	}
	for row := range rows {
		if api.Known(c, row) && c.Words[row] != "" {
			return false
		}
	}
	return true
}

// textGrid writes rows under their heads, words to the left and numbers to the
// right.
func (s *sink) textGrid(columns []analytics.Column, rows []int) {
	head, right := make([]string, len(columns)), make([]bool, len(columns))
	for i, c := range columns {
		head[i], right[i] = c.Name, c.Type == analytics.IntColumn || c.Type == analytics.FloatColumn
	}
	grid := [][]string{head}
	for _, row := range rows {
		line := make([]string, len(columns))
		for i := range columns {
			line[i] = showValue(&columns[i], row)
		}
		grid = append(grid, line)
	}
	s.lines(grid, right)
}

func showValue(c *analytics.Column, row int) string {
	if !api.Known(c, row) {
		return "–"
	}
	switch c.Type {
	case analytics.TimeColumn:
		return string(appendInstant(nil, c.Ints[row]))
	case analytics.IntColumn:
		return api.Show(float64(c.Ints[row]), c.Unit, api.UnitWords{})
	case analytics.FloatColumn:
		if c.Name == "p" || c.Name == "q" || strings.HasSuffix(c.Name, "_p") {
			return showProbability(c.Floats[row])
		}
		return api.Show(c.Floats[row], c.Unit, api.UnitWords{})
	}
	return printable(c.Words[row])
}

// leastShown is the smallest probability that is worth its figures.
const leastShown = 0.001

func showProbability(p float64) string {
	if p < leastShown {
		return "<0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}

func (s *sink) lines(grid [][]string, right []bool) {
	widths := make([]int, len(right))
	for _, line := range grid {
		for i, word := range line {
			widths[i] = max(widths[i], width(word))
		}
	}
	for _, line := range grid {
		var text strings.Builder
		for i, word := range line {
			if i > 0 {
				text.WriteString("  ")
			}
			text.WriteString(pad(word, widths[i], right[i]))
		}
		s.printf("%s\n", strings.TrimRight(text.String(), " "))
		if !s.full() {
			return
		}
	}
}
