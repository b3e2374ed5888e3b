package engine

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/sqlite"
)

// weekly makes cases of so many weeks from Monday 1 January 2024, each last
// changed up to a fortnight after it was reported.
func weekly(seed uint64, weeks, perWeek int) []kase {
	rng := rand.New(rand.NewPCG(seed, 4))
	var cases []kase
	for week := range weeks {
		for range perWeek {
			p := orb.Point{lon0 + 4*side*rng.Float64(), lat0 + 2*side*rng.Float64()}
			if rng.IntN(3) == 0 { // a hot corner
				p = orb.Point{lon0 + 0.3*side*rng.Float64(), lat0 + 0.3*side*rng.Float64()}
			}
			reported := start.Add(time.Duration(week*168+rng.IntN(168)) * time.Hour)
			cases = append(cases, kase{
				id: id(len(cases)), status: data.StatusOpen, category: "noise", community: code(p), point: p,
				reported: reported, updated: reported.Add(time.Duration(rng.IntN(336)) * time.Hour),
			})
		}
	}
	return cases
}

func id(n int) string { return "k" + time.Duration(n).String() }

// keepLater appends later versions of cases, and says so, as an import does.
func keepLater(t *testing.T, store *memory.Store, cases []kase) {
	t.Helper()
	began := time.Now()
	changes, err := store.Append(t.Context(), data.Incidents, data.Chunk{}, batchOf(t, store.Schema(data.Incidents), cases))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.PutImport(t.Context(), data.Import{ID: began.String(), Dataset: string(data.Incidents), Started: began, Finished: began, Changes: changes}); err != nil {
		t.Fatal(err)
	}
}

// knownBefore returns what counts as known at a cut-off, in the order of Row.
func knownBefore(t *testing.T, e *Engine, given map[string]string, how string, period int32) []string {
	t.Helper()
	v, err := e.look(t.Context(), data.Incidents)
	if err != nil {
		t.Fatal(err)
	}
	r, err := v.request(analytics.Analysis{Name: "backtest", Params: backtestParams()}, given)
	if err != nil {
		t.Fatal(err)
	}
	area, err := e.area(t.Context(), v, r)
	if err != nil {
		t.Fatal(err)
	}
	c, err := e.follow(t.Context(), r, area.frame, analytics.NewTimeSteps(analytics.Weekly, r.From, r.To, v.zone).Bounds(), how)
	if err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, event := range c.known {
		if event.Known <= period {
			text, err := json.Marshal(event)
			if err != nil {
				t.Fatal(err)
			}
			known = append(known, area.frame.ID(int(event.Row))+string(text))
		}
	}
	slices.Sort(known)
	return known
}

// TestBacktestIsBlindToWhatCameLater poisons the future: cases reported after a
// cut-off are others, and cases from before it get later versions that move
// them, or that change nothing else. What was known at the cut-off stays.
func TestBacktestIsBlindToWhatCameLater(t *testing.T) {
	const cut = 20
	at := start.Add(cut * 168 * time.Hour)
	cases := weekly(1, 40, 30)
	clean := New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 500), Options{})
	given := map[string]string{"last": "20", "from": "2024-01-01", "to": "2024-10-07", "fill": "centre"}
	want := knownBefore(t, clean, given, knownUpdated, cut)
	if len(want) < 300 {
		t.Fatalf("only %d cases are known by the cut-off", len(want))
	}

	rng := rand.New(rand.NewPCG(2, 2))
	anywhere := func() orb.Point { return orb.Point{lon0 + 4*side*rng.Float64(), lat0 + 2*side*rng.Float64()} }
	var before, later []kase
	for _, k := range cases {
		if !k.reported.Before(at) || !k.updated.Before(at) {
			if rng.IntN(3) == 0 {
				continue
			}
			k.point = anywhere()
			k.community, k.category = code(k.point), "waste"
			before = append(before, k)
			continue
		}
		before = append(before, k)
		if rng.IntN(2) == 0 {
			k.updated = at.Add(time.Duration(rng.IntN(3000)) * time.Hour)
			k.status = data.StatusVoid
			if rng.IntN(2) == 0 {
				k.point = anywhere()
				k.community = code(k.point)
			}
			later = append(later, k)
		}
	}
	store := storeOf(t, "Asia/Shanghai", cityOf(), before, 500)
	keepLater(t, store, later)
	poisoned := New(store, Options{})
	if got := knownBefore(t, poisoned, given, knownUpdated, cut); !slices.Equal(got, want) {
		t.Errorf("%d cases are known by the cut-off, %d without what came later", len(got), len(want))
	}
	b, err := poisoned.Backtest(t.Context(), given)
	if err != nil {
		t.Fatal(err)
	}
	if b.Known.Corrected != int64(len(later)) {
		t.Errorf("%d cases count as corrected, want %d", b.Known.Corrected, len(later))
	}
}

