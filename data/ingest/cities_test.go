package ingest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/ingest"
)

// agreement counts the located incidents of a source whose community is the one
// they name, and those that have a community.
func agreement(t testing.TB, store data.Store, source string) (agree, inside, located int) {
	t.Helper()
	query := data.Query{Dataset: data.Incidents, Columns: []string{"source", "community", "community_given", "location"}}
	for b, err := range store.Scan(context.Background(), query) {
		if err != nil {
			t.Fatal(err)
		}
		from, community, given, location := b.Codes("source"), b.Codes("community"), b.Codes("community_given"), b.Codes("location")
		for i := range b.Len() {
			if from.At(i) != source || location.At(i) != data.LocationPoint {
				continue
			}
			located++
			if community.At(i) != "" {
				inside++
			}
			if community.At(i) != "" && strings.TrimLeft(given.At(i), "0") == strings.TrimLeft(community.At(i), "0") {
				agree++
			}
		}
	}
	return agree, inside, located
}

func TestChicagoRequestsAreReadWhole(t *testing.T) {
	t.Parallel()
	in := sharedFile(t, "chicago/chicago_311_sanitation_2011_2014.csv.gz")
	store := coarseStore(t)
	bounds := importBoundaries(t, store, "chicago/chicago_community_areas_pop.geojson.gz", ingest.BoundaryOptions{Level: data.CommunityArea})
	if len(bounds.Communities) != 77 || bounds.Code != "NID" || bounds.Name != "community" || !bounds.Communities[0].HasPopulation {
		t.Errorf("%d areas, code %s, name %s; want 77, NID, community", len(bounds.Communities), bounds.Code, bounds.Name)
	}
	o := ingest.Options{Stampers: &ingest.StamperCache{}}
	r := importFile(t, store, in, o)
	if r.Read != 74401 || r.Rejected != 0 || r.Repeated != 375 || r.Changes.Inserted != 74401-375 {
		t.Errorf("read %d, rejected %d, repeated %d, inserted %d; want 74401, 0, 375, 74026", r.Read, r.Rejected, r.Repeated, r.Changes.Inserted)
	}
	if got := r.Report.AreaOnly + r.Report.Unplaced; got != 24 {
		t.Errorf("%d rows without coordinates, want 24", got)
	}
	if len(r.Report.Defaults) != 0 {
		t.Errorf("default locations %+v, want none", r.Report.Defaults)
	}
	o.ChunkRows = 5000
	if again := importFile(t, store, in, o); again.Changes != (data.Changes{Unchanged: 74026}) {
		t.Errorf("importing again in other chunks: %+v, want all unchanged", again.Changes)
	}
	// The oracle counts every row of the file, those that repeat a number too.
	o.Mapping = ingest.Mapping{Source: "every row", Map: map[string]string{"id": ""}}
	importFile(t, store, in, o)
	agree, inside, located := agreement(t, store, "every row")
	if agree < 73044 || located != 74377 || inside != 74377-198 {
		t.Errorf("%d agree of %d inside of %d located, want 73044 of 74179 of 74377", agree, inside, located)
	}
}

func TestChicagoBurglariesLieInTheirBeats(t *testing.T) {
	t.Parallel()
	in := sharedFile(t, "chicago/chicago_burglary_2011_2014.csv.gz")
	store := coarseStore(t)
	bounds := importBoundaries(t, store, "chicago/chicago_police_beats.geojson.gz", ingest.BoundaryOptions{Level: data.UnitGrid, Code: "beat_num"})
	if len(bounds.Communities) != 275 {
		t.Errorf("%d beats, want 275", len(bounds.Communities))
	}
	m, err := ingest.ParseMap("community_given=Beat")
	if err != nil {
		t.Fatal(err)
	}
	r := importFile(t, store, in, ingest.Options{Mapping: m})
	agree, _, located := agreement(t, store, "chicago_crime")
	if r.Rejected != 0 || located+int(r.Repeated) != 66932 || len(r.Report.Defaults) != 0 {
		t.Errorf("rejected %d, located %d, defaults %v; want 0, 66932, none", r.Rejected, located, r.Report.Defaults)
	}
	if agree < 63770 { // one of the 63771 repeats an id
		t.Errorf("%d burglaries lie in their beat, want about 63771", agree)
	}
}

