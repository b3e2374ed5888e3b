package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/sqlite"
)

// A row is a fact by the names of its columns, point being its place.
type row map[string]any

func rowsOf(t testing.TB, columns []data.Column, rows []row) data.Batch {
	t.Helper()
	b := data.NewBuilder(columns)
	for n, r := range rows {
		p, located := r["point"].(orb.Point)
		for i, c := range columns {
			value := r[c.Name]
			switch {
			case value == nil && c.Name == "id":
				value = fmt.Sprint(n)
			case value == nil && c.Name == "source":
				value = "test"
			case located && c.Name == "community":
				value = code(p)
			case located && c.Name == "location":
				value = data.LocationPoint
			case c.Name == "location":
				value = data.LocationNone
			case located && c.Name == "lon":
				value = p[0]
			case located && c.Name == "lat":
				value = p[1]
			}
			switch v := value.(type) {
			case string:
				b.SetText(i, v)
			case time.Time:
				b.SetInt(i, v.UnixMicro())
			case float64:
				b.SetFloat(i, v)
			default:
				if c.Type == data.Cell && located {
					b.SetCell(i, cellOf(t, c.Name, p))
				} else {
					b.Missing(i)
				}
			}
		}
	}
	return b.Build()
}

// keep appends rows to a store, with a report on them.
func keep(t testing.TB, store data.Store, d data.Dataset, rows []row) {
	t.Helper()
	if _, err := store.Append(t.Context(), d, data.Chunk{}, rowsOf(t, store.Schema(d), rows)); err != nil {
		t.Fatal(err)
	}
	report := data.Report{Dataset: d, Rows: int64(len(rows)), First: start.UTC(), Last: start.AddDate(0, 6, 0).UTC(), Horizon: start.AddDate(0, 6, 0).UTC()}
	if err := store.PutReport(t.Context(), report); err != nil {
		t.Fatal(err)
	}
}

func emptyCity(t testing.TB, store data.Store) {
	t.Helper()
	if err := store.PutSettings(t.Context(), data.Settings{Zone: "Asia/Shanghai"}); err != nil {
		t.Fatal(err)
	}
	communities := cityOf()
	for i := range communities { // those of the finest level: 1000, 2000 … inhabitants
		if c := &communities[i]; c.Level == data.CommunityArea {
			c.Population, c.HasPopulation = int64(1000*(i+1)), true
		}
	}
	if _, err := store.PutCommunities(t.Context(), communities); err != nil {
		t.Fatal(err)
	}
}

