package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// arrangements visits every order of the values (Heap 1963). The slice it hands
// over is its own.
func arrangements(x []float64, visit func([]float64)) {
	order := slices.Clone(x)
	var arrange func(k int)
	arrange = func(k int) {
		if k <= 1 {
			visit(order)
			return
		}
		for i := range k {
			arrange(k - 1)
			if at := i * (1 - k%2); i < k-1 { // the first of an odd number, each of an even one
				order[at], order[k-1] = order[k-1], order[at]
			}
		}
	}
	arrange(len(order))
}

// A dense map is a small one whose statistics are worked out from their
// definitions.
type dense struct {
	x []float64
	w [][]float64
}

func denseMaps(number, n int) []dense {
	made := make([]dense, number)
	for k := range made {
		rng := rand.New(rand.NewPCG(uint64(k), 21))
		d := dense{x: make([]float64, n), w: make([][]float64, n)}
		for i := range n {
			switch k % 3 {
			case 0:
				d.x[i] = float64(rng.IntN(4))
			case 1:
				d.x[i] = math.Exp(2 * rng.NormFloat64())
			default:
				d.x[i] = 100 + rng.NormFloat64()
			}
			d.w[i] = make([]float64, n)
			for j := range n {
				if i != j && rng.Float64() < 0.4 {
					d.w[i][j] = 1
					if k%2 == 0 {
						d.w[i][j] = 0.2 + rng.Float64()
					}
				}
			}
		}
		d.x[0], d.x[1], d.w[0][1] = d.x[0]+1, d.x[1]+2, 1 // neither constant nor without pairs
		made[k] = d
	}
	return made
}

func (d dense) weights(t *testing.T) Weights {
	lists, by := make([][]int32, len(d.x)), make([][]float64, len(d.x))
	for i, row := range d.w {
		for j, v := range row {
			if v > 0 {
				lists[i], by[i] = append(lists[i], int32(j)), append(by[i], v)
			}
		}
	}
	return makeWeights(t, lists, by, false)
}

// globals returns I, C and G of the values in some order.
func (d dense) globals(x []float64) [3]float64 {
	n, mean, squares := float64(len(x)), 0.0, 0.0
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		squares += (v - mean) * (v - mean)
	}
	s0, alike, apart, cross, pairs := 0.0, 0.0, 0.0, 0.0, 0.0
	for i, row := range d.w {
		for j, v := range row {
			if i == j {
				continue
			}
			s0 += v
			alike += v * (x[i] - mean) * (x[j] - mean)
			apart += v * (x[i] - x[j]) * (x[i] - x[j])
			cross += v * x[i] * x[j]
			pairs += x[i] * x[j]
		}
	}
	return [3]float64{n / s0 * alike / squares, (n - 1) * apart / (2 * s0 * squares), cross / pairs}
}

// meanAndVariance returns mean and variance over all that was seen.
func meanAndVariance(seen []float64) (mean, variance float64) {
	for _, v := range seen {
		mean += v / float64(len(seen))
	}
	for _, v := range seen {
		variance += (v - mean) * (v - mean) / float64(len(seen))
	}
	return mean, variance
}

// TestGlobalMomentsAgainstEnumeration deals the values of small maps to their
// cells in every order there is.
func TestGlobalMomentsAgainstEnumeration(t *testing.T) {
	dev := worst{name: "I, C and G with their moments, against all orders"}
	for k, d := range denseMaps(30, 6) {
		var seen [3][]float64
		arrangements(d.x, func(x []float64) {
			for s, v := range d.globals(x) {
				seen[s] = append(seen[s], v)
			}
		})
		if len(seen[0]) != 720 {
			t.Fatalf("%d orders of 6 values", len(seen[0]))
		}
		observed, w := d.globals(d.x), d.weights(t)
		for s, f := range []func([]float64, []bool, Weights) (Global, error){GlobalMoran, GlobalGeary, GeneralG} {
			got, err := f(d.x, nil, w)
			must(t, err)
			mean, variance := meanAndVariance(seen[s])
			dev.near(t, got.Value, observed[s], 1e-12, "map %d: statistic %d", k, s)
			dev.near(t, got.Expected, mean, 1e-10, "map %d: expectation of statistic %d", k, s)
			dev.near(t, got.Variance, variance, 1e-9, "map %d: variance of statistic %d", k, s)
		}
	}
	dev.log(t)
}

// TestTotalMomentsAgainstEnumeration does the same for local Moran where the cell
// is dealt a value too.
func TestTotalMomentsAgainstEnumeration(t *testing.T) {
	dev := worst{name: "total moments of local Moran, against all orders"}
	for k, d := range denseMaps(12, 6) {
		l, err := LocalMoran(d.x, nil, d.weights(t))
		must(t, err)
		mean, m2 := meanAndVariance(d.x)
		for i := range d.x {
			if !l.Valid[i] {
				continue
			}
			var seen []float64
			arrangements(d.x, func(x []float64) {
				lag := 0.0
				for j, v := range d.w[i] {
					lag += v * (x[j] - mean)
				}
				seen = append(seen, (x[i]-mean)/m2*lag)
			})
			expected, variance := meanAndVariance(seen)
			dev.near(t, l.TotalExpected[i], expected, 1e-9, "map %d: expectation of cell %d", k, i)
			dev.near(t, l.TotalVariance[i], variance, 1e-9, "map %d: variance of cell %d", k, i)
		}
	}
	dev.log(t)
}

