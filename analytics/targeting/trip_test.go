package targeting

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// sharedFile reads a recorded result of another tool, or skips the test.
func sharedFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", "shared", "oracles", filepath.FromSlash(name)))
	if err != nil {
		t.Skipf("the recorded result %s is not here", name)
	}
	return text
}

// randomTrip makes a trip over points of a square of 100 minutes.
func randomTrip(rng *rand.Rand, places int) Trip {
	t := Trip{Service: float64(rng.IntN(3)) * 5, Budget: 60 + 200*rng.Float64(), Return: rng.IntN(2) == 0, Yield: make([]float64, places+1)}
	x, y := make([]float64, places+1), make([]float64, places+1)
	for i := range x {
		x[i], y[i], t.Yield[i] = 100*rng.Float64(), 100*rng.Float64(), float64(rng.IntN(20))
	}
	for i := range x {
		t.Minutes = append(t.Minutes, make([]float64, places+1))
		for j := range x {
			t.Minutes[i][j] = math.Hypot(x[i]-x[j], y[i]-y[j])
		}
	}
	return t
}

// TestExactEqualsTheRecordedOptimum compares with optima that a Held-Karp
// programme in Python and R's TSP found.
func TestExactEqualsTheRecordedOptimum(t *testing.T) {
	var recorded struct {
		Cases []struct {
			N      int
			Dist   [][]float64
			TSP    float64 `json:"tsp_opt"`
			Scores []float64
			Budget float64
			Score  float64 `json:"orienteering_opt_score"`
			Len    float64 `json:"orienteering_len"`
		}
	}
	if err := json.Unmarshal(sharedFile(t, "routing/small_exact.json"), &recorded); err != nil {
		t.Fatal(err)
	}
	if len(recorded.Cases) == 0 {
		t.Fatal("no case is recorded")
	}
	for i, c := range recorded.Cases {
		trip := Trip{Minutes: c.Dist, Yield: c.Scores, Budget: c.Budget, Return: true}
		got, err := Solve(t.Context(), trip)
		if err != nil || !got.Exact || got.Yield != c.Score || got.Minutes > c.Len+1e-6 {
			t.Errorf("case %d of %d places: %+v, %v; want a yield of %v in %v", i, c.N, got, err, c.Score, c.Len)
		}
		found, err := search(t.Context(), trip)
		if err != nil || found.Yield > c.Score || found.Yield < 0.95*c.Score {
			t.Errorf("case %d: the search found %+v, %v; the optimum is %v", i, found, err, c.Score)
		}
		every := slices.Repeat([]bool{true}, c.N)
		all := Trip{Minutes: c.Dist, Yield: make([]float64, c.N), Required: every, Budget: 1e9, Return: true}
		got, err = Solve(t.Context(), all)
		if err != nil || math.Abs(got.Minutes-c.TSP) > 1e-6 || len(got.Stops) != c.N-1 {
			t.Errorf("case %d: the shortest round trip takes %v, %v; want %v", i, got.Minutes, err, c.TSP)
		}
	}
}

// TestExactEqualsEnumeration tries every order of every set of five places.
func TestExactEqualsEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200 {
		trip := randomTrip(rng, 5)
		trip.Most = rng.IntN(6)
		if rng.IntN(2) == 0 {
			trip.Required = []bool{false, false, true, false, false, rng.IntN(2) == 0}
		}
		best, shortest := -1.0, 0.0
		var walk func(stops []int)
		walk = func(stops []int) {
			good := trip.length(stops) <= trip.Budget && len(stops) <= trip.room()
			for place, must := range trip.Required {
				good = good && (!must || slices.Contains(stops, place))
			}
			if worth := trip.worth(stops); good && (worth > best || worth == best && trip.length(stops) < shortest) {
				best, shortest = worth, trip.length(stops)
			}
			for place := 1; place <= 5; place++ {
				if !slices.Contains(stops, place) {
					walk(append(slices.Clone(stops), place))
				}
			}
		}
		walk(nil)
		got, err := Solve(t.Context(), trip)
		if best < 0 {
			if !errors.Is(err, ErrUnreachable) {
				t.Errorf("%+v: error %v, want ErrUnreachable", got, err)
			}
			continue
		}
		if err != nil || got.Yield != best || math.Abs(got.Minutes-shortest) > 1e-9 || math.Abs(trip.length(got.Stops)-shortest) > 1e-9 {
			t.Errorf("a yield of %v in %v, %v; want %v in %v", got.Yield, got.Minutes, err, best, shortest)
		}
	}
}

