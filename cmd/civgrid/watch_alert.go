package main

import (
	"crypto/sha256"
	"fmt"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// An event is an alert as others are told of it: CloudEvents 1.0, JSON.
type event struct {
	SpecVersion     string `json:"specversion"`
	ID              string `json:"id"`
	Source          string `json:"source"`
	Type            string `json:"type"`
	Subject         string `json:"subject"` // the row in the middle
	Time            string `json:"time"`    // when it was found
	DataContentType string `json:"datacontenttype"`
	Data            surge  `json:"data"`
}

// What events are called, and who they are from where no address of a service is
// set.
const (
	surgeType   = "org.civgrid.alert.surge"
	eventSource = "/civgrid/watch"
)

// A surge is more reports than chance explains, up to now.
type surge struct {
	Unit      string   `json:"unit"`       // of the rows: h3-9 or a level
	Centre    string   `json:"centre"`     // the row in the middle
	Lon       *float64 `json:"lon"`        // of its centre, degrees, WGS 84; null for communities
	Lat       *float64 `json:"lat"`        // the same
	Place     string   `json:"place"`      // code of the finest community there; "" for none
	PlaceName string   `json:"place_name"` // its name
	Rows      []string `json:"rows"`
	Since     string   `json:"since"` // first day
	Until     string   `json:"until"` // last day
	Observed  int64    `json:"observed"`
	Expected  float64  `json:"expected"`
	// RelativeRisk is null where nothing was reported elsewhere or before.
	RelativeRisk *float64 `json:"relative_risk"`
	Ratio        float64  `json:"llr"`
	P            float64  `json:"p"`
	Approximate  float64  `json:"p_gumbel"`
	Simulations  int      `json:"simulations"`
	// RecurrenceDays is how often chance shows as much to those who look every day
	// (Kleinman, Lazarus and Platt 2004, Am. J. Epidemiol. 159:217-224). AtLeast
	// says that the simulations were too few to tell more.
	RecurrenceDays float64           `json:"recurrence_days"`
	AtLeast        bool              `json:"recurrence_at_least"`
	Params         map[string]string `json:"params"` // what was asked
	DataVersion    string            `json:"data_version"`
	Link           string            `json:"link,omitempty"` // to the map
}

// surges returns the surges of a layer of clusters with a p of at most alpha, the
// strongest first. They are looked for every so often.
func surges(layer *analytics.Layer, alpha float64, every time.Duration) []surge {
	column := func(name string) analytics.Column {
		c, ok := layer.Column(name)
		if !ok {
			panic("BUG: clusters has no column " + name)
		}
		return c
	}
	number, role, p := column("cluster"), column("role"), column("p")
	members := map[int64][]string{}
	for row := range layer.Frame.Len() {
		if number.Has(row) {
			members[number.Ints[row]] = append(members[number.Ints[row]], layer.Frame.ID(row))
		}
	}
	found := make([]surge, len(members))
	for row := range layer.Frame.Len() {
		if !number.Has(row) || role.Words[row] != "centre" {
			continue
		}
		s := surge{
			Unit: layer.Frame.Unit.String(), Centre: layer.Frame.ID(row), Rows: members[number.Ints[row]],
			Since: column("since").Words[row], Until: column("until").Words[row],
			Observed: column("surge_observed").Ints[row], Expected: column("surge_expected").Floats[row],
			Ratio: column("llr").Floats[row], P: p.Floats[row], Approximate: column("p_gumbel").Floats[row],
			Params: layer.Provenance.Params, DataVersion: layer.Provenance.DataVersion,
		}
		if risk := column("relative_risk"); risk.Has(row) {
			s.RelativeRisk = &risk.Floats[row]
		}
		s.locate(layer, row)
		found[number.Ints[row]-1] = s
	}
	simulations, _ := strconv.Atoi(layer.Provenance.Params["simulations"]) // checked by the engine
	for i := range found {
		if found[i].P > alpha {
			return found[:i] // p does not fall from one to the next
		}
		found[i].recur(simulations, every)
	}
	return found
}

// locate says where the row in the middle is.
func (s *surge) locate(layer *analytics.Layer, row int) {
	code, name := "code", "name"
	if layer.Frame.Unit.IsCells() {
		code, name = "place", "place_name"
		at := layer.Frame.Cells[row].Centre()
		s.Lon, s.Lat = &at[0], &at[1]
	}
	if c, ok := layer.Column(code); ok && c.Has(row) {
		s.Place = c.Words[row]
	}
	if c, ok := layer.Column(name); ok && c.Has(row) {
		s.PlaceName = c.Words[row]
	}
}

// recur says how often chance shows as much. The facts of one day hardly differ
// from hour to hour: who looks more often than daily is thought to look daily.
func (s *surge) recur(simulations int, every time.Duration) {
	s.Simulations = simulations
	s.RecurrenceDays = math.Max(every.Hours()/24, 1) / s.P
	s.AtLeast = s.P*float64(simulations+1) < 1.5 // the smallest p there is
}

// event returns the alert of a surge. Its id is that of what was asked, the row in
// the middle and the days: the same surge found again is the same event.
func (s surge) event(source, asked string, now time.Time) event {
	digest := sha256.Sum256([]byte(strings.Join([]string{source, asked, s.Unit, s.Centre, s.Since, s.Until}, "\n")))
	return event{
		SpecVersion: "1.0", ID: fmt.Sprintf("surge-%x", digest[:16]), Source: source, Type: surgeType, Subject: s.Centre,
		Time: now.UTC().Format(time.RFC3339), DataContentType: "application/json", Data: s,
	}
}

// linkTo returns the address of the map page that shows the surge.
func (s surge) linkTo(base string, given map[string]string) string {
	q := url.Values{"layer": {"clusters"}, "sel": {s.Centre}}
	for name, value := range given {
		q.Set(name, value)
	}
	return strings.TrimRight(base, "/") + "/?" + q.Encode() + "#popup"
}

// tell says in words what a surge is.
func (s surge) tell() string {
	where := s.Centre
	if s.PlaceName != "" {
		where = s.PlaceName + ", " + s.Centre
	}
	if n := len(s.Rows) - 1; n > 0 {
		where += fmt.Sprintf(" and %s around", counted(n, "row"))
	}
	often := fmt.Sprintf("once in %.0f days", s.RecurrenceDays)
	if s.AtLeast {
		often = fmt.Sprintf("at most once in %.0f days", s.RecurrenceDays)
	}
	risk := ""
	if s.RelativeRisk != nil {
		risk = fmt.Sprintf(" (%.1f times)", *s.RelativeRisk)
	}
	return fmt.Sprintf("%s, %s to %s: %d reports, %.1f expected%s; by chance %s", where, s.Since, s.Until, s.Observed, s.Expected, risk, often)
}
