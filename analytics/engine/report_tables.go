package engine

import (
	"math"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// reportOf makes the tables of what was reckoned.
func reportOf(areas, units reckoned) *analytics.Report {
	c := areas.compiled
	r := &analytics.Report{
		Names: namesOf(c), Unit: c.PointsUnit(),
		Method: methodOf(c), Computed: areas.whole.Method, Reference: areas.whole.Reference, Provenance: areas.whole.Provenance,
	}
	r.Provenance.Zone = c.Zone().String() // periods are in that of the definition
	units.all = areas.all                 // so that tables agree on what all facts come to
	r.Tables = []analytics.ReportTable{areas.itemTable(), areas.rowTable(analytics.AreaTable), units.rowTable(analytics.UnitTable), areas.matrix()}
	r.Tables[0].Title, r.Tables[1].Title = "Items", "Areas"
	r.Tables[2].Title, r.Tables[3].Title = "Responsible units", "Items by area"
	for i, from := range []*reckoned{&areas, &areas, &units, &areas} {
		r.Tables[i].Provenance = r.Provenance
		from.account(&r.Tables[i])
	}
	r.Notes = areas.notes(nil)
	r.Tables[2].Notes = units.notes(r.Notes)
	return r
}

func namesOf(c *indicator.Compiled) data.Names {
	if len(c.Name) == 0 {
		return data.Names{"": c.Code}
	}
	return c.Name
}

// A line is a row of every table but the matrix.
type line struct {
	entry        analytics.Entry
	quota, score figure
	passed, of   float64 // of is 0 where nothing can pass
	rank, n      int64   // rank is 0 for none
	status, why  string
	reached      float64 // part of the quota
	enough       bool
	untold       bool // see Options.MinCount
}

// A figure may be missing.
type figure struct {
	x  float64
	ok bool
}

func figureOf(x float64, ok bool) figure { return figure{x, ok} }

// item returns the line of an item, of all facts.
func (r *reckoned) item(i int) line {
	c, o := r.components[i], r.all.items[i]
	l := line{entry: analytics.Entry{Code: c.Code, Names: namesOf(c.Compiled), Bonus: c.Bonus}, n: o.N, why: o.Reason, enough: c.Enough(o)}
	l.quota = figureOf(c.Quota())
	l.score.x, l.reached, l.score.ok = c.Points(o)
	l.passed, l.of = c.Passed(o)
	l.status = statusOf(c.Compiled, o, l.score.ok)
	l.untold = o.N == 0 && withholds(r.items[i])
	return l
}

// withholds reports whether rows of a layer are not told.
func withholds(layer *analytics.Layer) bool {
	return slices.ContainsFunc(layer.Summary, func(i analytics.Item) bool { return i.Key == suppressed && i.Value != int64(0) })
}

// row returns the line of an area or unit or, for -1, of all facts.
func (r *reckoned) row(row int) line {
	l, o := line{entry: analytics.Entry{All: true}}, r.all.whole
	if row >= 0 {
		place := r.whole.Frame.Communities[row]
		l.entry, o = analytics.Entry{Code: place.Code, Names: place.Names}, r.rows[row]
		if len(place.Names) == 0 {
			l.entry.Names = data.Names{"": place.Code}
		}
	}
	l.quota, l.score = figureOf(r.compiled.Quota()), figureOf(r.compiled.Points(o))
	l.n, l.why, l.status = o.N, o.Reason, statusOf(r.compiled, o, l.score.ok)
	for i, c := range r.components {
		passed, of := c.Passed(r.part(i, row))
		l.passed, l.of = l.passed+passed, l.of+of
	}
	l.untold = r.isUntold(row, o.N)
	return l
}

// isUntold reports whether it is not told of how many facts a row is or, for -1, all
// of them.
func (r *reckoned) isUntold(row int, n int64) bool {
	if r.whole == nil {
		return false
	}
	if row < 0 {
		return n == 0 && withholds(r.whole)
	}
	facts, ok := r.whole.Column("n")
	return ok && !facts.Has(row)
}

// part returns the outcome of an item in a row or, for -1, of all facts.
func (r *reckoned) part(item, row int) indicator.Outcome {
	if row < 0 {
		return r.all.items[item]
	}
	return r.parts[item][row]
}

// statusOf returns the status of an outcome, which without a target is only
// whether it rests on enough facts.
func statusOf(c *indicator.Compiled, o indicator.Outcome, has bool) string {
	if o.Status == "" && has && !c.Enough(o) {
		return indicator.Insufficient
	}
	return o.Status
}

// itemTable ranks items by the part of their points that they reached.
func (r *reckoned) itemTable() analytics.ReportTable {
	var lines []line
	var reached []float64
	var ranked []bool
	for i := range r.components {
		l := r.item(i)
		lines = append(lines, l)
		reached = append(reached, math.Round(l.reached*partsTold)/partsTold)
		ranked = append(ranked, l.score.ok && l.quota.ok && l.enough)
	}
	for i, rank := range stats.Rank(reached, ranked, true) {
		lines[i].rank = int64(rank)
	}
	return tableOf(analytics.ItemTable, r.compiled.PointsUnit(), append(lines, r.row(-1)))
}

// partsTold is how finely parts are told apart when they are ranked, so that
// 9 of 10 and 90 of 100 are equal whatever way they were computed.
const partsTold = 1e12

// rowTable has a line for each area, or for each unit that there is something
// to tell of: units that answer for other facts of the dataset are not listed.
func (r *reckoned) rowTable(name string) analytics.ReportTable {
	var lines []line
	if r.whole != nil {
		rank, _ := r.whole.Column("rank")
		for row := range r.rows {
			l := r.row(row)
			if rank.Has(row) {
				l.rank = rank.Ints[row]
			}
			if name == analytics.AreaTable || l.score.ok || l.n > 0 {
				lines = append(lines, l)
			}
		}
	}
	return tableOf(name, r.compiled.PointsUnit(), append(lines, r.row(-1)))
}

// tableOf makes columns of lines, whose points are in a unit.
func tableOf(name, unit string, lines []line) analytics.ReportTable {
	n := len(lines)
	quota, score := blank("quota", "Quota", unit, analytics.FloatColumn, n), blank("score", "Score", unit, analytics.FloatColumn, n)
	pass, rank := blank("pass_rate", "Pass rate", "share", analytics.FloatColumn, n), blank("rank", "Rank", "", analytics.IntColumn, n)
	facts, status := blank("n", "Facts", "count", analytics.IntColumn, n), blank("status", "Status", "", analytics.WordColumn, n)
	why := blank("reason", "Why", "", analytics.WordColumn, n)
	t := analytics.ReportTable{Name: name}
	for i, l := range lines {
		t.Rows = append(t.Rows, l.entry)
		quota.Floats[i], quota.Valid[i] = l.quota.x, l.quota.ok
		score.Floats[i], score.Valid[i] = l.score.x, l.score.ok
		if l.of > 0 {
			pass.Floats[i], pass.Valid[i] = l.passed/l.of, true
		}
		rank.Ints[i], rank.Valid[i] = l.rank, l.rank > 0
		facts.Ints[i], facts.Valid[i] = l.n, !l.untold
		status.Words[i], status.Valid[i] = l.status, l.status != ""
		why.Words[i], why.Valid[i] = l.why, l.why != ""
	}
	t.Columns = []analytics.Column{quota, score, pass, rank, facts, status}
	if slices.Contains(why.Valid, true) {
		t.Columns = append(t.Columns, why)
	}
	return t
}

// blank returns a column of n rows without a value.
func blank(name, title, unit string, kind analytics.ColumnType, n int) analytics.Column {
	c := analytics.Column{Name: name, Type: kind, Title: title, Unit: unit, Valid: make([]bool, n)}
	switch kind {
	case analytics.IntColumn:
		c.Ints = make([]int64, n)
	case analytics.FloatColumn:
		c.Floats = make([]float64, n)
	case analytics.WordColumn:
		c.Words = make([]string, n)
	}
	return c
}

// matrix has the points of every item in every area, and what they come to.
func (r *reckoned) matrix() analytics.ReportTable {
	t := analytics.ReportTable{Name: analytics.MatrixTable}
	unit, n := r.compiled.PointsUnit(), len(r.components)+1
	quota := blank("quota", "Quota", unit, analytics.FloatColumn, n)
	for i := range r.components {
		l := r.item(i)
		t.Rows = append(t.Rows, l.entry)
		quota.Floats[i], quota.Valid[i] = l.quota.x, l.quota.ok
	}
	all := r.row(-1)
	t.Rows = append(t.Rows, all.entry)
	quota.Floats[n-1], quota.Valid[n-1] = all.quota.x, all.quota.ok
	t.Columns = []analytics.Column{quota}
	for row := range r.rows {
		r.addArea(&t, row)
	}
	r.addArea(&t, -1)
	return t
}

// addArea adds the column of an area or, for -1, of all facts.
func (r *reckoned) addArea(t *analytics.ReportTable, row int) {
	whole, n := r.row(row), len(t.Rows)
	score := blank(whole.entry.Code, whole.entry.Names.In(""), t.Columns[0].Unit, analytics.FloatColumn, n)
	few := make([]bool, n)
	for i, c := range r.components {
		o := r.part(i, row)
		score.Floats[i], _, score.Valid[i] = c.Points(o)
		few[i] = score.Valid[i] && !c.Enough(o)
	}
	score.Floats[n-1], score.Valid[n-1] = whole.score.x, whole.score.ok
	few[n-1] = whole.status == indicator.Insufficient
	t.Columns, t.Across, t.Few = append(t.Columns, score), append(t.Across, whole.entry), append(t.Few, few)
}
