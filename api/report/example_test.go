package report_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/report"
	"github.com/civgrid/civgrid/data"
)

// A table of one item, as planners would open it in a spreadsheet.
func Example() {
	month := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	clean := analytics.ReportTable{
		Name: analytics.ItemTable,
		Rows: []analytics.Entry{{Code: "clean", Names: data.Names{"en": "Clean streets", "zh-Hans": "街面整洁"}}},
		Columns: []analytics.Column{
			{Name: "quota", Type: analytics.FloatColumn, Unit: "points", Floats: []float64{40}},
			{Name: "score", Type: analytics.FloatColumn, Unit: "points", Floats: []float64{31.25}},
		},
		Provenance: analytics.Provenance{Indicator: "clean@1", DataVersion: "7", Boundaries: "3", Zone: "UTC", AsOf: month.AddDate(0, 1, 0)},
	}
	made := &analytics.Report{
		Names: data.Names{"en": "Campaign"}, Tables: []analytics.ReportTable{clean},
		Provenance: analytics.Provenance{Unit: "street", From: month, To: month.AddDate(0, 1, 0), Zone: "UTC"},
	}
	var text strings.Builder
	if err := report.Write(&text, "csv", made, report.Options{Lang: "en"}); err != nil {
		fmt.Println(err)
		return
	}
	table, _, _ := strings.Cut(text.String(), "\r\n\r\n")
	for line := range strings.SplitSeq(table, "\r\n") {
		fmt.Println(line)
	}
	// Output:
	// Campaign,What the items reached,clean@1 · 2026-03-01 to 2026-03-31 · as of 2026-04-01 · data 7 · boundaries 3 · calendar none
	// Code,Item,Quota (points),Score (points)
	// clean,Clean streets,40,31.25
}
