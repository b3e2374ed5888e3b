package stats

import (
	"fmt"
	"slices"
)

// BenjaminiHochberg returns the q-value of every test: the smallest false
// discovery rate at which it would be reported. Report cells with q <= a to
// keep the expected share of false ones among them at or below a. It is the
// step-up procedure of Benjamini and Hochberg (1995), q_(k) = min over j >= k
// of m p_(j)/j, which holds for independent and for positively dependent
// tests; local Gi and Gi* on counts are of the latter kind.
//
// m counts only rows with a value: row i of valid says whether p[i] is one,
// and nil means that all are. Rows without a value get 0; consult valid. The
// error is an ErrLength or a *ValueError (a p outside 0 to 1).
func BenjaminiHochberg(p []float64, valid []bool) (q []float64, err error) {
	if q, err = stepUp(p, valid, func(int) float64 { return 1 }); err != nil {
		return nil, fmt.Errorf("adjust by Benjamini-Hochberg: %w", err)
	}
	return q, nil
}

// BenjaminiYekutieli is BenjaminiHochberg for tests that depend on each other
// in any way at all: q-values are larger by the factor Σ 1/j for j = 1 to m
// (Benjamini and Yekutieli 2001, theorem 1.3) and still at most 1.
func BenjaminiYekutieli(p []float64, valid []bool) (q []float64, err error) {
	if q, err = stepUp(p, valid, harmonic); err != nil {
		return nil, fmt.Errorf("adjust by Benjamini-Yekutieli: %w", err)
	}
	return q, nil
}

// stepUp adjusts the p-values; factor makes m count for more. Tests with the
// same p have the same q, so the work is per distinct p: exact p-values of
// sparse counts repeat a thousandfold.
func stepUp(p []float64, valid []bool, factor func(m int) float64) ([]float64, error) {
	if err := checkValid(len(p), valid); err != nil {
		return nil, err
	}
	sorted := make([]float64, 0, len(p))
	for i, v := range p {
		if !present(valid, i) {
			continue
		}
		if !(v >= 0 && v <= 1) {
			return nil, &ValueError{Row: i, Value: v, Why: "want a probability"}
		}
		sorted = append(sorted, v)
	}
	slices.Sort(sorted)
	m := float64(len(sorted)) * factor(len(sorted))
	least := 1.0
	levels, adjusted := make([]float64, 0, 64), make([]float64, 0, 64)
	for k := len(sorted); k > 0; k-- {
		v := sorted[k-1]
		if k < len(sorted) && v == sorted[k] {
			continue // the largest rank of a tie decides
		}
		least = min(least, m*v/float64(k))
		levels, adjusted = append(levels, v), append(adjusted, least)
	}
	slices.Reverse(levels)
	slices.Reverse(adjusted)
	q := make([]float64, len(p))
	shareRows(len(p), func(i int) {
		if present(valid, i) {
			k, _ := slices.BinarySearch(levels, p[i])
			q[i] = adjusted[k]
		}
	})
	return q, nil
}

// harmonic returns Σ 1/j for j = 1 to m, summed from the small end.
func harmonic(m int) float64 {
	sum := 0.0
	for j := m; j > 0; j-- {
		sum += 1 / float64(j)
	}
	return sum
}

// DrawsFor returns how many permutations to draw for a map of so many tests: enough
// that a single one can be reported at a false discovery rate of 5 %, for which its
// two-sided p, 2/(P+1) at the least, has to be 0.05 over their number; but at least
// 9,999, and no more than 99,999.
func DrawsFor(tests int) int { return min(max(40*tests, 9_999), 99_999) }
