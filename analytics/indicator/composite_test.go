package indicator

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
)

// itemsOf are three indicators of one campaign and what their items are.
func itemsOf(t *testing.T) []*Definition {
	const of = "dataset: inspections\nperiod: {by: inspected}\ndenominator: \"result <> 'na'\"\nkind: ratio\nnumerator: \"result = 'pass'\"\n"
	return []*Definition{
		define(t, "code: test.bins\nwhere: \"item = 'bins'\"\n"+of),
		define(t, "code: test.signs\nwhere: \"item = 'signs'\"\nscoring: {type: linear, max: 5, zero: 0.5, full: 1}\n"+of),
		define(t, "code: test.plan\nwhere: \"item = 'plan'\"\ntarget: {op: \">=\", value: 0.6}\nscoring: {type: pass_fail, max: 10}\n"+of),
	}
}

// checked makes inspections of rows: passed and all of bins, signs and plans.
func checked(rows ...[6]int) facts {
	source := facts{dataset: data.Inspections}
	for row, counts := range rows {
		for i, item := range []string{"bins", "signs", "plan"} {
			for n := range counts[2*i+1] {
				f := fact{"community": rowCode(row), "item": item, "inspected_at": on(2), "result": "fail"}
				if n < counts[2*i] {
					f["result"] = "pass"
				}
				source.list = append(source.list, f)
			}
		}
	}
	return source
}

// linearBack is the scoring of signs: nothing up to a half.
func linearBack(p float64) float64 { return min(1, max(0, (p-0.5)/0.5)) }

func passed(p float64) float64 {
	if p >= 0.6 {
		return 1
	}
	return 0
}

// TestCompositesByHand: the weights of items with data, or all; the interval
// joins the distances of items from their bounds, each by its scoring (Zou and
// Donner 2008, equation 8).
func TestCompositesByHand(t *testing.T) {
	rows := [][6]int{{8, 10, 9, 10, 7, 10}, {30, 40, 12, 20, 3, 10}, {5, 5, 0, 0, 6, 6}, {0, 0, 0, 0, 0, 0}, {0, 0, 0, 0, 0, 4}}
	weights := []float64{50, 30, 20}
	scores := []func(float64) float64{func(p float64) float64 { return p }, linearBack, passed}
	for _, over := range []string{"nonempty", "fixed"} {
		c := compiled(t, define(t, "code: test.all\nkind: composite\nover: "+over+
			"\nitems: [{indicator: test.bins, weight: 50}, {indicator: test.signs, weight: 30}, {indicator: test.plan, weight: 20}]\n"), itemsOf(t)...)
		layer := layerOf(t, c, march(t, nil), districts(len(rows)), checked(rows...))
		for row, counts := range rows {
			var got, below, above, of float64
			for i, score := range scores {
				x, n := float64(counts[2*i]), float64(counts[2*i+1])
				if n == 0 {
					continue
				}
				low, high := wilsonByHand(x/n, n)
				at := score(x / n)
				of += weights[i]
				got += weights[i] * at
				below += math.Pow(weights[i]*(at-score(low)), 2)
				above += math.Pow(weights[i]*(score(high)-at), 2)
			}
			if over == "fixed" && of > 0 {
				of = 100
			}
			want := []any{100 * got / of, 100 * max(0, got-math.Sqrt(below)) / of, 100 * min(1, (got+math.Sqrt(above))/of)}
			if of == 0 {
				want = []any{nil, nil, nil}
			}
			if diff := cmp.Diff(want, []any{floats(t, layer, "value")[row], floats(t, layer, "low")[row], floats(t, layer, "high")[row]}, about); diff != "" {
				t.Errorf("over %s, row %d (-by hand +layer):\n%s", over, row, diff)
			}
		}
		words := analysistest.Column(t, layer, "parts").Words
		if want := "test.bins 0.8; test.signs 0.8; test.plan 1"; words[0] != want {
			t.Errorf("parts are %q, want %q", words[0], want)
		}
		if reason := analysistest.Column(t, layer, "reason").Words[3]; reason != NothingScored {
			t.Errorf("a row without facts has the reason %q", reason)
		}
	}
}

