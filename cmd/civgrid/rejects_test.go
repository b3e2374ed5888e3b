package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A plant is a row with a mistake: what stands there, and what has to be said
// of it.
type plant struct{ row, column, value, code string }

// plants are 37 rows with a mistake each; %d is the id.
func plants() []plant {
	kinds := []plant{
		{"%d,2026-03-01 08:00,22.6N,113.90,东门路", "lat", "22.6N", "number"},
		{"%d,2026-03-01 08:00,22.60,east,东门路", "lon", "east", "number"},
		{"%d,2026/2/30,22.60,113.90,东门路", "reported_at", "2026/2/30", "time"},
		{"%d,yesterday,22.60,113.90,\"Gate, east\"", "reported_at", "yesterday", "time"},
		{"%d,,22.60,113.90,东门路", "reported_at", "", "missing"},
		{"%d,2026-03-01 08:00,122.60,113.90,东门路", "lat", "122.60", "range"},
		{"%d,2026-03-01 08:00,22.60,213.90,东门路", "lon", "213.90", "range"},
		{"%d,2026-03-01 08:00,22.60,,东门路", "lon", "", "coordinate"},
		{"%d,2026-03-01 08:00,22.60,113.90", "", "", "fields"},
		{"%d,2026-03-01 08:00,22.60,113.90,东门路,x", "", "", "fields"},
	}
	all := make([]plant, 37)
	for i := range all {
		all[i] = kinds[i%len(kinds)]
		all[i].row = fmt.Sprintf(all[i].row, 10_000+i)
	}
	return all
}

// TestPlantedErrors imports a file of 5,000 rows with 37 mistakes in it: it ends
// with code 3, and the rejects file has these rows and no other, each as it stood,
// with line, column and code.
func TestPlantedErrors(t *testing.T) {
	t.Chdir(t.TempDir())
	const header = "id,reported_at,lat,lon,address"
	lines, want := []string{header}, []string{header + ",_row,_column,_code,"}
	planted, details := plants(), []detail{}
	for i := range 5000 {
		if i%131 == 77 && len(want) <= len(planted) {
			bad := planted[len(want)-1]
			lines = append(lines, bad.row)
			want = append(want, fmt.Sprintf("%s,%d,%s,%s,", bad.row, len(lines), bad.column, bad.code))
			details = append(details, detail{File: "cases.csv", Line: int64(len(lines)), Name: bad.column, Value: bad.value, Code: bad.code})
			continue
		}
		lines = append(lines, fmt.Sprintf("%d,2026-03-%02d 08:00,22.6%03d,113.9%03d,Street %d", i, 1+i%28, i%1000, i%997, i))
	}
	if len(details) != len(planted) {
		t.Fatalf("planted %d rows, want %d", len(details), len(planted))
	}
	if err := os.WriteFile("cases.csv", []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, _ := run(t, "import", "incidents", "cases.csv", "--zone", "UTC", "--json")
	var said struct {
		Data  []struct{ Accepted int }
		Error struct{ Details []detail }
	}
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		t.Fatal(err)
	}
	if code != exitRejected || len(said.Data) != 1 || said.Data[0].Accepted != 5000-37 {
		t.Errorf("exit code %d, want %d; %+v", code, exitRejected, said.Data)
	}
	for i := range said.Error.Details {
		if said.Error.Details[i].Message == "" {
			t.Errorf("no reason is given: %+v", said.Error.Details[i])
		}
		said.Error.Details[i].Message = ""
	}
	if diff := cmp.Diff(details, said.Error.Details); diff != "" {
		t.Errorf("details are not those of the rows planted (-want +got):\n%s", diff)
	}
	rejects, err := os.ReadFile("cases.rejects.csv")
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(strings.TrimRight(string(rejects), "\n"), "\n")
	for i := range got { // the reason is words
		got[i] = got[i][:min(len(got[i]), len(want[min(i, len(want)-1)]))]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rejects are not the rows planted (-want +got):\n%s", diff)
	}
}
