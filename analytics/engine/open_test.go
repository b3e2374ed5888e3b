package engine

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// sparse returns an engine that gives open data of a city of few reports.
func sparse(t testing.TB, seed uint64, n, least int) *Engine {
	t.Helper()
	return New(storeOf(t, "Asia/Shanghai", cityOf(), incidents(seed, n), 100), Options{MinCount: least})
}

// asked returns the parameters of a unit, "res=9" or "level=street", with others.
func asked(unit string, more ...string) map[string]string {
	given := map[string]string{}
	for _, pair := range append(more, unit) {
		name, value, _ := strings.Cut(pair, "=")
		given[name] = value
	}
	return given
}

// openUnits are those of the city; open months are those of its facts that are over.
var (
	openUnits  = []string{"level=district", "level=street", "level=community", "res=7", "res=8", "res=9"}
	openMonths = []string{"2024-01", "2024-02", "2024-03", "2024-04", "2024-05", "2024-06"}
)

// demanding makes analyses count reports that would count people.
func demanding(a analytics.Analysis, given map[string]string) map[string]string {
	if slices.ContainsFunc(a.Params, func(p analytics.Param) bool { return p.Name == "demand" }) {
		given["demand"] = "reports"
	}
	return given
}

// ofReports reports whether a column counts reports.
func ofReports(c analytics.Column) bool {
	return c.Unit == "count" && c.Type == analytics.IntColumn && c.Name != "neighbours" && c.Name != "resources" && c.Name != "inspections"
}

// hiddenRows returns which rows have no value in any column but those that name them.
func hiddenRows(layer *analytics.Layer) []bool {
	named := map[string]bool{}
	for _, c := range append(Identity(true), Identity(false)...) {
		named[c.Name] = true
	}
	hidden := make([]bool, layer.Frame.Len())
	for row := range hidden {
		hidden[row] = !slices.ContainsFunc(layer.Columns, func(c analytics.Column) bool { return !named[c.Name] && c.Has(row) })
	}
	return hidden
}

// TestOpenDataTellNoSmallCount asks every analysis for every unit.
func TestOpenDataTellNoSmallCount(t *testing.T) {
	const least = 5
	told, missing := 0, int64(0)
	for _, n := range []int{60, 400, 3000} {
		e := sparse(t, 3, n, least)
		for _, a := range Analyses() {
			for _, unit := range append(openUnits, "level=responsible_unit") {
				layer, err := e.Run(t.Context(), a.Name, demanding(a, asked(unit)))
				if wrong := (*analytics.ParamError)(nil); errors.As(err, &wrong) && strings.Contains(unit, "responsible") {
					continue
				}
				if err != nil {
					t.Fatalf("%s by %s of %d: %v", a.Name, unit, n, err)
				}
				missing += count(layer, suppressed)
				for _, c := range layer.Columns {
					for row := range layer.Frame.Len() {
						if !ofReports(c) || !c.Has(row) {
							continue
						}
						if told++; c.Ints[row] > 0 && c.Ints[row] < least {
							t.Errorf("%s by %s of %d: %s of %s tells %d", a.Name, unit, n, c.Name, layer.Frame.ID(row), c.Ints[row])
						}
					}
				}
				if layer.Matrix != nil || layer.Balances != nil || layer.Quality != nil {
					t.Errorf("%s by %s: hours of the week, where facts are or the quality of data are told", a.Name, unit)
				}
			}
		}
	}
	if told < 1000 || missing < 100 {
		t.Errorf("%d counts were told and %d rows were not, want more of both", told, missing)
	}
}

