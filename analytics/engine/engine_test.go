package engine

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/geo/locate"
)

// TestLayersAreTheSameInAnyOrder keeps the same facts in other orders and
// batches, and runs on any number of processors: layers must be equal to the
// last bit.
func TestLayersAreTheSameInAnyOrder(t *testing.T) {
	cases := incidents(2, 600)
	backwards := slices.Clone(cases)
	slices.Reverse(backwards)
	engines := []*Engine{
		New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 2000), Options{}),
		New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 77), Options{}),
		New(storeOf(t, "Asia/Shanghai", cityOf(), backwards, 211), Options{}),
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	processors := []int{1, 2, 7}
	if testing.Short() {
		processors = processors[1:]
	}
	for _, a := range Analyses() {
		for _, given := range []map[string]string{nil, {"level": "community"}, {"fill": "centre+observed", "res": "8"}} {
			var first *analytics.Layer
			for _, procs := range processors {
				runtime.GOMAXPROCS(procs)
				for i, e := range engines {
					layer := run(t, e, a.Name, given)
					if first == nil {
						first = layer
					} else if !reflect.DeepEqual(first, layer) {
						t.Fatalf("%s %v on %d processors, store %d (-first +this):\n%s", a.Name, given, procs, i, cmp.Diff(first, layer))
					}
				}
			}
		}
	}
}

func TestStudyAreasAreRemembered(t *testing.T) {
	cases := incidents(3, 200)
	store := storeOf(t, "UTC", cityOf(), cases, 100)
	e := New(store, Options{})
	first := run(t, e, "hotspot", nil).Frame
	for _, given := range []map[string]string{{"measure": "cases"}, {"from": "2024-03"}, {"category": "noise"}} {
		if run(t, e, "hotspot", given).Frame != first {
			t.Errorf("%v has a study area of its own, want the one there is", given)
		}
	}
	if run(t, e, "response", nil).Frame != first {
		t.Error("another analysis has a study area of its own, want the one there is")
	}
	for _, given := range []map[string]string{{"res": "8"}, {"level": "street"}, {"within": "D1"}, {"fill": "centre"}} {
		if run(t, e, "hotspot", given).Frame == first {
			t.Errorf("%v has the same study area", given)
		}
	}
	if _, err := store.PutCommunities(t.Context(), []data.Community{{Code: "D3", Level: data.District, Outline: rectangle(4, 0, 5, 1)}}); err != nil {
		t.Fatal(err)
	}
	if got := run(t, e, "hotspot", nil).Frame; len(got.Cells) <= len(first.Cells) {
		t.Errorf("%d cells with a third district, %d without", len(got.Cells), len(first.Cells))
	}
}

// TestMoreStudyAreasThanAreKept asks for many and then again for the last.
func TestMoreStudyAreasThanAreKept(t *testing.T) {
	e := New(storeOf(t, "UTC", cityOf(), incidents(3, 50), 50), Options{})
	var last *analytics.Frame
	for _, res := range []string{"7", "8"} {
		for _, c := range cityOf() {
			last = run(t, e, "hotspot", map[string]string{"res": res, "within": c.Code}).Frame
			if n := len(e.areas.areas); n > keptAreas {
				t.Fatalf("%d study areas are kept, want %d at most", n, keptAreas)
			}
			if again := run(t, e, "hotspot", map[string]string{"res": res, "within": c.Code}).Frame; again != last {
				t.Fatalf("%s at %s: the study area just made is gone", c.Code, res)
			}
		}
	}
}

// A hurried store gives a context up in the middle of its first scan.
type hurried struct {
	*memory.Store
	giveUp context.CancelFunc
	scans  int
}

func (h *hurried) Scan(ctx context.Context, q data.Query) data.Batches {
	h.scans++
	h.giveUp()
	return h.Store.Scan(ctx, q)
}

