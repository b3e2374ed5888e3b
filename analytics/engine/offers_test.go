package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/hotspot"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// definitionOf reads a definition of a count of cases.
func definitionOf(t *testing.T, code, more string) *indicator.Definition {
	t.Helper()
	file, err := indicator.Read(strings.NewReader("code: "+code+"\nversion: 1\nname: {en: Test, zh-Hans: 测试}\nkind: count\ndirection: none\nempty: no_data\nperiod: {by: opened, unit: month}\n"+more), nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Pack.Indicators[0]
}

func offersOf(t *testing.T, e *Engine) map[string]analytics.Offer {
	t.Helper()
	params, err := e.Params(t.Context(), indicator.Analysis)
	if err != nil {
		t.Fatal(err)
	}
	offers := map[string]analytics.Offer{}
	for _, p := range params {
		for _, o := range p.Offers {
			offers[o.Value] = o
		}
	}
	return offers
}

func TestOffersSayWhatIsLacking(t *testing.T) {
	e, _ := shanghai(t)
	offers := offersOf(t, e)
	f := func(code, lacks string) {
		t.Helper()
		if o, ok := offers[code]; !ok || o.Lacks != lacks || o.Names["zh-Hant"] == "" || o.Doc == "" {
			t.Errorf("%s is offered as %+v, want one that lacks %q", code, o, lacks)
		}
	}
	f("general.on_time", "")
	f("general.pass_share", "inspections")
	f("civilized_city.total", "inspections") // made of what is made of inspections
	f("hotline12345.composite", "")
	f("sdg11.public_space", "resources")
	if params, err := e.Params(t.Context(), hotspot.Analysis); err != nil || slices.ContainsFunc(params, func(p analytics.Param) bool { return p.Offers != nil }) {
		t.Errorf("hotspot offers indicators (%v)", err)
	}
}

// TestInternalIndicatorsAreNotFoundInPublic: a service answers as if there were
// none, whatever is asked of it; who has the store sees them.
func TestInternalIndicatorsAreNotFoundInPublic(t *testing.T) {
	inside, _ := shanghai(t)
	public := New(inside.store, Options{Public: true})
	const since = "effective: {from: 2024-01-01}\n"
	for _, d := range []*indicator.Definition{definitionOf(t, "mine.draft", since+"visibility: internal\n"), definitionOf(t, "mine.shown", since)} {
		if _, err := inside.Publish(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	for _, analysis := range []string{"indicator", "execution"} {
		run(t, inside, analysis, map[string]string{"indicator": "mine.draft", "level": "district"})
		run(t, public, analysis, map[string]string{"indicator": "mine.shown", "level": "district"})
		why := func(code string) string {
			_, err := public.Run(t.Context(), analysis, map[string]string{"indicator": code})
			var fault *analytics.ParamError
			if !errors.As(err, &fault) || fault.Name != "indicator" {
				t.Fatalf("%s of %s in public: error %v, want one about the indicator", analysis, code, err)
			}
			return fault.Why
		}
		if there, gone := why("mine.draft"), why("mine.other"); there != gone || strings.Contains(there, "draft") {
			t.Errorf("%s: an internal indicator is refused with %q, one there is not with %q", analysis, there, gone)
		}
	}
	if _, ok := offersOf(t, inside)["mine.draft"]; !ok {
		t.Error("who has the store is not offered what is internal")
	}
	offers := offersOf(t, public)
	if _, ok := offers["mine.draft"]; ok || offers["mine.shown"].Value == "" {
		t.Error("the public is offered what is internal, or not what is not")
	}
}

func TestAPeriodIsToldOnce(t *testing.T) {
	e, _ := shanghai(t)
	_, err := e.Run(t.Context(), "indicator", map[string]string{"period": "2024-03", "from": "2024-01-01"})
	var fault *analytics.ParamError
	if !errors.As(err, &fault) || fault.Name != "period" {
		t.Errorf("a name beside a date: %v, want an error about the period", err)
	}
}

// withResponsible appends a case that somebody answers for.
func withResponsible(t *testing.T, store data.Store, id, responsible string) {
	t.Helper()
	columns := store.Schema(data.Incidents)
	b := data.NewBuilder(columns)
	words := map[string]string{"source": "311", "id": id, "status": data.StatusOpen, "location": data.LocationNone, "responsible": responsible}
	for i, c := range columns {
		switch {
		case c.Name == "reported_at":
			b.SetInt(i, start.UnixMicro())
		case words[c.Name] != "":
			b.SetText(i, words[c.Name])
		default:
			b.Missing(i)
		}
	}
	if _, err := store.Append(t.Context(), data.Incidents, data.Chunk{}, b.Build()); err != nil {
		t.Fatal(err)
	}
}

func TestPartiesAreThoseThatFactsName(t *testing.T) {
	e, _ := shanghai(t)
	parties := func(d data.Dataset) string {
		levels, err := e.Parties(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		var words []string
		for _, l := range levels {
			words = append(words, string(l))
		}
		return strings.Join(words, " ")
	}
	if got := parties(data.Incidents); got != "" {
		t.Errorf("nobody answers for a fact, yet there are %s", got)
	}
	withResponsible(t, e.store, "r1", "Parks")
	if got := parties(data.Incidents); got != "responsible_unit" {
		t.Errorf("parties are %q, want responsible_unit", got)
	}
	if got := parties(data.Resources); got != "" {
		t.Errorf("resources, which do not say, have parties %q", got)
	}
	_, err := e.Run(t.Context(), "hotspot", map[string]string{"level": "responsible_unit"})
	var fault *analytics.ParamError
	if !errors.As(err, &fault) || fault.Name != "level" {
		t.Errorf("hot spots of those who answer: %v, want an error about the level", err)
	}
}

// TestEmptinessIsThatOfAllParts: a composite of which one part has no facts is
// not empty.
func TestEmptinessIsThatOfAllParts(t *testing.T) {
	e, _ := shanghai(t)
	item := func(code, where string) {
		if _, err := e.Publish(t.Context(), definitionOf(t, code, where+"\nscoring: {type: linear, max: 10, zero: 0, full: 1000}\n")); err != nil {
			t.Fatal(err)
		}
	}
	item("mine.none", "where: category = 'nothing'")
	item("mine.some", "where: category = 'noise'")
	text := "code: mine.both\nversion: 1\nname: {en: Both}\nkind: composite\nitems: [{indicator: mine.none}, {indicator: mine.some}]\ndirection: higher\nempty: no_data\nperiod: {by: opened, unit: month}\n"
	file, err := indicator.Read(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Publish(t.Context(), file.Pack.Indicators[0]); err != nil {
		t.Fatal(err)
	}
	layer := run(t, e, "indicator", map[string]string{"indicator": "mine.both", "level": "district", "period": "2024-03"})
	if slices.Contains(layer.Caveats, "No fact of the period meets the conditions.") {
		t.Errorf("a composite with facts is told to have none: %q", layer.Caveats)
	}
	layer = run(t, e, "indicator", map[string]string{"indicator": "mine.none", "level": "district", "period": "2024-03", "changes": "true"})
	if !slices.Contains(layer.Caveats, "No fact of the period meets the conditions.") {
		t.Errorf("an indicator without facts is not told to have none: %q", layer.Caveats)
	}
}