// TestRowsThatAreNotToldHaveNothing holds what the summary says to the columns.
func TestRowsThatAreNotToldHaveNothing(t *testing.T) {
	e := sparse(t, 3, 400, 5)
	for _, name := range []string{"density", "kernel", "hotspot", "indicator"} {
		layer := run(t, e, name, asked("level=community", "from=2024-02", "to=2024-03"))
		n := int64(0)
		for _, hidden := range hiddenRows(layer) {
			if hidden {
				n++
			}
		}
		if n == 0 || n != count(layer, suppressed) {
			t.Errorf("%s: %d rows have nothing, summary %v", name, n, layer.Summary)
		}
		if !slices.ContainsFunc(layer.Caveats, func(text string) bool { return strings.Contains(text, "open data") }) {
			t.Errorf("%s: caveats %q do not say so", name, layer.Caveats)
		}
		for _, item := range layer.Summary {
			if all := sumTold(layer); item.Key == "in_rows" && item.Value != all && (item.Value != nil || all != 0) {
				t.Errorf("%s: told rows have %d reports, the summary %v", name, all, item.Value)
			}
		}
		var rows int
		for _, class := range layer.Legend.Classes {
			rows += class.Rows
		}
		if rows > layer.Frame.Len() {
			t.Errorf("%s: the legend has %d rows of %d", name, rows, layer.Frame.Len())
		}
	}
}

// sumTold adds up the reports of told rows.
func sumTold(layer *analytics.Layer) (all int64) {
	counts := countsOf(layer)
	for row, hidden := range hiddenRows(layer) {
		if !hidden {
			all += counts[row]
		}
	}
	return all
}

// TestSeveralMonthsAreTheirSum shows that longer periods tell nothing but what their
// months do, so that no two of them tell a month that is not told.
func TestSeveralMonthsAreTheirSum(t *testing.T) {
	if testing.Short() {
		t.Skip("computes every layer for many months")
	}
	e := sparse(t, 5, 900, 5)
	spans := [][2]int{{0, 2}, {1, 3}, {0, 3}, {2, 5}}
	some := 0
	for _, a := range Analyses() {
		if a.Plan == nil || a.Name == "emerging" || a.Name == "clusters" || a.Name == "coverage" || a.Name == "sites" {
			continue // they tell other counts than those of the period
		}
		for _, unit := range openUnits {
			ask := func(from, to int) *analytics.Layer {
				return run(t, e, a.Name, asked(unit, "from="+openMonths[from], "to="+openMonths[to]))
			}
			for _, span := range spans {
				whole := ask(span[0], span[1])
				sum, told := make([]int64, whole.Frame.Len()), make([]bool, whole.Frame.Len())
				for row := range told {
					told[row] = true
				}
				for m := span[0]; m < span[1]; m++ {
					layer := ask(m, m+1)
					for row, hidden := range hiddenRows(layer) {
						told[row] = told[row] && !hidden
					}
					for row, n := range countsOf(layer) {
						sum[row] += n
					}
				}
				for row, hidden := range hiddenRows(whole) {
					if hidden == told[row] {
						t.Errorf("%s by %s from %s to %s: %s is hidden: %t, told in all its months: %t", a.Name, unit, openMonths[span[0]], openMonths[span[1]], whole.Frame.ID(row), hidden, told[row])
					}
					if got := countsOf(whole)[row]; !hidden && got != sum[row] {
						t.Errorf("%s by %s: %s has %d, its months %d", a.Name, unit, whole.Frame.ID(row), got, sum[row])
					} else if !hidden && got > 0 {
						some++
					}
				}
			}
		}
	}
	if some < 100 {
		t.Errorf("%d sums were compared, want more", some)
	}
}

// countsOf returns the first column that counts reports.
func countsOf(layer *analytics.Layer) []int64 {
	for _, c := range layer.Columns {
		if ofReports(c) {
			return c.Ints
		}
	}
	return make([]int64, layer.Frame.Len())
}

// An attacker has every count that was told, by code, and who lies in whom; of those
// that were not told it knows that they are not 0, and what lies in none of the
// children of a community where that is 0 or not small.
type attacker struct {
	children  map[string][]string
	low, high map[string]int64
}

const noBound = int64(1) << 40

// narrow makes bounds agree along the sums, until they do.
func (a attacker) narrow() {
	for changed := true; changed; {
		changed = false
		set := func(code string, low, high int64) {
			if low > a.low[code] {
				a.low[code], changed = low, true
			}
			if high < a.high[code] {
				a.high[code], changed = high, true
			}
		}
		for parent, children := range a.children {
			var low, high int64
			for _, c := range children {
				low, high = low+a.low[c], min(high+a.high[c], noBound)
			}
			set(parent, low, high)
			for _, c := range children {
				if high < noBound {
					set(c, a.low[parent]-(high-a.high[c]), noBound)
				}
				set(c, 0, a.high[parent]-(low-a.low[c]))
			}
		}
	}
}

