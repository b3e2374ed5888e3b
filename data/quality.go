package data

import "time"

// A Report says how good the facts of a dataset are. It depends on what the
// store holds and on nothing else, so importing a file twice leaves it as it
// is.
type Report struct {
	Dataset Dataset `json:"dataset"`
	Rows    int64   `json:"rows"`

	// Every row is counted in exactly one of these.
	Located  int64 `json:"located"`   // has a point inside some community
	Outside  int64 `json:"outside"`   // has a point outside every community
	AreaOnly int64 `json:"area_only"` // has the code of a known community, no point
	Unplaced int64 `json:"unplaced"`  // has neither

	// First and Last are the earliest and latest event; Horizon is the latest
	// instant that any column speaks of as past: what the data know of.
	// Zero without rows.
	First   time.Time `json:"first"`
	Last    time.Time `json:"last"`
	Horizon time.Time `json:"horizon"`

	Rules []RuleCount `json:"rules"` // every rule, also those met by no row
	// Unknown are the words by which sources name communities that are not known,
	// the twenty of most rows, most first. All rows with such a word are those of
	// the rule community_unknown.
	Unknown  []UnknownCommunity `json:"unknown_communities"`
	PileUps  []PileUp           `json:"pile_ups"` // points shared by many rows, most first
	Defaults []DefaultLocation  `json:"default_locations"`
}

// A RuleCount is the number of rows a quality rule found.
type RuleCount struct {
	Rule  string `json:"rule"`  // "closed_before_reported"
	Title string `json:"title"` // "closed before reported"
	Rows  int64  `json:"rows"`
}

// An UnknownCommunity is a word by which sources name a community that is none of
// those there are, or could be more than one of them.
type UnknownCommunity struct {
	Word     string `json:"word"`
	Rows     int64  `json:"rows"`
	Unplaced int64  `json:"unplaced"` // of them without a point: nothing else says where they are
	Several  bool   `json:"several"`  // several communities of one level bear the name
}

// A PileUp is a point that several rows share to the last digit.
type PileUp struct {
	Lon   float64 `json:"lon"`
	Lat   float64 `json:"lat"`
	Rows  int64   `json:"rows"`
	Share float64 `json:"share"` // of all rows with a point, 0 to 1
}

// A DefaultLocation is a pile-up too large to be real: a point that a geocoder
// or a form fills in when it does not know better.
type DefaultLocation struct {
	PileUp
	// Traits say how its rows differ from all others.
	Traits []Trait `json:"traits"`
	// Reason says in words why it was flagged.
	Reason string `json:"reason"`
}

// A Trait is something that is more, or less, common among some rows than
// among the others.
type Trait struct {
	Column string  `json:"column"`
	Value  string  `json:"value"` // "" stands for no value
	Share  float64 `json:"share"` // among these rows, 0 to 1
	Others float64 `json:"others"`
}

// NotAt returns the condition that leaves out rows at any of the points.
func NotAt(points []DefaultLocation) Condition {
	var at Any
	for _, p := range points {
		at = append(at, All{Compare{"lon", Equal, p.Lon}, Compare{"lat", Equal, p.Lat}})
	}
	return Not{at}
}
