package indicator

import (
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/stats"
)

// ranked returns the values that rows are ranked by and which rows have one:
// empirical Bayes estimates where the kind and the definition allow.
func (c *Compiled) ranked(res result, f *analytics.Frame) (values []float64, valid []bool, err error) {
	rows := res.rows
	values, valid = make([]float64, len(rows)), make([]bool, len(rows))
	for row, o := range rows {
		values[row], valid[row] = o.Value, o.Has
	}
	if c.Kind == compositeKind && c.Smoothing.Method != "none" {
		return values, valid, c.rankParts(values, res, f)
	}
	shrunk, ok, err := c.shrink(rows, c.groups(f))
	if err != nil {
		return nil, nil, fmt.Errorf("smooth: %w", err)
	}
	if ok {
		for row := range rows {
			values[row], valid[row] = shrunk.Estimate[row], rows[row].Has && shrunk.Valid[row]
		}
	}
	return values, valid, nil
}

// rankParts gives each row the value that a composite has when each of its items
// has the value that the item is ranked by.
func (c *Compiled) rankParts(values []float64, res result, f *analytics.Frame) error {
	smoothed := make([][]Outcome, len(res.parts))
	for i, part := range res.parts {
		smoothed[i] = part.rows
		if i >= len(c.items) {
			continue // a guard is what it is
		}
		item := c.items[i]
		drawn, valid, err := item.ranked(part, f)
		if err != nil {
			return err
		}
		smoothed[i] = slices.Clone(part.rows)
		for row, ok := range valid {
			if o := &smoothed[i][row]; ok {
				o.Value = drawn[row]
				*o = item.judge(o.Estimate, f.Path(row))
			}
		}
	}
	for row, o := range res.rows {
		if !o.Has {
			continue
		}
		var s Sample
		for _, outcomes := range smoothed {
			s.parts = append(s.parts, outcomes[row])
		}
		values[row] = c.kind.Estimate(c, s).Value
	}
	return nil
}

// groups returns the group of each row: the rows that its prior is taken from.
func (c *Compiled) groups(f *analytics.Frame) []int32 {
	groups := make([]int32, f.Len())
	if or(c.Smoothing.Prior, "parent") != "parent" {
		return groups
	}
	known := map[string]int32{}
	for row, above := range f.Parents() {
		if above == "" {
			groups[row] = -1
			continue
		}
		if _, ok := known[above]; !ok {
			known[above] = int32(len(known))
		}
		groups[row] = known[above]
	}
	return groups
}

func (c *Compiled) shrink(rows []Outcome, groups []int32) (s stats.Shrunk, ok bool, err error) {
	if !c.smooths() {
		return s, false, nil
	}
	counts, of := make([]int64, len(rows)), make([]int64, len(rows))
	exposure := make([]float64, len(rows))
	for row, o := range rows {
		counts[row], of[row], exposure[row] = int64(o.Numerator), int64(o.Denominator), o.Denominator
	}
	if c.kind.Shrink == RateShrinkage {
		s, err = stats.ShrinkRatesWithin(counts, exposure, groups)
	} else {
		s, err = stats.ShrinkSharesWithin(counts, of, groups)
	}
	return s, true, err
}

// smooths reports whether rows are ranked by an empirical Bayes estimate: there
// is one of counts, and of nothing else.
func (c *Compiled) smooths() bool {
	return c.kind.Shrink != NoShrinkage && c.Smoothing.Method != "none" && c.Measure == "" && !c.weighted() && !c.survives()
}

// A change is how a value moved since an earlier period.
type change struct {
	difference  float64
	has         bool
	low, high   float64
	hasInterval bool
	p           float64
	hasP        bool
}

// since compares the outcome of a period with that of an earlier one. Counts are
// tested as what comes in a time, for periods need not be of one length.
func (c *Compiled) since(earlier, now Outcome, before, length time.Duration) (ch change) {
	if !earlier.Has || !now.Has {
		return ch
	}
	ch.difference, ch.has = now.Value-earlier.Value, true
	switch {
	case c.kind.Shrink == ShareShrinkage && !c.weighted() && !c.survives():
		made, ok := stats.ShareChange(int64(earlier.Numerator), int64(earlier.Denominator), int64(now.Numerator), int64(now.Denominator), c.level())
		ch.low, ch.high, ch.hasInterval = made.Interval.Low, made.Interval.High, ok
		ch.p, ch.hasP = made.P, ok
	case (c.kind.Shrink == RateShrinkage || c.Kind == countKind) && c.Measure == "":
		made, ok := stats.RateChange(earlier.N, earlier.Denominator*before.Hours(), now.N, now.Denominator*length.Hours(), c.level())
		ch.p, ch.hasP = made.P, ok
	case now.Variance > 0 || earlier.Variance > 0:
		made, ok := stats.MeanChange(earlier.sample(), now.sample(), c.level())
		ch.low, ch.high, ch.hasInterval = made.Interval.Low, made.Interval.High, ok
		ch.p, ch.hasP = made.P, ok
	}
	return ch
}

// survives reports whether a share is one of Kaplan and Meier's, which are no
// counts.
func (c *Compiled) survives() bool { return c.byPolicy() && c.policy() == KaplanMeier }

func (e Estimate) sample() stats.Sample {
	return stats.Sample{N: e.N, Mean: e.Value, Variance: e.Variance}
}
