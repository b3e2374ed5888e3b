package storetest

import (
	"context"
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

func appends() []promise {
	return []promise{
		{"a new row is inserted", insertNew},
		{"the same row again changes nothing", appendTwice},
		{"the same id of another source is another fact", twoSources},
		{"a later version replaces an earlier one", replaceEarlier},
		{"an earlier version is stale", ignoreStale},
		{"another content of equal age replaces", replaceEqualAge},
		{"a row without updated_at replaces where the content differs", replaceUndated},
		{"other stamps renew the stamps, whatever the age", restamp},
		{"the rows of a batch count one after another", duplicatesInBatch},
		{"a batch that ends where it began changes nothing", thereAndBack},
		{"datasets are apart", datasetsApart},
		{"columns may come in any order and with others", foreignColumns},
		{"bad rows are refused whole", refuseBad},
		{"an empty batch is no change", appendNothing},
	}
}

func insertNew(t *testing.T, s data.Store) {
	wantChanges(t, put(t, s, data.Incidents, fact("a"), fact("b")), data.Changes{Inserted: 2})
	wantChanges(t, put(t, s, data.Incidents, fact("c")), data.Changes{Inserted: 1})
	wantRows(t, s, data.Incidents, fact("a"), fact("b"), fact("c"))
}

func appendTwice(t *testing.T, s data.Store) {
	rows := []Row{fact("a", Row{"updated_at": at(1)}), fact("b")}
	put(t, s, data.Incidents, rows...)
	before := version(t, s)
	wantChanges(t, put(t, s, data.Incidents, rows...), data.Changes{Unchanged: 2})
	wantRows(t, s, data.Incidents, rows...)
	if after := version(t, s); after != before {
		t.Errorf("Version went from %s to %s", before, after)
	}
}

func twoSources(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a"))
	other := fact("a", Row{"source": "patrol"})
	wantChanges(t, put(t, s, data.Incidents, other), data.Changes{Inserted: 1})
	wantRows(t, s, data.Incidents, fact("a"), other)
}

func replaceEarlier(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a", Row{"updated_at": at(1)}), fact("b"))
	later := fact("a", Row{"updated_at": at(2), "status": "closed", "closed_at": at(2)})
	wantChanges(t, put(t, s, data.Incidents, later), data.Changes{Replaced: 1})
	wantRows(t, s, data.Incidents, later, fact("b"))
}

func ignoreStale(t *testing.T, s data.Store) {
	now := fact("a", Row{"updated_at": at(2)})
	put(t, s, data.Incidents, now)
	wantChanges(t, put(t, s, data.Incidents, fact("a", Row{"updated_at": at(1), "status": "closed"})), data.Changes{Stale: 1})
	wantRows(t, s, data.Incidents, now)
}

func replaceEqualAge(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a", Row{"updated_at": at(1)}))
	other := fact("a", Row{"updated_at": at(1), "category": "垃圾"})
	wantChanges(t, put(t, s, data.Incidents, other), data.Changes{Replaced: 1})
	wantRows(t, s, data.Incidents, other)
}

func replaceUndated(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a", Row{"updated_at": at(9)}), fact("b"))
	undated := fact("a", Row{"category": "x"})
	dated := fact("b", Row{"updated_at": at(-999_999), "category": "y"})
	wantChanges(t, put(t, s, data.Incidents, undated, dated), data.Changes{Replaced: 2})
	wantRows(t, s, data.Incidents, undated, dated)
	again := fact("a", Row{"category": "z"})
	wantChanges(t, put(t, s, data.Incidents, again), data.Changes{Replaced: 1})
	wantRows(t, s, data.Incidents, again, dated)
}

func restamp(t *testing.T, s data.Store) {
	cell, other := geo.Cell(0x8931aa50003ffff), geo.Cell(0x8931aa50007ffff)
	put(t, s, data.Incidents, fact("a", Row{"updated_at": at(1), "cell_9": cell, "community": "110105"}))
	before := version(t, s)
	stamped := fact("a", Row{"updated_at": at(1), "cell_9": other})
	wantChanges(t, put(t, s, data.Incidents, stamped), data.Changes{Restamped: 1})
	wantRows(t, s, data.Incidents, stamped)
	if version(t, s) == before {
		t.Error("Version is the same after the stamps changed")
	}
}

func duplicatesInBatch(t *testing.T, s data.Store) {
	v := func(hours int, status string) Row { return fact("a", Row{"updated_at": at(hours), "status": status}) }
	changes := put(t, s, data.Incidents, v(1, "open"), v(3, "closed"), v(2, "open"), v(3, "closed"), fact("b"), fact("b"), fact("b", Row{"category": "late"}))
	wantChanges(t, changes, data.Changes{Inserted: 2, Replaced: 2, Stale: 1, Unchanged: 2})
	wantRows(t, s, data.Incidents, v(3, "closed"), fact("b", Row{"category": "late"}))
}

func thereAndBack(t *testing.T, s data.Store) {
	put(t, s, data.Incidents, fact("a"))
	before := version(t, s)
	changes := put(t, s, data.Incidents, fact("a", Row{"category": "x"}), fact("a"))
	wantChanges(t, changes, data.Changes{Replaced: 2})
	wantRows(t, s, data.Incidents, fact("a"))
	if after := version(t, s); after != before {
		t.Errorf("Version went from %s to %s", before, after)
	}
}

func datasetsApart(t *testing.T, s data.Store) {
	resource := Row{"source": "hotline", "id": "a", "location": "none", "name": "消防站", "capacity": 2.5}
	inspection := Row{"source": "hotline", "id": "a", "location": "none", "inspected_at": at(1), "found": int64(3)}
	put(t, s, data.Incidents, fact("a"))
	wantChanges(t, put(t, s, data.Resources, resource), data.Changes{Inserted: 1})
	wantChanges(t, put(t, s, data.Inspections, inspection), data.Changes{Inserted: 1})
	wantRows(t, s, data.Incidents, fact("a"))
	wantRows(t, s, data.Resources, resource)
	wantRows(t, s, data.Inspections, inspection)
}

func foreignColumns(t *testing.T, s data.Store) {
	columns := append([]data.Column{{Name: "weather", Type: data.Code}}, s.Schema(data.Incidents)...)
	columns[1], columns[4] = columns[4], columns[1]
	row := fact("a", Row{"category": "x"})
	b := Batch(columns, fact("a", Row{"category": "x", "weather": "rain"}))
	if _, err := s.Append(context.Background(), data.Incidents, data.Chunk{}, b); err != nil {
		t.Fatal(err)
	}
	wantRows(t, s, data.Incidents, row)
}

func refuseBad(t *testing.T, s data.Store) {
	schema := s.Schema(data.Incidents)
	without := func(name string) Row {
		r := fact("bad")
		delete(r, name)
		return r
	}
	for name, b := range map[string]data.Batch{
		"a row without a source": Batch(schema, fact("good"), without("source")),
		"a row without an id":    Batch(schema, fact("good"), without("id")),
		"an empty id":            Batch(schema, fact("good"), fact("")),
		"a row without a status": Batch(schema, fact("good"), without("status")),
		"a column is missing":    Batch(schema[:len(schema)-1], fact("good")),
		"no columns at all":      {},
	} {
		if _, err := s.Append(context.Background(), data.Incidents, data.Chunk{Import: "bad", Number: 1}, b); err == nil {
			t.Errorf("%s: Append gave no error", name)
		}
	}
	if _, err := s.Append(context.Background(), "weather", data.Chunk{}, Batch(schema, fact("good"))); err == nil {
		t.Error("a dataset that does not exist: Append gave no error")
	}
	wantRows(t, s, data.Incidents)
	wantChanges(t, putChunk(t, s, data.Incidents, data.Chunk{Import: "bad", Number: 1}, fact("good")), data.Changes{Inserted: 1})
}

func appendNothing(t *testing.T, s data.Store) {
	before := version(t, s)
	wantChanges(t, put(t, s, data.Incidents), data.Changes{})
	wantRows(t, s, data.Incidents)
	if version(t, s) != before {
		t.Error("Version changed")
	}
}
