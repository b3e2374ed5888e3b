package encode

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo/beidou"
)

// ResourceColumns returns the names of the columns of a batch that [Resources]
// reads; private columns are not among them.
func ResourceColumns() []string {
	return []string{"source", "id", "kind", "name", "status", "owner", "capacity", "community", "lon", "lat", "valid_from", "valid_to"}
}

// Resources returns resources as rows, by source and then by id, since stores give
// them in any order. The row of a resource is called by both: ids are unique within a
// source only.
func Resources(name, title string, batches []data.Batch) *Table {
	t := &Table{Name: name, Title: title, IDs: []string{}}
	b := newColumns(DescribeResources())
	type resource struct {
		source, id string
		row        int
		add        func(row int)
	}
	var all []resource
	for _, batch := range batches {
		sources, ids, add := batch.Codes("source"), batch.Texts("id"), t.adder(b, batch)
		for row := range batch.Len() {
			all = append(all, resource{sources.At(row), ids.At(row), row, add})
		}
	}
	slices.SortFunc(all, func(a, b resource) int {
		return cmp.Or(strings.Compare(a.source, b.source), strings.Compare(a.id, b.id))
	})
	for _, r := range all {
		r.add(r.row)
	}
	t.Columns = b.columns
	return t
}

// DescribeResources describes the columns of [Resources].
func DescribeResources() []analytics.Column {
	word := func(name, title string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.WordColumn, Title: title}
	}
	return []analytics.Column{
		word("source", "Source"), word("resource_id", "Id within the source"), word("kind", "Kind"), word("name", "Name"),
		word("status", "Status"), word("owner", "Owner"), word("community", "Code of the finest community that holds it"),
		word("valid_from", "Exists since"), word("valid_to", "Existed until"),
		{Name: "capacity", Type: analytics.FloatColumn, Title: "Capacity"},
		{Name: "beidou", Type: analytics.WordColumn, Title: "BeiDou grid code", Doc: "Of two seconds of arc (GB/T 39409-2020, level 6); missing outside 0 to 180° E and 0 to 88° N."},
	}
}

// adder returns a function that adds a resource of a batch.
func (t *Table) adder(b *columns, batch data.Batch) func(row int) {
	id := batch.Texts("id")
	words := []func(int) string{
		batch.Codes("source").At, id.At, batch.Codes("kind").At, batch.Texts("name").At,
		batch.Codes("status").At, batch.Codes("owner").At, batch.Codes("community").At,
	}
	capacity, hasCapacity := batch.Floats("capacity"), batch.Valid("capacity")
	lon, lat, hasLon, hasLat := batch.Floats("lon"), batch.Floats("lat"), batch.Valid("lon"), batch.Valid("lat")
	begin, end := instants(batch, "valid_from"), instants(batch, "valid_to")
	return func(row int) {
		t.IDs = append(t.IDs, words[0](row)+":"+id.At(row))
		t.Begin, t.End = append(t.Begin, begin(row)), append(t.End, end(row))
		var shape orb.Geometry
		if hasLon.At(row) && hasLat.At(row) {
			shape = orb.Point{lon[row], lat[row]}
		}
		t.Shapes = append(t.Shapes, shape)
		for i, word := range words {
			b.word(i, word(row))
		}
		b.word(7, day(begin(row)))
		b.word(8, day(end(row)))
		b.float(9, capacity[row], hasCapacity.At(row))
		b.word(10, gridCode(shape))
	}
}

// beidouLevel is of cells of some 60 m.
const beidouLevel = 6

// gridCode returns the BeiDou code of a point, "" where there is none.
func gridCode(shape orb.Geometry) string {
	p, ok := shape.(orb.Point)
	if !ok {
		return ""
	}
	code, err := beidou.Encode(p, beidouLevel)
	if err != nil { // another quarter of the Earth
		return ""
	}
	return code
}

// instants returns a function that reads a Time column, the zero time where it
// has no value.
func instants(batch data.Batch, name string) func(row int) time.Time {
	micros, valid := batch.Ints(name), batch.Valid(name)
	return func(row int) time.Time {
		if !valid.At(row) {
			return time.Time{}
		}
		return time.UnixMicro(micros[row]).UTC()
	}
}
