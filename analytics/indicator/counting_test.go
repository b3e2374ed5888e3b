package indicator

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
)

const (
	testRows  = 5
	normal975 = 1.959963984540054 // the normal quantile of 0.975 (R: qnorm(0.975))
)

// about compares numbers to nine digits.
var about = cmpopts.EquateApprox(1e-9, 1e-12)

// reportedInMarch says whether a case is of March and known on its 20th day.
func reportedInMarch(f fact) bool {
	at := f.when("reported_at")
	return !at.Before(on(0)) && at.Before(on(31)) && !at.After(on(20))
}

func inspectedInMarch(f fact) bool {
	at := f.when("inspected_at")
	return !at.Before(on(0)) && at.Before(on(31)) && !at.After(on(20))
}

func kept(list []fact, keep func(fact) bool) []fact {
	return slices.DeleteFunc(slices.Clone(list), func(f fact) bool { return !keep(f) })
}

// wilsonByHand is equation 4 of Wilson (1927), written out.
func wilsonByHand(p, n float64) (low, high float64) {
	const z = normal975
	centre, spread := p+z*z/(2*n), z*math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	return (centre - spread) / (1 + z*z/n), (centre + spread) / (1 + z*z/n)
}

// A tally of a row made by hand; nil is no value.
type byHand struct {
	n                int64
	value, low, high any
}

// compare holds the columns of a layer, and its summary, against what was
// counted of the facts of each row, and of all of them in the last place.
func compare(t *testing.T, c *Compiled, source facts, want func(row int, list []fact) byHand) {
	t.Helper()
	frame := districts(testRows)
	layer := layerOf(t, c, march(t, nil), frame, source)
	columns := map[string][]any{}
	for _, name := range []string{"value", "low", "high"} {
		columns[name] = append(floats(t, layer, name), analysistest.Item(t, layer, name))
	}
	n := append(slices.Clone(analysistest.Column(t, layer, "n").Ints), analysistest.Item(t, layer, "n").(int64))
	for row, list := range groups(testRows, source.list) {
		if row == testRows {
			list = source.list
		}
		w := want(row, list)
		got := byHand{n[row], columns["value"][row], columns["low"][row], columns["high"][row]}
		if diff := cmp.Diff(w, got, about, cmp.AllowUnexported(byHand{})); diff != "" {
			t.Errorf("row %d of %d facts (-by hand +layer):\n%s", row, len(list), diff)
		}
	}
}

func share(x, n float64) byHand {
	if n == 0 {
		return byHand{}
	}
	low, high := wilsonByHand(x/n, n)
	return byHand{int64(n), x / n, low, high}
}

func TestRatioAgainstCounting(t *testing.T) {
	source := muddled(1, testRows).incidents(3000)
	c := compiled(t, define(t, `
kind: ratio
where: "category <> 'advice'"
numerator: "satisfaction IN ('satisfied', 'basic')"
denominator: "callback_valid = 'yes' AND status <> 'void'"
`))
	asked := func(f fact) bool {
		return reportedInMarch(f) && f.text("category") != "" && f.text("category") != "advice" && f.text("callback_valid") == "yes" && f.text("status") != "void"
	}
	compare(t, c, source, func(_ int, list []fact) byHand {
		list = kept(list, asked)
		good := kept(list, func(f fact) bool { return f.text("satisfaction") == "satisfied" || f.text("satisfaction") == "basic" })
		return share(float64(len(good)), float64(len(list)))
	})
}

// TestWeightedRatioAgainstCounting has the satisfaction rate of Beijing's 12345:
// basically satisfied counts nine tenths. Its conditions overlap: a fact counts
// by the first that it meets.
func TestWeightedRatioAgainstCounting(t *testing.T) {
	source := muddled(2, testRows).incidents(3000)
	c := compiled(t, define(t, `
kind: ratio
numerator: [{where: "satisfaction = 'satisfied'", weight: 1}, {where: "satisfaction IN ('satisfied', 'basic')", weight: 0.9}, {where: all, weight: 0}]
denominator: "callback_valid = 'yes'"
`))
	compare(t, c, source, func(_ int, list []fact) byHand {
		sum, n := 0.0, 0.0
		for _, f := range kept(list, reportedInMarch) {
			if f.text("callback_valid") != "yes" {
				continue
			}
			n++
			sum += map[string]float64{"satisfied": 1, "basic": 0.9}[f.text("satisfaction")]
		}
		return share(sum, n)
	})
}

