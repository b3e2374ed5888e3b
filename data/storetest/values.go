package storetest

import (
	"math"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func values() []promise {
	return []promise{
		{"every column takes a value and no value", everyColumn},
		{"floats come back to the last bit", exactFloats},
		{"minus zero is zero", minusZero},
		{"texts come back to the last byte", exactTexts},
		{"an empty text is not a missing one", emptyTexts},
		{"times and whole numbers may be extreme", extremeInts},
		{"cells may be any number but none", anyCell},
	}
}

func everyColumn(t *testing.T, s data.Store) {
	for _, d := range data.Datasets() {
		full, bare := Row{}, Row{}
		for i, c := range s.Schema(d) {
			switch {
			case c.Name == data.Withdrawn: // see withdrawals
			case c.Type == data.Text, c.Type == data.Code:
				full[c.Name] = c.Name + " 值"
			case c.Type == data.Float:
				full[c.Name] = 0.1 * float64(i)
			case c.Type == data.Cell:
				full[c.Name] = geo.Cell(0x8931aa50003ffff + i)
			default:
				full[c.Name] = int64(i) - 3
			}
			if c.Required {
				bare[c.Name] = full[c.Name]
			}
		}
		bare["id"] = "bare"
		put(t, s, d, full, bare)
		wantRows(t, s, d, full, bare)
	}
}

// keepInspections appends one inspection for each row and expects them back.
func keepInspections(t *testing.T, s data.Store, rows []Row) {
	t.Helper()
	for i, r := range rows {
		r["source"], r["location"] = "s", "none"
		if r["id"] == nil {
			r["id"] = string(rune('a' + i))
		}
		if r["inspected_at"] == nil {
			r["inspected_at"] = at(i)
		}
	}
	put(t, s, data.Inspections, rows...)
	wantRows(t, s, data.Inspections, rows...)
}

func exactFloats(t *testing.T, s data.Store) {
	var rows []Row
	for _, v := range []float64{
		0, 1, -1, 0.1, 1.0 / 3, math.Pi, -116.39747312345678, math.MaxFloat64, -math.MaxFloat64,
		math.SmallestNonzeroFloat64, 0x1p-1022, 1 << 53, 1<<53 + 2, -(1 << 62), 9.223372036854775807e18, 1e22, 123456789012345680,
	} {
		rows = append(rows, Row{"score": v})
	}
	keepInspections(t, s, rows)
}

func minusZero(t *testing.T, s data.Store) {
	r := Row{"source": "s", "id": "a", "location": "none", "inspected_at": at(0), "score": math.Copysign(0, -1)}
	put(t, s, data.Inspections, r)
	r["score"] = 0.0
	wantChanges(t, put(t, s, data.Inspections, r), data.Changes{Unchanged: 1})
	wantRows(t, s, data.Inspections, r)
}

func exactTexts(t *testing.T, s data.Store) {
	var rows []Row
	for _, v := range []string{
		"朝阳区望京街道🏙", "quote ' \" ` ; -- \\ %", " spaces ", "new\nline\ttab\r", "e\u0301 é", "NULL", "0x10", "1e5", "007",
		"zero\x00byte", "not \xff utf-8", strings.Repeat("长", 100_000),
	} {
		rows = append(rows, Row{"id": "id " + v, "point": v, "item": v, "address": v})
	}
	keepInspections(t, s, rows)
}

func emptyTexts(t *testing.T, s data.Store) {
	keepInspections(t, s, []Row{{"point": "", "item": ""}, {"point": ""}, {"item": ""}, {}})
	q := data.Query{Dataset: data.Inspections, Columns: []string{"id"}, Where: data.Missing{Column: "item"}}
	if got := len(scan(t, s, q)); got != 2 {
		t.Errorf("%d rows without an item, want 2", got)
	}
}

func extremeInts(t *testing.T, s data.Store) {
	var rows []Row
	for _, v := range []int64{0, -1, 1, math.MaxInt64, math.MinInt64, math.MaxInt64 - 1, 1 << 32, -62135596800000000, 253402300799999999} {
		rows = append(rows, Row{"found": v, "inspected_at": v, "updated_at": v, "rectified_at": v})
	}
	keepInspections(t, s, rows)
	older := Row{"source": "s", "id": "d", "location": "none", "inspected_at": at(0), "updated_at": int64(math.MinInt64)}
	wantChanges(t, put(t, s, data.Inspections, older), data.Changes{Stale: 1})
}

func anyCell(t *testing.T, s data.Store) {
	keepInspections(t, s, []Row{
		{"cell_7": geo.Cell(1)}, {"cell_7": geo.Cell(0x871f1d489ffffff)}, {"cell_7": geo.Cell(math.MaxInt64)}, {"cell_7": geo.Cell(math.MaxUint64)}, {},
	})
}
