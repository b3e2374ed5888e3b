package segment

import (
	"math"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// mayMeet reports whether a row of the block can meet c, going by the zones
// alone. It errs on the side of yes.
func (t *table) mayMeet(c data.Condition, block int) bool {
	switch c := c.(type) {
	case data.All:
		for _, part := range c {
			if !t.mayMeet(part, block) {
				return false
			}
		}
	case data.Any:
		for _, part := range c {
			if t.mayMeet(part, block) {
				return true
			}
		}
		return false
	case data.Missing:
		z, _, known := t.zoneOf(c.Column, block)
		return !known || z.nulls > 0
	case data.In:
		return t.hasValue(c.Column, block)
	case data.InAnyCase:
		return t.hasValue(c.Column, block)
	case data.Like:
		return t.hasValue(c.Column, block)
	case data.CompareColumns:
		return t.hasValue(c.Left, block) && t.hasValue(c.Right, block)
	case data.Compare:
		return t.mayCompare(c, block)
	}
	return true
}

// remainder returns what the rows of the block have to be asked of c: without
// the parts that each of them meets, going by the zones alone, and nil where
// nothing is left.
func (t *table) remainder(c data.Condition, block int) data.Condition {
	switch c := c.(type) {
	case data.All:
		var parts data.All
		for _, part := range c {
			if part = t.remainder(part, block); part != nil {
				parts = append(parts, part)
			}
		}
		switch len(parts) {
		case 0:
			return nil
		case 1:
			return parts[0]
		}
		return parts
	case data.Missing:
		if !t.hasValue(c.Column, block) {
			return nil
		}
	}
	return c
}

// zoneOf returns the zone of a column and the column's type.
func (t *table) zoneOf(column string, block int) (z zone, kind data.Type, known bool) {
	for i, c := range t.columns {
		if c.Name == column {
			return t.stored[i].zones[block], c.Type, true
		}
	}
	return zone{}, 0, false
}

// hasValue reports whether the column may have a value anywhere in the block.
func (t *table) hasValue(column string, block int) bool {
	z, _, known := t.zoneOf(column, block)
	return !known || int(z.nulls) < min(blockRows, t.rows-block*blockRows)
}

func (t *table) mayCompare(c data.Compare, block int) bool {
	if !t.hasValue(c.Column, block) {
		return false
	}
	z, kind, known := t.zoneOf(c.Column, block)
	number, ok := constant(c.Value)
	if !known || !ok {
		return true
	}
	key := sortKey(kind, number)
	switch c.Op {
	case data.Equal:
		return z.low <= key && key <= z.high
	case data.Less:
		return z.low < key
	case data.LessOrEqual:
		return z.low <= key
	case data.Greater:
		return z.high > key
	case data.GreaterOrEqual:
		return z.high >= key
	}
	return true
}

// constant returns the bits of a number as a column holds them; words have
// none.
func constant(value any) (uint64, bool) {
	switch v := value.(type) {
	case time.Time:
		return uint64(v.UnixMicro()), true
	case int64:
		return uint64(v), true
	case float64:
		return math.Float64bits(v), true
	case geo.Cell:
		return uint64(v), true
	}
	return 0, false
}

// span returns a range of rows outside of which none meets c: where c asks for
// one finest cell, that cell's run.
func (t *table) span(c data.Condition) (lo, hi int, err error) {
	lo, hi = 0, t.rows
	switch c := c.(type) {
	case data.All:
		for _, part := range c {
			from, to, err := t.span(part)
			if err != nil {
				return 0, 0, err
			}
			lo, hi = max(lo, from), min(hi, to)
		}
	case data.Compare:
		cell, ok := c.Value.(geo.Cell)
		finest := finestCell(t.columns)
		if !ok || c.Op != data.Equal || finest < 0 || t.columns[finest].Name != c.Column {
			break
		}
		if err := t.runs.check.verify(); err != nil {
			return 0, 0, err
		}
		lo, hi = t.runs.find(cell)
	}
	return lo, hi, nil
}
