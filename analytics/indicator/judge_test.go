package indicator

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// TestJudge goes round a target: a bound that lies on it counts for who is
// judged, in either direction.
func TestJudge(t *testing.T) {
	f := func(low, high float64, atLeast, atMost string) {
		t.Helper()
		e := Estimate{Low: low, High: high, HasLow: !math.IsNaN(low), HasHigh: !math.IsNaN(high)}
		if got := Judge(e, 0.5, false); got != atLeast {
			t.Errorf("%v to %v is %s to at least 0.5, want %s", low, high, got, atLeast)
		}
		if got := Judge(e, 0.5, true); got != atMost {
			t.Errorf("%v to %v is %s to at most 0.5, want %s", low, high, got, atMost)
		}
	}
	above, below, unknown := math.Nextafter(0.5, 1), math.Nextafter(0.5, 0), math.NaN()
	f(0.6, 0.7, Compliant, NonCompliant)
	f(0.3, 0.4, NonCompliant, Compliant)
	f(0.4, 0.6, Undetermined, Undetermined)
	f(0.5, 0.6, Compliant, Undetermined)
	f(0.4, 0.5, Undetermined, Compliant)
	f(above, 0.6, Compliant, NonCompliant)
	f(0.4, below, NonCompliant, Compliant)
	f(0.5, 0.5, Compliant, Compliant)
	f(unknown, unknown, Undetermined, Undetermined)
	f(0.5, unknown, Compliant, Undetermined)
	f(above, unknown, Compliant, NonCompliant)
	f(unknown, below, NonCompliant, Compliant)
}

// answers makes facts of rows: so many satisfied of so many.
func answers(counts ...[2]int) facts {
	source := facts{dataset: data.Incidents}
	for row, of := range counts {
		for i := range of[1] {
			f := fact{"community": rowCode(row), "status": "closed", "reported_at": on(3), "satisfaction": "dissatisfied"}
			if i < of[0] {
				f["satisfaction"] = "satisfied"
			}
			source.list = append(source.list, f)
		}
	}
	return source
}

const satisfied = "kind: ratio\nnumerator: \"satisfaction = 'satisfied'\"\ndenominator: all\n"

// TestStatusOfRows has the Wilson intervals of 9 of 10 (0.596 to 0.982), 190 of
// 200 (0.910 to 0.973), 2 of 2 (0.342 to 1) and 0 of 30 (0 to 0.114).
func TestStatusOfRows(t *testing.T) {
	source := answers([2]int{9, 10}, [2]int{190, 200}, [2]int{2, 2}, [2]int{0, 0}, [2]int{0, 30})
	f := func(text string, want ...string) {
		t.Helper()
		layer := layerOf(t, compiled(t, define(t, satisfied+text)), march(t, nil), districts(5), source)
		if got := analysistest.Column(t, layer, "status").Words; !slices.Equal(got, want) {
			t.Errorf("%s: status %q, want %q", text, got, want)
		}
	}
	f("target: {op: \">=\", value: 0.9}\nmin_n: 3\n", Undetermined, Compliant, Insufficient, "", NonCompliant)
	f("target: {op: \">=\", value: 0.3}\nmin_n: 2\n", Compliant, Compliant, Compliant, "", NonCompliant)
	f("target: {op: \"<=\", value: 0.2}\nmin_n: 11\n", Insufficient, NonCompliant, Insufficient, "", Compliant)
	f("target: {op: \">=\", value: 0.9, by: community, table: {c000: 0.5, c004: 0}}\n", Compliant, Compliant, Undetermined, "", Compliant)
	f("", "", "", "", "", "")
}

