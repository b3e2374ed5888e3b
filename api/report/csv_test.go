package report_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestCSV reads CSV back. What would be a formula has an apostrophe before it.
func TestCSV(t *testing.T) {
	parts := strings.Split(string(write(t, "csv", "en", made())), "\r\n\r\n")
	if len(parts) != 5 {
		t.Fatalf("%d parts, want four tables and one about them", len(parts))
	}
	read := func(text string) [][]string {
		t.Helper()
		r := csv.NewReader(strings.NewReader(text))
		r.FieldsPerRecord = -1
		rows, err := r.ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	const source = "test.campaign@2 · 2026-03-01 to 2026-03-31 · as of 2026-04-02 09:30 · data v1 · boundaries b1 · calendar cn-work@2026"
	for i, want := range [][][]string{
		{
			{"Campaign", "What the items reached", source},
			{"Code", "Item", "Quota (points)", "Score (points)", "Pass rate", "Rank", "Facts", "Status", "Why"},
			{"test.clean", "Clean", "60", "45.125", "0.666667", "1", "1200", "Compliant", ""},
			{"test.green", `<b>"Green" & more</b> (bonus)`, "2.5", "", "", "", "0", "", "No facts"},
			{"", "Total", "60", "46", "0", "", "1203", "Too few facts", ""},
		},
		{
			{"Campaign", "By street", source},
			{"Code", "Street", "Quota (points)", "Score (points)", "Pass rate", "Rank", "Facts", "Status"},
			{"310001", "北街道", "60", "50", "1", "1", "1000", "Undetermined"},
			{"310002", "'@SUM(1)", "60", "0", "0.5", "", "200", "Not compliant"},
			{"", "All", "60", "46", "0", "", "1203", "Too few facts"},
		},
		{
			{"Campaign", "By responsible unit", source},
			{"Code", "Responsible unit", "Quota (points)", "Score (points)", "Pass rate", "Rank", "Facts", "Status"},
			{`'=HYPERLINK("x")`, `'=HYPERLINK("x")`, "60", "12", "", "1", "1000", ""},
			{"", "All", "60", "46", "0", "", "1203", ""},
		},
		{
			{"Campaign", "Items by street", source},
			{"Code", "Item", "Quota (points)", "北街道", "'@SUM(1)", "All"},
			{"test.clean", "Clean", "60", "50", "0", "45.125"},
			{"test.green", `<b>"Green" & more</b> (bonus)`, "2.5", "", "1.256", ""},
			{"", "Total", "60", "50", "0", "46"},
		},
	} {
		if diff := cmp.Diff(want, read(parts[i])); diff != "" {
			t.Errorf("table %d (-want +got):\n%s", i, diff)
		}
	}
	about := read(parts[4])
	for _, want := range [][]string{
		{"Definition", "test.campaign@2, text d1"},
		{"Only", "channel = field, patrol"},
		{"What to know", "Clean: Open cases that are not due yet count as on time."},
		{"Facts in no row, By street", "Clean: 12 of 1,200 facts are in no row: 9 outside, 2 placed by a coarser area only, 1 without a place."},
		{"Facts in no row, By responsible unit", "Clean: 12 of 1,200 facts name no responsible unit."},
	} {
		if !slices.ContainsFunc(about, func(row []string) bool { return slices.Equal(row, want) }) {
			t.Errorf("about %q has no %q", about, want)
		}
	}
}
