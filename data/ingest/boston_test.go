package ingest_test

import (
	"testing"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// The counts are those of the data's own description.
func TestBostonIsReadWhole(t *testing.T) {
	t.Parallel()
	in := sharedFile(t, "boston/boston_311_2011H2.csv.gz")
	store := newStore()
	bounds := importBoundaries(t, store, "boston/boston_neighborhoods.geojson", ingest.BoundaryOptions{Level: data.CommunityArea})
	if got, want := len(bounds.Communities), 25; got != want {
		t.Errorf("%d neighbourhoods, want %d", got, want)
	}
	o := ingest.Options{Stampers: &ingest.StamperCache{}}
	r := importFile(t, store, in, o)
	if r.Reading.Profile != "boston311" || r.Reading.Zone != "America/New_York" {
		t.Errorf("profile %s in zone %s, want boston311 in America/New_York", r.Reading.Profile, r.Reading.Zone)
	}
	if r.Read != 58251 || r.Rejected != 0 || r.Repeated != 0 || r.Changes.Inserted != 58251 {
		t.Errorf("read %d, rejected %d, repeated %d, inserted %d; want 58251, 0, 0, 58251", r.Read, r.Rejected, r.Repeated, r.Changes.Inserted)
	}
	for key, want := range map[string]int64{
		"without_due": 10981, "never_closed": 3681, "without_verdict": 158, "due_before_reported": 3, "due_far_future": 18, "due_after_a_year": 2572,
		"zero_duration": 2499, "time_occurs_twice": 3, "closed_before_reported": 0, "default_location": 4775, "closed_without_time": 0,
	} {
		if got := ruleRows(t, r.Report, key); got != want {
			t.Errorf("rule %s counts %d rows, want %d", key, got, want)
		}
	}
	if len(r.Report.Defaults) != 1 || r.Report.Defaults[0].Lat != 42.3594 || r.Report.Defaults[0].Lon != -71.0587 {
		t.Errorf("default locations %+v, want City Hall alone", r.Report.Defaults)
	}
	again := importFile(t, store, in, o)
	if !again.Already || again.Changes != (data.Changes{Unchanged: 58251}) {
		t.Errorf("importing again: %+v, want all unchanged", again.Changes)
	}
	o.ChunkRows = 7000 // another name, so that every row is compared
	other := importFile(t, store, in, o)
	if other.Already || other.Changes != (data.Changes{Unchanged: 58251}) {
		t.Errorf("importing again in other chunks: %+v, want all unchanged", other.Changes)
	}
}
