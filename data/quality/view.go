package quality

import (
	"time"

	"github.com/civgrid/civgrid/data"
)

// A view is a batch as the rules see it: the columns of the three datasets
// under common names. A column that a dataset lacks is empty and has no values.
type view struct {
	*scene
	n int

	event, responded, closed, due, updated times
	extended                               times
	stages                                 []times // see stagesOf
	pauses                                 data.Texts
	hasPauses                              bool
	lon, lat, xGiven, yGiven               floats

	status, location, community, given, category, subcategory, source data.Codes
	address, duplicateOf                                              data.Texts
	hasStatus, hasDuplicateOf                                         bool
}

// A scene is what rules know besides the rows.
type scene struct {
	now   time.Time
	clock *clock
	names *Gazetteer
	known map[string]string // memory of names.Find
}

type times struct {
	values []int64
	valid  data.Validity
}

// at returns microseconds, and false where there is no value.
func (t times) at(i int) (int64, bool) {
	if t.values == nil || !t.valid.At(i) {
		return 0, false
	}
	return t.values[i], true
}

type floats struct {
	values []float64
	valid  data.Validity
}

func (f floats) at(i int) (float64, bool) {
	if f.values == nil || !f.valid.At(i) {
		return 0, false
	}
	return f.values[i], true
}

// timesOf names the columns that stand for event, response, closing, deadline
// and update in each dataset.
func timesOf(d data.Dataset) (event, responded, closed, due, updated string) {
	switch d {
	case data.Incidents:
		return "reported_at", "responded_at", "closed_at", "due_at", "updated_at"
	case data.Inspections:
		return "inspected_at", "", "rectified_at", "rectify_due_at", "updated_at"
	}
	return "", "", "", "", "updated_at"
}

// The stages of an incident between its report and its end, by their place in
// stagesOf.
const (
	dispatched = 2
	disposed   = 3
	checked    = 4
)

// stagesOf names the times of further stages, in the order in which they come.
func stagesOf(d data.Dataset) []string {
	switch d {
	case data.Incidents:
		return []string{"accepted_at", "registered_at", "dispatched_at", "disposed_at", "checked_at"}
	case data.Inspections:
		return []string{"rechecked_at"}
	}
	return nil
}

// columnsOf returns the columns that Assess reads of a dataset.
func columnsOf(d data.Dataset, schema []data.Column) []string {
	event, responded, closed, due, updated := timesOf(d)
	want := map[string]bool{
		event: true, responded: true, closed: true, due: true, updated: true, "lon": true, "lat": true, "x_given": true, "y_given": true,
		"status": true, "location": true, "community": true, "community_given": true, "category": true, "subcategory": true, "source": true,
		"address": true, "duplicate_of": true, "extended_due_at": true, "pauses": true,
	}
	for _, name := range stagesOf(d) {
		want[name] = true
	}
	for _, name := range traitColumns {
		want[name] = true
	}
	var names []string
	for _, c := range schema {
		if want[c.Name] {
			names = append(names, c.Name)
		}
	}
	return names
}

func viewOf(b data.Batch, d data.Dataset, s *scene) *view {
	v := &view{scene: s, n: b.Len(), hasStatus: d == data.Incidents && b.Has("status"), hasDuplicateOf: b.Has("duplicate_of")}
	event, responded, closed, due, updated := timesOf(d)
	v.event, v.responded, v.closed = timesIn(b, event), timesIn(b, responded), timesIn(b, closed)
	v.due, v.updated, v.extended = timesIn(b, due), timesIn(b, updated), timesIn(b, "extended_due_at")
	for _, name := range stagesOf(d) {
		v.stages = append(v.stages, timesIn(b, name))
	}
	if v.hasPauses = b.Has("pauses"); v.hasPauses {
		v.pauses = b.Texts("pauses")
	}
	v.lon, v.lat, v.xGiven, v.yGiven = floatsIn(b, "lon"), floatsIn(b, "lat"), floatsIn(b, "x_given"), floatsIn(b, "y_given")
	v.location, v.community, v.given, v.source = b.Codes("location"), b.Codes("community"), b.Codes("community_given"), b.Codes("source")
	v.address = b.Texts("address")
	if v.hasStatus {
		v.status = b.Codes("status")
	}
	if d == data.Incidents {
		v.category, v.subcategory = b.Codes("category"), b.Codes("subcategory")
	}
	if v.hasDuplicateOf {
		v.duplicateOf = b.Texts("duplicate_of")
	}
	return v
}

func timesIn(b data.Batch, name string) times {
	if name == "" || !b.Has(name) || b.Len() == 0 {
		return times{}
	}
	return times{b.Ints(name), b.Valid(name)}
}

func floatsIn(b data.Batch, name string) floats {
	if !b.Has(name) || b.Len() == 0 {
		return floats{}
	}
	return floats{b.Floats(name), b.Valid(name)}
}

// point returns where row i lies.
func (v *view) point(i int) (p point, ok bool) {
	lon, okLon := v.lon.at(i)
	lat, okLat := v.lat.at(i)
	return point{lon, lat}, okLon && okLat
}

// unplaced reports whether row i has neither a point nor a community.
func (v *view) unplaced(i int) bool {
	_, located := v.point(i)
	return !located && !v.community.Valid().At(i)
}

// named returns the code of the community that the source names for row i; ""
// when it names none, or one that is not known.
func (v *view) named(i int) (code string, given bool) {
	if !v.given.Valid().At(i) {
		return "", false
	}
	word := v.given.At(i)
	code, seen := v.known[word]
	if !seen {
		code, _ = v.names.Find(word)
		v.known[word] = code
	}
	return code, true
}

// isStatus reports whether row i is in one of the states.
func (v *view) isStatus(i int, states ...string) bool {
	if !v.hasStatus {
		return false
	}
	now := v.status.At(i)
	for _, s := range states {
		if s == now {
			return true
		}
	}
	return false
}
