package contrast

import (
	"context"
	"math"
	"math/big"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
)

var (
	april = analytics.Span{From: time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 5, 1, 0, 0, 0, 0, time.UTC)}
	march = analytics.Span{From: time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)}
)

// layerOf compares sides that are given: those of April with those of March, or the
// other way round.
func layerOf(t *testing.T, test analytics.Test, now, against analytics.Span, least int64, inApril, inMarch []analytics.Side) *analytics.Layer {
	t.Helper()
	a := analytics.Analysis{
		Name: "given", Title: "Given", Plan: func(analytics.Request, *analytics.Frame) ([]data.Rollup, error) { return nil, nil },
		Contrast: &analytics.Contrast{
			Test: test, Title: "Value", Unit: map[bool]string{true: "share"}[test == analytics.ShareTest],
			Least: func(analytics.Request) int64 { return least },
			Sides: func(_ context.Context, r analytics.Request, _ *analytics.Frame, _ []analytics.Tally) (rows []analytics.Side, all analytics.Side, err error) {
				from := inMarch
				if r.From.Equal(april.From) {
					from = inApril
				}
				return append(rows, from...), from[0], nil
			},
		},
	}
	frame := &analytics.Frame{Unit: analytics.CommunitiesOf(data.District), Communities: make([]data.Community, len(inApril))}
	r := analytics.Request{Unit: frame.Unit, From: now.From, To: now.To, Against: against, AsOf: april.To, Zone: time.UTC}
	d := Of(a)
	layer, err := d.Compute(t.Context(), r, frame, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, complaint := range analysistest.Complaints(d, frame, layer) {
		t.Error(complaint)
	}
	return layer
}

func column(t *testing.T, l *analytics.Layer, name string) analytics.Column {
	t.Helper()
	c, ok := l.Column(name)
	if !ok {
		t.Fatalf("there is no column %s", name)
	}
	return c
}

func share(hits, n int64) analytics.Side { return analytics.Side{Has: n > 0, Hits: hits, N: n} }

func rate(n int64, exposure float64) analytics.Side {
	return analytics.Side{Has: true, N: n, Exposure: exposure}
}

func mean(n int64, mean, variance float64) analytics.Side {
	return analytics.Side{Has: n > 0, N: n, Mean: mean, Variance: variance}
}

// TestPublishedShares holds examples of Newcombe (1998), table II, method 10, printed
// there to four digits, and p added up in rational arithmetic.
func TestPublishedShares(t *testing.T) {
	now := []analytics.Side{share(56, 70), share(9, 10), share(6, 7), share(5, 56), share(0, 10), share(10, 10)}
	before := []analytics.Side{share(48, 80), share(3, 10), share(2, 7), share(0, 29), share(0, 20), share(0, 20)}
	l := layerOf(t, analytics.ShareTest, april, march, 1, now, before)
	change, low, high, p := column(t, l, "change"), column(t, l, "change_low"), column(t, l, "change_high"), column(t, l, "p")
	for row, want := range [][2]float64{{0.0524, 0.3339}, {0.1705, 0.8090}, {0.0582, 0.8062}, {-0.0381, 0.1926}, {-0.1611, 0.2775}, {0.6791, 1}} {
		if math.Abs(low.Floats[row]-want[0]) > 5e-5 || math.Abs(high.Floats[row]-want[1]) > 5e-5 {
			t.Errorf("row %d: %.4f to %.4f, want %.4f", row, low.Floats[row], high.Floats[row], want)
		}
		if want := float64(now[row].Hits)/float64(now[row].N) - float64(before[row].Hits)/float64(before[row].N); change.Floats[row] != want {
			t.Errorf("row %d: change %v, want %v", row, change.Floats[row], want)
		}
		if want := fisher(before[row], now[row]); math.Abs(p.Floats[row]-want) > 1e-12 {
			t.Errorf("row %d: p %v, want %v", row, p.Floats[row], want)
		}
	}
}

// fisher adds up the tables that are at most as likely as the one given.
func fisher(a, b analytics.Side) float64 {
	hits, n := a.Hits+b.Hits, a.N+b.N
	ways := func(x int64) *big.Int {
		if x > a.N || hits-x > b.N || hits < x {
			return new(big.Int)
		}
		return new(big.Int).Mul(new(big.Int).Binomial(a.N, x), new(big.Int).Binomial(b.N, hits-x))
	}
	sum := new(big.Int)
	for x := range min(hits, a.N) + 1 {
		if w := ways(x); w.Cmp(ways(a.Hits)) <= 0 {
			sum.Add(sum, w)
		}
	}
	p, _ := new(big.Rat).SetFrac(sum, new(big.Int).Binomial(n, hits)).Float64()
	return p
}

// TestPublishedRates: months of 30 and 31 days, so that one report a day is no change.
// p is added up in rational arithmetic.
func TestPublishedRates(t *testing.T) {
	now, before := []int64{30, 40, 9, 0, 300}, []int64{31, 20, 0, 14, 250}
	var a, b []analytics.Side
	for row := range now {
		a, b = append(a, rate(now[row], 2)), append(b, rate(before[row], 2))
	}
	l := layerOf(t, analytics.RateTest, april, march, 1, a, b)
	value, change, p, ratio := column(t, l, "value"), column(t, l, "change"), column(t, l, "p"), column(t, l, "ratio")
	if math.Abs(change.Floats[0]) > 1e-12 || math.Abs(value.Floats[0]-15) > 1e-12 {
		t.Errorf("one a day on 2 km²: %v in 30 days, changed by %v; want 15, unchanged", value.Floats[0], change.Floats[0])
	}
	for row := range now {
		if want := twice(now[row], before[row], 30, 31); math.Abs(p.Floats[row]-want) > 1e-12 {
			t.Errorf("%d after %d: p %v, want %v", now[row], before[row], p.Floats[row], want)
		}
		if want := float64(now[row]) / 30 / (float64(before[row]) / 31); ratio.Has(row) != (before[row] > 0) || ratio.Has(row) && math.Abs(ratio.Floats[row]-want) > 1e-12 {
			t.Errorf("%d after %d: %v times as many, want %v", now[row], before[row], ratio.Floats[row], want)
		}
	}
}

// twice is twice the smaller binomial tail of x of x+y events in days of days+other.
func twice(x, y, days, other int64) float64 {
	hit, miss, all := big.NewInt(days), big.NewInt(other), big.NewInt(days+other)
	below, above, n := new(big.Int), new(big.Int), x+y
	for k := range n + 1 {
		term := new(big.Int).Binomial(n, k)
		term.Mul(term, new(big.Int).Exp(hit, big.NewInt(k), nil)).Mul(term, new(big.Int).Exp(miss, big.NewInt(n-k), nil))
		if k <= x {
			below.Add(below, term)
		}
		if k >= x {
			above.Add(above, term)
		}
	}
	if above.Cmp(below) < 0 {
		below = above
	}
	p, _ := new(big.Rat).SetFrac(below, new(big.Int).Exp(all, big.NewInt(n), nil)).Float64()
	return min(1, 2*p)
}

// TestWords: what is significant after adjustment is told by its direction, and what
// could not be is not tested and counts in no other row's q.
func TestWords(t *testing.T) {
	now := []analytics.Side{share(90, 100), share(50, 100), share(8, 9), share(0, 0), share(4, 40), share(0, 0)}
	before := []analytics.Side{share(50, 100), share(50, 100), share(1, 9), share(30, 40), share(32, 40), share(0, 0)}
	l := layerOf(t, analytics.ShareTest, april, march, 10, now, before)
	status, q, p, n := column(t, l, "status"), column(t, l, "q"), column(t, l, "p"), column(t, l, "n")
	want := []string{Increase, Unclear, Insufficient, Insufficient, Decrease, ""}
	if !reflect.DeepEqual(status.Words, want) || status.Has(5) {
		t.Errorf("statuses are %v, want %v", status.Words, want)
	}
	for row, tested := range []bool{true, true, false, false, true, false} {
		if q.Has(row) != tested || p.Has(row) != tested || !n.Has(row) {
			t.Errorf("row %d has q: %v, p: %v, n: %v; want %v, and n", row, q.Has(row), p.Has(row), n.Has(row), tested)
		}
	}
	if math.Abs(q.Floats[1]-1) > 1e-12 || math.Abs(q.Floats[0]-min(3*p.Floats[0]/2, 1)) > 1e-15 && math.Abs(q.Floats[0]-3*p.Floats[4]) > 1e-15 {
		t.Errorf("q is %v of p %v, want that of three tests", q.Floats, p.Floats)
	}
	if got := analysistest.Item(t, l, "tested"); got != int64(3) {
		t.Errorf("%v rows were tested, want 3", got)
	}
}

// TestFewEvents: six events in all could be a sign, if all were of one of two equal
// periods (2/64), five could not (2/32).
func TestFewEvents(t *testing.T) {
	j := judge{Contrast: &analytics.Contrast{Test: analytics.RateTest}, level: 0.95, least: 1}
	f := func(x, y int64, want bool) {
		t.Helper()
		if got := j.of(rate(x, 1), rate(y, 1)).tested; got != want {
			t.Errorf("%d and %d events: tested %v, want %v", x, y, got, want)
		}
	}
	f(3, 3, true)
	f(6, 0, true)
	f(5, 0, false)
	f(0, 0, false)
}

// TestSwappedPeriodsAreTheMirrorImage, to the last bit: the sign of every change turns,
// bounds change places, and p and q stay.
func TestSwappedPeriodsAreTheMirrorImage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	const rows = 500
	draw := map[analytics.Test]func() analytics.Side{
		analytics.ShareTest: func() analytics.Side { n := rng.Int64N(90); return share(rng.Int64N(n+1), n) },
		analytics.RateTest:  func() analytics.Side { return rate(rng.Int64N(60), 0.1+float64(rng.IntN(3))) },
		analytics.MeanTest:  func() analytics.Side { return mean(rng.Int64N(30), rng.NormFloat64(), rng.ExpFloat64()) },
	}
	for test, one := range draw {
		var a, b []analytics.Side
		for range rows {
			x, y := one(), one()
			if test == analytics.RateTest {
				y.Exposure = x.Exposure
			}
			a, b = append(a, x), append(b, y)
		}
		there, back := layerOf(t, test, april, march, 2, a, b), layerOf(t, test, march, april, 2, a, b)
		for _, names := range [][2]string{{"change", "change"}, {"change_low", "change_high"}, {"change_high", "change_low"}} {
			x, y := column(t, there, names[0]), column(t, back, names[1])
			for row := range rows {
				if x.Has(row) != y.Has(row) || x.Floats[row] != 0-y.Floats[row] || math.Signbit(x.Floats[row]) && x.Floats[row] == 0 {
					t.Fatalf("%s, row %d: %s %v, swapped %v", test, row, names[0], x.Floats[row], y.Floats[row])
				}
			}
		}
		for _, names := range [][2]string{{"p", "p"}, {"q", "q"}, {"value", "value_before"}, {"value_before", "value"}, {"n", "n_before"}} {
			x, y := column(t, there, names[0]), column(t, back, names[1])
			if !reflect.DeepEqual(x.Floats, y.Floats) || !reflect.DeepEqual(x.Ints, y.Ints) || !reflect.DeepEqual(x.Valid, y.Valid) {
				t.Errorf("%s: %s is not %s of the swapped periods", test, names[0], names[1])
			}
		}
		turned := map[string]string{Increase: Decrease, Decrease: Increase, Unclear: Unclear, Insufficient: Insufficient, "": ""}
		x, y := column(t, there, "status").Words, column(t, back, "status").Words
		seen := map[string]bool{}
		for row := range rows {
			if seen[x[row]] = true; turned[x[row]] != y[row] {
				t.Fatalf("%s, row %d is %q, swapped %q", test, row, x[row], y[row])
			}
		}
		if !seen[Increase] || !seen[Decrease] || !seen[Unclear] || !seen[Insufficient] {
			t.Errorf("%s: only %v were seen", test, seen)
		}
	}
}

func TestKnownPartOfAPeriod(t *testing.T) {
	r := analytics.Request{First: april.From.AddDate(0, 0, 9).Add(5 * time.Hour), AsOf: april.To.AddDate(0, 0, -2), Zone: time.UTC}
	if got, want := Known(r, april), (analytics.Span{From: april.From.AddDate(0, 0, 9), To: r.AsOf}); got != want {
		t.Errorf("of April %v is known, want %v", got, want)
	}
	if got := Known(r, march); !got.IsZero() {
		t.Errorf("of March %v is known, want nothing", got)
	}
}
