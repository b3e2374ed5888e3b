package indicator

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
)

// waited returns the seconds that a closed case took on the clock of the office,
// counted half hour by half hour; ok is false for cases that are open or ended
// before they began.
func waited(f fact, asOf time.Time) (seconds float64, closed, ok bool) {
	r := rule{office: true, paused: true}
	start, stop := f.when("reported_at"), f.when("closed_at")
	closed = !stop.IsZero() && !stop.After(asOf)
	if !closed {
		stop = asOf
	}
	if f.text("status") == data.StatusVoid || f.text("status") == data.StatusClosed && f.when("closed_at").IsZero() || stop.Before(start) {
		return 0, closed, false
	}
	return 1800 * float64(r.counted(f, start, stop, asOf)), closed, true
}

const officeClock = "clock: {calendar: office, unit: work_hour, pauses: [suspended]}\n"

// TestQuantilesAgainstSorting: closed cases sorted, and the first time at which
// no more than a tenth are left by the product over single cases.
func TestQuantilesAgainstSorting(t *testing.T) {
	source := muddled(20, testRows).incidents(3000)
	for policy, quantile := range map[string]func(times []float64, closed []bool) any{
		"closed_only": func(times []float64, closed []bool) any {
			var done []float64
			for i, x := range times {
				if closed[i] {
					done = append(done, x)
				}
			}
			slices.Sort(done)
			return done[int(math.Ceil(0.6*float64(len(done))))-1]
		},
		"km": func(times []float64, closed []bool) any {
			for _, x := range slices.Sorted(slices.Values(times)) {
				if survivors(times, closed, x) <= 0.4 {
					return x
				}
			}
			return nil
		},
	} {
		c := compiled(t, define(t, "kind: quantile\nquantile: 0.6\nopen_policy: "+policy+"\ndirection: lower\n"+officeClock))
		got := floats(t, layerOf(t, c, march(t, nil), districts(testRows), source), "value")
		for row, list := range groups(testRows, source.list)[:testRows] {
			var times []float64
			var closed []bool
			for _, f := range kept(list, reportedInMarch) {
				if x, done, ok := waited(f, on(20)); ok {
					times, closed = append(times, x), append(closed, done)
				}
			}
			// The time of a bucket stands for those within half a percent.
			if diff := cmp.Diff(quantile(times, closed), got[row], cmpopts.EquateApprox(0.005, 0)); diff != "" {
				t.Errorf("%s, row %d of %d cases (-by hand +layer):\n%s", policy, row, len(times), diff)
			}
		}
	}
}

// meanByHand is the mean with the interval of Student (1908), from the quantile
// of his distribution for so many degrees of freedom.
func meanByHand(values []float64, student func(df int) float64) byHand {
	n := float64(len(values))
	sum, squares := 0.0, 0.0
	for _, x := range values {
		sum += x
	}
	for _, x := range values {
		squares += (x - sum/n) * (x - sum/n)
	}
	half := student(len(values)-1) * math.Sqrt(squares/(n-1)/n)
	return byHand{int64(len(values)), sum / n, sum/n - half, sum/n + half}
}

// student975 is the 0.975 quantile of Student's distribution by the expansion of
// Cornish and Fisher (Abramowitz and Stegun 1964, 26.7.5), good to six digits
// from 30 degrees of freedom on.
func student975(df int) float64 {
	const z = normal975
	v := float64(df)
	return z + (z*z*z+z)/(4*v) + (5*math.Pow(z, 5)+16*z*z*z+3*z)/(96*v*v) +
		(3*math.Pow(z, 7)+19*math.Pow(z, 5)+17*z*z*z-15*z)/(384*v*v*v)
}

