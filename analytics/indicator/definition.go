package indicator

import (
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// A Definition declares one version of an indicator. Its fields are those of
// the file, under the names of their tags.
type Definition struct {
	// Code names the indicator for good; it is unique together with Version.
	Code    string `yaml:"code"`
	Version int    `yaml:"version"`
	// Effective bounds when this version is in force.
	Effective Effective  `yaml:"effective,omitempty"`
	Name      data.Names `yaml:"name"`
	// Description says in a sentence what the number means.
	Description string `yaml:"description,omitempty"`
	Source      Origin `yaml:"source,omitempty"`

	Kind string `yaml:"kind"` // the name of a [Kind]
	// Dataset is what is counted; "" means incidents, but for an access share
	// resources and for documents inspections.
	Dataset data.Dataset `yaml:"dataset,omitempty"`
	// Where is the condition, in CQL2, of facts that have to do with it at all.
	Where string `yaml:"where,omitempty"`
	// Numerator and Denominator are populations or conditions.
	Numerator   Terms  `yaml:"numerator,omitempty"`
	Denominator string `yaml:"denominator,omitempty"`
	// Measure is the column whose values are averaged or added up, "elapsed" for
	// the time of the clock. Of is the column with the most it can be.
	Measure  string  `yaml:"measure,omitempty"`
	Of       string  `yaml:"of,omitempty"`
	Quantile float64 `yaml:"quantile,omitempty"` // from 0 to 1
	// Subject names columns that together say what a fact is about. AtLeast is how
	// many findings make it a recurrence; zero means 2.
	Subject []string `yaml:"subject,omitempty"`
	AtLeast int64    `yaml:"at_least,omitempty"`
	// Per is the number of inhabitants, or of square kilometres, a rate is told
	// for. Zero means 1.
	Per float64 `yaml:"per,omitempty"`

	Clock  *Clock  `yaml:"clock,omitempty"`
	Period Period  `yaml:"period,omitempty"`
	Access *Access `yaml:"access,omitempty"`
	// Items are what a composite is made of, or the documents that are asked for.
	Items []Item `yaml:"items,omitempty"`
	// Over says what a composite is divided by: "nonempty", the weights of the
	// items that have data, or "fixed", those of all. "" means nonempty.
	Over   string `yaml:"over,omitempty"`
	Gates  []Gate `yaml:"gates,omitempty"`
	Vetoes []Gate `yaml:"vetoes,omitempty"`
	// BonusCap is the most that bonus items can add, in points.
	BonusCap *float64 `yaml:"bonus_cap,omitempty"`

	// OpenPolicy says how open cases count: matured, pessimistic, optimistic,
	// closed_only or km; for quantiles km or closed_only. NoLimit says how those
	// without a limit do: exclude or on_time. "" means the first of each.
	OpenPolicy string `yaml:"open_policy,omitempty"`
	NoLimit    string `yaml:"no_limit,omitempty"`

	Target    *Target  `yaml:"target,omitempty"`
	Direction string   `yaml:"direction"` // higher, lower or none: which is better
	Scoring   *Scoring `yaml:"scoring,omitempty"`
	Weight    *float64 `yaml:"weight,omitempty"` // points within its pack
	// MinN is the fewest facts that are judged and ranked. Zero means 1, and none
	// where their number is the value.
	MinN      int64     `yaml:"min_n,omitempty"`
	Interval  Interval  `yaml:"interval,omitempty"`
	Smoothing Smoothing `yaml:"smoothing,omitempty"`
	// Empty says what a row without facts scores: no_data, full, zero or
	// neutral, the score of all rows together.
	Empty string `yaml:"empty"`
	// Rollup is how coarser rows come of finer ones. There is one way: pooled.
	Rollup string `yaml:"rollup,omitempty"`
	// Attribution says what facts are added up by: where they happened, the
	// responsible_unit or the duty_grid. "" means where.
	Attribution string   `yaml:"attribution,omitempty"`
	Levels      []string `yaml:"levels,omitempty"` // cell and levels it may be shown at; none means all
	Visibility  string   `yaml:"visibility,omitempty"`

	Examples []Example `yaml:"examples,omitempty"`
}

// Effective bounds when a version is in force, half open, as dates in the time
// zone of the period. "" is without bound.
type Effective struct {
	From string `yaml:"from,omitempty"`
	To   string `yaml:"to,omitempty"`
}

// String says the bounds in words, such as "from 2026-01-01 on".
func (e Effective) String() string {
	switch {
	case e.From == "" && e.To == "":
		return "always"
	case e.To == "":
		return "from " + e.From + " on"
	case e.From == "":
		return "until " + e.To
	}
	return "from " + e.From + " to " + e.To
}

// An Origin says what a definition follows.
type Origin struct {
	Standard string `yaml:"standard,omitempty"`
	Clause   string `yaml:"clause,omitempty"`
	Note     string `yaml:"note,omitempty"`
}

// A Term is a condition or population that counts with a weight.
type Term struct {
	Where  string  `yaml:"where"`
	Weight float64 `yaml:"weight"`
}

// Terms are one condition of weight 1, written as text, or a list, of which a
// fact counts by the first that it meets.
type Terms []Term

// A Clock says when time runs for a case and for how long it may.
type Clock struct {
	// Start and Stop are the events, columns such as reported_at.
	Start string `yaml:"start"`
	Stop  string `yaml:"stop"`
	// StopCounts is the condition, in CQL2, under which the stop is one: a false
	// rectification is none. "" means always.
	StopCounts string `yaml:"stop_counts,omitempty"`
	Limit      *Limit `yaml:"limit,omitempty"`
	// Calendar names the calendar: "id@version" for good, "id" for the version
	// published last. "" means continuous time.
	Calendar string `yaml:"calendar,omitempty"`
	// Unit is in what the clock runs where no limit says it, such as work_hour.
	// "" means the unit of Within, or real time.
	Unit string `yaml:"unit,omitempty"`
	// Pauses, if set, are the times of column pauses, in which the clock stands
	// still. They are the only choice: [suspended].
	Pauses []string `yaml:"pauses,omitempty"`
	// Extension says what a granted extension does: "replaces" the deadline or
	// is "ignored". "" means ignored.
	Extension string `yaml:"extension,omitempty"`
}

// A Limit is how long a case may take.
type Limit struct {
	// Record says that the record has the deadline, in this column.
	Record string `yaml:"record,omitempty"`
	// Within is the limit of every case, such as "2 work_hour".
	Within string `yaml:"within,omitempty"`
	// By is a column whose words have limits of their own in Table; those that
	// are not in it have Within, and where there is none no limit.
	By    string            `yaml:"by,omitempty"`
	Table map[string]string `yaml:"table,omitempty"`
}

// A Period says what puts a fact into a period, and how periods lie.
type Period struct {
	// By is due, opened, registered, closed or inspected, or a Time column.
	By   string `yaml:"by,omitempty"`
	Unit string `yaml:"unit,omitempty"` // day, week, month, quarter or year; "" means month
	// AnchorDay is the day of the month, from 1 to 28, on which months begin: with
	// a day after 1 in the month before, so that a month is named for the one it
	// ends in. Zero means 1.
	AnchorDay int `yaml:"anchor_day,omitempty"`
	// DayCut is the time at which days begin. "" means midnight. DayNamed says
	// whether a day is named for where it begins, "start", or for where it ends:
	// with "12:00" and "end", the 2nd runs from noon of the 1st to noon of the 2nd.
	DayCut   string `yaml:"day_cut,omitempty"`
	DayNamed string `yaml:"day_named,omitempty"`
	Zone     string `yaml:"tz,omitempty"` // IANA name; "" means that of the store
}

// Access is the share of the population that has a resource within reach.
type Access struct {
	Where    string  `yaml:"where,omitempty"`    // of resources, in CQL2
	Metres   float64 `yaml:"metres"`             // in a straight line
	Detour   float64 `yaml:"detour,omitempty"`   // metres on the way for each in a straight line; zero means 1
	Weighted string  `yaml:"weighted,omitempty"` // "population" or "area"; "" means population
}

// An Item is a part of a composite, or a document that is asked for.
type Item struct {
	Indicator string `yaml:"indicator,omitempty"`
	Document  string `yaml:"document,omitempty"` // the word of column item
	// Weight is the points it gives, or how much it counts. Nil means 1.
	Weight *float64 `yaml:"weight,omitempty"`
	Bonus  bool     `yaml:"bonus,omitempty"`
}

// A Gate is a condition on the value of another indicator.
type Gate struct {
	Indicator string  `yaml:"indicator"`
	Op        string  `yaml:"op"`
	Value     float64 `yaml:"value"`
}

// A Target is what is to be reached.
type Target struct {
	Op    string  `yaml:"op"` // >= or <=
	Value float64 `yaml:"value"`
	Unit  string  `yaml:"unit"` // share, s, count, points or rate
	// By is community, whose codes have targets of their own in Table: for
	// themselves and all below.
	By    string             `yaml:"by,omitempty"`
	Table map[string]float64 `yaml:"table,omitempty"`
}

// Scoring turns a value into points.
type Scoring struct {
	Type string  `yaml:"type"` // linear, band, deduct or pass_fail
	Max  float64 `yaml:"max"`
	// Zero and Full are the values that linear scoring gives no points and all
	// for. Both 0 means 0 and 1, or the other way about where lower is better.
	Zero float64 `yaml:"zero,omitempty"`
	Full float64 `yaml:"full,omitempty"`
	// Bands are tried in turn; one without bounds takes what is left.
	Bands []Band `yaml:"bands,omitempty"`
	// Per points are deducted for Every of the value, Cap at most.
	Per   float64  `yaml:"per,omitempty"`
	Every float64  `yaml:"every,omitempty"` // zero means 1; only whole ones count
	Cap   *float64 `yaml:"cap,omitempty"`   // nil means all points
	// Decimals is to how many places points are rounded, half away from zero.
	// Nil means they are not.
	Decimals *int `yaml:"decimals,omitempty"`
}

// A Band gives points to values that are at most, or below, a bound.
type Band struct {
	AtMost *float64 `yaml:"at_most,omitempty"`
	Below  *float64 `yaml:"below,omitempty"`
	Score  float64  `yaml:"score"`
}

// Interval is how uncertainty is told.
type Interval struct {
	Method string  `yaml:"method,omitempty"` // wilson, clopper_pearson or jeffreys; "" means wilson
	Level  float64 `yaml:"level,omitempty"`  // zero means 0.95
}

// Smoothing is how the values that rows are ranked by are drawn together.
type Smoothing struct {
	Method string `yaml:"method,omitempty"` // eb or none; "" means eb where the kind allows
	Prior  string `yaml:"prior,omitempty"`  // parent or all; "" means parent
}

// An Example is a worked example that a reader can redo by hand.
type Example struct {
	Title string `yaml:"title"`
	// From, To and AsOf are times in the zone of the period.
	From string `yaml:"from"`
	To   string `yaml:"to"`
	AsOf string `yaml:"as_of,omitempty"` // "" means To
	// Facts are rows of the dataset. The key "times" repeats one. Those of an access
	// share are places: people, km2, and metres to the nearest resource.
	Facts  []map[string]string `yaml:"facts"`
	Expect Expect              `yaml:"expect"`
}

// Expect is what an example comes to. Nil means that it is not looked at, and
// a Status of no_data that there is no value.
type Expect struct {
	Value  *float64 `yaml:"value,omitempty"`
	Score  *float64 `yaml:"score,omitempty"`
	N      *int64   `yaml:"n,omitempty"`
	Status string   `yaml:"status,omitempty"`
	// Decimals is to how many places value and score are compared. Zero means 9.
	Decimals int `yaml:"decimals,omitempty"`
}

// ID names one version of an indicator: "code@version".
func (d *Definition) ID() string { return fmt.Sprintf("%s@%d", d.Code, d.Version) }

// Title returns the name in a language, or the code where there is no name.
func (d *Definition) Title(lang string) string {
	if name := d.Name.In(lang); name != "" {
		return name
	}
	return d.Code
}
