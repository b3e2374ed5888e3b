package engine

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// counted says whether an analysis with its defaults counts a case, wherever
// it is. The period and the moment of judgement are those of the whole data.
func counted(name string, k kase) bool {
	return name != "response" || k.status != data.StatusVoid
}

// TestLayersReconcile: the facts in rows, elsewhere, without a place and at
// default locations are all facts of the period, to the last one, for every
// analysis, unit, fill and cut.
func TestLayersReconcile(t *testing.T) {
	e, cases := shanghai(t)
	units := []map[string]string{{"level": "street"}, {"res": "9"}, {"level": "district"}, {"level": "community"}, {"res": "7"}, {"res": "8"}, {"res": "10"}}
	if testing.Short() {
		units = units[:2]
	}
	for _, unit := range units {
		for _, more := range []map[string]string{
			nil,
			{"keep-default-locations": "true"},
			{"fill": "centre"},
			{"fill": "overlap+observed"},
			{"fill": "centre+observed", "within": "D2"},
			{"within": "D1"},
			{"category": "noise|light"},
			{"category": "noise", "keep-default-locations": "1"},
		} {
			for _, a := range Analyses() {
				given := maps.Clone(unit)
				maps.Copy(given, more)
				if a.Plan == nil {
					continue // see TestEveryCountAddsUp
				}
				if a.Name == "compliance" { // a period by due dates may leave cases out at both ends
					given["by"] = "opened"
				}
				if slices.ContainsFunc(a.Params, func(p analytics.Param) bool { return p.Name == "demand" }) {
					given["demand"] = "reports" // people are no facts
				}
				checkSums(t, run(t, e, a.Name, given), given, cases)
			}
		}
	}
}

func checkSums(t *testing.T, layer *analytics.Layer, given map[string]string, cases []kase) {
	t.Helper()
	keep := given["keep-default-locations"] != ""
	var all, inRows, atDefault int64
	for _, k := range cases {
		if !counted(layer.Name, k) || given["category"] != "" && !strings.Contains(given["category"], k.category) {
			continue
		}
		all++
		if k.point == fallback {
			atDefault++
		}
		if (keep || k.point != fallback) && inFrame(t, layer.Frame, k) {
			inRows++
		}
	}
	if got := count(layer, "at_default_locations"); got != atDefault {
		t.Errorf("%s %v: %d facts at default locations, want %d", layer.Name, given, got, atDefault)
	}
	sum := count(layer, "in_rows") + count(layer, "elsewhere") + count(layer, "without_place")
	if !keep {
		sum += atDefault
	}
	if sum != all || count(layer, "in_rows") != inRows {
		t.Errorf("%s %v: %d facts in all, want %d; %d in rows, want %d", layer.Name, given, sum, all, count(layer, "in_rows"), inRows)
	}
}

// inFrame says, by looking at the case alone, whether it is in a row.
func inFrame(t *testing.T, f *analytics.Frame, k kase) bool {
	t.Helper()
	if !f.Unit.IsCells() {
		// Codes of the city are those of the areas above, and more.
		length := map[data.Level]int{data.District: 2, data.Street: 4, data.CommunityArea: 6}[f.Unit.Level]
		return len(k.community) >= length && strings.HasPrefix(k.community, f.Within)
	}
	if k.point == (orb.Point{}) {
		return false
	}
	_, ok := slices.BinarySearch(f.Cells, cellOf(t, data.CellColumn(f.Unit.Resolution), k.point))
	return ok
}

// TestComplianceReconcilesByDueDate does the same for the period by deadlines.
func TestComplianceReconcilesByDueDate(t *testing.T) {
	e, cases := shanghai(t)
	layer := run(t, e, "compliance", map[string]string{"level": "street"})
	var all int64
	for _, k := range cases {
		at := k.due
		if at.IsZero() {
			at = k.reported
		}
		if !at.Before(layer.Provenance.From) && at.Before(layer.Provenance.To) {
			all++
		}
	}
	if got := count(layer, "in_rows") + count(layer, "elsewhere") + count(layer, "without_place") + count(layer, "at_default_locations"); got != all {
		t.Errorf("%d cases in all, want %d", got, all)
	}
}

// TestAreasHoldWhatTheirPartsHold: what is counted in an area is what is
// counted in the areas right below it, and what names the area itself.
func TestAreasHoldWhatTheirPartsHold(t *testing.T) {
	e, cases := shanghai(t)
	for name, columns := range map[string][]string{
		"hotspot": {"observed"}, "response": {"n", "closed", "open", "undated"}, "compliance": {"n", "on_time", "void", "suspended", "no_limit", "undated", "open_not_due"},
	} {
		for _, c := range columns {
			above := byCode(t, run(t, e, name, map[string]string{"level": "district"}), c)
			below := byCode(t, run(t, e, name, map[string]string{"level": "street"}), c)
			var whole, parts int64
			for _, n := range above {
				whole += n
			}
			for _, n := range below {
				parts += n
			}
			var own int64
			for _, k := range cases {
				if len(k.community) == 2 && counted(name, k) {
					own++
				}
			}
			if whole < parts || whole > parts+own || c == "observed" && whole != parts+own {
				t.Errorf("%s, %s: districts hold %d, their streets %d and %d cases name the district alone", name, c, whole, parts, own)
			}
		}
	}
}