func TestMeansAgainstSums(t *testing.T) {
	cases, found := muddled(21, testRows).incidents(3000), muddled(22, testRows).inspections(2000)
	f := func(source facts, text string, of func(f fact) (float64, bool)) {
		t.Helper()
		c := compiled(t, define(t, "kind: mean\n"+text))
		frame := districts(testRows)
		layer := layerOf(t, c, march(t, nil), frame, source)
		for row, list := range groups(testRows, source.list)[:testRows] {
			var values []float64
			for _, one := range list {
				if x, ok := of(one); ok {
					values = append(values, x)
				}
			}
			got := byHand{0, floats(t, layer, "value")[row], floats(t, layer, "low")[row], floats(t, layer, "high")[row]}
			want := meanByHand(values, student975)
			want.n = 0
			if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-6, 0), cmp.AllowUnexported(byHand{})); diff != "" {
				t.Errorf("%s, row %d of %d facts (-by hand +layer):\n%s", text, row, len(values), diff)
			}
		}
	}
	f(cases, "measure: elapsed\n"+officeClock, func(f fact) (float64, bool) {
		x, closed, ok := waited(f, on(20))
		return x, ok && closed && reportedInMarch(f)
	})
	f(cases, "measure: reports\nnumerator: \"category = 'noise'\"\n", func(f fact) (float64, bool) {
		return float64(f["reports"].(int64)), reportedInMarch(f) && f.text("category") == "noise"
	})
	f(cases, "measure: limit_amount\n", func(f fact) (float64, bool) {
		return f["limit_amount"].(float64), reportedInMarch(f) && f.text("status") != data.StatusVoid
	})
	f(found, "dataset: inspections\nmeasure: score\n", func(f fact) (float64, bool) {
		x, ok := f["score"].(float64)
		return x, ok && inspectedInMarch(f)
	})
}

// spreadOf makes a fact of each value and returns the value, low and high of
// their mean.
func spreadOf(t *testing.T, column string, of func(i int) any) []any {
	t.Helper()
	source := facts{dataset: data.Incidents}
	for i := range 400 {
		f := fact{"community": "c000", "status": "closed", "reported_at": on(1)}
		if at, ok := of(i).(time.Duration); ok {
			f["closed_at"] = on(1).Add(at)
		} else {
			f[column] = of(i)
		}
		source.list = append(source.list, f)
	}
	text := "kind: mean\nmeasure: " + column + "\n"
	if column == elapsedMeasure {
		text += "clock: {}\n"
	}
	layer := layerOf(t, compiled(t, define(t, text)), march(t, nil), districts(1), source)
	return []any{floats(t, layer, "value")[0], floats(t, layer, "low")[0], floats(t, layer, "high")[0]}
}

// TestSpreadIsKeptAtAnySize: half of the values are 1 above the rest. The
// standard deviation is 0.5 to within 400/399 and the mean stands anywhere:
// turnout times of a minute and waits of weeks, hundredths and billions.
func TestSpreadIsKeptAtAnySize(t *testing.T) {
	half := student975(399) * 0.5 * math.Sqrt(400.0/399/400)
	f := func(column string, least, unit float64, of func(i int) any) {
		t.Helper()
		middle := least + unit/2
		want := []any{middle, middle - unit*half, middle + unit*half}
		if diff := cmp.Diff(want, spreadOf(t, column, of), cmpopts.EquateApprox(0, 1e-6*unit)); diff != "" {
			t.Errorf("%s from %v (-by hand +layer):\n%s", column, least, diff)
		}
	}
	for _, least := range []time.Duration{0, 80 * time.Second, 20 * time.Hour, 400 * time.Hour} {
		f(elapsedMeasure, least.Seconds(), 1, func(i int) any { return least + time.Duration(i%2)*time.Second })
	}
	for _, least := range []float64{0, 0.03125, 1 << 20, 1 << 32} {
		f("limit_amount", least, 0.03125, func(i int) any { return least + 0.03125*float64(i%2) })
	}
	for _, least := range []int64{-3, 7, 1 << 30} {
		f("reports", float64(least), 1, func(i int) any { return least + int64(i%2) })
	}
}

