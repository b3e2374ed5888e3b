package tile

import (
	"encoding/binary"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/encode"
)

// The grid of a tile.
const (
	// Extent is the width and height of a tile in units.
	Extent = 4096
	// Buffer is how far shapes reach beyond the tile, in units.
	Buffer = 64

	mvtVersion    = 2
	unitsPerPixel = Extent / 512
)

// A Layer is rows that become one layer of a tile.
type Layer struct {
	// Name is unique among the layers of a tile.
	Name  string
	Table *encode.Table
	// Rows are those that may be shown, in the order of the table. Nil means all.
	Rows []int
}

// cellColumn names the attribute that holds the H3 index of a row.
const cellColumn = "cell"

// Columns returns what a tile says of each row: who the row is, and for the
// rows of an analysis what its legend and its ranking show, since a tile with all
// columns of 2,500 cells would be too heavy. Everything else stands in the
// feature of the same id. Brief leaves out what the ranking shows.
func (l Layer) Columns(brief bool) []analytics.Column {
	t := l.Table
	var columns []analytics.Column
	if t.Cells != nil && !slices.ContainsFunc(t.Columns, func(c analytics.Column) bool { return c.Name == cellColumn }) {
		columns = append(columns, cellWords(t))
	}
	for _, c := range t.Columns {
		if t.Layer == nil || shown(t.Layer, c.Name, brief) {
			columns = append(columns, c)
		}
	}
	return columns
}

func cellWords(t *encode.Table) analytics.Column {
	words := make([]string, t.Len())
	for row := range words {
		words[row] = t.ID(row)
	}
	return analytics.Column{Name: cellColumn, Type: analytics.WordColumn, Title: "H3 cell", Words: words}
}

func shown(layer *analytics.Layer, name string, brief bool) bool {
	switch name {
	case cellColumn, "code", "name", parentColumn, layer.Legend.Column:
		return true
	case "name_en", "name_zh_hans", "name_zh_hant", "place", "place_name", "status", layer.Rank.Column:
		return !brief
	}
	return !brief && slices.Contains(layer.Rank.Show, name)
}

// An encoder writes one layer.
type encoder struct {
	table    *encode.Table
	columns  []analytics.Column
	cutter   *cutter
	features []byte
	count    int
	keys     index
	values   index
	scratch  []byte
	tags     []byte
	pen      pen
}

// An index numbers texts in the order of their first use.
type index struct {
	number map[string]uint64
	texts  []string
}

func (x *index) of(text string) uint64 {
	n, ok := x.number[text]
	if !ok {
		n = uint64(len(x.texts))
		x.number[text] = n
		x.texts = append(x.texts, text)
	}
	return n
}

func newEncoder(l Layer, cutter *cutter, brief bool) *encoder {
	return &encoder{
		table: l.Table, columns: l.Columns(brief), cutter: cutter,
		keys: index{number: map[string]uint64{}}, values: index{number: map[string]uint64{}},
	}
}

// add appends a row, unless nothing of it lies in the tile.
func (e *encoder) add(row int) {
	kind := uint64(typePolygon)
	e.pen = pen{buf: e.pen.buf[:0]}
	switch shape := e.table.Shape(row).(type) {
	case orb.MultiPolygon:
		e.pen.rings(e.cutter.polygons(shape))
	case orb.Point:
		if points := e.cutter.points(shape); points != nil {
			kind = typePoint
			e.pen.points(points)
		}
	}
	if len(e.pen.buf) == 0 {
		return
	}
	f := e.scratch[:0]
	if id, ok := number(e.table, row); ok {
		f = appendUint(f, featureID, id)
	}
	e.tag(row)
	if len(e.tags) > 0 {
		f = appendBytes(f, featureTags, e.tags)
	}
	f = appendUint(f, featureType, kind)
	f = appendBytes(f, featureGeometry, e.pen.buf)
	e.features = appendBytes(e.features, layerFeatures, f)
	e.scratch = f
	e.count++
}

// maxID is the greatest whole number up to which JavaScript counts.
const maxID = 1<<53 - 1

// number returns the id of a row as a number, where it is one as it stands.
func number(t *encode.Table, row int) (uint64, bool) {
	if t.Cells != nil {
		return 0, false
	}
	id, err := strconv.ParseUint(t.IDs[row], 10, 64)
	return id, err == nil && id <= maxID && strconv.FormatUint(id, 10) == t.IDs[row]
}

// tag collects the numbers of the keys and values of a row (section 4.4). A row
// without a value has no tag.
func (e *encoder) tag(row int) {
	e.tags = e.tags[:0]
	for i := range e.columns {
		if value := valueOf(&e.columns[i], row); value != "" {
			e.tags = binary.AppendUvarint(e.tags, e.keys.of(e.columns[i].Name))
			e.tags = binary.AppendUvarint(e.tags, e.values.of(value))
		}
	}
}

// valueOf returns the value of a row as a message of MVT, "" for none.
func valueOf(c *analytics.Column, row int) string {
	if !c.Has(row) {
		return ""
	}
	switch c.Type {
	case analytics.IntColumn:
		return intValue(c.Ints[row])
	case analytics.FloatColumn:
		if x := c.Floats[row]; !math.IsNaN(x) && !math.IsInf(x, 0) {
			return floatValue(x)
		}
		return ""
	}
	return wordValue(c.Words[row])
}

// append appends the layer to a tile; a layer without features is left out.
func (e *encoder) append(b []byte, name string) []byte {
	if e.count == 0 {
		return b
	}
	layer := appendUint(nil, layerVersion, mvtVersion)
	layer = appendBytes(layer, layerName, name)
	layer = append(layer, e.features...)
	for _, key := range e.keys.texts {
		layer = appendBytes(layer, layerKeys, key)
	}
	for _, value := range e.values.texts {
		layer = appendBytes(layer, layerValues, value)
	}
	layer = appendUint(layer, layerExtent, Extent)
	return appendBytes(b, tileLayers, layer)
}
