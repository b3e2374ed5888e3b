package response

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/civgrid/civgrid/analytics"
)

func TestDurationsAreToldAsPeopleSayThem(t *testing.T) {
	f := func(seconds float64, want string) {
		t.Helper()
		if got := Words(seconds); got != want {
			t.Errorf("Words(%v) = %q, want %q", seconds, got, want)
		}
	}
	f(0, "0 s")
	f(0.5, "0.5 s")
	f(4, "4 s")
	f(80, "80 s")
	f(119, "119 s")
	f(120, "2 min")
	f(240, "4 min")
	f(45*60, "45 min")
	f(119*60, "119 min")
	f(2*3600, "2 h")
	f(3.5*3600, "3.5 h")
	f(9.94*3600, "9.9 h")
	f(9.96*3600, "10 h")
	f(47*3600, "47 h")
	f(2*86400, "2 d")
	f(12*86400, "12 d")
	f(365*86400, "365 d")
	f(36525*86400, "36525 d")
}

func TestReadableTimes(t *testing.T) {
	f := func(seconds, want float64) {
		t.Helper()
		if got := readable(seconds); math.Abs(got-want) > 1e-6 {
			t.Errorf("readable(%v) = %v, want %v", seconds, got, want)
		}
	}
	f(0.04, 0)
	f(4.44, 4.4)
	f(83, 83)
	f(113, 110)
	f(119, 120)
	f(61*60+20, 61*60)
	f(7190, 7200)
	f(3.456*3600, 3.5*3600)
	f(47.8*3600, 48*3600)
	f(13.4*86400, 13*86400)
	f(367*86400, 370*86400)
}

// legendOf makes the legend of rows with these times, NaN for rows without.
func legendOf(times []float64) (analytics.Legend, analytics.Column) {
	c := analytics.Column{Name: "km_p90", Type: analytics.FloatColumn, Floats: times, Valid: make([]bool, len(times))}
	for row, x := range times {
		c.Valid[row] = !math.IsNaN(x)
	}
	return legend(&analytics.Layer{Columns: []analytics.Column{c}}), c
}

// TestLegendsOfAnyTimes draws times of every magnitude: every row must be of a
// class, breaks ascend, labels differ, and the first and last class not be
// empty.
func TestLegendsOfAnyTimes(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 3000 {
		times := make([]float64, rng.IntN(40))
		middle, spread := 20*rng.Float64(), 3*rng.Float64()
		for row := range times {
			switch rng.IntN(10) {
			case 0:
				times[row] = math.NaN()
			case 1:
				times[row] = math.Exp(middle) // a tie
			default:
				times[row] = math.Exp(middle + spread*rng.NormFloat64())
			}
		}
		before := slices.Clone(times)
		g, c := legendOf(times)
		if !slices.EqualFunc(before, times, func(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }) {
			t.Fatal("making a legend changed the values")
		}
		checkLegend(t, g, c)
	}
	checkFirstClass(t, nil, analytics.NoData)
	checkFirstClass(t, []float64{math.NaN()}, analytics.NoData)
	checkFirstClass(t, []float64{3600, 3600, 3600}, "class1")
	checkFirstClass(t, []float64{0, 0}, "class1")
}

func checkLegend(t *testing.T, g analytics.Legend, c analytics.Column) {
	t.Helper()
	rows := make([]int, len(g.Classes))
	for row := range c.Floats {
		i := g.Of(c, row)
		if i < 0 {
			t.Fatalf("%v of %v is of no class", c.Floats[row], c.Floats)
		}
		rows[i]++
	}
	labels := map[string]bool{}
	numbers := g.Classes[:len(g.Classes)-1]
	for i, class := range numbers {
		if labels[class.Label] {
			t.Fatalf("two classes of %v are labelled %q", c.Floats, class.Label)
		}
		labels[class.Label] = true
		if class.Low != nil && class.High != nil && *class.Low >= *class.High {
			t.Fatalf("class %q runs from %v to %v", class.Label, *class.Low, *class.High)
		}
		if (i == 0 || i == len(numbers)-1) && rows[i] == 0 {
			t.Fatalf("class %q of %v is empty", class.Label, c.Floats)
		}
	}
}

// checkFirstClass wants a legend whose first class has this key.
func checkFirstClass(t *testing.T, times []float64, key string) {
	t.Helper()
	g, c := legendOf(times)
	checkLegend(t, g, c)
	if g.Classes[0].Key != key || g.Classes[len(g.Classes)-1].Key != analytics.NoData {
		t.Errorf("legend of %v begins with class %q, want %q", times, g.Classes[0].Key, key)
	}
}

func TestLegendLabelsReadWell(t *testing.T) {
	var times []float64
	for hours := 1; hours <= 100; hours++ {
		times = append(times, float64(hours)*3600)
	}
	g, _ := legendOf(times)
	var labels []string
	for _, class := range g.Classes {
		labels = append(labels, class.Label)
	}
	want := []string{"under 21 h", "21 h to 41 h", "41 h to 2.5 d", "2.5 d to 3.4 d", "3.4 d or more", "Too few cases, or not to be told yet"}
	if !slices.Equal(labels, want) {
		t.Errorf("labels %q, want %q", labels, want)
	}
}