// TestWhatCannotBeAddedUp is an error that names the column.
func TestWhatCannotBeAddedUp(t *testing.T) {
	c := compiled(t, define(t, "kind: mean\nmeasure: limit_amount\n"))
	source := facts{dataset: data.Incidents, list: []fact{{"status": "open", "reported_at": on(1), "limit_amount": 1e300}}}
	_, err := tryLayer(t, c, march(t, nil), districts(1), source)
	if want := "limit_amount is 1e+300: numbers beyond 9e+12 cannot be added up"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

// TestScoresAgainstSums has the ratio of sums, Cochran's interval by the formula
// over single facts (1977, equation 6.13 without the finite population), and one
// by leaving out a fact at a time, which differs a little.
func TestScoresAgainstSums(t *testing.T) {
	source := muddled(23, testRows).inspections(2500)
	c := compiled(t, define(t, "kind: score\ndataset: inspections\nmeasure: score\nof: max_score\n"))
	compare(t, c, source, func(row int, list []fact) byHand {
		var got, could []float64
		for _, f := range kept(list, inspectedInMarch) {
			if x, ok := f["score"].(float64); ok {
				got, could = append(got, x), append(could, f["max_score"].(float64))
			}
		}
		sum := func(values []float64) (s float64) {
			for _, x := range values {
				s += x
			}
			return s
		}
		n, x, m := float64(len(got)), sum(got), sum(could)
		squares, jackknife := 0.0, 0.0
		for i := range got {
			d := got[i] - x/m*could[i]
			squares += d * d
			without := (x - got[i]) / (m - could[i])
			jackknife += (without - x/m) * (without - x/m)
		}
		half := normal975 * math.Sqrt(squares/(n-1)/n) / (m / n)
		if jack := normal975 * math.Sqrt((n-1)/n*jackknife); math.Abs(jack/half-1) > 0.02 {
			t.Errorf("row %d: half the interval is %v by Cochran and %v by the jackknife", row, half, jack)
		}
		return byHand{int64(len(got)), x / m, x/m - half, x/m + half}
	})
}

// TestScoresCoverTheTruth draws facts whose true ratio is known: nineteen of
// twenty intervals hold it.
func TestScoresCoverTheTruth(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	const rows, each = 400, 60
	source := facts{dataset: data.Inspections}
	for row := range rows {
		for range each {
			most := float64(1 + rng.IntN(10))
			source.list = append(source.list, fact{
				"community": rowCode(row), "inspected_at": on(3), "max_score": most, "score": most * (0.6 + 0.4*rng.Float64()),
			})
		}
	}
	c := compiled(t, define(t, "kind: score\ndataset: inspections\nmeasure: score\nof: max_score\n"))
	layer := layerOf(t, c, march(t, nil), districts(rows), source)
	low, high := floats(t, layer, "low"), floats(t, layer, "high")
	hold := 0
	for row := range rows {
		if low[row].(float64) <= 0.8 && high[row].(float64) >= 0.8 {
			hold++
		}
	}
	if share := float64(hold) / rows; share < 0.92 || share > 0.98 {
		t.Errorf("%.3f of the intervals hold the truth, want about 0.95", share)
	}
}

// TestMoreThanCouldBeGiven is a share of 1, and says of what.
func TestMoreThanCouldBeGiven(t *testing.T) {
	source := facts{dataset: data.Inspections}
	for i := range 3 {
		source.list = append(source.list, fact{"community": "c000", "inspected_at": on(3), "max_score": 2.0, "score": 2.5 + float64(i)})
	}
	layer := layerOf(t, compiled(t, define(t, "kind: score\ndataset: inspections\nmeasure: score\nof: max_score\n")), march(t, nil), districts(1), source)
	got := fmt.Sprint(floats(t, layer, "value"), floats(t, layer, "numerator"), floats(t, layer, "denominator"))
	if want := "[1] [10.5] [6]"; got != want {
		t.Errorf("value, numerator and denominator are %s, want %s", got, want)
	}
}

// TestRatesOfAllRows: what lies in no row is not held against the area and the
// inhabitants of the rows. Of 1 + 2 km² and 1000 + 2000 inhabitants, with 3 and 6
// cases, 90 lie elsewhere.
func TestRatesOfAllRows(t *testing.T) {
	source := facts{dataset: data.Incidents}
	for i := range 99 {
		f := fact{"reported_at": on(2), "status": "open"}
		if i < 9 {
			f["community"] = rowCode(min(i/3, 1))
		}
		source.list = append(source.list, f)
	}
	f := func(text string, n int64, value float64) {
		t.Helper()
		layer := layerOf(t, compiled(t, define(t, text)), march(t, nil), districts(2), source)
		if got := analysistest.Item(t, layer, "value"); !cmp.Equal(got, any(value), about) {
			t.Errorf("%s: %v in all, want %v", text, got, value)
		}
		if got := analysistest.Item(t, layer, "n"); got != n {
			t.Errorf("%s: %v facts in all, want %v", text, got, n)
		}
	}
	f("kind: count\n", 99, 99)
	f("kind: density\n", 9, 3)
	f("kind: per_capita\nper: 1000\n", 9, 3)
}
