package analytics

import "github.com/civgrid/civgrid/data"

// A Report is what planners publish of an indicator: what each of its items
// reached, the same of each area and of each unit that answers for facts, and
// the items of every area. It is made by the engine only and immutable.
//
// Its cells are numbers, exact as they were computed; who writes them rounds.
type Report struct {
	Names data.Names // of the indicator
	// Unit is that of quotas and scores: "points" or "share" and, for an
	// indicator that is neither scored nor a share, that of its value.
	Unit   string
	Tables []ReportTable // in the order in which they are published
	// Method says in sentences how scores, pass rates and ranks come about,
	// Computed what the layer behind them says of itself.
	Method    []string
	Computed  string
	Reference string
	Notes     []Note // what a reader must know
	// Provenance is that of the areas.
	Provenance Provenance
}

// The names of the tables.
const (
	ItemTable   = "items"  // 项目
	AreaTable   = "areas"  // 街道
	UnitTable   = "units"  // 责任单位
	MatrixTable = "matrix" // 项目 × 街道
)

// A ReportTable is a table of a report. The last row of every table, and the
// last column of the matrix, are all facts together.
type ReportTable struct {
	Name  string // "items", "areas", "units" or "matrix"
	Title string // one line, no full stop
	Rows  []Entry
	// Columns are as long as Rows: quota, score, pass_rate, rank, n, status and,
	// where there are any, reason. The matrix has quota and then the score of each
	// area, which Across names.
	Columns []Column
	Across  []Entry // as long as Columns less the quota; nil but for the matrix
	// Few says, by area and row, which scores of the matrix rest on fewer facts
	// than are asked for.
	Few [][]bool
	// Balances account for the facts behind each item: those in no row are in
	// none but the last.
	Balances   []Balance
	Notes      []Note // what a reader must know of this table beside those of the report
	Provenance Provenance
}

// An Entry names a row, or a column, of a report.
type Entry struct {
	Code  string     // of the item, area or unit; "" for all together
	Names data.Names // none for all together
	All   bool       // all facts together
	Bonus bool       // an item whose points come on top
}

// A Note is a sentence or two that a reader must know, of an item or, with Of
// empty, of everything.
type Note struct {
	Of   data.Names
	Text string
}

// Column returns the named column of the table, if it has one.
func (t *ReportTable) Column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}
