package indicator

import "testing"

func pointer[T any](x T) *T { return &x }

// TestScoring has the published rules: bands of a district's case numbers per
// unit grid, points taken off for what was found, and a share times its points.
func TestScoring(t *testing.T) {
	bands := Scoring{Type: "band", Max: 100, Bands: []Band{
		{AtMost: pointer(0.0), Score: 100},
		{Below: pointer(3.0), Score: 90},
		{Below: pointer(5.0), Score: 75},
		{Below: pointer(7.0), Score: 60},
		{Below: pointer(9.0), Score: 40},
		{Score: 0},
	}}
	halfEach := Scoring{Type: "deduct", Max: 10, Per: 0.5}
	bikes := Scoring{Type: "deduct", Max: 1, Per: 0.1, Every: 200, Cap: pointer(0.5), Decimals: pointer(1)}
	f := func(s Scoring, value float64, lower bool, want float64) {
		t.Helper()
		if err := s.check(); err != nil {
			t.Fatal(err)
		}
		if got := s.points(value, lower); got != want {
			t.Errorf("points of %v by %+v are %v, want %v", value, s, got, want)
		}
	}
	for value, want := range map[float64]float64{0: 100, 1: 90, 2: 90, 3: 75, 4: 75, 5: 60, 6: 60, 7: 40, 8: 40, 9: 0, 1e9: 0} {
		f(bands, value, true, want)
	}
	for found, want := range map[float64]float64{0: 10, 1: 9.5, 3: 8.5, 19: 0.5, 20: 0, 100: 0} {
		f(halfEach, found, true, want)
	}
	for found, want := range map[float64]float64{0: 1, 199: 1, 200: 0.9, 999: 0.6, 1000: 0.5, 5000: 0.5} {
		f(bikes, found, true, want)
	}
	tenths := Scoring{Type: "deduct", Max: 10, Per: 1, Every: 0.1}
	for part, want := range map[float64]float64{-0.5: 10, 0: 10, 0.09: 10, 0.1: 9, 0.3: 7, 0.6: 4, 0.7: 3, 0.79: 3, 1: 0} {
		f(tenths, part, true, want) // in binary 0.3 / 0.1 is below 3
	}
	f(Scoring{Type: "linear", Max: 20}, 0.95, false, 19)
	f(Scoring{Type: "linear", Max: 20}, 0.25, true, 15)
	f(Scoring{Type: "linear", Max: 20}, 1.5, false, 20)
	f(Scoring{Type: "linear", Max: 100, Zero: 900, Full: 300}, 600, true, 50)
	f(Scoring{Type: "linear", Max: 10, Decimals: pointer(2)}, 0.0285, false, 0.29)
}

func TestScoringThatMakesNoSense(t *testing.T) {
	for _, s := range []Scoring{
		{Type: "linear"},
		{Type: "linear", Max: -1},
		{Type: "linear", Max: 1, Zero: 2, Full: 2},
		{Type: "band", Max: 100},
		{Type: "band", Max: 100, Bands: []Band{{Below: pointer(3.0), Score: 90}}},
		{Type: "band", Max: 100, Bands: []Band{{Below: pointer(3.0), Score: 90}, {Below: pointer(2.0), Score: 80}, {Score: 0}}},
		{Type: "band", Max: 100, Bands: []Band{{Below: pointer(3.0), AtMost: pointer(3.0), Score: 90}, {Score: 0}}},
		{Type: "band", Max: 100, Bands: []Band{{Score: 101}}},
		{Type: "deduct", Max: 10},
		{Type: "deduct", Max: 10, Per: 1, Every: -1},
		{Type: "deduct", Max: 10, Per: 1, Cap: pointer(11.0)},
		{Type: "curved", Max: 10},
		{Type: "linear", Max: 10, Decimals: pointer(20)},
	} {
		if err := s.check(); err == nil {
			t.Errorf("%+v passes", s)
		}
	}
}
