package encode

import (
	"iter"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// Facts says how the facts of a dataset become rows. It is immutable and safe for
// concurrent use.
//
// A row is called by [FactID]. Its geometry is the point of the fact; a fact whose
// place is known by a community only has none. Its columns are those of the dataset
// under their names, but: longitude and latitude are the geometry, coordinates as the
// source gave them are left out, and the id within the source is called incident_id
// or the like, since id is what the row is called. Times are a TimeColumn, cells words
// in hexadecimal, and attributes are one text of JSON: GIS lose what is nested.
type Facts struct {
	dataset data.Dataset
	title   string
	columns []data.Column // behind the properties
	names   []string      // of the properties
}

// unshown are the columns of a dataset that are no property.
var unshown = [...]string{"lon", "lat", "crs_given", "x_given", "y_given", data.Withdrawn}

// FactsOf returns how facts become rows, given the columns of their dataset. Columns
// that may hold personal data are left out unless personal is set.
func FactsOf(d data.Dataset, title string, schema []data.Column, personal bool) *Facts {
	f := &Facts{dataset: d, title: title}
	for _, c := range schema {
		if c.Private && !personal || slices.Contains(unshown[:], c.Name) {
			continue
		}
		name := c.Name
		if name == idColumn {
			name = strings.TrimSuffix(string(d), "s") + "_id"
		}
		f.columns, f.names = append(f.columns, c), append(f.names, name)
	}
	return f
}

// Dataset returns the dataset of the facts.
func (f *Facts) Dataset() data.Dataset { return f.dataset }

// Describe returns the columns of the rows, without values.
func (f *Facts) Describe() []analytics.Column {
	types := map[data.Type]analytics.ColumnType{data.Int: analytics.IntColumn, data.Float: analytics.FloatColumn, data.Time: analytics.TimeColumn}
	described := make([]analytics.Column, len(f.columns))
	for i, c := range f.columns {
		described[i] = analytics.Column{Name: f.names[i], Type: analytics.WordColumn, Title: titleOf(f.names[i]), Doc: c.Doc, Unit: c.Unit}
		if t, ok := types[c.Type]; ok {
			described[i].Type = t
		}
		if c.Type == data.Time {
			described[i].Unit = "" // it is that of the number in the store
		}
	}
	return described
}

// titleOf makes a title of a name: "Reported at".
func titleOf(name string) string {
	return strings.ToUpper(name[:1]) + strings.ReplaceAll(name[1:], "_", " ")
}

// Properties returns the columns of the dataset that are properties, under the names
// of these, as conditions on them are checked.
func (f *Facts) Properties() []data.Column {
	columns := slices.Clone(f.columns)
	for i := range columns {
		columns[i].Name = f.names[i]
	}
	return columns
}

// Column returns the column of the dataset that is behind a property.
func (f *Facts) Column(property string) (data.Column, bool) {
	i := slices.Index(f.names, property)
	if i < 0 {
		return data.Column{}, false
	}
	return f.columns[i], true
}

// Head returns the table of no rows that says what is known of all, for [Stream].
func (f *Facts) Head() *Table { return f.table(f.Describe()) }

func (f *Facts) table(columns []analytics.Column) *Table {
	t := &Table{Name: string(f.dataset), Title: f.title, Columns: columns, IDs: []string{}, Points: true}
	if event := data.EventTime(f.dataset); event != "" {
		t.Event = &analytics.Column{Name: event, Type: analytics.TimeColumn}
	}
	return t
}

// Needs returns the columns of the dataset that the rows of a view are made of.
func (f *Facts) Needs(v View) []string {
	names := []string{"source", "id"}
	if !v.Bare {
		names = append(names, "lon", "lat")
	}
	if event := data.EventTime(f.dataset); event != "" {
		names = append(names, event)
	}
	for _, at := range f.shown(v) {
		if name := f.columns[at].Name; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// shown returns which properties a view shows.
func (f *Facts) shown(v View) (places []int) {
	for i, name := range f.names {
		if v.Columns == nil || slices.Contains(v.Columns, name) {
			places = append(places, i)
		}
	}
	return places
}

// factRows is how many rows a table of a stream has that is not the last: some
// megabytes with all columns.
const factRows = 4096

// Tables makes rows of batches that have the columns of [Facts.Needs] at least, in
// their order, as [Stream] takes them: a table holds until the next is asked for.
func (f *Facts) Tables(batches data.Batches, v View) iter.Seq2[*Table, error] {
	return func(yield func(*Table, error) bool) {
		g := f.gather(v)
		for b, err := range batches {
			if err != nil {
				yield(nil, err)
				return
			}
			for lo := 0; lo < b.Len(); {
				hi := min(b.Len(), lo+factRows-g.table.Len())
				g.add(b, lo, hi)
				if lo = hi; g.table.Len() < factRows {
					break
				}
				if !yield(g.table.Show(v), nil) {
					return
				}
				g.reset()
			}
		}
		if g.table.Len() > 0 {
			yield(g.table.Show(v), nil)
		}
	}
}

// Table makes one table of all rows of batches.
func (f *Facts) Table(batches data.Batches, v View) (*Table, error) {
	g := f.gather(v)
	for b, err := range batches {
		if err != nil {
			return nil, err
		}
		g.add(b, 0, b.Len())
	}
	return g.table.Show(v), nil
}

// A factGatherer fills a table with rows of batches.
type factGatherer struct {
	table  *Table
	behind []data.Column // of each column of the table
	places bool          // whether rows have their geometry
}

func (f *Facts) gather(v View) *factGatherer {
	described := f.Describe()
	g := &factGatherer{places: !v.Bare}
	var columns []analytics.Column
	for _, at := range f.shown(v) {
		columns, g.behind = append(columns, described[at]), append(g.behind, f.columns[at])
	}
	g.table = f.table(columns)
	return g
}

// reset empties the table and keeps its memory, but not that of the batches, which
// words are part of.
func (g *factGatherer) reset() {
	t := g.table
	t.IDs, t.Shapes = t.IDs[:0], t.Shapes[:0]
	empty := func(c *analytics.Column) {
		clear(c.Words)
		c.Ints, c.Floats, c.Words, c.Valid = c.Ints[:0], c.Floats[:0], c.Words[:0], c.Valid[:0]
	}
	for i := range t.Columns {
		empty(&t.Columns[i])
	}
	if t.Event != nil {
		empty(t.Event)
	}
}

// add appends rows lo to hi of a batch, hi not included.
func (g *factGatherer) add(b data.Batch, lo, hi int) {
	t := g.table
	sources, ids := b.Codes("source"), b.Texts("id")
	for row := lo; row < hi; row++ {
		t.IDs = append(t.IDs, FactID(sources.At(row), ids.At(row)))
	}
	if g.places {
		lon, lat, hasLon, hasLat := b.Floats("lon"), b.Floats("lat"), b.Valid("lon"), b.Valid("lat")
		for row := lo; row < hi; row++ {
			var shape orb.Geometry
			if hasLon.At(row) && hasLat.At(row) {
				shape = orb.Point{lon[row], lat[row]}
			}
			t.Shapes = append(t.Shapes, shape)
		}
	}
	for i, c := range g.behind {
		appendFacts(&t.Columns[i], b, c, lo, hi)
	}
	if t.Event != nil {
		appendFacts(t.Event, b, data.Column{Name: t.Event.Name, Type: data.Time}, lo, hi)
	}
}

// appendFacts appends to a column of rows what a column of a batch holds.
func appendFacts(to *analytics.Column, b data.Batch, from data.Column, lo, hi int) {
	valid := b.Valid(from.Name)
	for row := lo; row < hi; row++ {
		to.Valid = append(to.Valid, valid.At(row))
	}
	switch from.Type {
	case data.Int, data.Time:
		to.Ints = append(to.Ints, b.Ints(from.Name)[lo:hi]...)
	case data.Float:
		to.Floats = append(to.Floats, b.Floats(from.Name)[lo:hi]...)
	case data.Cell:
		cells := b.Cells(from.Name)
		for row := lo; row < hi; row++ {
			word := ""
			if valid.At(row) {
				word = cells[row].String()
			}
			to.Words = append(to.Words, word)
		}
	case data.Text:
		texts := b.Texts(from.Name)
		for row := lo; row < hi; row++ {
			to.Words = append(to.Words, texts.At(row))
		}
	case data.Code:
		codes := b.Codes(from.Name)
		for row := lo; row < hi; row++ {
			to.Words = append(to.Words, codes.At(row))
		}
	}
}