// TestBivariatePermutationAgainstEnumeration holds x of a cell and deals y of all
// others in every order.
func TestBivariatePermutationAgainstEnumeration(t *testing.T) {
	dev := worst{name: "p of bivariate Moran, against all orders"}
	lists := [][]int32{{1, 2}, {0, 2, 3}, {0, 1, 4}, {1, 5}, {2, 5, 6}, {3, 4}, {4}}
	w := graph(t, lists...)
	for k := range 8 {
		rng := rand.New(rand.NewPCG(uint64(k), 22))
		x, y, counts := make([]float64, 7), make([]float64, 7), make([]int64, 7)
		for i := range x {
			x[i], counts[i] = float64(rng.IntN(9)), int64(rng.IntN(4))
			y[i] = float64(counts[i])
		}
		x[0], counts[0], y[0] = 9, 4, 4
		if k%2 == 0 { // a cell at the mean
			x[6] = (x[0] + x[1] + x[2] + x[3] + x[4] + x[5]) / 6 // as nearly as it can be written
		}
		l, err := BivariateMoran(x, y, nil, w)
		must(t, err)
		lag, err := ExactPermutation(t.Context(), counts, nil, w, ExactOptions{})
		must(t, err)
		p := l.Permutation(lag)
		mean, _ := meanAndVariance(x)
		for i := range x {
			at := func(others []float64) float64 {
				sum := 0.0
				for _, j := range lists[i] {
					sum += slices.Insert(slices.Clone(others), i, y[i])[j]
				}
				if math.Abs(x[i]-mean) < 1e-9 {
					return 0
				}
				return math.Copysign(1, x[i]-mean) * sum
			}
			others := slices.Delete(slices.Clone(y), i, i+1)
			greater, less, all, observed := 0.0, 0.0, 0.0, at(others)
			arrangements(others, func(order []float64) {
				v := at(order)
				all++
				if v >= observed {
					greater++
				}
				if v <= observed {
					less++
				}
			})
			dev.within(t, p.Greater[i], greater/all, 1e-11, "map %d: P(I >= observed) of cell %d", k, i)
			dev.within(t, p.Less[i], less/all, 1e-11, "map %d: P(I <= observed) of cell %d", k, i)
		}
	}
	dev.log(t)
}

// TestGlobalsThatCannotVary have no z: where every cell is next to all others, and
// where one cell differs and all have as many neighbours. Rounding must not pass
// for variance.
func TestGlobalsThatCannotVary(t *testing.T) {
	f := func(what string, x []float64, w Weights, spread bool) {
		t.Helper()
		for name, statistic := range map[string]func([]float64, []bool, Weights) (Global, error){
			"I": GlobalMoran, "C": GlobalGeary, "G": GeneralG,
		} {
			got, err := statistic(x, nil, w)
			must(t, err)
			if reason := got.Reason; name == "G" && spread {
				if got.Valid || reason != ZeroSum {
					t.Errorf("%s: G %+v, want zero_sum", what, got)
				}
			} else if !got.Valid || got.Tested || reason != DegenerateNeighbourhood || got.Variance != 0 || got.NormalVariance != 0 || got.Expected != 0 {
				t.Errorf("%s: %s %+v, want a value and no moments", what, name, got)
			}
		}
	}
	for k := range 100 {
		rng := rand.New(rand.NewPCG(uint64(k), 23))
		n := 4 + rng.IntN(60)
		x, spike := make([]float64, n), make([]float64, n)
		complete, ring := make([][]int32, n), make([][]int32, n)
		for i := range n {
			if x[i] = float64(rng.IntN(20)); k%2 == 0 {
				x[i] = 1000 * rng.ExpFloat64()
			}
			for j := range n {
				if i != j {
					complete[i] = append(complete[i], int32(j))
				}
			}
			ring[i] = []int32{int32((i + 1) % n), int32((i + n - 1) % n)}
		}
		x[0], spike[rng.IntN(n)] = 20, 1+rng.ExpFloat64()
		f("next to all others", x, graph(t, complete...), false)
		f("next to all others, standardised", x, graph(t, complete...).RowStandardised(), false)
		f("one of a ring", spike, graph(t, ring...), true)
	}
}

// TestGeneralGOfOneLargeValue keeps its digits, and tells of two cells that are
// not 0 from one.
func TestGeneralGOfOneLargeValue(t *testing.T) {
	path := graph(t, []int32{1}, []int32{0, 2}, []int32{1, 3}, []int32{2, 4}, []int32{3, 5}, []int32{4})
	f := func(x []float64, near, all float64) {
		t.Helper()
		g, err := GeneralG(x, nil, path)
		must(t, err)
		if !g.Valid || math.Abs(g.Value-near/all) > 1e-14 {
			t.Errorf("G of %v = %v (%v), want %v", x, g.Value, g.Reason, near/all)
		}
	}
	f([]float64{1e12, 1, 1, 2, 0, 3}, 1e12+1+2, 7e12+17)
	f([]float64{1e16, 1, 1, 2, 0, 3}, 1e16+1+2, 7e16+17)
	f([]float64{1e18, 1, 0, 0, 0, 0}, 1e18, 1e18)
	f([]float64{1e18, 0, 1, 0, 0, 0}, 0, 1e18)
}
