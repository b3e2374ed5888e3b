package storetest

import (
	"fmt"
	"math"
	"sort"
	"strings"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A Row is one fact by column name. Values are string, int64 (also for times,
// in microseconds), float64 or geo.Cell; columns that are not there have no
// value.
type Row map[string]any

// fact returns an incident of the id, with everything that is required.
func fact(id string, more ...Row) Row {
	r := Row{"source": "hotline", "id": id, "location": data.LocationNone, "status": data.StatusOpen, "reported_at": int64(1_700_000_000_000_000)}
	for _, m := range more {
		for name, v := range m {
			r[name] = v
		}
	}
	return r
}

// Batch returns the rows as a batch of these columns.
func Batch(columns []data.Column, rows ...Row) data.Batch {
	b := data.NewBuilder(columns)
	for _, r := range rows {
		for i, c := range columns {
			switch v := r[c.Name].(type) {
			case nil:
				b.Missing(i)
			case string:
				b.SetText(i, v)
			case int64:
				b.SetInt(i, v)
			case float64:
				b.SetFloat(i, v)
			case geo.Cell:
				b.SetCell(i, v)
			default:
				panic(fmt.Sprintf("BUG: column %s set to a %T", c.Name, v))
			}
		}
	}
	return b.Build()
}

// rowsOf returns the rows of a batch.
func rowsOf(b data.Batch) []Row {
	rows := make([]Row, b.Len())
	for i := range rows {
		rows[i] = Row{}
	}
	for _, c := range b.Columns() {
		valid, value := b.Valid(c.Name), valueOf(b, c)
		for i := range rows {
			if valid.At(i) {
				rows[i][c.Name] = value(i)
			}
		}
	}
	return rows
}

func valueOf(b data.Batch, c data.Column) func(row int) any {
	switch c.Type {
	case data.Text:
		texts := b.Texts(c.Name)
		return func(row int) any { return strings.Clone(texts.At(row)) }
	case data.Code:
		codes := b.Codes(c.Name)
		return func(row int) any { return codes.At(row) }
	case data.Float:
		floats := b.Floats(c.Name)
		return func(row int) any { return floats[row] }
	case data.Cell:
		cells := b.Cells(c.Name)
		return func(row int) any { return cells[row] }
	default:
		ints := b.Ints(c.Name)
		return func(row int) any { return ints[row] }
	}
}

// text returns a row as one line, floats to the last bit.
func (r Row) text() string {
	names := make([]string, 0, len(r))
	for name := range r {
		names = append(names, name)
	}
	sort.Strings(names)
	var b strings.Builder
	for _, name := range names {
		switch v := r[name].(type) {
		case float64:
			fmt.Fprintf(&b, "%s=%v(%x) ", name, v, math.Float64bits(v))
		default:
			fmt.Fprintf(&b, "%s=%T(%q) ", name, v, fmt.Sprint(v))
		}
	}
	return b.String()
}

// lines returns rows as sorted lines.
func lines(rows []Row) []string {
	texts := make([]string, len(rows))
	for i, r := range rows {
		texts[i] = r.text()
	}
	sort.Strings(texts)
	return texts
}

// at returns a moment in microseconds, some hours after a fixed one.
func at(hours int) int64 {
	return time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(hours) * time.Hour).UnixMicro()
}