// attack puts together what the layers of a month tell of all levels.
func attack(t *testing.T, e *Engine, name, month, next string, truth map[string]int64, least int64) (told, hidden map[string]bool, a attacker) {
	t.Helper()
	told, hidden = map[string]bool{}, map[string]bool{}
	a = attacker{map[string][]string{}, map[string]int64{}, map[string]int64{}}
	h, err := e.Hierarchy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []string{"district", "street", "community"} {
		layer := run(t, e, name, asked("level="+level, "from="+month, "to="+next))
		counts := countsOf(layer)
		for row, not := range hiddenRows(layer) {
			code := layer.Frame.ID(row)
			if not {
				hidden[code] = true
				a.low[code], a.high[code] = 1, noBound
			} else {
				told[code] = true
				a.low[code], a.high[code] = counts[row], counts[row]
			}
			above, ok := h.Parent(code)
			if !ok {
				above = "everything"
			}
			a.children[above] = append(a.children[above], code)
		}
	}
	for code, children := range maps.Clone(a.children) {
		rest := truth[code]
		for _, c := range children {
			rest -= truth[c]
		}
		own := code + " alone"
		if a.children[code] = append(children, own); rest > 0 && rest < least {
			a.low[own], a.high[own] = 0, noBound
		} else {
			a.low[own], a.high[own] = rest, rest
		}
	}
	a.low["everything"], a.high["everything"] = truth["everything"], truth["everything"]
	a.narrow()
	return told, hidden, a
}

// TestNobodyPinsACountOfALayer attacks density layers of random cities, month by month
// and over all levels of communities.
func TestNobodyPinsACountOfALayer(t *testing.T) {
	seeds := uint64(12)
	if testing.Short() {
		seeds = 3
	}
	some, others := 0, 0
	for seed := range seeds {
		least := int64(2 + seed%4)
		cases := incidents(seed, 100+int(seed)*40)
		store := storeOf(t, "Asia/Shanghai", cityOf(), cases, 100)
		e, exact := New(store, Options{MinCount: int(least)}), New(store, Options{})
		for m := range openMonths[1:] {
			truth := truthOf(t, exact, openMonths[m], openMonths[m+1])
			told, hidden, a := attack(t, e, "density", openMonths[m], openMonths[m+1], truth, least)
			for code := range told {
				if n := truth[code]; a.low[code] != n || n > 0 && n < least {
					t.Errorf("seed %d, %s: %s tells %d, it has %d", seed, openMonths[m], code, a.low[code], n)
				}
			}
			for code := range hidden {
				if some++; truth[code] >= least {
					others++
				}
				if a.low[code] > truth[code] || a.high[code] < truth[code] {
					t.Fatalf("the attack is wrong: %s has %d, not from %d to %d", code, truth[code], a.low[code], a.high[code])
				}
				if a.high[code]-a.low[code] < least {
					t.Errorf("seed %d, %s, least %d: %s has %d to %d", seed, openMonths[m], least, code, a.low[code], a.high[code])
				}
			}
		}
	}
	if some < 50 || others < 10 {
		t.Errorf("%d counts were attacked, %d of them not small: want more", some, others)
	}
	t.Logf("%d counts attacked, %d of them not small", some, others)
}

// truthOf returns the reports of a month by code, and of everything that lies in a
// community.
func truthOf(t *testing.T, e *Engine, month, next string) map[string]int64 {
	truth := map[string]int64{}
	for _, level := range []string{"district", "street", "community"} {
		layer := run(t, e, "density", asked("level="+level, "from="+month, "to="+next))
		for row, n := range countsOf(layer) {
			if truth[layer.Frame.ID(row)] = n; level == "district" {
				truth["everything"] += n
			}
		}
	}
	return truth
}

