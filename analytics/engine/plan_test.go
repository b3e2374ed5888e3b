package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo"
)

// An inspected point of the city.
type visit struct {
	point  orb.Point
	at     time.Time
	result string
	found  int64 // below 0 for missing
}

func keepVisits(t *testing.T, store *memory.Store, visits []visit) {
	t.Helper()
	columns := store.Schema(data.Inspections)
	b := data.NewBuilder(columns)
	for n, v := range visits {
		for i, c := range columns {
			switch {
			case c.Name == "source":
				b.SetText(i, "inspectors")
			case c.Name == "id":
				b.SetText(i, fmt.Sprint(n))
			case c.Name == "location":
				b.SetText(i, data.LocationPoint)
			case c.Name == "inspected_at":
				b.SetInt(i, v.at.UnixMicro())
			case c.Name == "result":
				b.SetText(i, v.result)
			case c.Name == "found" && v.found >= 0:
				b.SetInt(i, v.found)
			case c.Type == data.Cell:
				b.SetCell(i, cellOf(t, c.Name, v.point))
			default:
				b.Missing(i)
			}
		}
	}
	if _, err := store.Append(t.Context(), data.Inspections, data.Chunk{}, b.Build()); err != nil {
		t.Fatal(err)
	}
}

// planDay is the day of the plans of these tests.
var planDay = start.AddDate(0, 0, 20*7)

// planned makes a plan from the middle of the city.
func planned(t *testing.T, e *Engine, given map[string]string) *analytics.Itinerary {
	t.Helper()
	all := map[string]string{"start": fmt.Sprintf("%v,%v", lon0+side, lat0+side), "date": planDay.Format(time.DateOnly), "minutes": "480"}
	for name, value := range given {
		all[name] = value
	}
	it, err := e.Plan(t.Context(), all)
	if err != nil {
		t.Fatalf("plan %v: %v", given, err)
	}
	return it
}

// TestPlansKeepTheirRules looks at plans of every kind: no more stops, and no
// longer, than asked for; no cell twice; times and ways that add up; so many
// drawn; the same each time.
func TestPlansKeepTheirRules(t *testing.T) {
	if testing.Short() {
		t.Skip("makes many plans")
	}
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), weekly(5, 25, 40), 100), Options{})
	for _, given := range []map[string]string{
		nil,
		{"return": "true", "capacity": "8", "explore": "0.5"},
		{"explore": "0", "minutes": "120"},
		{"explore": "1", "capacity": "4", "seed": "7"},
		{"capacity": "3", "speed": "15km/h", "service": "1h", "within": "D2", "begin": "07:30"},
		{"res": "8", "known": "updated", "ahead": "2w"},
	} {
		it := planned(t, e, given)
		if again := planned(t, e, given); !reflect.DeepEqual(it, again) {
			t.Errorf("%v: the same plan comes out otherwise:\n%s", given, cmp.Diff(it, again))
		}
		s := it.Settings
		if len(it.Stops) == 0 || len(it.Stops) > s.Capacity || it.End.Sub(it.Begin).Minutes() > s.Minutes+0.01 {
			t.Errorf("%v: %d stops until %v", given, len(it.Stops), it.End)
		}
		var metres, expected float64
		seen := map[geo.Cell]bool{}
		at, from, drawn := it.Begin, orb.Point{it.Start.Lon, it.Start.Lat}, 0
		for _, stop := range it.Stops {
			here := orb.Point{stop.Lon, stop.Lat}
			if seen[stop.Cell] || here != stop.Cell.Centre() {
				t.Errorf("%v: %v is no new cell", given, stop)
			}
			seen[stop.Cell] = true
			if way := float64(geo.Distance(from, here)) * s.Detour; math.Abs(stop.Metres-way) > 1e-6 {
				t.Errorf("%v: %v m to %v, want %v", given, stop.Metres, stop.Cell, way)
			}
			arrive := at.Add(time.Duration(stop.Metres / 1000 / s.Speed * float64(time.Hour)))
			if math.Abs(arrive.Sub(stop.Arrive).Seconds()) > 2*float64(len(it.Stops)) {
				t.Errorf("%v: at %v at %v, want %v", given, stop.Cell, stop.Arrive, arrive)
			}
			if float64(stop.Low) > stop.Expected || float64(stop.High) < stop.Expected-1 || len(stop.Names) == 0 && stop.Community == "" {
				t.Errorf("%v: stop %+v", given, stop)
			}
			if stop.Drawn {
				drawn++
			}
			metres, expected = metres+stop.Metres, expected+stop.Expected
			at, from = stop.Arrive.Add(time.Duration(s.Service*float64(time.Minute))), here
		}
		want := 0
		if s.Explore > 0 {
			without := maps.Clone(given)
			if without == nil {
				without = map[string]string{}
			}
			without["explore"] = "0"
			want = max(1, int(math.Round(s.Explore*float64(len(planned(t, e, without).Stops)))))
		}
		if drawn != want {
			t.Errorf("%v: %d stops are drawn, want %d", given, drawn, want)
		}
		byRank := slices.Clone(it.Stops)
		slices.SortFunc(byRank, func(a, b analytics.Stop) int { return a.Rank - b.Rank })
		for i, stop := range byRank {
			if stop.Rank != i+1 || i > 0 && stop.Expected > byRank[i-1].Expected {
				t.Errorf("%v: rank %d is of %v reports, behind %v", given, stop.Rank, stop.Expected, byRank[max(i-1, 0)].Expected)
			}
		}
		if it.Return {
			metres += float64(geo.Distance(from, orb.Point{it.Start.Lon, it.Start.Lat})) * s.Detour
		}
		if math.Abs(metres-it.Metres) > 1e-6 || math.Abs(expected-it.Expected) > 1e-9 {
			t.Errorf("%v: %v m and %v reports, want %v and %v", given, it.Metres, it.Expected, metres, expected)
		}
	}
	if got := planned(t, e, map[string]string{"begin": "07:30"}).Begin; !got.Equal(planDay.Add(450 * time.Minute)) {
		t.Errorf("the day begins at %v, want half past seven in the city", got)
	}
}