// definition reads one that lacks what all of them have.
func definition(t testing.TB, text string) *indicator.Definition {
	t.Helper()
	file, err := indicator.Read(strings.NewReader("direction: higher\nempty: no_data\nperiod: {by: opened}\n"+text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Pack.Indicators[0]
}

func publish(t testing.TB, e *Engine, list ...*indicator.Definition) {
	t.Helper()
	for _, d := range list {
		if kept, err := e.Publish(t.Context(), d); err != nil || !kept {
			t.Fatalf("publish %s: %t, %v", d.ID(), kept, err)
		}
	}
}

// valuesOf returns the values of a layer by code; missing ones are not there.
func valuesOf(t testing.TB, layer *analytics.Layer) map[string]float64 {
	t.Helper()
	values := map[string]float64{}
	code, value := analysistest.Column(t, layer, "code"), analysistest.Column(t, layer, "value")
	for i, x := range value.Floats {
		if value.Has(i) {
			values[code.Words[i]] = x
		}
	}
	return values
}

// TestAccessOfAHandmadeCity has one park amid community D1S1C1, which is a
// rectangle: the disk in reach is pi r² of it. Of its street, whose other
// community has no park, it is the part that its inhabitants are.
func TestAccessOfAHandmadeCity(t *testing.T) {
	store := memory.New()
	emptyCity(t, store)
	middle := orb.Point{lon0 + side/2, lat0 + side/2}
	keep(t, store, data.Resources, []row{
		{"kind": "park", "point": middle, "valid_from": start},
		{"id": "gone", "kind": "park", "point": orb.Point{lon0 + 1.5*side, lat0 + side/2}, "valid_from": start, "valid_to": start.AddDate(0, 1, 0)},
		{"id": "later", "kind": "park", "point": orb.Point{lon0 + 1.5*side, lat0 + side/2}, "valid_from": start.AddDate(1, 0, 0)},
		{"id": "other", "kind": "station", "point": orb.Point{lon0 + 1.5*side, lat0 + side/2}, "valid_from": start},
	})
	e := New(store, Options{})
	const metresPerDegree = 111195 // on the sphere of H3
	area := side * metresPerDegree * side * metresPerDegree * math.Cos((lat0+side/2)*math.Pi/180)
	disk := func(r float64) float64 { return math.Pi * r * r / area }
	// Of the communities D1S1C1 is the third and D1S1C2 the fourth, and so on.
	const people = 3000 + 4000 + 6000 + 7000 + 10000 + 11000 + 13000 + 14000
	version := 0
	f := func(access, level, given string, want map[string]float64, all float64) {
		t.Helper()
		version++
		publish(t, e, definition(t, fmt.Sprintf("code: test.parks\nversion: %d\nkind: access_share\naccess: %s\n", version, access)))
		layer := run(t, e, "indicator", map[string]string{"indicator": "test.parks", "level": level, "as-of": given})
		got := valuesOf(t, layer)
		for code, w := range want {
			if math.Abs(got[code]-w) > 0.01 {
				t.Errorf("%s as of %q: %.4f of %s in reach, want %.4f", access, given, got[code], code, w)
			}
		}
		if got := analysistest.Item(t, layer, "denominator").(float64); math.Abs(got/all-1) > 0.01 {
			t.Errorf("%s: %v in all, want %v", access, got, all)
		}
	}
	f("{where: \"kind = 'park'\", metres: 900}", "community", "", map[string]float64{"D1S1C1": disk(900), "D1S1C2": 0, "D2S2C2": 0}, people)
	f("{where: \"kind = 'park'\", metres: 900}", "street", "", map[string]float64{"D1S1": disk(900) * 3 / 7, "D1S2": 0}, people)
	f("{where: \"kind = 'park'\", metres: 900, detour: 1.5}", "community", "", map[string]float64{"D1S1C1": disk(600)}, people)
	f("{where: \"kind = 'park'\", metres: 900, weighted: area}", "street", "", map[string]float64{"D1S1": disk(900) / 2}, 8*area/1e6)
	f("{metres: 900}", "community", "", map[string]float64{"D1S1C1": disk(900), "D1S1C2": disk(900)}, people)
	f("{where: \"kind = 'park'\", metres: 900}", "community", "2024-01-15", map[string]float64{"D1S1C1": disk(900), "D1S1C2": disk(900)}, people) // the other park was there
}

// TestWhatLastsIsSeenAtTheTimeOfCases, or now where nothing happens: resources
// have no times of their own to be judged as of.
func TestWhatLastsIsSeenAtTheTimeOfCases(t *testing.T) {
	now := start.AddDate(2, 0, 0)
	asOf := func(store *memory.Store) time.Time {
		if err := store.PutReport(t.Context(), data.Report{Dataset: data.Resources, Rows: 1}); err != nil {
			t.Fatal(err)
		}
		e := New(store, Options{Now: func() time.Time { return now }})
		publish(t, e, definition(t, "code: test.parks\nversion: 1\nkind: access_share\naccess: {metres: 900}\n"))
		return run(t, e, "indicator", map[string]string{"indicator": "test.parks", "level": "community"}).Provenance.AsOf
	}
	park := row{"kind": "park", "point": orb.Point{lon0 + side/2, lat0 + side/2}, "valid_from": start}
	alone := memory.New()
	emptyCity(t, alone)
	keep(t, alone, data.Resources, []row{park})
	if got := asOf(alone); !got.Equal(now) {
		t.Errorf("without cases it is judged as of %v, want %v", got, now)
	}
	cases := incidents(21, 100)
	among := storeOf(t, "Asia/Shanghai", cityOf(), cases, 50)
	keep(t, among, data.Resources, []row{park})
	if got, want := asOf(among), reportOn(cases).Horizon; !got.Equal(want) {
		t.Errorf("among cases it is judged as of %v, want %v", got, want)
	}
}

// TestPublishingIsForGood: the same again changes nothing, another text under
// the same version is refused, and what a store keeps goes before what the
// program brings.
func TestPublishingIsForGood(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			emptyCity(t, store)
			keep(t, store, data.Incidents, []row{{"status": "closed", "reported_at": start, "satisfaction": "satisfied"}, {"id": "b", "status": "closed", "reported_at": start}})
			e := New(store, Options{})
			d := definition(t, "code: test.a\nversion: 1\nkind: count\n")
			before, err := e.Version(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			publish(t, e, d)
			after, err := e.Version(t.Context())
			if err != nil || before == after {
				t.Errorf("the version is %s before and %s after, error %v", before, after, err)
			}
			if kept, err := e.Publish(t.Context(), d); kept || err != nil {
				t.Errorf("published again: %t, %v", kept, err)
			}
			changed := definition(t, "code: test.a\nversion: 1\nkind: count\nmin_n: 5\n")
			if _, err := e.Publish(t.Context(), changed); !errors.Is(err, data.ErrConflict) {
				t.Errorf("published with another text: error %v, want data.ErrConflict", err)
			}
			l, err := e.Library(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			shipped, err := l.InForce("general.on_time", time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			own := definition(t, fmt.Sprintf("code: general.on_time\nversion: %d\nkind: count\n", shipped.Version))
			publish(t, e, own)
			layer := run(t, e, "indicator", map[string]string{"indicator": "general.on_time", "level": "district", "from": "2024-01", "to": "2024-02"})
			if got := analysistest.Item(t, layer, "value"); got != 2.0 {
				t.Errorf("the definition of the store counts %v facts, want 2", got)
			}
		})
	}
}

// stores returns an empty store of each kind that needs no server.
func stores(t testing.TB) map[string]data.Store {
	t.Helper()
	file, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "test.civgrid"), sqlite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := file.Close(); err != nil {
			t.Error(err)
		}
	})
	return map[string]data.Store{"memory": memory.New(), "sqlite": file}
}