// TestWhatIsToldDoesNotDependOnTheCut compares rows of an area with those of the city.
func TestWhatIsToldDoesNotDependOnTheCut(t *testing.T) {
	e := sparse(t, 9, 300, 4)
	for _, unit := range openUnits[1:] {
		whole := run(t, e, "density", asked(unit, "from=2024-03", "to=2024-04"))
		part := run(t, e, "density", asked(unit, "from=2024-03", "to=2024-04", "within=D1"))
		all, some := hiddenRows(whole), hiddenRows(part)
		for row := range some {
			at, ok := whole.Frame.RowOf(part.Frame.ID(row))
			if !ok || all[at] != some[row] || countsOf(whole)[at] != countsOf(part)[row] {
				t.Errorf("by %s: %s differs from itself in the whole city", unit, part.Frame.ID(row))
			}
		}
	}
}

// TestLayersDependOnToldCountsAlone moves reports between rows that are not told: no
// figure of any analysis may change.
func TestLayersDependOnToldCountsAlone(t *testing.T) {
	cases := crowded()
	moved := slices.Clone(cases)
	swap := orb.Point{lon0 + 0.5*side, lat0 + 1.5*side} // one of D1S2C1
	for i := range moved {
		if moved[i].community == "D1S1C2" {
			moved[i].point, moved[i].community = swap, code(swap)
			break
		}
	}
	before := New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 100), Options{MinCount: 5})
	after := New(storeOf(t, "Asia/Shanghai", cityOf(), moved, 100), Options{MinCount: 5})
	for _, a := range Analyses() {
		given := demanding(a, asked("level=community", "from=2024-01", "to=2024-02"))
		if a.Name == "execution" {
			given = asked("level=community")
		}
		one, two := run(t, before, a.Name, given), run(t, after, a.Name, given)
		if !slices.Equal(hiddenRows(one), hiddenRows(two)) || count(one, suppressed) == 0 {
			t.Fatalf("%s: the rows that are not told are %v and %v", a.Name, hiddenRows(one), hiddenRows(two))
		}
		one.Provenance.DataVersion, two.Provenance.DataVersion = "", ""
		if !reflect.DeepEqual(one, two) {
			t.Errorf("%s: what is told depends on what is not", a.Name)
		}
	}
}

// TestLayersOfCellsDependOnToldCountsAlone moves one report from a cell that is not told
// to another in the same coarser cells, so that none of those changes.
func TestLayersOfCellsDependOnToldCountsAlone(t *testing.T) {
	given := asked("res=9", "from=2024-03", "to=2024-04")
	cases := incidents(6, 2500)
	before := New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 100), Options{MinCount: 4})
	layer := run(t, before, "density", given)
	hidden := hiddenRows(layer)
	cell := func(p orb.Point, r geo.Resolution) geo.Cell { return cellOf(t, data.CellColumn(r), p) }
	untold := func(k kase) bool {
		row, ok := layer.Frame.RowOf(cell(k.point, 9).String())
		return ok && hidden[row] && code(k.point) != "" && k.point != fallback && k.reported.Month() == time.March
	}
	for i, one := range cases {
		if !untold(one) {
			continue
		}
		for _, two := range cases[:i] {
			apart := cell(one.point, 9) != cell(two.point, 9) && cell(one.point, 8) == cell(two.point, 8) && cell(one.point, 7) == cell(two.point, 7)
			if !apart || code(one.point) != code(two.point) || !untold(two) {
				continue
			}
			moved := slices.Clone(cases)
			moved[i].point = two.point
			after := New(storeOf(t, "Asia/Shanghai", cityOf(), moved, 100), Options{MinCount: 4})
			if !slices.Equal(hiddenRows(run(t, after, "density", given)), hidden) {
				continue // that it is told is no secret
			}
			for _, name := range []string{"density", "hotspot", "kernel", "lisa"} {
				a, b := run(t, before, name, given), run(t, after, name, given)
				a.Provenance.DataVersion, b.Provenance.DataVersion = "", ""
				if !reflect.DeepEqual(a, b) {
					t.Errorf("%s: what is told depends on what is not", name)
				}
			}
			return
		}
	}
	t.Error("no report could be moved")
}

