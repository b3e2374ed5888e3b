package stats

import (
	"fmt"
	"math"
)

// DesignEffect returns how much more a share scatters than chance has it because its
// trials come in clusters that are alike within, such as inspections of the same point:
// the variance of the ratio of Σ x to Σ n among m clusters over that of as many single
// trials,
//
//	d = m/(m-1) Σ (x - n p)² / (N p (1-p)),  p = Σ x / N,  N = Σ n
//
// (Rao and Scott 1992, section 2). Successes and trials divided by it may be
// treated as if trials were single ones. It is 1 where clusters scatter less than chance,
// and where there are fewer than two, or nothing but successes or none. The error is an
// ErrLength or a *ValueError (negative, or more successes than trials).
func DesignEffect(successes, trials []int64) (float64, error) {
	if err := checkShares(successes, trials); err != nil {
		return 0, fmt.Errorf("effect of clusters: %w", err)
	}
	clusters, x, n := 0.0, 0.0, 0.0
	for i, t := range trials {
		if t > 0 {
			clusters++
			x += float64(successes[i])
			n += float64(t)
		}
	}
	if clusters < 2 || x == 0 || x == n {
		return 1, nil
	}
	share, squares := x/n, 0.0
	for i, t := range trials {
		off := float64(successes[i]) - float64(t)*share
		squares += off * off
	}
	return max(1, clusters/(clusters-1)*squares/(n*share*(1-share))), nil
}

// BinomialP returns the probability of at least (Greater) or at most (Less) so many
// successes in independent trials that each succeed with probability share, exact by
// the incomplete beta function (NIST DLMF 8.17.5); TwoSided doubles the smaller, up to
// 1. Successes and trials need not be whole, so that those of clusters may be divided
// by their DesignEffect. It is 1 without trials, and where the arguments make no sense
// (successes not in 0 to trials, share not strictly between 0 and 1).
func BinomialP(successes, trials, share float64, side Side) float64 {
	if !(trials > 0 && successes >= 0 && successes <= trials && share > 0 && share < 1) || math.IsInf(trials, 1) {
		return 1
	}
	greater, less := 1.0, 1.0
	if successes > 0 {
		greater, _ = betaTails(successes, trials-successes+1, share, 1-share)
	}
	if successes < trials {
		_, less = betaTails(successes+1, trials-successes, share, 1-share)
	}
	switch side {
	case Greater:
		return greater
	case Less:
		return less
	}
	return min(1, 2*min(greater, less))
}
