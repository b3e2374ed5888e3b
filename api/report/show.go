package report

import (
	"strconv"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// missing is what stands where there is no value.
const missing = "–"

// show writes what a row has in a column, for people.
func (p *printed) show(c *analytics.Column, row int) string {
	if !c.Has(row) {
		return missing
	}
	switch c.Type {
	case analytics.IntColumn:
		return api.ShowCount(c.Ints[row])
	case analytics.WordColumn:
		return p.word(c.Words[row])
	}
	x := c.Floats[row]
	switch {
	case c.Name == "quota" && c.Unit == "points":
		return plain(x, 2)
	case c.Unit == "points":
		return strconv.FormatFloat(rounded(x, 2), 'f', 2, 64)
	case c.Unit == "share":
		return strconv.FormatFloat(rounded(100*x, 1), 'f', 1, 64) + "%"
	}
	return api.Show(x, c.Unit, p.words.Units())
}

// part returns how much of the quota of a row a score is, from 0 to 1. ok is
// false where there is no score or no quota to compare it with.
func part(t *analytics.ReportTable, score *analytics.Column, row int) (part float64, ok bool) {
	quota, found := t.Column("quota")
	if !found || !score.Has(row) || !quota.Has(row) {
		return 0, false
	}
	return min(1, max(0, score.Floats[row]/quota.Floats[row])), true
}