// crowded returns cases of one kind in January and February 2024: 30 a month in each
// community, but 3 in two of the western district, one in either street.
func crowded() []kase {
	rng := rand.New(rand.NewPCG(8, 8))
	var all []kase
	for month := range 2 {
		for c := range 8 {
			x, y, n := float64(c%4), float64(c/4), 30
			if c == 1 || c == 4 {
				n = 3
			}
			for range n {
				p := orb.Point{lon0 + (x+rng.Float64())*side, lat0 + (y+rng.Float64())*side}
				at := start.AddDate(0, month, 1+rng.IntN(20))
				all = append(all, kase{
					id: fmt.Sprintf("%05d", len(all)), status: data.StatusClosed, category: "noise", point: p, community: code(p),
					reported: at, closed: at.Add(time.Hour), due: at.Add(48 * time.Hour),
				})
			}
		}
	}
	all = append(all, kase{id: "last", status: data.StatusClosed, point: orb.Point{lon0, lat0}, community: "D1S1C1", reported: start.AddDate(0, 2, 3), closed: start.AddDate(0, 2, 4)})
	return all
}

func TestWhatOpenDataCannotBeAskedFor(t *testing.T) {
	e := sparse(t, 3, 400, 5)
	f := func(name, param, says string, given ...string) {
		t.Helper()
		_, err := e.Run(t.Context(), name, asked(given[0], given[1:]...))
		wrong := (*analytics.ParamError)(nil)
		if !errors.As(err, &wrong) || wrong.Name != param || !strings.Contains(wrong.Why, says) {
			t.Errorf("%s %v: error %v, want one of %s that says %q", name, given, err, param, says)
		}
	}
	f("density", "from", "first day of one, such as 2024-02-01", "level=street", "from=2024-02-02", "to=2024-03")
	f("density", "to", "whole months", "level=street", "from=2024-02", "to=2024-03-01T01:00:00Z")
	f("density", "to", "nothing after 2024-07-01", "level=street", "from=2024-02", "to=2024-12")
	f("density", "as-of", "leave it out", "level=street", "as-of=2024-03-01")
	f("density", "recorded", "leave it out", "level=street", "recorded=now")
	f("density", "category", "leave it out", "level=street", "category=noise")
	f("density", "channel", "leave it out", "level=street", "channel=web")
	f("density", "source", "leave it out", "level=street", "source=311")
	f("density", "keep-default-locations", "leave it out", "level=street", "keep-default-locations=1")
	f("density", "fill", "ask for overlap", "res=9", "fill=overlap+observed")
	f("density", "within", "whole city", "level=responsible_unit", "within=D1")
	f("response", "limit-hours", "leave it out", "level=street", "limit-hours=71")
	f("emerging", "step", "ask for month", "level=street", "step=week")
	f("indicator", "changes", "leave it out", "level=street", "changes=true")
	f("indicator", "period", "whole months", "level=street", "period=2024-W07")
	for _, given := range [][]string{{"level=street"}, {"level=street", "from=2024-02"}, {"level=street", "to=2024-03"}, {"res=8", "category=", "keep-default-locations=0", "fill=centre"}} {
		layer := run(t, e, "density", asked(given[0], given[1:]...))
		zone := layer.Provenance
		for _, at := range []time.Time{zone.From, zone.To, zone.AsOf} {
			if local := at.In(start.Location()); local.Day() != 1 || local.Hour() != 0 {
				t.Errorf("%v: from %v to %v as of %v", given, zone.From, zone.To, zone.AsOf)
			}
		}
	}
	_, from, to, err := e.Extent(t.Context())
	if err != nil || from.In(start.Location()).Day() != 1 || to.In(start.Location()).Day() != 1 {
		t.Errorf("the facts extend from %v to %v (error %v), want months", from, to, err)
	}
	if _, err := e.ExplainFact(t.Context(), "", "00001", nil); !errors.Is(err, data.ErrNotFound) {
		t.Errorf("explaining a fact: error %v", err)
	}
}

