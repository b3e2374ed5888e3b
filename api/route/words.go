package route

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// title names an itinerary.
func title(it *analytics.Itinerary) string {
	return "Inspections on " + it.Begin.Format("Mon 2006-01-02")
}

// summary says in sentences what an itinerary is and rests on.
func summary(it *analytics.Itinerary) []string {
	s := it.Settings
	end := "ends at the last stop"
	if it.Return {
		end = "ends where it began"
	}
	lines := []string{
		fmt.Sprintf("%s from %s to %s (%s): %.1f km on the way; %s.", stops(len(it.Stops)), clock(it.Begin), clock(it.End), it.Zone, it.Metres/1000, end),
	}
	for _, caveat := range it.Caveats {
		lines = append(lines, "Note: "+caveat)
	}
	lines = append(lines,
		fmt.Sprintf("%s reports are expected in these cells within %s, by a rate of half-life %s weeks that looks %s around.",
			decimal(it.Expected), days(it.Days), decimal(it.HalfLife), counted(int64(it.Steps), "step")),
		fmt.Sprintf("Ways are straight lines, longer by a factor of %s, at %s km/h: no map of streets was used. %s min at each stop.", decimal(s.Detour), decimal(s.Speed), decimal(s.Service)),
	)
	chosen := "chosen by a search, which need not find the best"
	if it.Exact {
		chosen = "the best choice there is"
	}
	lines = append(lines, fmt.Sprintf("Of %s cells %s rest after an inspection within %s, %s others are in reach, and among %s of them this is %s.",
		api.ShowCount(int64(it.Cells)), api.ShowCount(int64(it.Resting)), days(s.Revisit), api.ShowCount(int64(it.InReach)), api.ShowCount(int64(it.Candidates)), chosen))
	if drawn := drawnStops(it); drawn > 0 {
		lines = append(lines, fmt.Sprintf("%s drawn by lot from the %s near the way that add no more than %.0f min each (seed %d): only drawn stops may be read as a sample, of those cells. They take %.0f min of the day; without them %s reports would be expected.",
			are(drawn), counted(int64(it.DrawnFrom), "cell"), s.ExploreMinutes, s.Seed, it.DrawnMinutes, decimal(it.Without)))
	}
	if !it.Inspected {
		lines = append(lines, "No inspections are known, so nothing rests and nothing is said of them.")
	}
	return lines
}

func drawnStops(it *analytics.Itinerary) (n int) {
	for _, s := range it.Stops {
		if s.Drawn {
			n++
		}
	}
	return n
}

func are(n int) string {
	if n == 1 {
		return "1 stop was"
	}
	return fmt.Sprintf("%d stops were", n)
}

func stops(n int) string {
	if n == 0 {
		return "No stop"
	}
	return counted(int64(n), "stop")
}

// reasons says what speaks for a stop.
func reasons(it *analytics.Itinerary, s analytics.Stop) string {
	var words []string
	for _, r := range s.Reasons {
		words = append(words, reason(it, r))
	}
	if len(words) == 0 {
		return "reports around it"
	}
	return strings.Join(words, "; ")
}

func reason(it *analytics.Itinerary, r analytics.Reason) string {
	recent := func() string {
		return fmt.Sprintf("%s in %s, %s expected", counted(r.N, "report"), days(it.Settings.Recent), decimal(r.Expected))
	}
	switch r.Code {
	case analytics.ReasonReports:
		return recent()
	case analytics.ReasonPast:
		return fmt.Sprintf("no report in %s, %s expected, %s before", days(it.Settings.Recent), decimal(r.Expected), api.ShowCount(r.N))
	case analytics.ReasonRising:
		return "rising: " + recent()
	case analytics.ReasonHot:
		return "hot spot (" + r.Class + ")"
	case analytics.ReasonOverdue:
		return counted(r.N, "open case") + " overdue"
	case analytics.ReasonInspected:
		return "last inspected " + ago(r.N)
	case analytics.ReasonFailed:
		return "failed when last inspected " + ago(r.N)
	case analytics.ReasonNever:
		return "never inspected"
	case analytics.ReasonBlind:
		return "blind spot: " + api.ShowCount(r.N) + " people, no report and no inspection"
	case analytics.ReasonDrawn:
		return "drawn by lot from " + counted(r.N, "cell")
	}
	return r.Code
}

func ago(n int64) string {
	if n == 0 {
		return "today"
	}
	return counted(n, "day") + " ago"
}

// expected says how many reports are expected at a stop.
func expected(it *analytics.Itinerary, s analytics.Stop) string {
	return fmt.Sprintf("%s reports expected within %s (%s: %d to %d)", decimal(s.Expected), days(it.Days), api.Show(it.Level, "share", api.UnitWords{}), s.Low, s.High)
}

// place names where a stop is: its community, or the cell.
func place(s analytics.Stop) string {
	if name := s.Names.In("en"); name != "" {
		return name
	}
	if s.Community != "" {
		return s.Community
	}
	return s.Cell.String()
}

func counted(n int64, thing string) string {
	if n != 1 {
		thing += "s"
	}
	return api.ShowCount(n) + " " + thing
}

func days(n float64) string {
	if n == 1 {
		return "1 day"
	}
	return decimal(n) + " days"
}

func clock(t time.Time) string { return t.Format("15:04") }

// decimal writes a number with one decimal, two below 1, none where it is whole.
func decimal(x float64) string {
	if x < 1 && x > -1 {
		x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'f', 2, 64), 64)
	} else {
		x, _ = strconv.ParseFloat(strconv.FormatFloat(x, 'f', 1, 64), 64)
	}
	return strconv.FormatFloat(x, 'f', -1, 64)
}

// degrees writes a coordinate.
func degrees(x float64) string {
	text := strconv.FormatFloat(x, 'f', 7, 64)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}