// TestRanks: equal values share a rank, rows with too few facts are listed and
// not ranked, and those without facts are neither.
func TestRanks(t *testing.T) {
	source := answers([2]int{9, 10}, [2]int{18, 20}, [2]int{1, 2}, [2]int{0, 0}, [2]int{30, 30}, [2]int{3, 10})
	f := func(text string, want ...int64) {
		t.Helper()
		layer := layerOf(t, compiled(t, define(t, satisfied+"min_n: 5\n"+text)), march(t, nil), districts(6), source)
		if got := analysistest.Column(t, layer, "rank").Ints; !slices.Equal(got, want) {
			t.Errorf("%s: ranks %v, want %v", text, got, want)
		}
		ranked := analysistest.Column(t, layer, "ranked")
		if !ranked.Has(2) || ranked.Has(3) {
			t.Errorf("%s: rows with few facts have a value to rank by: %t, those with none: %t", text, ranked.Has(2), ranked.Has(3))
		}
	}
	f("smoothing: {method: none}\n", 2, 2, 0, 0, 1, 4)
	f("smoothing: {method: none}\ndirection: lower\n", 2, 2, 0, 0, 4, 1)
	f("direction: none\n", 0, 0, 0, 0, 0, 0)
	f("", 3, 2, 0, 0, 1, 4) // the more facts, the less the value is drawn to the middle
}

// TestRankedIsTheShrunkenShare as stats makes it, for all rows together.
func TestRankedIsTheShrunkenShare(t *testing.T) {
	source := answers([2]int{9, 10}, [2]int{18, 20}, [2]int{1, 2}, [2]int{30, 30}, [2]int{3, 10})
	layer := layerOf(t, compiled(t, define(t, satisfied)), march(t, nil), districts(5), source)
	want, err := stats.ShrinkShares([]int64{9, 18, 1, 30, 3}, []int64{10, 20, 2, 30, 10})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Estimate, analysistest.Column(t, layer, "ranked").Floats); diff != "" {
		t.Errorf("(-shrunken +layer):\n%s", diff)
	}
}

// TestCompositesRankBySmoothedItems: one satisfied answer is no better than five
// hundred, also when it is a part of something. The item alone weighs all, so the
// composite is ranked by just what the item is.
func TestCompositesRankBySmoothedItems(t *testing.T) {
	source := answers([2]int{1, 1}, [2]int{480, 500}, [2]int{300, 500}, [2]int{450, 500}, [2]int{350, 500})
	item := define(t, satisfied)
	whole := define(t, "code: test.whole\nkind: composite\nitems: [{indicator: "+item.Code+"}]\n")
	alone := layerOf(t, compiled(t, item), march(t, nil), districts(5), source)
	layer := layerOf(t, compiled(t, whole, item), march(t, nil), districts(5), source)
	if diff := cmp.Diff(floats(t, alone, "ranked"), floats(t, layer, "ranked"), about); diff != "" {
		t.Errorf("(-item +composite):\n%s", diff)
	}
	if ranks := analysistest.Column(t, layer, "rank").Ints; ranks[1] != 1 || ranks[0] < 2 {
		t.Errorf("ranks are %v, want the second row first", ranks)
	}
	if value := floats(t, layer, "value")[0]; value != 1.0 {
		t.Errorf("the value of the first row is %v, want 1 as it is", value)
	}
}

// TestNothingIsANumber: no cases are 0 cases, which is judged and ranked like any
// number of them. Garwood's interval of 0 goes to 3.69, of 10 from 4.80.
func TestNothingIsANumber(t *testing.T) {
	source := answers([2]int{0, 0}, [2]int{10, 10}, [2]int{1, 1})
	f := func(text string, status []string, ranks ...int64) {
		t.Helper()
		layer := layerOf(t, compiled(t, define(t, "direction: lower\nsmoothing: {method: none}\n"+text)), march(t, nil), districts(3), source)
		if got := analysistest.Column(t, layer, "status").Words; !slices.Equal(got, status) {
			t.Errorf("%s: status %q, want %q", text, got, status)
		}
		if got := analysistest.Column(t, layer, "rank").Ints; !slices.Equal(got, ranks) {
			t.Errorf("%s: ranks %v, want %v", text, got, ranks)
		}
	}
	f("kind: count\ntarget: {op: \"<=\", value: 4}\n", []string{Compliant, NonCompliant, Undetermined}, 1, 3, 2)
	f("kind: density\ntarget: {op: \"<=\", value: 4}\n", []string{Compliant, Undetermined, Compliant}, 1, 3, 2)
	f("kind: distinct\nsubject: [community]\ntarget: {op: \"<=\", value: 0}\n", []string{Compliant, NonCompliant, NonCompliant}, 1, 2, 2)
	f("kind: count\nmin_n: 2\ntarget: {op: \"<=\", value: 4}\n", []string{Insufficient, NonCompliant, Insufficient}, 0, 1, 0)
}