// TestPopulationsAsRatio counts open cases of all but the void.
func TestPopulationsAsRatio(t *testing.T) {
	source := muddled(3, testRows).incidents(3000)
	c := compiled(t, define(t, "kind: ratio\nnumerator: open\n"))
	compare(t, c, source, func(_ int, list []fact) byHand {
		open, n := 0.0, 0.0
		for _, f := range kept(list, reportedInMarch) {
			if f.text("status") == "void" {
				continue
			}
			n++
			closed, dated := f.when("closed_at"), !f.when("closed_at").IsZero()
			switch {
			case dated && !closed.After(on(20)), !dated && f.text("status") == "closed":
			default:
				open++
			}
		}
		return share(open, n)
	})
}

// garwood returns the interval of a count by a search for the Poisson means
// whose tails are 2.5 % each (Garwood 1936), with sums of probabilities.
func garwood(n int) (low, high float64) {
	atMost := func(k int, mean float64) float64 {
		sum, term := 0.0, math.Exp(-mean)
		for i := range k + 1 {
			sum += term
			term *= mean / float64(i+1)
		}
		return sum
	}
	search := func(rises func(mean float64) bool) float64 {
		lo, hi := 0.0, float64(n)+10*math.Sqrt(float64(n))+20
		for range 200 {
			if mid := (lo + hi) / 2; rises(mid) {
				hi = mid
			} else {
				lo = mid
			}
		}
		return lo
	}
	if n > 0 {
		low = search(func(mean float64) bool { return 1-atMost(n-1, mean) >= 0.025 })
	}
	return low, search(func(mean float64) bool { return atMost(n, mean) <= 0.025 })
}

func TestCountsAgainstCounting(t *testing.T) {
	source := muddled(4, testRows).incidents(1500)
	counted := func(f fact) bool { return reportedInMarch(f) && f.text("category") == "noise" }
	frame := districts(testRows)
	for kind, exposure := range map[string]func(row int) float64{
		"kind: count":              func(int) float64 { return 1 },
		"kind: density\nper: 10":   func(row int) float64 { return frame.SquareKm[row] / 10 },
		"kind: per_capita\nper: 1": func(row int) float64 { return float64(frame.Communities[row].Population) },
	} {
		c := compiled(t, define(t, kind+"\nnumerator: \"category = 'noise'\"\n"))
		layer := layerOf(t, c, march(t, nil), frame, source)
		for row, list := range groups(testRows, source.list)[:testRows] {
			n := len(kept(list, counted))
			low, high := garwood(n)
			by := exposure(row)
			want := []any{float64(n) / by, low / by, high / by}
			if c.Kind == perCapitaKind && !frame.Communities[row].HasPopulation {
				want = []any{nil, nil, nil}
			}
			got := []any{floats(t, layer, "value")[row], floats(t, layer, "low")[row], floats(t, layer, "high")[row]}
			if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-7, 1e-9)); diff != "" {
				t.Errorf("%s, row %d (-by hand +layer):\n%s", kind, row, diff)
			}
		}
	}
}

