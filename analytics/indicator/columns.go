package indicator

import (
	"math"

	"github.com/civgrid/civgrid/analytics"
)

// columns describes the result of any indicator. Values and what is to be
// reached are in its unit.
func columns(unit string) []analytics.Column {
	number := func(name, title, doc, unit string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Title: title, Doc: doc, Unit: unit}
	}
	list := []analytics.Column{
		{Name: "status", Type: analytics.WordColumn, Title: "Status", Doc: "compliant, non_compliant, undetermined or insufficient; missing without data or target."},
		number("value", "Value", "Missing without data.", unit),
		number("low", "Lower bound", "Of the interval.", unit),
		number("high", "Upper bound", "Of the interval.", unit),
		number("ranked", "Value to rank by", "Empirical Bayes estimate: the value drawn towards that of the area above, the more the fewer facts there are. The value itself for kinds that are not smoothed.", unit),
		{Name: "rank", Type: analytics.IntColumn, Title: "Rank", Doc: "1 for the best; equal values share a rank. Rows without enough facts are listed and not ranked."},
		{Name: "n", Type: analytics.IntColumn, Unit: "count", Title: "Facts", Doc: "Facts the value rests on."},
		number("numerator", "Numerator", "", ""),
		number("denominator", "Denominator", "", ""),
		number("target", "Target", "What is to be reached.", unit),
		number("score", "Points", "By the scoring that is declared.", "points"),
		{Name: "reason", Type: analytics.WordColumn, Title: "Why there is no value, or what decided", Doc: "no_facts, not_reached, no_area, no_population, no_resources, gate_closed, gate_unknown, vetoed or nothing_scored."},
		{Name: "parts", Type: analytics.WordColumn, Title: "What it is made of", Doc: "Of composites: each item and the part of its points it reached."},
		number("previous", "Value of the period before", "", unit),
		number("change", "Change since the period before", "", changeUnit(unit)),
		number("change_low", "Change, lower bound", "", changeUnit(unit)),
		number("change_high", "Change, upper bound", "", changeUnit(unit)),
		number("change_p", "Change, p-value", "Two-sided, of there being no change; missing for kinds without a test.", ""),
		number("year_before", "Value a year before", "", unit),
		number("year_change", "Change since a year before", "", changeUnit(unit)),
		number("year_change_p", "Change since a year before, p-value", "", ""),
	}
	for _, p := range PopulationTitles() {
		list = append(list, analytics.Column{Name: p[0], Type: analytics.IntColumn, Unit: "count", Title: p[1], Doc: "Of indicators with a clock."})
	}
	return list
}

// PopulationTitles returns the name and title of every population of which a
// case is in exactly one, and of the part of them that has not matured.
func PopulationTitles() [][2]string {
	return [][2]string{
		{ClosedOnTime, "Closed on time"},
		{ClosedLate, "Closed late"},
		{OpenOverdue, "Open, overdue"},
		{OpenNotDue, "Open, not due"},
		{Suspended, "Suspended"},
		{Void, "Void"},
		{NoLimit, "Without deadline"},
		{Undated, "Closed, date unknown"},
		{NotMatured, "Of those on time: deadline still ahead"},
	}
}

// changeUnit returns the unit of a change: a share, from 0 to 1, changes by one
// that may be below 0.
func changeUnit(unit string) string {
	if unit == "share" {
		return "share_change"
	}
	return unit
}

// A sheet collects columns row by row.
type sheet struct {
	columns []analytics.Column
	index   map[string]int
}

func newSheet(unit string, rows int) *sheet {
	s := &sheet{columns: columns(unit), index: map[string]int{}}
	for i := range s.columns {
		c := &s.columns[i]
		s.index[c.Name] = i
		c.Valid = make([]bool, rows)
		switch c.Type {
		case analytics.IntColumn:
			c.Ints = make([]int64, rows)
		case analytics.FloatColumn:
			c.Floats = make([]float64, rows)
		case analytics.WordColumn:
			c.Words = make([]string, rows)
		}
	}
	return s
}

func (s *sheet) number(name string, row int, x float64, ok bool) {
	if ok && !math.IsNaN(x) && !math.IsInf(x, 0) {
		c := &s.columns[s.index[name]]
		c.Floats[row], c.Valid[row] = x, true
	}
}

func (s *sheet) int(name string, row int, n int64, ok bool) {
	if ok {
		c := &s.columns[s.index[name]]
		c.Ints[row], c.Valid[row] = n, true
	}
}

func (s *sheet) word(name string, row int, word string) {
	if word != "" {
		c := &s.columns[s.index[name]]
		c.Words[row], c.Valid[row] = word, true
	}
}