// TestAStudyAreaSurvivesItsFirstRequest: others may wait for it.
func TestAStudyAreaSurvivesItsFirstRequest(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	store := &hurried{Store: storeOf(t, "UTC", cityOf(), incidents(3, 200), 50), giveUp: cancel}
	e := New(store, Options{})
	given := map[string]string{"fill": "overlap+observed"}
	if _, err := e.Run(ctx, "hotspot", given); !errors.Is(err, context.Canceled) {
		t.Errorf("a request that was given up: error %v, want context.Canceled", err)
	}
	before := store.scans
	run(t, e, "hotspot", given)
	if scans := store.scans - before; scans != 3 { // facts, those without a point, and those at default locations
		t.Errorf("the next request needs %d scans, want 3: the study area is there", scans)
	}
}

// TestConcurrentRuns runs everything at once while facts and communities come
// in; with -race it finds what is not guarded.
func TestConcurrentRuns(t *testing.T) {
	cases := incidents(8, 400)
	store := storeOf(t, "Asia/Shanghai", cityOf(), cases, 100)
	e := New(store, Options{})
	want := map[string]*analytics.Layer{}
	for _, a := range Analyses() {
		want[a.Name] = run(t, e, a.Name, map[string]string{"level": "street", "to": "2024-02"})
	}
	var wait sync.WaitGroup
	for i := range 4 {
		wait.Go(func() {
			for _, a := range Analyses() {
				for _, given := range []map[string]string{{"level": "street", "to": "2024-02"}, {"res": "8"}, {"fill": "centre+observed"}} {
					layer, err := e.Run(t.Context(), a.Name, given)
					if err != nil {
						t.Errorf("%s %v: %v", a.Name, given, err)
						return
					}
					if given["level"] != "" && !reflect.DeepEqual(layer.Columns, want[a.Name].Columns) {
						t.Errorf("%s: another layer while facts of later months come in", a.Name)
					}
				}
				if i == 0 {
					if _, err := e.Reconcile(t.Context(), nil); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wait.Go(func() {
		for i, k := range incidents(9, 20) {
			k.id, k.reported, k.closed, k.due = "new "+k.id, start.AddDate(0, 3, i), start.AddDate(0, 4, i), start.AddDate(0, 5, 0)
			k.status = data.StatusOpen
			if _, err := store.Append(t.Context(), data.Incidents, data.Chunk{}, batchOf(t, store.Schema(data.Incidents), []kase{k})); err != nil {
				t.Error(err)
			}
		}
	})
	wait.Wait()
}

// TestWithinCutsTheStudyArea to a community and what lies below it.
func TestWithinCutsTheStudyArea(t *testing.T) {
	e, cases := shanghai(t)
	layer := run(t, e, "hotspot", map[string]string{"level": "community", "within": "D1S2"})
	var codes []string
	for _, c := range layer.Frame.Communities {
		codes = append(codes, c.Code)
	}
	if want := []string{"D1S2C1", "D1S2C2"}; !slices.Equal(codes, want) {
		t.Errorf("communities within D1S2 are %v, want %v", codes, want)
	}
	var elsewhere int64
	for _, k := range cases {
		if len(k.community) == 6 && k.community[:4] != "D1S2" && k.point != fallback {
			elsewhere++
		}
	}
	if got := count(layer, "elsewhere"); got != elsewhere {
		t.Errorf("%d reports elsewhere, want %d", got, elsewhere)
	}
	all, part := run(t, e, "hotspot", nil), run(t, e, "hotspot", map[string]string{"within": "D1"})
	if a, b := len(all.Frame.Cells), len(part.Frame.Cells); b >= a || b < a/2 || part.Provenance.Within != "D1" || part.Frame.Within != "D1" {
		t.Errorf("district D1 has %d of the city's %d cells, within %q", b, a, part.Frame.Within)
	}
}

func TestRowsSayWhatTheyAre(t *testing.T) {
	e, _ := shanghai(t)
	layer := run(t, e, "hotspot", map[string]string{"level": "district"})
	for name, want := range map[string][]string{
		"code": {"D1", "D2"}, "name": {"District D1", "District D2"}, "name_en": {"District D1", "District D2"}, "name_zh_hans": {"区D1", "区D2"},
	} {
		if c := analysistest.Column(t, layer, name); !slices.Equal(c.Words, want) || c.Type != analytics.WordColumn {
			t.Errorf("column %s holds %q, want %q", name, c.Words, want)
		}
	}
	if c := analysistest.Column(t, layer, "parent"); c.Has(0) || c.Has(1) {
		t.Errorf("districts have the parents %q, want none", c.Words)
	}
	if _, ok := layer.Column("name_zh_hant"); ok {
		t.Error("there is a column of names nobody has")
	}
	if parent := analysistest.Column(t, run(t, e, "hotspot", map[string]string{"level": "street"}), "parent"); !slices.Equal(parent.Words, []string{"D1", "D1", "D2", "D2"}) {
		t.Errorf("streets have the parents %q", parent.Words)
	}
	checkOrder(t, layer, "code", "name", "parent", "name_en", "name_zh_hans", "area_km2", "class")

	layer = run(t, e, "hotspot", nil)
	checkOrder(t, layer, "cell", "place", "place_name", "area_km2", "class")
	cell, place, area := analysistest.Column(t, layer, "cell"), analysistest.Column(t, layer, "place"), analysistest.Column(t, layer, "area_km2")
	var areas []locate.Area
	for _, c := range cityOf() {
		if c.Level == data.CommunityArea {
			areas = append(areas, locate.Area{Code: c.Code, Outline: c.Outline})
		}
	}
	index, err := locate.New(areas)
	if err != nil {
		t.Fatal(err)
	}
	for row, c := range layer.Frame.Cells {
		want, inside := index.Find(c.Centre())
		if cell.Words[row] != c.String() || place.Words[row] != want || place.Has(row) != inside {
			t.Fatalf("row %d is cell %s in %q, want %s in %q", row, cell.Words[row], place.Words[row], c, want)
		}
		if want := float64(c.Area()) / 1e6; area.Floats[row] != want {
			t.Fatalf("row %d has %v km², want %v", row, area.Floats[row], want)
		}
	}
}

// checkOrder wants the layer's columns to begin so.
func checkOrder(t *testing.T, layer *analytics.Layer, want ...string) {
	t.Helper()
	var names []string
	for _, c := range layer.Columns[:len(want)] {
		names = append(names, c.Name)
	}
	if !slices.Equal(names, want) {
		t.Errorf("layer begins with columns %q, want %q", names, want)
	}
}

func TestLayersSayWhereTheyComeFrom(t *testing.T) {
	e, cases := shanghai(t)
	for _, a := range Analyses() {
		layer := run(t, e, a.Name, map[string]string{"res": "8", "within": "D2"})
		version, err := e.Version(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		p := layer.Provenance
		own := a.Plan == nil // its title and reference are those of the definition
		if layer.Name != a.Name || layer.Title != a.Title && !own || layer.Reference != a.Reference && !own || layer.Title == "" || layer.Reference == "" || layer.Method == "" {
			t.Errorf("layer %s, %q, lacks something", layer.Name, layer.Title)
		}
		if p.DataVersion != version || p.Unit != "h3-8" || p.StudyArea == "" || p.Params["within"] != "D2" || p.Params["fill"] != "overlap" {
			t.Errorf("%s: provenance %+v", a.Name, p)
		}
		if layer.Quality == nil || layer.Quality.Rows != int64(len(cases)) {
			t.Errorf("%s: quality report %+v, want the store's", a.Name, layer.Quality)
		}
		rows := 0
		for _, class := range layer.Legend.Classes {
			rows += class.Rows
		}
		if rows != layer.Frame.Len() {
			t.Errorf("%s: the classes of the legend have %d rows, want %d", a.Name, rows, layer.Frame.Len())
		}
		if caveat := layer.Caveats[len(layer.Caveats)-1]; layer.Quality.Defaults[0].Rows == 0 || caveat == "" {
			t.Errorf("%s: no caveat on default locations", a.Name)
		}
	}
}

// TestWhatLayersCarryIsDescribed: the engine knows every parameter and column
// that layers have.
func TestWhatLayersCarryIsDescribed(t *testing.T) {
	e, _ := shanghai(t)
	for _, a := range Analyses() {
		seen := map[string]bool{}
		for _, p := range Params(a) {
			if seen[p.Name] || p.Title == "" {
				t.Errorf("%s: parameter %q is there twice or has no title", a.Name, p.Name)
			}
			seen[p.Name] = true
		}
		for name := range run(t, e, a.Name, nil).Provenance.Params {
			if !seen[name] {
				t.Errorf("%s: a layer was made with %q, which is no parameter", a.Name, name)
			}
		}
	}
}

func TestExtentIsThatOfTheCity(t *testing.T) {
	e, cases := shanghai(t)
	box, from, to, err := e.Extent(t.Context())
	want := reportOn(cases)
	if err != nil || box != rectangle(0, 0, 4, 2).Bound() || !from.Equal(want.First) || !to.Equal(want.Last) {
		t.Errorf("extent %v from %v to %v, error %v", box, from, to, err)
	}
	box, from, to, err = New(memory.New(), Options{}).Extent(t.Context())
	if err != nil || !box.IsEmpty() || !from.IsZero() || !to.IsZero() {
		t.Errorf("extent of an empty store: %v from %v to %v, error %v", box, from, to, err)
	}
}

// TestReconcileHoldsVerdictsAgainstEachOther, case by case.
func TestReconcileHoldsVerdictsAgainstEachOther(t *testing.T) {
	e, cases := shanghai(t)
	given := map[string]string{"open-policy": "pessimistic", "no-limit": "on_time"}
	got, err := e.Reconcile(t.Context(), given)
	if err != nil {
		t.Fatal(err)
	}
	var want Reconciliation
	asOf := reportOn(cases).Horizon
	for _, k := range cases { // in order of their ids
		want.Cases++
		d := Dispute{Source: "311", ID: k.id, Theirs: k.verdict, Ours: pessimistic(k)}
		switch {
		case d.Theirs == "":
			want.Unjudged = append(want.Unjudged, d)
			continue
		case d.Ours == "":
			want.Silent = append(want.Silent, d)
			continue
		case d.Theirs == data.VerdictOnTime:
			want.OnTime++
		default:
			want.Late++
		}
		want.Both++
		if d.Theirs == d.Ours {
			want.Agree++
		} else {
			want.Differ = append(want.Differ, d)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("as of %v (-want +got):\n%s", asOf, diff)
	}
	layer := run(t, e, "compliance", map[string]string{"open-policy": "pessimistic", "no-limit": "on_time", "keep-default-locations": "true", "level": "street"})
	if n := count(layer, "n"); n != got.Both+int64(judged(got.Unjudged)) {
		t.Errorf("the layer counts %d cases, reconciliation judges %d", n, got.Both+int64(judged(got.Unjudged)))
	}
	given["keep-default-locations"] = "false"
	asked := maps.Clone(given)
	if again, err := e.Reconcile(t.Context(), given); err != nil || again.Cases != got.Cases || !maps.Equal(given, asked) {
		t.Errorf("asked to leave out default locations: %d cases, error %v, parameters now %v; want %d", again.Cases, err, given, got.Cases)
	}
}

func judged(list []Dispute) (n int) {
	for _, d := range list {
		if d.Ours != "" {
			n++
		}
	}
	return n
}

// pessimistic judges a case at the end of all data: on time if closed by its
// deadline or without one, late otherwise; not a case if void, suspended and
// open, or closed without a date.
func pessimistic(k kase) string {
	switch {
	case k.status == data.StatusVoid, k.closed.IsZero() && k.status != data.StatusOpen:
		return ""
	case k.due.IsZero(), !k.closed.IsZero() && !k.closed.After(k.due):
		return data.VerdictOnTime
	}
	return data.VerdictLate
}
