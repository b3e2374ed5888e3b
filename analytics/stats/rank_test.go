package stats

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRank(t *testing.T) {
	f := func(name string, values []float64, valid []bool, descending bool, want []int32) {
		t.Helper()
		if d := cmp.Diff(want, Rank(values, valid, descending)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	nan := math.NaN()
	f("ties share the best rank", []float64{3, 1, 2, 2}, nil, false, []int32{4, 1, 2, 2})
	f("descending", []float64{3, 1, 2, 2}, nil, true, []int32{1, 4, 2, 2})
	f("rows that do not count", []float64{0, 5, 0, 4}, []bool{false, true, true, true}, true, []int32{0, 1, 3, 2})
	f("NaN", []float64{nan, 5, nan}, nil, false, []int32{0, 1, 0})
	f("zeros of both signs", []float64{0, math.Copysign(0, -1), 1}, nil, false, []int32{1, 1, 3})
	f("near is not equal", []float64{0.3, 0.1 + 0.2000000000000001}, nil, false, []int32{1, 2})
	f("infinities", []float64{math.Inf(1), 1, math.Inf(-1)}, nil, false, []int32{3, 2, 1})
	f("none valid", []float64{1, 2}, []bool{false, false}, false, []int32{0, 0})
	f("nothing", nil, nil, false, []int32{})
}

// TestRankCounts compares with the definition: one more than there are better.
func TestRankCounts(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	for range 200 {
		values, valid := make([]float64, rng.IntN(40)), make([]bool, 0, 40)
		for i := range values {
			values[i] = float64(rng.IntN(12)) / 7
			valid = append(valid, rng.IntN(5) > 0)
		}
		up, down := Rank(values, valid, false), Rank(values, valid, true)
		for i, v := range values {
			smaller, larger := int32(1), int32(1)
			for j, u := range values {
				if valid[j] && u < v {
					smaller++
				}
				if valid[j] && u > v {
					larger++
				}
			}
			if !valid[i] {
				smaller, larger = 0, 0
			}
			if up[i] != smaller || down[i] != larger {
				t.Fatalf("%v (%v): row %d is %d up and %d down, want %d and %d", values, valid, i, up[i], down[i], smaller, larger)
			}
		}
	}
}

func TestRankOfOtherLengths(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("columns of different length are ranked")
		}
	}()
	Rank([]float64{1, 2}, []bool{true}, false)
}