// TestBonusGatesAndVetoes on a composite whose bins are all it is made of.
func TestBonusGatesAndVetoes(t *testing.T) {
	rows := [][6]int{{8, 10, 10, 10, 9, 10}, {8, 10, 10, 10, 2, 10}, {8, 10, 0, 0, 0, 0}, {8, 10, 8, 10, 0, 0}}
	f := func(text string, value []any, reason, status []string) {
		t.Helper()
		c := compiled(t, define(t, "code: test.all\nkind: composite\ntarget: {op: \">=\", value: 40}\n"+text), itemsOf(t)...)
		layer := layerOf(t, c, march(t, nil), districts(len(rows)), checked(rows...))
		if diff := cmp.Diff(value, floats(t, layer, "value"), about); diff != "" {
			t.Errorf("%s: value (-want +got):\n%s", text, diff)
		}
		if got := analysistest.Column(t, layer, "reason").Words; !slices.Equal(got, reason) {
			t.Errorf("%s: reasons %q, want %q", text, got, reason)
		}
		if got := analysistest.Column(t, layer, "status").Words; !slices.Equal(got, status) {
			t.Errorf("%s: status %q, want %q", text, got, status)
		}
	}
	plain, c, u, n := []string{"", "", "", ""}, Compliant, Undetermined, NonCompliant
	const bins = "items: [{indicator: test.bins, weight: 100}"
	// Bins are 80 of 100, from 49.0 to 94.3.
	f(bins+"]\n", []any{80.0, 80.0, 80.0, 80.0}, plain, []string{c, c, c, c})
	// Signs of 10 of 10 and of 8 of 10 are 1 and 0.6 of 20 points, 12 at most.
	f(bins+", {indicator: test.signs, weight: 20, bonus: true}]\nbonus_cap: 15\n", []any{95.0, 95.0, 80.0, 92.0}, plain, []string{c, c, c, c})
	f(bins+", {indicator: test.signs, weight: 20, bonus: true}]\n", []any{100.0, 100.0, 80.0, 92.0}, plain, []string{c, c, c, c})
	f(bins+"]\ngates: [{indicator: test.plan, op: \">=\", value: 0.9}]\n", []any{80.0, 80.0, 80.0, 80.0},
		[]string{"", GateClosed, GateUnknown, GateUnknown}, []string{c, n, u, u})
	f(bins+"]\nvetoes: [{indicator: test.plan, op: \"<=\", value: 0.2}]\n", []any{80.0, 0.0, 80.0, 80.0},
		[]string{"", Vetoed, "", ""}, []string{c, n, c, c})
	f(bins+"]\ngates: [{indicator: test.signs, op: \">=\", value: 0.9}, {indicator: test.plan, op: \">=\", value: 0.9}]\n", []any{80.0, 80.0, 80.0, 80.0},
		[]string{"", GateClosed, GateUnknown, GateClosed}, []string{c, n, u, n})
}

// TestJinniuByHand has the composite of a district's city management, as its
// vendor implements it: 处置率 × 30 + 按期处置率 × 20 + (1 − 返工率) × 20 +
// (1 − 超期待处置率) × 20 + (1 − 延期率) × 10, here 0.9, 0.8, 0.1, 0.05 and 0.2:
// 27 + 16 + 18 + 19 + 8 = 88.
func TestJinniuByHand(t *testing.T) {
	var list []*Definition
	text := "code: test.all\nkind: composite\nitems:\n"
	source := facts{dataset: data.Incidents}
	for i := range 100 {
		source.list = append(source.list, fact{"community": "c000", "status": "closed", "reported_at": on(1), "limit_amount": float64(i)})
	}
	for _, item := range []struct{ code, share, direction, weight string }{
		{"disposed", "90", "higher", "30"},
		{"in_time", "80", "higher", "20"},
		{"rework", "10", "lower", "20"},
		{"overdue", "5", "lower", "20"},
		{"extended", "20", "lower", "10"},
	} {
		list = append(list, define(t, "code: test."+item.code+"\nkind: ratio\nnumerator: \"limit_amount < "+item.share+
			"\"\ndenominator: all\nscoring: {type: linear, max: "+item.weight+"}\ndirection: "+item.direction+"\n"))
		text += "- {indicator: test." + item.code + ", weight: " + item.weight + "}\n"
	}
	layer := layerOf(t, compiled(t, define(t, text), list...), march(t, nil), districts(1), source)
	if diff := cmp.Diff([]any{88.0}, floats(t, layer, "value"), about); diff != "" {
		t.Errorf("(-by hand +layer):\n%s", diff)
	}
	if unit := analysistest.Column(t, layer, "value").Unit; unit != "points" {
		t.Errorf("the unit is %s", unit)
	}
}