// TestFreeParametersChooseNoFacts holds every number, word and switch that open data
// can be asked with to what doc.go says: it does not change what is counted.
func TestFreeParametersChooseNoFacts(t *testing.T) {
	e, _ := shanghai(t)
	v, err := e.look(t.Context(), data.Incidents)
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, a := range Analyses() {
		if a.Plan == nil {
			continue
		}
		planned := func(given map[string]string) (list []data.Rollup) {
			r, err := v.request(a, given)
			if err != nil {
				t.Fatalf("%s %v: %v", a.Name, given, err)
			}
			area, err := e.area(t.Context(), v, r)
			if err != nil {
				t.Fatal(err)
			}
			all, err := a.Plan(r, area.frame)
			if err != nil {
				t.Fatalf("%s %v: %v", a.Name, given, err)
			}
			return slices.DeleteFunc(all, func(r data.Rollup) bool { return !guarded(r) })
		}
		for _, p := range a.Params {
			if p.Kind == analytics.Choice || slices.Contains(barred(), p.Name) {
				continue
			}
			value := ""
			for _, v := range []string{"true", "3", "0.25", "0.9", "20", "600", "other"} {
				if parsed, err := p.Parse(v); err == nil && parsed != p.Default {
					value = v
					break
				}
			}
			if value == "" {
				t.Fatalf("%s: no value of %s to try", a.Name, p.Name)
			}
			tried++
			if !reflect.DeepEqual(planned(map[string]string{"level": "street"}), planned(map[string]string{"level": "street", p.Name: value})) {
				t.Errorf("%s: %s=%s changes what is counted", a.Name, p.Name, value)
			}
		}
	}
	if tried < 20 {
		t.Errorf("%d parameters were tried, want more", tried)
	}
}

// TestOneTellsEverything holds open data to being off below 2.
func TestOneTellsEverything(t *testing.T) {
	store := storeOf(t, "Asia/Shanghai", cityOf(), incidents(1, 300), 100)
	for _, a := range Analyses() {
		given := asked("level=street", "category=noise")
		if a.Name == "execution" || a.Name == "indicator" {
			delete(given, "category")
		}
		if one, two := run(t, New(store, Options{}), a.Name, given), run(t, New(store, Options{MinCount: 1}), a.Name, given); !reflect.DeepEqual(one, two) {
			t.Errorf("%s differs with a count of 1", a.Name)
		}
	}
}

// TestTheReportOfOpenData has streets of which a part is not told, and no others.
func TestTheReportOfOpenData(t *testing.T) {
	store := storeOf(t, "Asia/Shanghai", cityOf(), crowded(), 100)
	given := map[string]string{"level": "community"}
	report, err := New(store, Options{MinCount: 5}).Report(t.Context(), given)
	if err != nil {
		t.Fatal(err)
	}
	table := report.Tables[1]
	facts, _ := table.Column("n")
	score, _ := table.Column("score")
	var untold []string
	for i, row := range table.Rows {
		if !facts.Has(i) {
			untold = append(untold, row.Code)
		} else if facts.Ints[i] < 30 {
			t.Errorf("%s has %d facts", row.Code, facts.Ints[i])
		}
		if score.Has(i) != facts.Has(i) {
			t.Errorf("%s has a score: %t, has a number of facts: %t", row.Code, score.Has(i), facts.Has(i))
		}
	}
	if want := []string{"D1S1C1", "D1S1C2", "D1S2C1", "D1S2C2"}; !slices.Equal(untold, want) {
		t.Errorf("of %v it is not told how many facts they rest on, want %v", untold, want)
	}
	if all := table.Rows[len(table.Rows)-1]; !all.All || facts.Ints[len(table.Rows)-1] != 120 {
		t.Errorf("all together are %d facts, want the 120 of told rows", facts.Ints[len(table.Rows)-1])
	}
	if len(table.Balances) > 0 {
		t.Errorf("balances %v are told", table.Balances)
	}
	if _, err := New(store, Options{MinCount: 1000}).Report(t.Context(), given); err != nil {
		t.Errorf("with nothing told: %v", err)
	}
}

