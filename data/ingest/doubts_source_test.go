package ingest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// cases returns a file of n incidents from the first day of a month on.
func cases(header, month string, n int) []byte {
	var file strings.Builder
	file.WriteString(header + "\n")
	for i := range n {
		if strings.HasPrefix(header, "id,") {
			fmt.Fprintf(&file, "%d,", i)
		}
		fmt.Fprintf(&file, "2024-%s-01T00:%02d:00Z,116.31,39.9%d\n", month, i, i)
	}
	return []byte(file.String())
}

func TestSameCasesOfAnotherNameAreRefused(t *testing.T) {
	const withIDs, without = "id,opened_at,lon,lat", "opened_at,lon,lat"
	f := func(name string, d data.Dataset, first, second []byte, o ingest.Options, refused bool) {
		t.Helper()
		store := newStore()
		o.Dataset = d
		importFile(t, store, ingest.Bytes("cases.csv", first), ingest.Options{Dataset: d})
		r, err := ingest.Import(context.Background(), store, ingest.Bytes("cases-v2.csv", second), o, nil)
		var doubt *ingest.DoubtError
		if errors.As(err, &doubt) != refused || err != nil && !refused {
			t.Fatalf("%s: %v, want refused %v", name, err, refused)
		}
		if refused && (doubt.Doubt.Code != "same_cases" || doubt.Doubt.Hint.String() != "--source cases" || !r.Reading.SourceGuessed) {
			t.Errorf("%s: doubt %+v, guessed %v; want same_cases with --source cases", name, doubt.Doubt, r.Reading.SourceGuessed)
		}
	}
	f("the same file", data.Incidents, cases(withIDs, "01", 30), cases(withIDs, "01", 30), ingest.Options{}, true)
	f("the same file without ids", data.Incidents, cases(without, "01", 30), cases(without, "01", 30), ingest.Options{}, true)
	f("a longer file", data.Incidents, cases(withIDs, "01", 30), cases(withIDs, "01", 59), ingest.Options{}, true)
	f("a much longer file", data.Incidents, cases(withIDs, "01", 20), cases(withIDs, "01", 59), ingest.Options{}, false)
	f("too few rows", data.Incidents, cases(withIDs, "01", 19), cases(withIDs, "01", 19), ingest.Options{}, false)
	f("the same numbers at other times", data.Incidents, cases(withIDs, "01", 30), cases(withIDs, "02", 30), ingest.Options{}, false)
	f("a dry run", data.Incidents, cases(withIDs, "01", 30), cases(withIDs, "01", 30), ingest.Options{DryRun: true}, true)
	f("doubts ignored", data.Incidents, cases(withIDs, "01", 30), cases(withIDs, "01", 30), ingest.Options{IgnoreDoubts: true}, false)
	f("the source named", data.Incidents, cases(withIDs, "01", 30), cases(withIDs, "01", 30), ingest.Options{Mapping: ingest.Mapping{Source: "cases"}}, false)
	f("the same resources", data.Resources, cases(withIDs, "01", 30), cases(withIDs, "02", 30), ingest.Options{}, true)
	f("other resources of the same numbers", data.Resources, cases(withIDs, "01", 30), []byte(strings.ReplaceAll(string(cases(withIDs, "01", 30)), "116.31", "116.32")), ingest.Options{}, false)
}