func TestChicagoInspectionsAreInspections(t *testing.T) {
	t.Parallel()
	r := importFile(t, coarseStore(t), sharedFile(t, "chicago/chicago_food_inspections_2011_2014.csv.gz"), ingest.Options{})
	if r.Reading.Dataset != data.Inspections || r.Read != 27600 || r.Rejected != 0 {
		t.Errorf("%s: read %d, rejected %d %v; want inspections, 27600, 0", r.Reading.Dataset, r.Read, r.Rejected, r.Rejects)
	}
	if len(r.Report.Defaults) != 0 {
		t.Errorf("default locations %+v, want none: O'Hare is a real place", r.Report.Defaults)
	}
}

func TestNewYorkCaseworkHasAreasOnly(t *testing.T) {
	t.Parallel()
	in := sharedFile(t, "nyc/nyc_council_casework_2015_2025.csv.gz")
	store := coarseStore(t)
	importBoundaries(t, store, "nyc/nyc_community_districts.geojson.gz", ingest.BoundaryOptions{Level: data.CommunityArea, Code: "BoroCD"})
	if testing.Short() {
		t.Skip("a third of a million rows")
	}
	r := importFile(t, store, in, ingest.Options{})
	if r.Read != 341299 || r.Rejected != 0 || r.Report.Located+r.Report.Outside != 0 || r.Repeated != 105 {
		t.Errorf("read %d, rejected %d, located %d, repeated %d; want 341299, 0, 0, 105", r.Read, r.Rejected, r.Report.Located, r.Repeated)
	}
	// Counted with Python's csv module, of the last row of each of the 341,194
	// ids: "07 Manhattan" and the like that are the code of a boundary, blank
	// ones, and others.
	nycPlaces(t, r, 267917, 72733, 544)
	want := []data.UnknownCommunity{
		{Word: "Brooklyn", Rows: 193, Unplaced: 193},
		{Word: "Queens", Rows: 128, Unplaced: 128},
		{Word: "Staten Island", Rows: 87, Unplaced: 87},
		{Word: "3 Staten Island", Rows: 20, Unplaced: 20},
		{Word: "Bronx", Rows: 15, Unplaced: 15},
	}
	if d := cmp.Diff(want, r.Report.Unknown[:len(want)]); d != "" {
		t.Errorf("words of no boundary (-want +got): %s", d)
	}
}

// nycPlaces tests that every row has a community, names none, or names one that
// is not known.
func nycPlaces(t *testing.T, r ingest.Result, matched, blank, dirty int64) {
	t.Helper()
	for what, pair := range map[string][2]int64{
		"placed by community board":  {r.Report.AreaOnly, matched},
		"of no board":                {ruleRows(t, r.Report, "unplaced_unnamed"), blank},
		"of a board there is not":    {ruleRows(t, r.Report, "unplaced_unknown"), dirty},
		"of such a board, all alike": {ruleRows(t, r.Report, "community_unknown"), dirty},
		"without a place":            {r.Report.Unplaced, blank + dirty},
		"in all":                     {r.Report.Rows, matched + blank + dirty},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%d rows %s, want %d", pair[0], what, pair[1])
		}
	}
}