// TestNobodyLooked: where nothing was inspected nothing is known, and the policy
// that the definition declares says what it scores. Two inspections that found
// nothing are something else.
func TestNobodyLooked(t *testing.T) {
	source := facts{dataset: data.Inspections, list: []fact{
		{"community": "c001", "inspected_at": on(2), "found": int64(0)},
		{"community": "c001", "inspected_at": on(3), "found": int64(0)},
		{"community": "c002", "inspected_at": on(2), "found": int64(3)},
		{"community": "c003", "inspected_at": on(2)},
	}}
	f := func(empty string, nothing any) {
		t.Helper()
		c := compiled(t, define(t, "kind: count\ndataset: inspections\nmeasure: found\ndirection: lower\nscoring: {type: deduct, max: 10, per: 0.5}\nempty: "+empty+"\n"))
		layer := layerOf(t, c, march(t, nil), districts(4), source)
		if diff := cmp.Diff([]any{nil, 0.0, 3.0, nil}, floats(t, layer, "value")); diff != "" {
			t.Errorf("values (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]any{nothing, 10.0, 8.5, nothing}, floats(t, layer, "score")); diff != "" {
			t.Errorf("empty: %s (-want +got):\n%s", empty, diff)
		}
	}
	f("no_data", nil)
	f("zero", 0.0)
	f("full", 10.0)
}

func TestSumsOfWhatWasFound(t *testing.T) {
	source := muddled(5, testRows).inspections(2000)
	c := compiled(t, define(t, "kind: count\ndataset: inspections\nnumerator: \"result = 'fail'\"\nmeasure: found\ndirection: lower\n"))
	compare(t, c, source, func(_ int, list []fact) byHand {
		var found, n int64
		for _, f := range kept(list, inspectedInMarch) {
			if f.text("result") == "fail" {
				n, found = n+1, found+f["found"].(int64)
			}
		}
		return byHand{n, float64(found), float64(found), float64(found)}
	})
}

func TestRecurrenceAgainstCounting(t *testing.T) {
	source := muddled(6, testRows).inspections(1000)
	for atLeast, text := range map[int]string{2: "", 3: "at_least: 3\n"} {
		c := compiled(t, define(t, "kind: recurrence\ndataset: inspections\nsubject: [point, item]\nnumerator: \"result = 'fail'\"\n"+text))
		compare(t, c, source, func(row int, list []fact) byHand {
			times := map[string]int{}
			for _, f := range kept(list, inspectedInMarch) {
				inRow := row < testRows || slices.Contains([]string{"c000", "c001", "c002", "c003", "c004"}, f.text("community"))
				if f.text("result") == "fail" && f.text("point") != "" && f.text("item") != "" && inRow {
					times[f.text("point")+"/"+f.text("item")]++
				}
			}
			again := 0
			for _, n := range times {
				if n >= atLeast {
					again++
				}
			}
			return share(float64(again), float64(len(times)))
		})
	}
}

func TestDocumentsAgainstCounting(t *testing.T) {
	source := muddled(7, testRows).inspections(60)
	c := compiled(t, define(t, "kind: document\nitems: [{document: plan, weight: 3}, {document: report}, {document: unheard}]\n"))
	compare(t, c, source, func(_ int, list []fact) byHand {
		approved := map[string]bool{}
		list = kept(list, inspectedInMarch)
		for _, f := range list {
			approved[f.text("item")] = approved[f.text("item")] || f.text("result") == "pass"
		}
		if len(list) == 0 {
			return byHand{}
		}
		got := 0.0
		if approved["plan"] {
			got += 3
		}
		if approved["report"] {
			got++
		}
		return byHand{int64(len(list)), got / 5, got / 5, got / 5}
	})
}

// TestPeriodsGoByWhatIsAsked counts the same cases by each event, and by noon
// to noon.
func TestPeriodsGoByWhatIsAsked(t *testing.T) {
	source := muddled(8, testRows).incidents(2000)
	noon := on(0).Add(-12 * time.Hour)
	for text, member := range map[string]func(f fact) bool{
		"{by: opened}": reportedInMarch,
		"{by: closed}": func(f fact) bool {
			at := f.when("closed_at")
			return !f.when("reported_at").After(on(20)) && !at.Before(on(0)) && !at.After(on(20))
		},
		"{by: due}": reportedInMarch, // without a limit there is no deadline
		"{by: due_at}": func(f fact) bool {
			at := f.when("due_at")
			return !f.when("reported_at").After(on(20)) && !at.Before(on(0)) && at.Before(on(31))
		},
	} {
		c := compiled(t, define(t, "kind: count\nnumerator: \"category IS NOT NULL\"\nperiod: "+text+"\n"))
		layer := layerOf(t, c, march(t, nil), districts(testRows), source)
		want := int64(len(kept(source.list, func(f fact) bool { return member(f) && f.text("category") != "" })))
		if got := analysistest.Item(t, layer, "n"); got != want {
			t.Errorf("period %s has %v facts, want %d", text, got, want)
		}
	}
	c := compiled(t, define(t, "kind: count\nperiod: {by: opened, day_cut: \"12:00\", day_named: end}\n"))
	r := march(t, map[string]string{Named: "2024-03"})
	from, to, err := AnalysisOf(c).Window(r.Params, analytics.Vantage{AsOf: r.AsOf, Last: r.AsOf, Now: r.AsOf})
	if err != nil || !from.Equal(noon) || !to.Equal(on(31).Add(-12*time.Hour)) {
		t.Errorf("March from noon to noon is %v to %v, error %v", from, to, err)
	}
}

// TestRowsAddUpToAll: what is in the rows, elsewhere and nowhere is what the
// summary tells.
func TestRowsAddUpToAll(t *testing.T) {
	source := muddled(9, testRows).incidents(1000)
	c := compiled(t, define(t, "kind: count\n"))
	layer := layerOf(t, c, march(t, nil), districts(testRows), source)
	inRows := 0.0
	for _, x := range floats(t, layer, "value") {
		inRows += x.(float64)
	}
	beyond := 0
	for _, f := range groups(testRows, source.list)[testRows] {
		if reportedInMarch(f) && f.text("status") != data.StatusVoid {
			beyond++
		}
	}
	if got := fmt.Sprint(analysistest.Item(t, layer, "value")); got != fmt.Sprint(inRows+float64(beyond)) || beyond == 0 {
		t.Errorf("summary tells %s, rows have %v and %d are beyond", got, inRows, beyond)
	}
}
