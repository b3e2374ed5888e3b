package hotspot

import (
	"context"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/geo"
)

// uneven draws a positive number for each row, like those of its neighbours: the
// exponential of normal numbers averaged over neighbours, six times.
func uneven(s study, rng *rand.Rand, sigma float64) []float64 {
	x := make([]float64, s.frame.Len())
	for row := range x {
		x[row] = rng.NormFloat64()
	}
	for range 6 {
		smooth := slices.Clone(x)
		for row := range x {
			around := s.frame.Neighbours.Of(row)
			for _, n := range around {
				smooth[row] += x[n]
			}
			smooth[row] /= float64(len(around) + 1)
		}
		x = smooth
	}
	squares := 0.0
	for _, v := range x {
		squares += v * v / float64(len(x))
	}
	for row := range x {
		x[row] = math.Exp(sigma * x[row] / math.Sqrt(squares))
	}
	return x
}

// many draws a number with a mean of any size.
func many(rng *rand.Rand, mean float64) (n int64) {
	for ; mean > 20; mean -= 20 {
		n += poisson(rng, 20)
	}
	return n + poisson(rng, mean)
}

// A city is a map of cases whose number differs from quarter to quarter, and the mix
// of their categories, but neither how many there are for each inhabitant or km², nor
// how many are late, nor how long they wait, save that each row may be better or worse
// than others as a whole (a factor of mean 1 and variance 1/2).
type city struct {
	study
	sizes, mix []float64
	differs    bool
	better     func(row int) float64 // the factor of planted rows
	rng        *rand.Rand
}

func newCity(t *testing.T, seed uint64, steps int, differs bool) city {
	s, rng := disk(t, steps), rand.New(rand.NewPCG(seed, 99))
	return city{s, uneven(s, rng, 1.2), uneven(s, rng, 1), differs, func(int) float64 { return 1 }, rng}
}

// cases draws the cases for a measure, mean being the mean number in a row of size 1.
func (c city) cases(measure string, mean float64) (kases []kase, people []int64) {
	people = make([]int64, c.frame.Len())
	for row, size := range c.sizes {
		people[row] = int64(size * 300_000)
		factor := c.better(row)
		if c.differs {
			factor *= gamma(c.rng, 2, 1)
		}
		expected := mean * size
		if measure == Rate || measure == Reports {
			expected *= factor
		}
		for range many(c.rng, expected) {
			kases = append(kases, c.one(row, measure, factor))
		}
	}
	return kases, people
}

func (c city) one(row int, measure string, factor float64) kase {
	hour := float64(time.Hour)
	k := kase{row: row, category: "quick", reported: began.Add(time.Duration(c.rng.IntN(2000)) * time.Hour)}
	late := 0.05
	if c.rng.Float64() < c.mix[row]/(1+c.mix[row]) {
		if k.category = "slow"; measure == Compliance {
			late = 0.3
		}
	}
	k.due, k.closed = k.reported.Add(48*time.Hour), k.reported.Add(47*time.Hour)
	switch {
	case measure == Wait: // half of them within 2.7 days, reported so lately that a fifth are open
		k.reported = began.AddDate(0, 6, 0).Add(-time.Duration(c.rng.IntN(480)) * time.Hour)
		k.closed = k.reported.Add(time.Duration(24 * factor * math.Exp(1+c.rng.NormFloat64()) * hour))
	case c.rng.Float64() < late*factor:
		k.closed = k.due.Add(time.Hour)
	}
	return k
}

// measured draws a city's cases and makes what is compared of them; reports are those
// of communities whose areas are the sizes.
func (c city) measured(t *testing.T, measure string, mean float64) (m *measured, f *analytics.Frame) {
	t.Helper()
	kases, people := c.cases(measure, mean)
	if measure == Reports {
		for row := range c.counts {
			c.counts[row] = 0
		}
		for _, k := range kases {
			c.counts[k.row]++
		}
		of := asCommunities(c.study, func(row int) float64 { return c.sizes[row] })
		return volumes(of.frame, of.counts), of.frame
	}
	keeping := Analysis
	keeping.Compute = func(ctx context.Context, r analytics.Request, f *analytics.Frame, tallies []analytics.Tally) (_ *analytics.Layer, err error) {
		m, err = measuredFrom(ctx, r, f, tallies)
		return nil, err
	}
	r := c.request(t, map[string]string{"measure": measure})
	r.From, r.To, r.AsOf, r.Zone = began, began.AddDate(1, 0, 0), began.AddDate(0, 6, 0), time.UTC
	analysistest.LayerOf(t, keeping, r, c.frame, sourceOf(c.frame, kases, people))
	return m, c.frame
}

// A verdict is the rows that a test finds at a false discovery rate of 5 %.
type verdict struct{ hot, cold []int }

func (v verdict) spoilt() int { return min(1, len(v.hot)+len(v.cold)) }

