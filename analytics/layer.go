package analytics

import (
	"time"

	"github.com/civgrid/civgrid/data"
)

// A Layer is a grid ready to be drawn. It is made by the engine only and
// immutable.
type Layer struct {
	Name  string // of the analysis
	Title string // that of the analysis, unless its parameters say what else is shown
	// Names and Doc are what the indicator that is shown is called and means; nil
	// and "" for analyses that show none.
	Names   data.Names
	Doc     string
	Frame   *Frame
	Columns []Column // as long as the frame; the identity columns first
	Legend  Legend
	Rank    Rank
	Matrix  *Matrix // nil if the analysis has none

	Summary  []Item // what holds for the layer as a whole
	Balances []Balance
	Caveats  []string // what a reader must know, in sentences

	Method     string // how it was computed, in a sentence or two
	Reference  string
	Provenance Provenance
	Quality    *data.Report // of the facts behind it; nil if never assessed
}

// ColumnType says which slice of a [Column] holds its values.
type ColumnType string

// The types of result columns.
const (
	IntColumn   ColumnType = "int"
	FloatColumn ColumnType = "float"
	WordColumn  ColumnType = "word"
	// A TimeColumn is of plain facts: the columns of layers are of the other types.
	TimeColumn ColumnType = "time"
)

// A Column is one number or word for each row.
type Column struct {
	Name  string     `json:"name"`
	Type  ColumnType `json:"type"`
	Title string     `json:"title"`
	Unit  string     `json:"unit,omitempty"` // "s", "km2", "share", "count"; "" for none
	Doc   string     `json:"doc,omitempty"`

	Ints   []int64   `json:"-"` // of an IntColumn; of a TimeColumn microseconds since 1970 UTC
	Floats []float64 `json:"-"`
	Words  []string  `json:"-"`
	// Valid says which rows have a value; nil means all.
	Valid []bool `json:"-"`
}

// Has reports whether the row has a value.
func (c Column) Has(row int) bool { return c.Valid == nil || c.Valid[row] }

// Column returns the named column of the layer, if it has one.
func (l *Layer) Column(name string) (Column, bool) {
	for _, c := range l.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// Set gives the named column the values and validity of another. It is for
// those who make the layer, and panics when there is no such column.
func (l *Layer) Set(name string, values Column) {
	for i := range l.Columns {
		if c := &l.Columns[i]; c.Name == name {
			c.Ints, c.Floats, c.Words, c.Valid = values.Ints, values.Floats, values.Words, values.Valid
			return
		}
	}
	panic("BUG: layer has no column " + name)
}

// A Legend says how a column is coloured.
type Legend struct {
	Column  string  `json:"column"`
	Title   string  `json:"title"`
	Unit    string  `json:"unit,omitempty"`
	Classes []Class `json:"classes"`
}

// NoData is the key of the class that holds the rows without a value.
const NoData = "no_data"

// A Class is one colour of a legend. For a word column it is the rows whose
// word is Key; for a number column those from Low (included) to High (not
// included), where nil means without bound. The class with Key NoData holds
// the rows without a value.
type Class struct {
	Key   string   `json:"key"`
	Label string   `json:"label"`
	Color string   `json:"color"`           // "#rrggbb"
	Shape string   `json:"shape,omitempty"` // "circle", "triangle", "triangle_down", "square", "ring"; status is never told by colour alone
	Low   *float64 `json:"low,omitempty"`
	High  *float64 `json:"high,omitempty"`
	Rows  int      `json:"rows"` // how many rows of the layer are of this class
}

// Of returns the index of the class that row of the legend's column belongs
// to, or -1 when none does.
func (g Legend) Of(c Column, row int) int {
	for i, class := range g.Classes {
		if class.holds(c, row) {
			return i
		}
	}
	return -1
}

func (class Class) holds(c Column, row int) bool {
	if !c.Has(row) || class.Key == NoData {
		return !c.Has(row) && class.Key == NoData
	}
	if c.Type == WordColumn {
		return class.Key == c.Words[row]
	}
	x := c.number(row)
	return (class.Low == nil || x >= *class.Low) && (class.High == nil || x < *class.High)
}

func (c Column) number(row int) float64 {
	if c.Type == IntColumn {
		return float64(c.Ints[row])
	}
	return c.Floats[row]
}

// A Rank says by which column rows are ranked, worst first.
type Rank struct {
	Column     string   `json:"column"`
	Descending bool     `json:"descending"` // the largest value is the worst
	Show       []string `json:"show"`       // columns a ranking table shows
	// Chosen says that rows without a rank are those that were not chosen: a table
	// for people leaves them out.
	Chosen bool `json:"chosen,omitempty"`
}

// A Matrix is a table of counts by weekday and hour, local time. Counts[0][0]
// is Monday from midnight to one o'clock.
type Matrix struct {
	Title  string       `json:"title"`
	Zone   string       `json:"zone"`
	Counts [7][24]int64 `json:"counts"`
}

// An Item is one number of a summary: an int64, a float64, a string or nil for
// no value.
type Item struct {
	Key   string `json:"key"`
	Title string `json:"title"`
	Value any    `json:"value"`
	Unit  string `json:"unit,omitempty"`
}

// AllFacts is the Count of the balance of every fact that was looked at, where an
// analysis tells it.
const AllFacts = "facts"

// A Balance accounts for the facts of one count: InRows, Outside, AreaOnly and
// Unlocated add up to Total, which is what the area above counts. A layer of
// cells cut to an area accounts for all facts of the city.
type Balance struct {
	Of        string `json:"of"` // what is counted
	Count     string `json:"count"`
	Total     int64  `json:"total"`
	InRows    int64  `json:"in_rows"`
	Outside   int64  `json:"outside"`   // with a point in no row
	AreaOnly  int64  `json:"area_only"` // placed by a community that is in no row
	Unlocated int64  `json:"unlocated"` // without any place
}

// Provenance says where a layer comes from, so that it can be made again.
// DataVersion identifies the content of the store, the quality reports that decided
// what was left out, what was published, and the present where it counts.
type Provenance struct {
	DataVersion string    `json:"data_version"`
	Unit        string    `json:"unit"`
	Within      string    `json:"within,omitempty"`
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Against     Span      `json:"against,omitzero"` // the period compared with; zero for none
	AsOf        time.Time `json:"as_of"`
	Recorded    time.Time `json:"recorded,omitzero"` // zero: facts as they are now
	Zone        string    `json:"zone"`
	StudyArea   string    `json:"study_area"`
	Boundaries  string    `json:"boundaries"` // version of all outlines
	// Indicator, Definition and Calendar name what an indicator was computed by,
	// with the digest of its text; "" for other analyses.
	Indicator  string            `json:"indicator,omitempty"`
	Definition string            `json:"definition,omitempty"`
	Calendar   string            `json:"calendar,omitempty"`
	Params     map[string]string `json:"params"`
}