// TestBacktestTakesTheRightCases: every figure of the run is as the cases say.
func TestBacktestTakesTheRightCases(t *testing.T) {
	cases := weekly(3, 30, 20)
	for i := range cases {
		if i%10 == 0 {
			cases[i].updated = time.Time{}
		}
	}
	cases = append(cases, kase{id: "outside", status: data.StatusOpen, point: orb.Point{lon0 - 1, lat0}, reported: start.Add(time.Hour)})
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 100), Options{})
	var told []int
	e.options.Progress = func(_ string, done, of int) { told = append(told, done*1000+of) }
	b, err := e.Backtest(t.Context(), map[string]string{"last": "10", "to": "2024-07-29"})
	if err != nil {
		t.Fatal(err)
	}
	if b.History != 20 || b.Periods != 10 || b.Events != 200 || b.Known.Reports != 600 || b.Known.Undated != 60 || b.Known.Elsewhere != 1 {
		t.Errorf("history of %d, %d periods, %d cases of %+v; want 20, 10, 200 of 600, 60 undated and 1 elsewhere", b.History, b.Periods, b.Events, b.Known)
	}
	if want := start.AddDate(0, 0, 140); !b.First.Equal(want) || !b.Last.Equal(want.AddDate(0, 0, 63)) {
		t.Errorf("cut-offs from %v to %v, want from %v", b.First, b.Last, want)
	}
	if len(told) != 30 {
		t.Errorf("progress was told %d times, want one for each week", len(told))
	}
	for _, r := range b.Rankings {
		if r.Name == "people" {
			t.Error("inhabitants are ranked that nobody knows")
		}
	}
	if _, err := json.Marshal(b); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := e.Backtest(ctx, map[string]string{"last": "10"}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	for name, value := range map[string]string{"last": "25", "level": "district", "step": "hour", "as-of": "2024-03-01", "area": "0"} {
		if _, err := e.Backtest(t.Context(), map[string]string{name: value}); !isParam(err, name) {
			t.Errorf("%s %s: %v, want an error of that parameter", name, value, err)
		}
	}
}

// TestBacktestForetellsWhatThereIs: eight weeks are history, and who does not say
// how many to foretell gets 52 or the rest.
func TestBacktestForetellsWhatThereIs(t *testing.T) {
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), weekly(8, 62, 5), 100), Options{})
	f := func(weeks int, last string, periods, short int) {
		t.Helper()
		given := map[string]string{"to": start.AddDate(0, 0, 7*weeks).Format(time.DateOnly), "draws": "99", "last": last}
		b, err := e.Backtest(t.Context(), given)
		if err != nil {
			t.Fatalf("%d weeks, last %q: %v", weeks, last, err)
		}
		if b.Periods != periods || b.Short != short || b.History != weeks-periods || !b.First.Equal(start.AddDate(0, 0, 7*(weeks-periods))) {
			t.Errorf("%d weeks, last %q: %d are foretold, %d short, from %v after %d; want %d and %d", weeks, last, b.Periods, b.Short, b.First, b.History, periods, short)
		}
	}
	f(62, "", 52, 0)
	f(60, "", 52, 0)
	f(59, "", 51, 1)
	f(9, "", 1, 51)
	f(59, "51", 51, 0)
	f(59, "3", 3, 0)
	fails := func(weeks int, last, name, say string) {
		t.Helper()
		_, err := e.Backtest(t.Context(), map[string]string{"to": start.AddDate(0, 0, 7*weeks).Format(time.DateOnly), "last": last})
		if !isParam(err, name) || !strings.HasSuffix(err.Error(), say) {
			t.Errorf("%d weeks, last %q: %v, want an error of %s that ends %q", weeks, last, err, name, say)
		}
	}
	fails(59, "52", "last", "want 51 at most")
	fails(9, "52", "last", "want 1 at most")
	fails(8, "", "step", "so none can be")
	fails(8, "1", "step", "so none can be")
}