func byCode(t *testing.T, layer *analytics.Layer, name string) map[string]int64 {
	t.Helper()
	counts := map[string]int64{}
	for row, n := range analysistest.Column(t, layer, name).Ints {
		counts[layer.Frame.ID(row)] = n
	}
	return counts
}

// TestCommunitiesHoldTheirCases counts reports by hand.
func TestCommunitiesHoldTheirCases(t *testing.T) {
	e, cases := shanghai(t)
	for _, level := range []data.Level{data.District, data.Street, data.CommunityArea} {
		length := map[data.Level]int{data.District: 2, data.Street: 4, data.CommunityArea: 6}[level]
		want := map[string]int64{}
		for _, k := range cases {
			if k.point != fallback && len(k.community) >= length {
				want[k.community[:length]]++
			}
		}
		if got := byCode(t, run(t, e, "hotspot", map[string]string{"level": string(level)}), "observed"); !maps.Equal(got, want) {
			t.Errorf("reports by %s are %v, want %v", level, got, want)
		}
	}
}

func TestFillsOfTheStudyArea(t *testing.T) {
	e, cases := shanghai(t)
	cells := func(given map[string]string) []geo.Cell {
		return run(t, e, "hotspot", given).Frame.Cells
	}
	overlap, centre := cells(nil), cells(map[string]string{"fill": "centre"})
	if len(centre) >= len(overlap) {
		t.Errorf("%d cells have their centre in the city, %d overlap it", len(centre), len(overlap))
	}
	for _, c := range centre {
		if _, ok := slices.BinarySearch(overlap, c); !ok || code(c.Centre()) == "" {
			t.Errorf("cell %s does not overlap the city, or has its centre outside", c)
		}
	}
	for _, fill := range []string{"overlap+observed", "centre+observed"} {
		observed := cells(map[string]string{"fill": fill})
		if !slices.IsSorted(observed) || len(slices.Compact(slices.Clone(observed))) != len(observed) {
			t.Errorf("cells of %s are not in order, or repeat", fill)
		}
		for _, k := range cases {
			if k.point == (orb.Point{}) {
				continue
			}
			if _, ok := slices.BinarySearch(observed, cellOf(t, "cell_9", k.point)); !ok {
				t.Fatalf("%s leaves out the cell of case %s", fill, k.id)
			}
		}
	}
	// Within a community, observed cells are those of its own cases.
	d1 := cells(map[string]string{"fill": "centre", "within": "D1"})
	for _, c := range cells(map[string]string{"fill": "centre+observed", "within": "D1"}) {
		if _, ok := slices.BinarySearch(d1, c); ok {
			continue
		}
		if !slices.ContainsFunc(cases, func(k kase) bool {
			return strings.HasPrefix(k.community, "D1") && k.point != (orb.Point{}) && cellOf(t, "cell_9", k.point) == c
		}) {
			t.Errorf("cell %s is in D1 and holds no case of D1", c)
		}
	}
}

// TestDefaultLocationsAddNoCells has a default location far outside: a cell
// there would be part of the study area for nothing.
func TestDefaultLocationsAddNoCells(t *testing.T) {
	cases := incidents(4, 200)
	store := storeOf(t, "UTC", cityOf(), cases, 100)
	nullIsland := kase{id: "zero", status: data.StatusOpen, point: orb.Point{1e-9, 0}, reported: start.AddDate(0, 1, 0)}
	if _, err := store.Append(t.Context(), data.Incidents, data.Chunk{}, batchOf(t, store.Schema(data.Incidents), []kase{nullIsland})); err != nil {
		t.Fatal(err)
	}
	report := reportOn(append(cases, nullIsland))
	report.Defaults = append(report.Defaults, data.DefaultLocation{PileUp: data.PileUp{Lon: 1e-9, Rows: 1}})
	if err := store.PutReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
	e := New(store, Options{})
	for keep, want := range map[string]bool{"false": false, "true": true} {
		frame := run(t, e, "hotspot", map[string]string{"fill": "overlap+observed", "keep-default-locations": keep}).Frame
		if _, got := slices.BinarySearch(frame.Cells, cellOf(t, "cell_9", nullIsland.point)); got != want {
			t.Errorf("keep-default-locations=%s: a cell in the Gulf of Guinea is in the study area: %t, want %t", keep, got, want)
		}
	}
}