// TestMethodInWords: the layer names the interval and the estimate that it has,
// and not those of its kind.
func TestMethodInWords(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		layer := layerOf(t, compiled(t, define(t, text)), march(t, nil), districts(3), answers([2]int{9, 10}, [2]int{1, 2}, [2]int{3, 4}))
		value, ranked := floats(t, layer, "value"), floats(t, layer, "ranked")
		if smoothed := !cmp.Equal(value, ranked); smoothed == strings.Contains(want, "itself") {
			t.Errorf("%s: values %v are ranked by %v", text, value, ranked)
		}
		if !strings.HasSuffix(layer.Method, want+".") {
			t.Errorf("%s: method %q, want it to end in %q", text, layer.Method, want)
		}
	}
	const itself = "; ranked by the value itself"
	f(satisfied, "Interval at 0.95 by wilson; ranked by an empirical Bayes estimate with the area above as prior")
	f(satisfied+"interval: {method: jeffreys}\nsmoothing: {prior: all}\n", "Interval at 0.95 by jeffreys; ranked by an empirical Bayes estimate with the layer as prior")
	f(satisfied+"smoothing: {method: none}\n", "Interval at 0.95 by wilson"+itself)
	f("kind: ratio\nnumerator: [{where: \"satisfaction = 'satisfied'\", weight: 0.9}]\ninterval: {method: jeffreys}\n", "Interval at 0.95 by wilson"+itself)
	f("kind: share_within\nopen_policy: km\nclock: {limit: {within: 9 day}}\n", "Interval at 0.95 by greenwood"+itself)
	f("kind: density\nmeasure: reports\n", "Interval at 0.95"+itself)
}

// TestEmptyRows: what a row without facts scores is declared, also for shares
// without a scoring where a composite makes points of them. A value it has not.
func TestEmptyRows(t *testing.T) {
	source := answers([2]int{8, 10}, [2]int{0, 0})
	composite := define(t, "code: test.all\nkind: composite\nitems: [{indicator: test.one, weight: 60}, {indicator: test.other, weight: 40}]\n")
	other := define(t, "code: test.other\nkind: ratio\nnumerator: \"satisfaction = 'dissatisfied'\"\ndenominator: all\n")
	f := func(empty, scoring string, score any, points ...any) {
		t.Helper()
		one := define(t, satisfied+"empty: "+empty+"\n"+scoring)
		layer := layerOf(t, compiled(t, one), march(t, nil), districts(2), source)
		if got := floats(t, layer, "score")[1]; got != score || floats(t, layer, "value")[1] != nil {
			t.Errorf("empty: %s, %q: the row scores %v, want %v", empty, scoring, got, score)
		}
		made := layerOf(t, compiled(t, composite, one, other), march(t, nil), districts(2), source)
		if diff := cmp.Diff(points, floats(t, made, "value"), about); diff != "" {
			t.Errorf("empty: %s, %q, as an item (-want +got):\n%s", empty, scoring, diff)
		}
	}
	// 60 × 0.8 + 40 × 0.2 = 56. Without facts only the first item counts for
	// anything: 100 × 0, 1 or 0.8 of its 60 points.
	for _, scoring := range []string{"", "scoring: {type: linear, max: 20}\n"} {
		of := func(score float64) any {
			if scoring == "" {
				return nil
			}
			return 20 * score
		}
		f("no_data", scoring, nil, 56.0, nil)
		f("full", scoring, of(1), 56.0, 100.0)
		f("zero", scoring, of(0), 56.0, 0.0)
		f("neutral", scoring, of(0.8), 56.0, 80.0)
	}
}