// TestPlansDoNotSeeTheFuture leaves out all that happened after the day: the
// plan is the same.
func TestPlansDoNotSeeTheFuture(t *testing.T) {
	cases := weekly(6, 40, 40)
	visits := []visit{
		{cases[7].point, planDay.AddDate(0, 0, -40), "pass", 0},
		{cases[9].point, planDay.AddDate(0, 0, 3), "fail", 4},
	}
	now := storeOf(t, "Asia/Shanghai", cityOf(), cases, 100)
	keepVisits(t, now, visits)
	then := storeOf(t, "Asia/Shanghai", cityOf(), slices.DeleteFunc(slices.Clone(cases), func(k kase) bool { return !k.reported.Before(planDay) }), 100)
	keepVisits(t, then, visits[:1])
	report, err := now.Report(t.Context(), data.Incidents)
	if err != nil {
		t.Fatal(err)
	}
	if err := then.PutReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	got, want := planned(t, New(now, Options{}), nil), planned(t, New(then, Options{}), nil)
	got.Provenance.DataVersion, want.Provenance.DataVersion = "", ""
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the plan depends on what came later (-then +now):\n%s", cmp.Diff(want, got))
	}
}

// TestPlansSayWhatSpeaksForAStop plants one cell of each kind in reach.
func TestPlansSayWhatSpeaksForAStop(t *testing.T) {
	cases := weekly(7, 25, 40)
	at := func(x, y float64) orb.Point { return orb.Point{lon0 + x*side, lat0 + y*side} }
	rising, failed, fresh := at(1.3, 1.3), at(1.3, 0.7), at(0.7, 1.3)
	for n := range 12 {
		cases = append(cases, kase{id: fmt.Sprint("rising", n), status: data.StatusOpen, point: rising, community: code(rising), reported: planDay.AddDate(0, 0, -2-n)})
	}
	for n := range 60 {
		cases = append(cases, kase{id: fmt.Sprint("failed", n), status: data.StatusClosed, point: failed, community: code(failed), reported: start.AddDate(0, 0, 2*n), closed: start.AddDate(0, 0, 2*n+1)})
		cases = append(cases, kase{id: fmt.Sprint("fresh", n), status: data.StatusClosed, point: fresh, community: code(fresh), reported: start.AddDate(0, 0, 2*n), closed: start.AddDate(0, 0, 2*n+1)})
	}
	due := planDay.AddDate(0, 0, -1)
	for n, k := range []kase{
		{status: data.StatusOpen, due: due},                                    // overdue
		{status: data.StatusClosed, due: due, closed: planDay.Add(time.Hour)},  // it was then
		{status: data.StatusClosed, due: due, closed: planDay.Add(-time.Hour)}, // not any more
		{status: data.StatusOpen, due: planDay.AddDate(0, 0, 1)},               // not yet
	} {
		k.id, k.point, k.community, k.reported = fmt.Sprint("due", n), failed, code(failed), planDay.AddDate(0, 0, -9)
		cases = append(cases, k)
	}
	store := storeOf(t, "Asia/Shanghai", cityOf(), cases, 100)
	keepVisits(t, store, []visit{
		{failed, planDay.AddDate(0, 0, -90), "pass", -1},
		{failed, planDay.AddDate(0, 0, -31), "fail", -1},
		{fresh, planDay.AddDate(0, 0, -13).Add(time.Hour), "pass", 2},
	})
	e := New(store, Options{})
	it := planned(t, e, map[string]string{"explore": "0"})
	stopAt := func(it *analytics.Itinerary, p orb.Point) map[string]analytics.Reason {
		reasons := map[string]analytics.Reason{}
		for _, s := range it.Stops {
			if s.Cell == cellOf(t, "cell_9", p) {
				for _, r := range s.Reasons {
					reasons[r.Code] = r
				}
			}
		}
		return reasons
	}
	if r := stopAt(it, rising)[analytics.ReasonRising]; r.N < 12 || r.Expected > 2 {
		t.Errorf("where twelve cases came of a sudden the plan says %v", stopAt(it, rising))
	}
	reasons := stopAt(it, failed)
	if reasons[analytics.ReasonOverdue].N != 2 || reasons[analytics.ReasonFailed].N != 31 {
		t.Errorf("with two overdue cases and a failure 31 days ago the plan says %v", reasons)
	}
	if got := stopAt(it, fresh); len(got) > 0 || it.Resting != 1 {
		t.Errorf("a cell inspected within 14 days is visited for %v; %d rest", got, it.Resting)
	}
	if got := stopAt(planned(t, e, map[string]string{"explore": "0", "revisit": "12d"}), fresh); got[analytics.ReasonFailed].N != 13 {
		t.Errorf("after 12 days it is visited for %v, want the failure 13 days ago", got)
	}
	for _, s := range it.Stops {
		if len(s.Reasons) == 0 {
			t.Errorf("nothing is said of %v", s.Cell)
		}
	}
}