// TestWithoutBoundaries makes the study area of the cells with facts and their
// neighbours.
func TestWithoutBoundaries(t *testing.T) {
	cases := incidents(5, 300)
	for i := range cases {
		cases[i].community = ""
	}
	e := New(storeOf(t, "UTC", nil, cases, 100), Options{})
	layer := run(t, e, "hotspot", map[string]string{"keep-default-locations": "true"})
	want := map[geo.Cell]bool{}
	var located int64
	for _, k := range cases {
		if k.point != (orb.Point{}) {
			located++
			for _, c := range cellOf(t, "cell_9", k.point).Disk(1) {
				want[c] = true
			}
		}
	}
	if got := layer.Frame.Cells; !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
		t.Errorf("study area of %d cells, want %d", len(got), len(want))
	}
	if count(layer, "in_rows") != located || count(layer, "elsewhere") != 0 {
		t.Errorf("%d facts in rows and %d elsewhere, want %d and none", count(layer, "in_rows"), count(layer, "elsewhere"), located)
	}
	if place := analysistest.Column(t, layer, "place"); slices.Contains(place.Valid, true) {
		t.Error("a cell has a place, and there are none")
	}
}

// TestAreasWithoutOutline: districts known by name alone are as large as their
// streets.
func TestAreasWithoutOutline(t *testing.T) {
	city := cityOf()
	blank := cityOf()
	for i := range blank {
		if blank[i].Level == data.District {
			blank[i].Outline = nil
		}
	}
	cases := incidents(6, 300)
	whole, parts := New(storeOf(t, "UTC", city, cases, 100), Options{}), New(storeOf(t, "UTC", blank, cases, 100), Options{})
	for _, given := range []map[string]string{nil, {"within": "D1"}, {"within": "D1S1"}, {"within": "D2S2C1", "res": "10"}} {
		want, got := run(t, whole, "hotspot", given).Frame, run(t, parts, "hotspot", given).Frame
		if !slices.Equal(got.Cells, want.Cells) {
			t.Errorf("%v: %d cells where districts have no outline, want %d", given, len(got.Cells), len(want.Cells))
		}
	}
	layer := run(t, parts, "hotspot", map[string]string{"level": "district"})
	for _, name := range []string{"area_km2", "gi_z", "expected"} {
		if c := analysistest.Column(t, layer, name); c.Has(0) || c.Has(1) {
			t.Errorf("a district without outline has a value of %s", name)
		}
	}
	box, _, _, err := parts.Extent(t.Context())
	if err != nil || box != rectangle(0, 0, 4, 2).Bound() {
		t.Errorf("extent %v, error %v, want that of the streets", box, err)
	}
}

// TestWithoutAnyOutline knows communities by name alone: the cells with facts
// and their neighbours are the study area, those of a community its own.
func TestWithoutAnyOutline(t *testing.T) {
	blank := cityOf()
	for i := range blank {
		blank[i].Outline = nil
	}
	cases := incidents(7, 200)
	e := New(storeOf(t, "UTC", blank, cases, 100), Options{})
	for _, within := range []string{"", "D1", "D2S1C2"} {
		want := map[geo.Cell]bool{}
		for _, k := range cases {
			if k.point != (orb.Point{}) && k.point != fallback && strings.HasPrefix(k.community, within) {
				for _, c := range cellOf(t, "cell_9", k.point).Disk(1) {
					want[c] = true
				}
			}
		}
		got := run(t, e, "hotspot", map[string]string{"within": within}).Frame.Cells
		if !slices.Equal(got, slices.Sorted(maps.Keys(want))) {
			t.Errorf("within %q: study area of %d cells, want %d", within, len(got), len(want))
		}
	}
}

// TestTouchingAreas looks at a lattice of unit grids of 100 m, where those
// that share a side or a corner touch and no others, and at a sliver.
func TestTouchingAreas(t *testing.T) {
	const size, step = 5, 0.001 // degrees, about 100 m by 111 m
	var grids []data.Community
	for i := range size * size {
		x, y := float64(i%size)*step/side, float64(i/size)*step/side
		grids = append(grids, data.Community{Code: fmt.Sprintf("g%02d", i), Outline: rectangle(x, y, x+step/side, y+step/side)})
	}
	got, err := touching(grids, touchResolution(data.UnitGrid))
	if err != nil {
		t.Fatal(err)
	}
	for i := range grids {
		var want []int32
		for j := range grids {
			dx, dy := j%size-i%size, j/size-i/size
			if i != j && dx*dx <= 1 && dy*dy <= 1 {
				want = append(want, int32(j))
			}
		}
		if neighbours := got.Rows[got.Start[i]:got.Start[i+1]]; !slices.Equal(neighbours, want) {
			t.Errorf("grid %d touches %v, want %v", i, neighbours, want)
		}
	}
	f := func(l data.Level, metres float64, want bool) {
		t.Helper()
		gap := metres / 102_800 / side // of longitude, at this latitude
		a := []data.Community{{Code: "a", Outline: rectangle(0, 0, 1, 1)}, {Code: "b", Outline: rectangle(1+gap, 0, 2+gap, 1)}, {Code: "c"}}
		got, err := touching(a, touchResolution(l))
		if touch := len(got.Rows) == 2; err != nil || touch != want {
			t.Errorf("of level %s, %v m apart: neighbours %v, error %v, want them to touch: %t", l, metres, got, err, want)
		}
	}
	f(data.UnitGrid, 0, true)
	f(data.UnitGrid, 10, true)
	f(data.UnitGrid, 80, false)
	f(data.Street, 0, true)
	f(data.Street, 30, true)
	f(data.Street, 200, false)
}
