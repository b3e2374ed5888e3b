package ogc

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// A position is where a fact stands among others: by the values of the keys that are
// asked for, then by source and by id. It says all that is needed to go on after it,
// whatever is inserted or deleted meanwhile.
type position struct {
	keys       []keyValue
	source, id string
}

// A keyValue is the value of a fact by which facts are sorted; number or word, by the
// type of the column.
type keyValue struct {
	has    bool
	number int64 // of Int, Time and Cell; the bits of Float
	word   string
}

// clone returns the position in memory of its own.
func (p position) clone() position {
	p.keys = slices.Clone(p.keys)
	for i := range p.keys {
		p.keys[i].word = strings.Clone(p.keys[i].word)
	}
	p.source, p.id = strings.Clone(p.source), strings.Clone(p.id)
	return p
}

// A factOrder is the order of facts: by keys, those without a value last either way,
// then by source and id, byte by byte. No two facts are equal in it.
type factOrder struct {
	columns    []data.Column // of the keys
	descending []bool
}

// order returns the order that keys of known properties ask for.
func (f *facts) order(keys []sortKey) (o factOrder) {
	for _, key := range keys {
		c, _ := f.Column(key.column) // looked for by asked
		o.columns, o.descending = append(o.columns, c), append(o.descending, key.descending)
	}
	return o
}

// needs returns the columns that positions are made of.
func (o factOrder) needs() []string {
	names := []string{"source", "id"}
	for _, c := range o.columns {
		if !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	return names
}

func (o factOrder) compare(a, b position) int {
	for i, c := range o.columns {
		if order := compareKeys(a.keys[i], b.keys[i], c.Type, o.descending[i]); order != 0 {
			return order
		}
	}
	return cmp.Or(strings.Compare(a.source, b.source), strings.Compare(a.id, b.id))
}

func compareKeys(a, b keyValue, of data.Type, descending bool) int {
	switch {
	case !a.has && !b.has:
		return 0
	case !a.has:
		return 1
	case !b.has:
		return -1
	}
	order := 0
	switch of {
	case data.Text, data.Code:
		order = strings.Compare(a.word, b.word)
	case data.Float:
		order = cmp.Compare(math.Float64frombits(uint64(a.number)), math.Float64frombits(uint64(b.number)))
	default:
		order = cmp.Compare(a.number, b.number)
	}
	return signed(order, descending)
}

// positions returns a function that tells the position of a row of a batch, which holds
// until the next call and as long as the batch is kept.
func (o factOrder) positions(b data.Batch) func(row int) position {
	readers := make([]func(int) keyValue, len(o.columns))
	for i, c := range o.columns {
		readers[i] = keyReader(b, c)
	}
	sources, ids, keys := b.Codes("source"), b.Texts("id"), make([]keyValue, len(o.columns))
	return func(row int) position {
		for i, read := range readers {
			keys[i] = read(row)
		}
		return position{keys, sources.At(row), ids.At(row)}
	}
}

func keyReader(b data.Batch, c data.Column) func(row int) keyValue {
	valid := b.Valid(c.Name)
	number := func(of func(int) int64) func(int) keyValue {
		return func(row int) keyValue {
			if !valid.At(row) {
				return keyValue{}
			}
			return keyValue{has: true, number: of(row)}
		}
	}
	word := func(of func(int) string) func(int) keyValue {
		return func(row int) keyValue { return keyValue{has: valid.At(row), word: of(row)} }
	}
	switch c.Type {
	case data.Text:
		return word(b.Texts(c.Name).At)
	case data.Code:
		return word(b.Codes(c.Name).At)
	case data.Float:
		floats := b.Floats(c.Name)
		return number(func(row int) int64 { return int64(math.Float64bits(floats[row])) })
	case data.Cell:
		cells := b.Cells(c.Name)
		return number(func(row int) int64 { return int64(cells[row]) })
	default:
		ints := b.Ints(c.Name)
		return number(func(row int) int64 { return ints[row] })
	}
}

// A choice is the facts of a page.
type choice struct {
	matched int        // how many meet the condition
	left    int        // how many of them come after where the page begins
	first   []position // the first of these, in order
}

// choose reads the positions of all facts that meet a condition, and keeps the first
// after one, as many as limit: memory depends on that and not on how many there are.
func (f *facts) choose(ctx context.Context, q *question, o factOrder, after *position, limit int) (c choice, err error) {
	var last *position // no fact beyond it is among the first
	for b, err := range f.scan(ctx, q.where, o.needs()...) {
		if err != nil {
			return c, err
		}
		at := o.positions(b)
		c.matched += b.Len()
		for row := range b.Len() {
			p := at(row)
			if after != nil && o.compare(p, *after) <= 0 {
				continue
			}
			c.left++
			if last != nil && o.compare(p, *last) > 0 {
				continue
			}
			if c.first = append(c.first, p.clone()); len(c.first) == 2*limit {
				c.cut(o, limit)
				last = &c.first[limit-1]
			}
		}
	}
	c.cut(o, limit)
	return c, q.err()
}

// cut brings the first positions into order and drops those beyond limit.
func (c *choice) cut(o factOrder, limit int) {
	slices.SortFunc(c.first, o.compare)
	n := min(limit, len(c.first))
	clear(c.first[n:])
	c.first = c.first[:n]
}

// more reports whether facts follow the page.
func (c choice) more() bool { return c.left > len(c.first) }