// TestTheVersionInForceIsUsed when the period ends, also for what a composite
// is made of; a number asks for one whatever the period.
func TestTheVersionInForceIsUsed(t *testing.T) {
	store := memory.New()
	emptyCity(t, store)
	keep(t, store, data.Incidents, []row{{"status": "closed", "reported_at": start}, {"id": "b", "status": "closed", "reported_at": start.AddDate(0, 3, 0)}})
	e := New(store, Options{})
	const part = "kind: ratio\nnumerator: all\ndenominator: all\n"
	publish(t, e,
		definition(t, "code: test.part\nversion: 1\neffective: {from: 2023-01-01, to: 2024-03-01}\nscoring: {type: linear, max: 10}\n"+part),
		definition(t, "code: test.part\nversion: 2\neffective: {from: 2024-03-01}\nscoring: {type: linear, max: 10, zero: 0, full: 2}\n"+part),
		definition(t, "code: test.all\nversion: 1\nkind: composite\nitems: [{indicator: test.part, weight: 100}]\n"),
	)
	f := func(given map[string]string, id string, value float64) {
		t.Helper()
		given["level"] = "district"
		layer := run(t, e, "indicator", given)
		if layer.Provenance.Indicator != id || analysistest.Item(t, layer, "value") != value {
			t.Errorf("%v is by %s and comes to %v, want %s and %v", given, layer.Provenance.Indicator, analysistest.Item(t, layer, "value"), id, value)
		}
	}
	f(map[string]string{"indicator": "test.part", "period": "2024-01"}, "test.part@1", 1)
	f(map[string]string{"indicator": "test.part", "period": "2024-04"}, "test.part@2", 1)
	f(map[string]string{"indicator": "test.part", "period": "2024-04", "version": "1"}, "test.part@1", 1)
	f(map[string]string{"indicator": "test.part", "from": "2024-01-01", "to": "2024-03-01"}, "test.part@1", 1) // its last day is of February
	f(map[string]string{"indicator": "test.part", "from": "2024-01-01", "to": "2024-03-02"}, "test.part@2", 1)
	f(map[string]string{"indicator": "test.all", "period": "2024-01"}, "test.all@1", 100)
	f(map[string]string{"indicator": "test.all", "period": "2024-04"}, "test.all@1", 50)
	for given, want := range map[string]string{"period": "2022-05", "version": "7"} {
		_, err := e.Run(t.Context(), "indicator", map[string]string{"indicator": "test.part", given: want, "level": "district"})
		failed := (*analytics.ParamError)(nil)
		if !errors.As(err, &failed) || !strings.Contains(err.Error(), "version") {
			t.Errorf("%s %s: error %v, want a ParamError that speaks of versions", given, want, err)
		}
	}
}

