package stats

import "fmt"

// fewestUnits is how many units with trials or exposure a group needs for a
// prior of its own. Moments of fewer are so uncertain that their prior is worse
// than that of all units even where groups differ much: TestFewestUnits shows
// the errors of both.
const fewestUnits = 10

// ShrinkSharesWithin is ShrinkShares with a prior for each group of units, such
// as the communities of one district, so that a unit is pulled towards those it
// belongs with. group[i] is the group of unit i, any number from 0 on, or -1
// for none.
//
// A unit of no group, or of a group of fewer than ten units with trials, gets the
// prior of all units. With all units in one group the result is that of
// ShrinkShares, bit for bit. Mean and Variance are those of all units. The error
// is an ErrLength or a *ValueError.
func ShrinkSharesWithin(successes, trials []int64, group []int32) (Shrunk, error) {
	err := checkShares(successes, trials)
	if err == nil {
		err = checkGroups(len(trials), group)
	}
	if err != nil {
		return Shrunk{}, fmt.Errorf("shrink shares within groups: %w", err)
	}
	priors := groupPriors(group, func(units []int32) prior {
		return sharePrior(successes, trials, units)
	})
	all := priors[noGroup]
	s := newShrunk(len(trials))
	s.Mean, s.Variance = all.mean, all.variance
	for i, g := range group {
		s.share(i, priors[g], successes[i], trials[i])
	}
	return s, nil
}

// ShrinkRatesWithin is ShrinkRates with a prior for each group of units, as
// ShrinkSharesWithin is ShrinkShares; it is exposure that a unit needs to count
// there.
func ShrinkRatesWithin(events []int64, exposure []float64, group []int32) (Shrunk, error) {
	err := checkRates(events, exposure)
	if err == nil {
		err = checkGroups(len(events), group)
	}
	if err != nil {
		return Shrunk{}, fmt.Errorf("shrink rates within groups: %w", err)
	}
	priors := groupPriors(group, func(units []int32) prior {
		return ratePrior(events, exposure, units)
	})
	all := priors[noGroup]
	s := newShrunk(len(events))
	s.Mean, s.Variance = all.mean, all.variance
	for i, g := range group {
		s.rate(i, priors[g], events[i], exposure[i])
	}
	return s, nil
}

// noGroup is the group of units that belong to none.
const noGroup = -1

// groupPriors returns the prior of every group that is there, and that of all
// units for noGroup. fit makes a prior from units, in order of the rows, or
// from all for nil.
func groupPriors(group []int32, fit func(units []int32) prior) map[int32]prior {
	members := make(map[int32][]int32)
	for i, g := range group {
		if g != noGroup {
			members[g] = append(members[g], int32(i))
		}
	}
	all := fit(nil)
	priors := make(map[int32]prior, len(members)+1)
	for g, units := range members {
		priors[g] = fit(units)
		if priors[g].units < fewestUnits {
			priors[g] = all
		}
	}
	priors[noGroup] = all
	return priors
}

func checkGroups(n int, group []int32) error {
	if err := checkLength(n, len(group)); err != nil {
		return err
	}
	for i, g := range group {
		if g < noGroup {
			return &ValueError{Row: i, Value: float64(g), Why: "want a group of 0 or more, or -1 for none"}
		}
	}
	return nil
}