// TestChanges holds the changes of shares, counts, means and scores against the
// tests of stats, on the facts of March, of February and of the March before.
func TestChanges(t *testing.T) {
	cases, found := facts{dataset: data.Incidents}, facts{dataset: data.Inspections}
	type sums struct {
		good, n int64
		scores  []float64
		days    float64 // of the period, as far as it was seen
	}
	periods := [3]sums{{days: 20}, {days: 29}, {days: 31}}
	for p, from := range []int{0, -29, -366} { // the 1st of March, of February and of March 2023
		for i := range 20 + 9*p {
			good := (i*7+p)%3 > 0
			f := fact{"community": "c000", "status": "closed", "reported_at": on(from + i%18), "satisfaction": "dissatisfied"}
			score := float64((i*i + p) % 9)
			if good {
				f["satisfaction"] = "satisfied"
				periods[p].good++
			}
			periods[p].n++
			periods[p].scores = append(periods[p].scores, score)
			cases.list = append(cases.list, f)
			found.list = append(found.list, fact{"community": "c000", "inspected_at": on(from + i%18), "score": score, "max_score": 8.0})
		}
	}
	sample := func(values []float64) (s stats.Sample) {
		s.N = int64(len(values))
		for _, x := range values {
			s.Mean += x / float64(len(values))
		}
		for _, x := range values {
			s.Variance += (x - s.Mean) * (x - s.Mean) / float64(len(values)-1)
		}
		return s
	}
	f := func(text string, source facts, value func(sums) float64, test func(before, now sums) (low, high, p any)) {
		t.Helper()
		layer := layerOf(t, compiled(t, define(t, text)), march(t, map[string]string{Changes: "true"}), districts(1), source)
		now := periods[0]
		low, high, p := test(periods[1], now)
		_, _, yearP := test(periods[2], now)
		want := []any{value(periods[1]), value(now) - value(periods[1]), low, high, p, value(periods[2]), value(now) - value(periods[2]), yearP}
		var got []any
		for _, name := range []string{"previous", "change", "change_low", "change_high", "change_p", "year_before", "year_change", "year_change_p"} {
			got = append(got, floats(t, layer, name)[0])
		}
		if diff := cmp.Diff(want, got, about); diff != "" {
			t.Errorf("%s (-stats +layer):\n%s", text, diff)
		}
	}
	f(satisfied, cases, func(s sums) float64 { return float64(s.good) / float64(s.n) }, func(before, now sums) (low, high, p any) {
		c, ok := stats.ShareChange(before.good, before.n, now.good, now.n, 0.95)
		return mustBe(t, ok, c.Interval.Low), c.Interval.High, c.P
	})
	f("kind: count\n", cases, func(s sums) float64 { return float64(s.n) }, func(before, now sums) (low, high, p any) {
		c, ok := stats.RateChange(before.n, before.days, now.n, now.days, 0.95)
		return nil, nil, mustBe(t, ok, c.P)
	})
	welch := func(scale float64) func(before, now sums) (low, high, p any) {
		return func(before, now sums) (low, high, p any) {
			c, ok := stats.MeanChange(sample(before.scores), sample(now.scores), 0.95)
			return mustBe(t, ok, c.Interval.Low) / scale, c.Interval.High / scale, c.P
		}
	}
	mean := func(s sums) float64 { return sample(s.scores).Mean }
	f("kind: mean\ndataset: inspections\nmeasure: score\n", found, mean, welch(1))
	// Every fact can give 8, so the ratio of sums is the mean by 8.
	f("kind: score\ndataset: inspections\nmeasure: score\nof: max_score\n", found, func(s sums) float64 { return mean(s) / 8 }, welch(8))
}

func mustBe(t *testing.T, ok bool, x float64) float64 {
	t.Helper()
	if !ok {
		t.Fatal("there is no test")
	}
	return x
}

// TestDigests tell every text from every other, and the parts of composites too.
func TestDigests(t *testing.T) {
	seen := map[string]string{}
	for _, text := range []string{satisfied, satisfied + "min_n: 2\n", satisfied + "description: x\n"} {
		one := define(t, text)
		made := compiled(t, define(t, "code: test.all\nkind: composite\nitems: [{indicator: test.one}]\n"), one)
		for _, c := range []*Compiled{compiled(t, one), made} {
			name := fmt.Sprint(c.ID(), text)
			if other, ok := seen[c.Digest()]; ok {
				t.Errorf("%s and %s have one digest", name, other)
			}
			seen[c.Digest()] = name
		}
	}
}