// TestWhatCompositesRefuse names the field.
func TestWhatCompositesRefuse(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		_, err := Compile(define(t, "code: test.all\nkind: composite\n"+text), Surroundings{Library: NewLibrary(append(itemsOf(t),
			define(t, "code: test.count\nkind: count\n"), define(t, "code: test.loop\nkind: composite\nitems: [{indicator: test.loop}]\n")), nil)})
		if err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", text, err, want)
		}
	}
	f("items: [{indicator: test.bin}]\n", `test.all: items: indicator "test.bin": not found; did you mean test.bins?`)
	f("items: [{indicator: test.count}]\n", "test.all: items: test.count is in count and has no scoring: only shares can do without")
	f("items: [{indicator: test.loop}]\n", "test.all: items: test.loop: items: test.loop: items: test.loop is made of itself, or of too many layers of composites")
	f("items: [{indicator: test.bins}]\nvetoes: [{indicator: test.bins, op: \"<\", value: 1}]\n", `test.all: vetoes: op "<": want >= or <=`)
	f("items: [{indicator: test.bins}]\nvetoes: [{indicator: test.gone, op: \"<=\", value: 1}]\n", `test.all: vetoes: indicator "test.gone": not found; did you mean test.bins?`)
}

// TestCompositesOfComposites: five levels of ten items each would be a hundred
// thousand definitions to compile and to count for, of a file of 60 lines.
func TestCompositesOfComposites(t *testing.T) {
	others := itemsOf(t)[:1]
	below := "test.bins"
	nest := func(levels, items int) error {
		list := others
		for level := range levels {
			code := fmt.Sprintf("test.level_%d", level)
			item := fmt.Sprintf("{indicator: %s, weight: 1}", below)
			d := define(t, "code: "+code+"\nkind: composite\nscoring: {type: linear, max: 1, full: 9}\nitems: ["+strings.Join(slices.Repeat([]string{item}, items), ", ")+"]\n")
			list, below = append(list[:len(list):len(list)], d), code
		}
		_, err := Compile(list[len(list)-1], Surroundings{Library: NewLibrary(list, nil)})
		below = "test.bins"
		return err
	}
	f := func(levels, items int, want string) {
		t.Helper()
		if err := nest(levels, items); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%d levels of %d items: error %v, want %q", levels, items, err, want)
		}
	}
	f(1, 1000, "")
	f(7, 1, "")
	f(8, 1, "layers of composites")
	f(3, 10, "")
	f(5, 10, "made of more than 2000 definitions")
	f(2, 1000, "made of more than 2000 definitions")
}

// TestItemsWithoutWeight: an item weighs 1 unless it says otherwise, and one that
// says 0 weighs nothing.
func TestItemsWithoutWeight(t *testing.T) {
	f := func(weight string, want float64) {
		t.Helper()
		c := compiled(t, define(t, "code: test.all\nkind: composite\nitems: [{indicator: test.bins, weight: 1}, {indicator: test.signs"+weight+"}]\n"), itemsOf(t)...)
		layer := layerOf(t, c, march(t, nil), districts(1), checked([6]int{8, 10, 0, 10, 0, 0}))
		got, of := floats(t, layer, "numerator")[0].(float64), floats(t, layer, "denominator")[0].(float64)
		if math.Abs(got/of-want) > 1e-12 {
			t.Errorf("with signs%s: %v of %v points, want %v", weight, got, of, want)
		}
	}
	f("", 0.4)            // 0.8 of 2 points
	f(", weight: 3", 0.2) // 0.8 of 4 points
	f(", weight: 0", 0.8) // 0.8 of 1 point
}
