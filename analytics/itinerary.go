package analytics

import (
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// An Itinerary is where an inspector goes on one day, and why. It is made by the
// engine only and immutable.
type Itinerary struct {
	Begin  time.Time `json:"begin"` // when it sets out, in the city's time zone
	Zone   string    `json:"zone"`
	Start  Point     `json:"start"`
	Return bool      `json:"return"` // it ends at Start; otherwise at the last stop
	Stops  []Stop    `json:"stops"`  // in the order of visits
	End    time.Time `json:"end"`
	Metres float64   `json:"metres"` // on the way, the detour included
	// Expected is how many reports are expected in the cells of all stops, in Days.
	Expected float64 `json:"expected"`
	Days     float64 `json:"days"`
	Level    float64 `json:"level"` // of the intervals of stops
	// Exact says that no choice among Candidates has a higher Expected.
	Exact    bool              `json:"exact"`
	Settings ItinerarySettings `json:"settings"`
	// Cells are those of the study area. Of them Resting were inspected too
	// recently, and InReach are the others that there is time for; Candidates are
	// those of InReach that a route was sought among.
	Cells      int `json:"cells"`
	Resting    int `json:"resting"`
	InReach    int `json:"in_reach"`
	Candidates int `json:"candidates"`
	// DrawnFrom is how many cells stops were drawn from, those of InReach that lie
	// near the way. The drawn stops make the day longer by DrawnMinutes, the ways to
	// them and the time at them; Without is how many reports would be expected in
	// Days if there were none.
	DrawnFrom    int     `json:"drawn_from"`
	DrawnMinutes float64 `json:"drawn_minutes"`
	Without      float64 `json:"expected_without_drawn"`
	// Inspected says whether any inspections are known.
	Inspected bool `json:"inspections_known"`
	// HalfLife, in weeks, and Steps are what the ranking goes by.
	HalfLife float64 `json:"half_life_weeks"`
	Steps    int     `json:"neighbour_steps"`
	// Caveats are what a reader must know, in sentences.
	Caveats    []string   `json:"caveats"`
	Provenance Provenance `json:"provenance"`
}

// ItinerarySettings are what an itinerary was asked for.
type ItinerarySettings struct {
	Capacity int     `json:"capacity"` // stops at most
	Minutes  float64 `json:"minutes"`  // all together
	Service  float64 `json:"service_minutes"`
	Speed    float64 `json:"speed_kmh"`
	Detour   float64 `json:"detour"`  // length of the way by the straight line
	Explore  float64 `json:"explore"` // share of stops that are drawn
	// ExploreMinutes is by how much a drawn stop makes the day longer at most.
	ExploreMinutes float64 `json:"explore_minutes"`
	Revisit        float64 `json:"revisit_days"`  // for how long an inspected cell rests
	Recent         float64 `json:"recent_days"`   // which reports count as recent
	Seed           uint64  `json:"seed"`          // of what is drawn
	Known          string  `json:"reports_known"` // updated, reported or recorded
}

// A Point is a place on the map, in degrees of WGS 84.
type Point struct {
	Lon float64 `json:"lon"`
	Lat float64 `json:"lat"`
}

// A Stop is a cell that is visited, at its centre.
type Stop struct {
	Cell geo.Cell `json:"cell"`
	Point
	Community string     `json:"community,omitempty"` // code of the finest at the centre
	Names     data.Names `json:"names,omitempty"`     // of it
	// Rank is the place of the stop among all, by Expected: 1 where most is expected.
	// Of equal ones the first to be visited goes first.
	Rank int `json:"rank"`
	// Drawn stops were chosen by lot from DrawnFrom cells, so that the record stays
	// an honest sample of these.
	Drawn  bool      `json:"drawn"`
	Arrive time.Time `json:"arrive"`
	Metres float64   `json:"metres"` // from where it came
	// Expected is how many reports are expected in the cell, and Low and High
	// between which numbers they will lie.
	Expected float64  `json:"expected"`
	Low      int      `json:"low"`
	High     int      `json:"high"`
	Reasons  []Reason `json:"reasons"`
}

// A Reason says one thing that speaks for a stop, or must be known there.
type Reason struct {
	Code string `json:"code"`
	// N counts reports, cases, inhabitants or days, as Code says.
	N int64 `json:"n"`
	// Expected is how many reports were expected before, of ReasonReports,
	// ReasonRising and ReasonPast.
	Expected float64 `json:"expected,omitempty"`
	Class    string  `json:"class,omitempty"` // of ReasonHot
}

// The codes of reasons.
const (
	ReasonReports   = "reports"   // N recent reports, where Expected were expected
	ReasonRising    = "rising"    // likewise, and more than chance explains
	ReasonPast      = "past"      // N reports in all, none of them recent
	ReasonHot       = "hot"       // a hot spot of Class
	ReasonOverdue   = "overdue"   // N open cases are past their deadline
	ReasonInspected = "inspected" // last inspected N days ago
	ReasonFailed    = "failed"    // likewise, and failed then
	ReasonNever     = "never"     // never inspected
	ReasonBlind     = "blind"     // N people live there, and nobody reported or inspected
	ReasonDrawn     = "drawn"     // drawn by lot, from N cells
)
