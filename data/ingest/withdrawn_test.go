package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// withdrawing maps a flag of the source.
func withdrawing(source string) ingest.Options {
	return ingest.Options{Mapping: ingest.Mapping{Dataset: data.Incidents, Source: "s", Zone: "UTC", Map: map[string]string{data.Withdrawn: source}}}
}

func TestAFlagOfTheSourceTakesFactsBack(t *testing.T) {
	f := func(flag, want string) {
		t.Helper()
		store := newStore()
		r := importFile(t, store, ingest.Bytes("x.csv", []byte("id,opened_at,deleted\n1,2024-05-01,"+flag+"\n")), withdrawing("deleted"))
		got := "kept"
		switch rows := column(t, store, "status"); {
		case r.Rejected > 0:
			got = r.Rejects[0].Code + " " + r.Rejects[0].Column + " " + r.Rejects[0].Value
		case len(rows) == 0:
			got = "withdrawn"
		}
		if got != want {
			t.Errorf("deleted = %q: %s, want %s", flag, got, want)
		}
	}
	for _, yes := range []string{"yes", "Y", "true", "TRUE", "t", "1", " 1 ", "是"} {
		f(yes, "withdrawn")
	}
	for _, no := range []string{"", "no", "N", "False", "f", "0", "否", "NULL"} {
		f(no, "kept")
	}
	for _, other := range []string{"maybe", "2", "2024-05-02", "撤"} {
		f(other, "word deleted "+other)
	}
}

func TestFactsAreWithdrawnAndComeAgain(t *testing.T) {
	store := newStore()
	step := func(file, mapping string, want data.Changes, ids ...string) {
		t.Helper()
		r := importFile(t, store, ingest.Bytes("x.csv", []byte("id,opened_at,updated_at,category,deleted\n"+file)), withdrawing(mapping))
		if r.Rejected > 0 || r.Changes != want {
			t.Errorf("%q: %+v, rejected %v, want %+v", file, r.Changes, r.Rejects, want)
		}
		there := map[string]string{}
		for _, id := range ids {
			there[id] = "waste"
		}
		if diff := cmp.Diff(there, column(t, store, "category")); diff != "" {
			t.Errorf("%q: categories (-want +got):\n%s", file, diff)
		}
		if r.Report.Rows != int64(len(ids)) {
			t.Errorf("%q: the report is on %d rows, want %d", file, r.Report.Rows, len(ids))
		}
	}
	row := func(id string, day int, deleted string) string {
		return fmt.Sprintf("%s,2024-05-01,2024-05-%02d,waste,%s\n", id, day, deleted)
	}
	step(row("a", 1, "0")+row("b", 1, ""), "deleted", data.Changes{Inserted: 2}, "a", "b")
	step(row("a", 2, "1"), "deleted", data.Changes{Replaced: 1}, "b")
	step(row("a", 1, "0"), "deleted", data.Changes{Stale: 1}, "b")
	step(row("a", 3, "0"), "deleted", data.Changes{Replaced: 1}, "a", "b")
	step(row("a", 4, "")+row("b", 4, ""), "=yes", data.Changes{Replaced: 2}) // a file of what was taken back
}

// TestNoColumnIsTakenForTheFlagUnasked: what a source calls withdrawn may be
// something that happened to the case.
func TestNoColumnIsTakenForTheFlagUnasked(t *testing.T) {
	store := newStore()
	importFile(t, store, ingest.Bytes("x.csv", []byte("id,opened_at,withdrawn,deleted\n1,2024-05-01,yes,yes\n")), ingest.Options{})
	if got := column(t, store, "status"); len(got) != 1 {
		t.Errorf("%d facts, want the one", len(got))
	}
}

// TestStampsOfWithdrawnFactsKeepUp imports facts before and after the communities:
// the content is the same, and so is its version.
func TestStampsOfWithdrawnFactsKeepUp(t *testing.T) {
	file := ingest.Bytes("x.csv", []byte("id,opened_at,lon,lat,deleted\n1,2024-05-01,116.31,39.91,yes\n2,2024-05-01,116.32,39.91,no\n"))
	areas := features(box(`"code":"W"`, 116.30, 39.90, 116.35, 39.95))
	var versions []string
	for _, first := range []bool{true, false} {
		store := newStore()
		if first {
			importFile(t, store, file, withdrawing("deleted"))
		}
		boundaries(t, store, areas, ingest.BoundaryOptions{Level: data.Street})
		if !first {
			importFile(t, store, file, withdrawing("deleted"))
		}
		version, err := store.Version(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		versions = append(versions, version)
	}
	if versions[0] != versions[1] {
		t.Errorf("versions %s, want two of a kind", strings.Join(versions, " and "))
	}
}