func verdictOf(t *testing.T, r result, p []float64) (v verdict) {
	t.Helper()
	q, err := stats.BenjaminiHochberg(p, r.tested)
	if err != nil {
		t.Fatal(err)
	}
	for row, ok := range r.tested {
		switch {
		case !ok || q[row] > 0.05:
		case r.local.Z[row] > 0:
			v.hot = append(v.hot, row)
		default:
			v.cold = append(v.cold, row)
		}
	}
	return v
}

// judge tests a measure as the analysis does, by permutation alone and by chance alone.
func (c city) judge(t *testing.T, m *measured, f *analytics.Frame) (both, permutation, chance verdict) {
	t.Helper()
	w, err := stats.NewWeights(f.Neighbours.Start, f.Neighbours.Rows, nil)
	if err != nil {
		t.Fatal(err)
	}
	doubted := m.chance
	m.chance = nil
	alone, err := try(t.Context(), c.request(t, nil), f, m, w)
	if err != nil {
		t.Fatal(err)
	}
	m.chance = doubted
	p := make([]float64, f.Len())
	for row := range p {
		neighbours, _ := w.Row(row)
		p[row] = m.chance.P(row, neighbours, m.valid, alone.local.Z[row] > 0)
	}
	permutation, chance = verdictOf(t, alone, alone.p), verdictOf(t, alone, p)
	alone.doubt(m, w)
	return verdictOf(t, alone, alone.p), permutation, chance
}

// TestUnevenNoiseHasNoSpots draws maps without a pattern whose rows rest on few cases
// here and on many there, alike by chance alone or differing beyond it. Of twenty no
// more than one may show anything, hot or cold. Either of the two tests alone
// would not keep that.
func TestUnevenNoiseHasNoSpots(t *testing.T) {
	maps, steps, most := 20, 9, 1
	switch {
	case testing.Short():
		maps, most = 5, 1
	case os.Getenv("CIVGRID_TEST_LONG") != "":
		maps, steps, most = 60, 11, 3
	}
	worstPermutation, worstChance := 0, 0
	for _, measure := range []string{Rate, Late, Compliance, Wait, Reports} {
		for _, differs := range []bool{false, true} {
			spoilt, byPermutation, byChance := 0, 0, 0
			for seed := range maps {
				c := newCity(t, uint64(seed), steps, differs)
				m, f := c.measured(t, measure, 10)
				both, permutation, chance := c.judge(t, m, f)
				spoilt += both.spoilt()
				byPermutation += permutation.spoilt()
				byChance += chance.spoilt()
			}
			t.Logf("%s, rows differ %t: of %d maps %d are spoilt; by permutation alone %d, by chance alone %d", measure, differs, maps, spoilt, byPermutation, byChance)
			if spoilt > most {
				t.Errorf("%s, rows differ %t: %d of %d maps of noise show spots, want at most %d", measure, differs, spoilt, maps, most)
			}
			worstPermutation, worstChance = max(worstPermutation, byPermutation), max(worstChance, byChance)
		}
	}
	if !testing.Short() && (worstPermutation <= 2*most || worstChance <= most) {
		t.Errorf("permutation alone spoils %d of %d maps at worst, chance alone %d: one test would do", worstPermutation, maps, worstChance)
	}
}

// TestPlantedQuartersAreFound makes a quarter of such a city worse than the rest by
// half, or late twice as often. To doubt the permutation costs next to nothing there.
func TestPlantedQuartersAreFound(t *testing.T) {
	for _, measure := range []string{Rate, Compliance, Wait} {
		cells, found, byPermutation, beyond := 0, 0, 0, 0
		for seed := range 3 {
			c := newCity(t, uint64(seed), 14, false)
			planted := map[geo.Cell]bool{}
			for _, cell := range c.frame.Cells[c.frame.Len()/2].Disk(4) {
				planted[cell] = true
			}
			c.better = func(row int) float64 {
				switch {
				case !planted[c.frame.Cells[row]]:
					return 1
				case measure == Compliance:
					return 2
				}
				return 1.5
			}
			m, f := c.measured(t, measure, 20)
			both, permutation, _ := c.judge(t, m, f)
			cells, byPermutation = cells+len(planted), byPermutation+len(permutation.hot)
			for _, row := range both.hot {
				if planted[c.frame.Cells[row]] {
					found++
				} else {
					beyond++
				}
			}
		}
		t.Logf("%s: %d of %d rows of the quarter are hot and %d others; by permutation alone %d", measure, found, cells, beyond, byPermutation)
		if 100*found < 30*cells || 10*found < 9*byPermutation || beyond > 3 {
			t.Errorf("%s: %d of %d rows of the quarter are hot and %d others, want 30 of 100 and hardly any; by permutation alone %d", measure, found, cells, beyond, byPermutation)
		}
	}
}