// What the profile knows of the boards can be declared in a mapping file just as
// well. Without ids every row of the file is a case, as those counted who
// described the file.
func TestNewYorkCaseworkByAMappingFile(t *testing.T) {
	t.Parallel()
	in := sharedFile(t, "nyc/nyc_council_casework_2015_2025.csv.gz")
	if testing.Short() {
		t.Skip("a third of a million rows")
	}
	var file strings.Builder
	file.WriteString("profile: generic\nsource: casework\nzone: America/New_York\n" +
		"map: {id: '', reported_at: opendate, closed_at: closedate, community_given: community_board}\nvalues:\n  community_given:\n")
	for i, borough := range []string{"Manhattan", "Bronx", "Brooklyn", "Queens", "Staten Island"} {
		for n := 1; n < 100; n++ {
			fmt.Fprintf(&file, "    %02d %s: \"%d%02d\"\n", n, borough, i+1, n)
		}
	}
	m, err := ingest.ReadMapping(strings.NewReader(file.String()))
	if err != nil {
		t.Fatal(err)
	}
	store := coarseStore(t)
	importBoundaries(t, store, "nyc/nyc_community_districts.geojson.gz", ingest.BoundaryOptions{Level: data.CommunityArea, Code: "BoroCD"})
	nycPlaces(t, importFile(t, store, in, ingest.Options{Mapping: m}), 267983, 72772, 544)
}

func TestHydrantsGetIDsFromTheirContent(t *testing.T) {
	t.Parallel()
	in := sharedFile(t, "boston/boston_hydrants.csv.gz")
	store := coarseStore(t)
	o := ingest.Options{Dataset: data.Resources}
	r := importFile(t, store, in, o)
	if r.Read != 13253 || r.Changes.Inserted != 13253 || r.Rejected != 0 {
		t.Errorf("read %d, inserted %d, rejected %d; want 13253, 13253, 0", r.Read, r.Changes.Inserted, r.Rejected)
	}
	o.ChunkRows = 1000
	if again := importFile(t, store, in, o); again.Changes != (data.Changes{Unchanged: 13253}) {
		t.Errorf("again: %+v, want all unchanged", again.Changes)
	}
}

func TestPoliceUKKeepsEqualRows(t *testing.T) {
	t.Parallel()
	in := sharedFile(t, "ukpolice/street_crime_2018-10.csv.gz")
	if testing.Short() {
		t.Skip("a third of a million rows")
	}
	r := importFile(t, coarseStore(t), in, ingest.Options{})
	if r.Reading.Profile != "police_uk" || r.Rejected != 0 || r.Changes.Inserted != r.Read {
		t.Errorf("profile %s, read %d, inserted %d, rejected %d", r.Reading.Profile, r.Read, r.Changes.Inserted, r.Rejected)
	}
	if len(r.Report.Defaults) != 0 {
		t.Errorf("default locations %+v, want none", r.Report.Defaults)
	}
}

func TestAnimalReportsDriftInSchema(t *testing.T) {
	t.Parallel()
	r := importFile(t, coarseStore(t), sharedFile(t, "boston/boston_311_animal_2013_2019.csv.gz"), ingest.Options{})
	if r.Read != 46638 || r.Rejected != 0 || r.Report.Unplaced+r.Report.AreaOnly != 70 || ruleRows(t, r.Report, "closed_before_reported") != 10 ||
		ruleRows(t, r.Report, "never_closed") != 17020 || ruleRows(t, r.Report, "without_due") != 18825 {
		t.Errorf("read %d, rejected %d, report %+v", r.Read, r.Rejected, r.Report)
	}
	if len(r.Report.Defaults) != 0 {
		t.Errorf("default locations %+v, want none", r.Report.Defaults)
	}
}

func TestFeaturesBecomeFacts(t *testing.T) {
	t.Parallel()
	in := sharedFile(t, "chicago/ppa_liquorRetail.geojson.gz")
	m, err := ingest.ParseMap("kind==shop")
	if err != nil {
		t.Fatal(err)
	}
	r := importFile(t, coarseStore(t), in, ingest.Options{Dataset: data.Resources, Mapping: m})
	if r.Read != 937 || r.Changes.Inserted != 937 || r.Report.Outside != 937 {
		t.Errorf("read %d, inserted %d, with a point %d; want 937 each; %v", r.Read, r.Changes.Inserted, r.Report.Outside, r.Rejects)
	}
}
