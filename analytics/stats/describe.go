package stats

import "math"

// A Description sums up numbers.
type Description struct {
	N                          int
	Minimum, Maximum, Mean, SD float64 // SD is that of a whole population: Σ(x - mean)²/N under the root
}

// Describe sums up those of x that are valid; valid nil means all. Numbers that are
// not finite do not count. ok is false without any number, and for numbers so large
// that their sum is not finite. The deviations are taken from the mean in a second
// pass (Chan, Golub and LeVeque 1983, The American Statistician 37:242-247).
func Describe(x []float64, valid []bool) (d Description, ok bool) {
	counts := func(i int) bool {
		return (valid == nil || valid[i]) && !math.IsNaN(x[i]) && !math.IsInf(x[i], 0)
	}
	d.Minimum, d.Maximum = math.Inf(1), math.Inf(-1)
	var sum, squares summer
	for i, v := range x {
		if counts(i) {
			d.N++
			d.Minimum, d.Maximum = min(d.Minimum, v), max(d.Maximum, v)
			sum.add(v)
		}
	}
	if d.N == 0 {
		return Description{}, false
	}
	d.Mean = sum.total() / float64(d.N)
	for i, v := range x {
		if counts(i) {
			squares.add((v - d.Mean) * (v - d.Mean))
		}
	}
	d.SD = math.Sqrt(max(0, squares.total()) / float64(d.N))
	if math.IsInf(d.Mean, 0) || math.IsNaN(d.Mean) || math.IsInf(d.SD, 0) || math.IsNaN(d.SD) {
		return Description{}, false
	}
	return d, true
}
