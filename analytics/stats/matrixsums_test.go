package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestMatrixSums compares with the definitions over the whole matrix, for weights
// that go one way only, both ways alike and both ways but unlike.
func TestMatrixSums(t *testing.T) {
	random := rand.New(rand.NewPCG(21, 22))
	for round := range 40 {
		n := 2 + random.IntN(20)
		lists, by := make([][]int32, n), make([][]float64, n)
		for i := range n {
			for j := range n {
				if i != j && random.IntN(3) == 0 {
					lists[i], by[i] = append(lists[i], int32(j)), append(by[i], 0.1+random.Float64())
				}
			}
		}
		w := makeWeights(t, lists, by, round%2 == 0)
		if round%4 > 1 {
			w = w.RowStandardised()
		}
		matrix, factors := make([][]float64, n), w.factors()
		for i := range matrix {
			matrix[i] = make([]float64, n)
			neighbours, weights := w.Row(i)
			for k, j := range neighbours {
				matrix[i][j] = factors[i] * weightAt(weights, k)
			}
		}
		var s0, s1, s2 float64
		for i := range n {
			both := 0.0
			for j := range n {
				s0 += matrix[i][j]
				s1 += (matrix[i][j] + matrix[j][i]) * (matrix[i][j] + matrix[j][i]) / 2
				both += matrix[i][j] + matrix[j][i]
			}
			s2 += both * both
		}
		got := sumMatrix(w)
		for what, pair := range map[string][2]float64{"S0": {got.s0, s0}, "S1": {got.s1, s1}, "S2": {got.s2, s2}} {
			if math.Abs(pair[0]-pair[1]) > 1e-12*pair[1] {
				t.Errorf("round %d: %s = %v, want %v", round, what, pair[0], pair[1])
			}
		}
	}
}