// TestPublishedNumbersComeAgain: after facts were corrected and definitions
// published, a number as of before is what it was.
func TestPublishedNumbersComeAgain(t *testing.T) {
	for name, store := range stores(t) {
		t.Run(name, func(t *testing.T) {
			emptyCity(t, store)
			began := time.Now().Add(-time.Hour)
			if err := store.PutImport(t.Context(), data.Import{ID: "first", Dataset: string(data.Incidents), Started: began}); err != nil {
				t.Fatal(err)
			}
			first := make([]row, 0, 60)
			for i := range 60 {
				at := start.Add(time.Duration(i) * 12 * time.Hour)
				first = append(first, row{
					"id": fmt.Sprint(i), "status": "closed", "reported_at": at, "closed_at": at.Add(time.Duration(i%7) * time.Hour), "updated_at": at,
					"point": orb.Point{lon0 + side*(0.1+float64(i%4)), lat0 + side*(0.1+float64(i%2))},
				})
			}
			keep(t, store, data.Incidents, first)
			e := New(store, Options{})
			const text = "code: test.speed\nkind: share_within\nclock: {limit: {within: 3 hour}}\nsmoothing: {prior: all}\n"
			publish(t, e, definition(t, "version: 1\n"+text))
			tick()
			asked := map[string]string{"indicator": "test.speed", "level": "community", "from": "2024-01", "to": "2024-02", "as-of": time.Now().Format(time.RFC3339Nano)}
			was := run(t, e, "indicator", asked)
			tick()

			corrected := make([]row, len(first))
			for i, r := range first {
				corrected[i] = row{}
				for k, v := range r {
					corrected[i][k] = v
				}
				corrected[i]["closed_at"] = r["reported_at"].(time.Time).Add(10 * time.Hour)
				corrected[i]["updated_at"] = r["reported_at"].(time.Time).Add(20 * time.Hour)
			}
			keep(t, store, data.Incidents, corrected)
			publish(t, e, definition(t, "version: 2\n"+strings.Replace(text, "3 hour", "30 hour", 1)))

			again := run(t, e, "indicator", asked)
			if diff := cmp.Diff(was.Columns, again.Columns); diff != "" {
				t.Errorf("columns (-as it was +again):\n%s", diff)
			}
			if diff := cmp.Diff(was.Summary, again.Summary); diff != "" {
				t.Errorf("summary (-as it was +again):\n%s", diff)
			}
			if was.Provenance.Definition != again.Provenance.Definition || again.Provenance.Recorded.IsZero() {
				t.Errorf("provenance %+v, then %+v", was.Provenance, again.Provenance)
			}
			f := func(param, value string, want float64, caveat string) {
				t.Helper()
				given := map[string]string{"indicator": "test.speed", "level": "community", "from": "2024-01", "to": "2024-02", param: value}
				layer := run(t, e, "indicator", given)
				if got := analysistest.Item(t, layer, "value"); got != want {
					t.Errorf("%s %s: value %v, want %v", param, value, got, want)
				}
				if told := strings.Join(layer.Caveats, " "); !strings.Contains(told, caveat) {
					t.Errorf("%s %s: caveats %q, want one with %q", param, value, told, caveat)
				}
			}
			// Of hours 0 to 6 in turn, 0 to 3 are within 3: 4 of 7, and of the last 4 of 60 too.
			f("as-of", asked["as-of"], 36.0/60, "Facts are as the store had them")
			f("version", "1", 0, "")
			f("version", "2", 1, "")
			f("as-of", "2024-06-01", 1, "none were kept as early as the moment of judgement")
		})
	}
}