// TestBacktestCountsAreaWithinTheBoundary: the cells that overlap a city reach
// beyond it, and what lies beyond is no area that could be visited. Between two
// parallels and two meridians lie R² Δλ (sin φ2 - sin φ1).
func TestBacktestCountsAreaWithinTheBoundary(t *testing.T) {
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), weekly(9, 12, 30), 100), Options{})
	const earthKm, degree = 6371.007180918475, math.Pi / 180
	square := func(columns, rows float64) float64 {
		return earthKm * earthKm * columns * side * degree * (math.Sin((lat0+rows*side)*degree) - math.Sin(lat0*degree))
	}
	f := func(given map[string]string, want float64) {
		t.Helper()
		given["area"], given["draws"] = "0.1", "99"
		b, err := e.Backtest(t.Context(), given)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(b.SquareKm-want) > 1e-6*want {
			t.Errorf("%v: %v km², want %v", given, b.SquareKm, want)
		}
		const cell = 0.7 // km², more than any of resolution 8 has
		for _, r := range b.Rankings {
			if r.SquareKm > 0.1*want*(1+1e-9) || r.SquareKm < 0.1*want-cell {
				t.Errorf("%v: %s puts %v km² first, want a tenth of %v", given, r.Name, r.SquareKm, want)
			}
		}
	}
	f(map[string]string{}, square(4, 2))
	f(map[string]string{"res": "8"}, square(4, 2))
	f(map[string]string{"within": "D1"}, square(2, 2))
	f(map[string]string{"within": "D2S1"}, square(2, 1))
}

func isParam(err error, name string) bool {
	param := (*analytics.ParamError)(nil)
	return errors.As(err, &param) && param.Name == name
}

// TestBacktestByWhatTheStoreHad keeps cases week by week with a store whose clock
// is at the end of the week, some a week late, and moves some later on.
func TestBacktestByWhatTheStoreHad(t *testing.T) {
	now := start
	store, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "weekly.gpkg"), sqlite.Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	if err := store.PutSettings(t.Context(), data.Settings{Zone: "Asia/Shanghai"}); err != nil {
		t.Fatal(err)
	}
	if _, err := store.PutCommunities(t.Context(), cityOf()); err != nil {
		t.Fatal(err)
	}
	const weeks, cut = 24, 20
	cases := weekly(4, weeks, 12)
	want := map[string]bool{} // the ids that the store has by the cut-off
	for week := range weeks + 1 {
		now = start.AddDate(0, 0, 7*(week+1)).Add(-time.Hour)
		var batch []kase
		for i, k := range cases {
			late := 0
			if i%5 == 0 {
				late = 1
			}
			if i/12+late == week {
				batch = append(batch, k)
				want[k.id] = want[k.id] || week < cut
			}
			if i%7 == 0 && i/12+2 == week { // it is moved two weeks on
				k.point = orb.Point{lon0 + 3.5*side, lat0 + 1.5*side}
				k.community, k.updated = code(k.point), k.updated.AddDate(0, 0, 30)
				batch = append(batch, k)
			}
		}
		if _, err := store.Append(t.Context(), data.Incidents, data.Chunk{}, batchOf(t, store.Schema(data.Incidents), batch)); err != nil {
			t.Fatal(err)
		}
		if err := store.PutImport(t.Context(), data.Import{ID: now.String(), Dataset: string(data.Incidents), Started: now, Finished: now}); err != nil {
			t.Fatal(err)
		}
	}
	if err := store.PutReport(t.Context(), reportOn(cases)); err != nil {
		t.Fatal(err)
	}
	e := New(store, Options{})
	given := map[string]string{"last": "8", "to": "2024-06-17", "known": knownRecorded}
	known := knownBefore(t, e, given, knownRecorded, cut)
	n := 0
	for _, by := range want {
		if by {
			n++
		}
	}
	if len(known) != n || n < 200 {
		t.Errorf("%d cases are known by the cut-off, want the %d that the store had", len(known), n)
	}
	b, err := e.Backtest(t.Context(), given)
	if err != nil {
		t.Fatal(err)
	}
	var moved, late int64
	for i := range cases {
		if i%7 == 0 && i/12+2 <= weeks {
			moved++
		}
		if i%5 == 0 {
			late++
		}
	}
	if b.Known.Corrected != moved || b.Known.Late != late {
		t.Errorf("%+v: want %d corrected and %d late", b.Known, moved, late)
	}
	given["to"], given["last"] = "2024-03-18", "2"
	if _, err := New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 100), Options{}).Backtest(t.Context(), given); !isParam(err, "known") {
		t.Errorf("a store that was filled long after: %v, want an error of known", err)
	}
}