// TestPlansSayWhenTheirReportsAreOld: reports end on Sunday, 23 June 2024, and
// those of category waste on 4 February. Ten years after the 24th are 3,652 days,
// 521 weeks and 5 days; the 522nd week before has the last reports.
func TestPlansSayWhenTheirReportsAreOld(t *testing.T) {
	if testing.Short() {
		t.Skip("makes many plans")
	}
	cases := weekly(5, 25, 25)
	for i := range cases {
		if cases[i].reported.Before(start.AddDate(0, 0, 35)) {
			cases[i].category = "waste"
		}
	}
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 100), Options{})
	end := start.AddDate(0, 0, 25*7)
	f := func(day time.Time, category, want string) {
		t.Helper()
		it := planned(t, e, map[string]string{"date": day.Format(time.DateOnly), "category": category})
		said := strings.Join(it.Caveats, "\n")
		if it.Caveats == nil || want == "" && said != "" || !strings.Contains(said, want) {
			t.Errorf("on %v, category %q: the plan says %q, want %q", day, category, said, want)
		}
	}
	f(end, "", "")
	f(end.AddDate(0, 0, 6), "", "")
	f(end.AddDate(0, 0, 14), "", "none is known of the 14 days before, and the latest are of the week from 2024-06-17")
	f(end.AddDate(10, 0, 0), "", "The plan rests on old reports: none is known of the 3647 days before")
	f(start.AddDate(0, 0, 9*7), "waste", "none is known of the 28 days before, and the latest are of the week from 2024-01-29")
	f(start.AddDate(0, 0, 8*7), "waste", "")
}

func TestPlansThatCannotBe(t *testing.T) {
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), weekly(5, 25, 10), 100), Options{})
	f := func(name, value string) {
		t.Helper()
		given := map[string]string{"start": fmt.Sprintf("%v,%v", lon0+side, lat0+side)}
		given[name] = value
		if it, err := e.Plan(t.Context(), given); !isParam(err, name) {
			t.Errorf("%s %q: %v, %v, want an error of that parameter", name, value, it, err)
		}
	}
	f("start", "")
	f("start", "0,0")
	f("date", "soon")
	f("date", "2024-02-01") // four weeks
	f("date", "2024-01-01") // the first day there is
	f("date", "2019-06-01")
	f("begin", "noon")
	f("speed", "0")
	f("ahead", "0d")
	f("revisit", "a while")
	f("service", "10 d")
	f("level", "street")
	f("capacity", "0")
	f("explore-minutes", "9") // less than a stop takes
	fails := func(given map[string]string, say string) {
		t.Helper()
		given["start"] = fmt.Sprintf("%v,%v", lon0+side, lat0+side)
		if it, err := e.Plan(t.Context(), given); !isParam(err, "date") || !strings.Contains(err.Error(), say) {
			t.Errorf("%v: %v, %v, want an error of date that says %q", given, it, err, say)
		}
	}
	fails(map[string]string{"date": "2019-06-01"}, "no report is known before it: the first is of 2024-01-01")
	fails(map[string]string{"date": "2024-02-01"}, "4 whole weeks of data lie before it, want 8")
	fails(map[string]string{"category": "nothing"}, "none of the reports asked for is known")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Plan(ctx, map[string]string{"start": fmt.Sprintf("%v,%v", lon0+side, lat0+side)}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestWeeksBeforeADay(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	day := time.Date(2024, 3, 1, 0, 0, 0, 0, zone)
	cuts := weeksBefore(day.AddDate(0, 0, -22), day, zone)
	if len(cuts) != 4 || !cuts[0].Equal(day.AddDate(0, 0, -21)) || !cuts[3].Equal(day) {
		t.Errorf("the weeks begin at %v", cuts)
	}
	if cuts := weeksBefore(day.AddDate(0, 0, -6), day, zone); len(cuts) != 1 {
		t.Errorf("six days have the weeks %v", cuts)
	}
}