// tick waits until the clock by which stores record has moved on.
func tick() { time.Sleep(5 * time.Millisecond) }

// TestUnitsAddUpToTheCity: those who answer for facts, wherever they lie, and
// the facts nobody answers for are all facts.
func TestUnitsAddUpToTheCity(t *testing.T) {
	store := memory.New()
	emptyCity(t, store)
	var rows []row
	want := map[string]map[string]float64{"responsible_unit": {}, "duty_grid": {}}
	words := map[string][]string{"responsible_unit": {"roads", "parks", ""}, "duty_grid": {"g1", "g2", "g3", "g4", ""}}
	for i := range 200 {
		r := row{"id": fmt.Sprint(i), "status": "closed", "reported_at": start.Add(time.Duration(i) * time.Hour)}
		if i%5 > 0 { // a fifth lies nowhere
			r["point"] = orb.Point{lon0 + side*(0.1+float64(i%6)), lat0 + side/2} // a third of the rest outside
		}
		for level, column := range map[string]string{"responsible_unit": "responsible", "duty_grid": "duty_grid"} {
			if word := words[level][i*i%7%len(words[level])]; word != "" {
				r[column] = word
				want[level][word]++
			}
		}
		rows = append(rows, r)
	}
	keep(t, store, data.Incidents, rows)
	e := New(store, Options{})
	publish(t, e, definition(t, "code: test.unit\nversion: 1\nkind: count\nattribution: responsible_unit\nlevels: [district]\n"),
		definition(t, "code: test.grid\nversion: 1\nkind: count\nattribution: duty_grid\n"))
	for level, of := range map[string]string{"responsible_unit": "test.unit", "duty_grid": "test.grid"} {
		layer := run(t, e, "indicator", map[string]string{"indicator": of, "from": "2024-01", "to": "2024-02"})
		if diff := cmp.Diff(want[level], valuesOf(t, layer)); diff != "" {
			t.Errorf("%s (-by hand +layer):\n%s", level, diff)
		}
		if got := analysistest.Item(t, layer, "value"); got != 200.0 {
			t.Errorf("%s: %v facts in all, want 200", level, got)
		}
	}
	if _, err := e.Run(t.Context(), "indicator", map[string]string{"indicator": "test.unit", "level": "street"}); err == nil || !strings.Contains(err.Error(), "is declared for district only") {
		t.Errorf("a level that is not declared: error %v", err)
	}
	layer := run(t, e, "indicator", map[string]string{"indicator": "test.unit", "level": "responsible_unit", "within": "D1", "from": "2024-01", "to": "2024-02"})
	inside := 0.0
	for _, r := range rows {
		if p, ok := r["point"].(orb.Point); ok && strings.HasPrefix(code(p), "D1") {
			inside++
		}
	}
	if got := analysistest.Item(t, layer, "n"); got != int64(inside) {
		t.Errorf("within D1 there are %v facts, want %v", got, inside)
	}
}
