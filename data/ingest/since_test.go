package ingest_test

import (
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// A file that comes again after another replaced its rows is not said to be the
// same as what is there.
func TestFilesThatCameSinceAreNamed(t *testing.T) {
	store := newStore()
	at := func(hour int) ingest.Options {
		return ingest.Options{Now: time.Date(2024, 3, 1, hour, 0, 0, 0, time.UTC), Mapping: ingest.Mapping{Source: "s", Zone: "UTC"}}
	}
	const header = "id,opened_at,category\n"
	a := ingest.Bytes("a.csv", []byte(header+"1,2024-01-01,x\n2,2024-01-01,x\n"))
	importFile(t, store, a, at(1))
	if r := importFile(t, store, a, at(2)); !r.Already || len(r.Since) > 0 || r.Changes != (data.Changes{Unchanged: 2}) {
		t.Errorf("again: %+v since %v, want 2 unchanged", r.Changes, r.Since)
	}
	importFile(t, store, ingest.Bytes("b.csv", []byte(header+"2,2024-01-01,y\n3,2024-01-01,y\n")), at(3))
	r := importFile(t, store, a, at(4))
	if !r.Already || len(r.Since) != 1 || r.Since[0].File != "b.csv" || r.Changes != (data.Changes{}) {
		t.Errorf("after b.csv: already %v, %+v since %v; want b.csv and nothing claimed", r.Already, r.Changes, r.Since)
	}
	want := "rows replaced by what was imported after this file of 2024-03-01 (b.csv): the later rows were kept"
	if len(r.Notes) != 1 || r.Notes[0].Rows != 1 || r.Notes[0].Title != want {
		t.Errorf("notes %+v, want one row %q", r.Notes, want)
	}
}
