package stats

import (
	"math/big"
	"testing"
)

// TestFisherByEnumeration adds up all tables with the same total in whole
// numbers: of C(n1+n2, total) ways to place the successes, those that make a
// table no more frequent than the observed one.
func TestFisherByEnumeration(t *testing.T) {
	dev := worst{name: "Fisher's p"}
	for _, n1 := range []int64{1, 2, 5, 9, 13} {
		for _, n2 := range []int64{1, 3, 9, 16, 60} {
			for total := range n1 + n2 + 1 {
				ways := func(x1 int64) *big.Int {
					return new(big.Int).Mul(choose(n1, x1), choose(n2, total-x1))
				}
				for x1 := max(0, total-n2); x1 <= min(n1, total); x1++ {
					rare := new(big.Int)
					for k := range n1 + 1 {
						if w := ways(k); w.Cmp(ways(x1)) <= 0 {
							rare.Add(rare, w)
						}
					}
					want, _ := new(big.Rat).SetFrac(rare, choose(n1+n2, total)).Float64()
					dev.within(t, fisherP(x1, n1, total-x1, n2)/want, 1, 1e-11, "p of %d/%d and %d/%d", x1, n1, total-x1, n2)
				}
			}
		}
	}
	dev.log(t)
}

// choose returns n over k, and 0 for k outside 0 to n.
func choose(n, k int64) *big.Int {
	if k < 0 || k > n {
		return new(big.Int)
	}
	return new(big.Int).Binomial(n, k)
}

// TestFisherTea is the experiment of Fisher (1935), chapter II: 3 of 4 cups told
// right, 34 of 70 ways at least as uneven.
func TestFisherTea(t *testing.T) {
	var dev worst
	dev.near(t, fisherP(3, 4, 1, 4), 34.0/70, 1e-14, "p of 3/4 and 1/4")
	dev.near(t, fisherP(4, 4, 0, 4), 2.0/70, 1e-14, "p of 4/4 and 0/4")
}

// TestFisherHoldsItsLevel sums up how often p is at most 0.05 if both shares
// are the same, whatever they are.
func TestFisherHoldsItsLevel(t *testing.T) {
	most := 0.0
	for _, n := range [][2]int64{{3, 5}, {7, 7}, {10, 40}, {25, 30}} {
		for percent := 1.0; percent < 100; percent++ {
			p, size := percent/100, 0.0
			for x1 := range n[0] + 1 {
				for x2 := range n[1] + 1 {
					if fisherP(x1, n[0], x2, n[1]) <= 0.05 {
						size += binomialDensity(float64(x1), float64(n[0]), p, 1-p) * binomialDensity(float64(x2), float64(n[1]), p, 1-p)
					}
				}
			}
			if most = max(most, size); size > 0.05 {
				t.Errorf("%d and %d trials, share %v: p <= 0.05 with probability %v", n[0], n[1], p, size)
			}
		}
	}
	t.Logf("p <= 0.05 with probability %.4f at most", most)
}