// TestSearchComesNearTheOptimum holds the search for larger trips against the
// exact answer for small ones.
func TestSearchComesNearTheOptimum(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	var found, optimal float64
	missed := 0
	const trips = 60
	for range trips {
		trip := randomTrip(rng, 11)
		if rng.IntN(3) == 0 {
			trip.Required = make([]bool, 12)
			trip.Required[1+rng.IntN(11)] = true
		}
		best, errBest := exact(t.Context(), trip)
		got, err := search(t.Context(), trip)
		if (err == nil) != (errBest == nil) {
			t.Errorf("the search says %v, the exact answer %v", err, errBest)
		}
		if err != nil {
			continue
		}
		if got.Yield > best.Yield || got.Minutes > trip.Budget+slack || math.Abs(got.Minutes-trip.length(got.Stops)) > 1e-9 || got.Exact {
			t.Errorf("the search found %+v, the optimum is %+v", got, best)
		}
		for place, must := range trip.Required {
			if must && !slices.Contains(got.Stops, place) {
				t.Errorf("%v leaves out place %d", got.Stops, place)
			}
		}
		if got.Yield < best.Yield {
			missed++
		}
		found += got.Yield
		optimal += best.Yield
	}
	t.Logf("%.2f %% of the optimal yield; %d of %d trips below it", 100*found/optimal, missed, trips)
	if found < 0.98*optimal {
		t.Errorf("the search finds %.1f %% of the optimal yield, want 98", 100*found/optimal)
	}
}

// TestLargeToursKeepTheRules looks at trips of more places than can be solved
// exactly: no stop twice, within time and number, the same each time.
func TestLargeToursKeepTheRules(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 1))
	for range 4 {
		trip := randomTrip(rng, 40)
		trip.Most = 10
		trip.Required = make([]bool, 41)
		for place := 1; place < 41; place++ { // one that is surely in reach
			if !slices.Contains(trip.Required, true) && 2*trip.Minutes[0][place]+trip.Service < trip.Budget {
				trip.Required[place] = true
			}
		}
		got, err := Solve(t.Context(), trip)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Solve(t.Context(), trip)
		if err != nil || !slices.Equal(got.Stops, again.Stops) {
			t.Errorf("%v at first, then %v, %v", got.Stops, again.Stops, err)
		}
		if sorted := slices.Sorted(slices.Values(got.Stops)); len(slices.Compact(sorted)) != len(got.Stops) {
			t.Errorf("%v visits a place twice", got.Stops)
		}
		if len(got.Stops) > 10 || trip.length(got.Stops) > trip.Budget+slack || math.Abs(trip.worth(got.Stops)-got.Yield) > 1e-9 {
			t.Errorf("%+v breaks a rule", got)
		}
		for place, must := range trip.Required {
			if must && !slices.Contains(got.Stops, place) {
				t.Errorf("%v leaves out place %d", got.Stops, place)
			}
		}
	}
}

// TestSearchEndsWherePlacesHardlyDiffer: yields of empty cells differ by less than
// what counts as a gain, over and over.
func TestSearchEndsWherePlacesHardlyDiffer(t *testing.T) {
	rng := rand.New(rand.NewPCG(16, 1))
	for range 20 {
		trip := randomTrip(rng, 45)
		trip.Most = 10
		for place := range trip.Yield {
			trip.Yield[place] = 1e-4 + 3e-10*float64(rng.IntN(20))
		}
		if got, err := Solve(t.Context(), trip); err != nil || trip.length(got.Stops) > trip.Budget+slack {
			t.Errorf("%+v, %v", got, err)
		}
	}
}

func TestTripsThatCannotBe(t *testing.T) {
	two := func(m float64) [][]float64 { return [][]float64{{0, m}, {m, 0}} }
	f := func(what string, trip Trip) {
		t.Helper()
		if got, err := Solve(t.Context(), trip); err == nil {
			t.Errorf("%s: %+v, want an error", what, got)
		}
	}
	f("no place", Trip{})
	f("minutes missing", Trip{Minutes: two(1)[:1], Yield: []float64{0, 1}})
	f("a ragged table", Trip{Minutes: [][]float64{{0, 1}, {1}}, Yield: []float64{0, 1}})
	f("minutes that are no number", Trip{Minutes: two(math.NaN()), Yield: []float64{0, 1}, Budget: 9})
	f("one way longer", Trip{Minutes: [][]float64{{0, 1}, {2, 0}}, Yield: []float64{0, 1}, Budget: 9})
	f("a loss", Trip{Minutes: two(1), Yield: []float64{0, -1}, Budget: 9})
	f("no time at all", Trip{Minutes: two(1), Yield: []float64{0, 1}, Budget: -1})
	f("required and too far", Trip{Minutes: two(10), Yield: []float64{0, 1}, Required: []bool{false, true}, Budget: 9})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Solve(ctx, randomTrip(rand.New(rand.NewPCG(4, 1)), 20)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if got, err := Solve(t.Context(), Trip{Minutes: [][]float64{{0}}, Yield: []float64{0}, Budget: 5}); err != nil || len(got.Stops) != 0 {
		t.Errorf("nowhere to go: %+v, %v", got, err)
	}
}
