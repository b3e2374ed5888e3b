package data

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"
)

// A Level is one rung of the ladder of governed areas.
type Level string

// The levels, coarsest first.
const (
	Province      Level = "province"
	City          Level = "city"
	District      Level = "district"
	Street        Level = "street"
	CommunityArea Level = "community"
	UnitGrid      Level = "unit_grid"
)

// Levels returns all levels, coarsest first.
func Levels() []Level {
	return []Level{Province, City, District, Street, CommunityArea, UnitGrid}
}

// Rank returns the place of l among [Levels], 0 for the coarsest, or -1 when l
// is no level.
func (l Level) Rank() int {
	for i, other := range Levels() {
		if l == other {
			return i
		}
	}
	return -1
}

// ParseLevel reads a level by its name.
func ParseLevel(s string) (Level, error) {
	l := Level(strings.ToLower(strings.TrimSpace(s)))
	if l.Rank() < 0 {
		return "", fmt.Errorf("level %q: want one of province, city, district, street, community, unit_grid", s)
	}
	return l, nil
}

// Names holds the name of a thing by language tag: "en", "zh-Hans", "zh-Hant".
// A name of no stated language stands under "".
type Names map[string]string

// In returns the name in lang, else the unmarked one, else the English one,
// else the first in tag order; "" when there is none.
func (n Names) In(lang string) string {
	for _, tag := range append([]string{lang, "", "en"}, slices.Sorted(maps.Keys(n))...) {
		if name := n[tag]; name != "" {
			return name
		}
	}
	return ""
}

// A Community is one governed area: a district, street, community or unit grid.
type Community struct {
	Code   string
	Level  Level
	Parent string // code of the area one or more levels above; "" for none
	Names  Names

	Outline orb.MultiPolygon // WGS 84; exterior rings counter-clockwise, closed

	Population    int64 // inhabitants; meaningful only if HasPopulation
	HasPopulation bool
	Responsible   string // the unit that answers for the area

	// ValidFrom and ValidTo bound when the outline was in force, half open.
	// The zero time means without bound on that side.
	ValidFrom, ValidTo time.Time
}

// InForce reports whether c is valid at t.
func (c Community) InForce(t time.Time) bool {
	return (c.ValidFrom.IsZero() || !t.Before(c.ValidFrom)) && (c.ValidTo.IsZero() || t.Before(c.ValidTo))
}

// The ways a fact's place is known, the values of column location.
const (
	LocationPoint = "point" // coordinates
	LocationArea  = "area"  // a community code and nothing finer
	LocationNone  = "none"  // neither
)

// The states of an incident, the values of column status.
const (
	StatusOpen      = "open"
	StatusClosed    = "closed"
	StatusSuspended = "suspended" // 挂账: the clock stands still by decision
	StatusVoid      = "void"      // 作废: cancelled, a duplicate or not a case
)

// The verdicts a source can give on its own case, the values of column verdict.
const (
	VerdictOnTime = "on_time"
	VerdictLate   = "late"
)

// The answers to a call-back, the values of columns callback_valid, contacted
// and solved; yes is also that of [Withdrawn].
const (
	AnswerYes = "yes"
	AnswerNo  = "no"
)

// What was said of a case when it was over, the values of column satisfaction.
const (
	Satisfied          = "satisfied"
	BasicallySatisfied = "basic"
	Dissatisfied       = "dissatisfied"
	SatisfactionNone   = "none" // asked, and nothing said
)

// What was found when an inspected point was looked at again, the values of
// column recheck.
const (
	RecheckOK    = "ok"
	RecheckNotOK = "not_ok"
	RecheckFalse = "false_rectification" // 虚假整改: said to be put right, and not
)