// TestThoseWhoAnswerHideEachOther has units of 40, 30 and 3 cases: the first by name is
// hidden beside the last.
func TestThoseWhoAnswerHideEachOther(t *testing.T) {
	cases := crowded()
	for i := range cases {
		cases[i].party = "Roads"
		if i%8 == 0 {
			cases[i].party = "Greens"
		}
	}
	for i := range 3 {
		cases[i].party = "Water"
	}
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), cases, 100), Options{MinCount: 5})
	layer := run(t, e, "density", asked("level=responsible_unit", "from=2024-01", "to=2024-02"))
	got := map[string]bool{}
	counts := countsOf(layer)
	observed, _ := layer.Column("observed")
	for row := range layer.Frame.Len() {
		got[layer.Frame.ID(row)] = observed.Has(row)
		if observed.Has(row) && counts[row] < 100 {
			t.Errorf("%s has %d", layer.Frame.ID(row), counts[row])
		}
	}
	if want := map[string]bool{"Greens": false, "Roads": true, "Water": false}; !reflect.DeepEqual(got, want) {
		t.Errorf("told are %v, want %v", got, want)
	}
}

// TestCellsHideEachOther has, for every cell that is told and coarser than another, no
// or several finer ones in it that are not.
func TestCellsHideEachOther(t *testing.T) {
	e := sparse(t, 6, 8000, 4)
	some := 0
	for fine := geo.Resolution(8); fine <= 10; fine++ {
		ask := func(r geo.Resolution) (*analytics.Layer, []bool) {
			layer := run(t, e, "density", asked("res="+r.String(), "from=2024-03", "to=2024-04", "fill=overlap"))
			return layer, hiddenRows(layer)
		}
		above, dark := ask(fine - 1)
		below, hidden := ask(fine)
		within := map[geo.Cell]int64{}
		truth := countsOf(run(t, New(e.store, Options{}), "density", asked("res="+fine.String(), "from=2024-03", "to=2024-04")))
		children := map[geo.Cell]int{}
		for row, cell := range below.Frame.Cells {
			if hidden[row] {
				children[cell.Parent(fine-1)]++
				within[cell.Parent(fine-1)] += truth[row]
			}
		}
		for row, cell := range above.Frame.Cells {
			if n := children[cell]; !dark[row] && n > 0 && countsOf(above)[row] > 0 { // 0 where points lie beyond its edge
				if some++; n < 2 || within[cell] < 5 {
					t.Errorf("%s is told, and %d cells in it of %d reports are not", cell, n, within[cell])
				}
			}
		}
	}
	if some < 5 {
		t.Errorf("%d coarse cells were looked at, want more", some)
	}
	t.Logf("%d coarse cells told, with finer ones that are not", some)
}

func TestMonths(t *testing.T) {
	v := &view{zone: start.Location()}
	at := func(text string) time.Time {
		moment, err := time.ParseInLocation("2006-01-02 15:04", text, v.zone)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	f := func(moment, from, to string) {
		t.Helper()
		if !v.monthStart(at(moment)).Equal(at(from)) || !v.monthEnd(at(moment)).Equal(at(to)) {
			t.Errorf("the month of %s is from %v to %v", moment, v.monthStart(at(moment)), v.monthEnd(at(moment)))
		}
	}
	f("2024-01-31 23:59", "2024-01-01 00:00", "2024-02-01 00:00")
	f("2024-02-01 00:00", "2024-02-01 00:00", "2024-03-01 00:00")
	f("2023-12-01 00:00", "2023-12-01 00:00", "2024-01-01 00:00")
	months := v.months(at("2023-12-05 00:00"), at("2024-03-01 00:00"))
	var days []string
	for _, m := range months {
		days = append(days, m.In(v.zone).Format(time.DateOnly))
	}
	if want := []string{"2023-12-05", "2024-01-01", "2024-02-01", "2024-03-01"}; !slices.Equal(days, want) {
		t.Errorf("months begin on %v, want %v", days, want)
	}
	settled := func(horizon, end, asOf string) {
		t.Helper()
		v.horizon = at(horizon)
		if v.settleMonths(); !v.monthsEnd.Equal(at(end)) || !v.horizon.Equal(at(asOf)) {
			t.Errorf("with facts to %s months end %v, as of %v", horizon, v.monthsEnd, v.horizon)
		}
	}
	settled("2024-01-15 12:00", "2024-01-01 00:00", "2024-01-01 00:00")
	settled("2024-01-31 23:50", "2024-02-01 00:00", "2024-01-31 23:00")
	settled("2024-02-01 00:00", "2024-02-01 00:00", "2024-02-01 00:00")
}
