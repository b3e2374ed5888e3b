package indicator

import (
	"fmt"
	"math"
	"strconv"
)

// points returns the points for a value.
func (s *Scoring) points(value float64, lowerIsBetter bool) float64 {
	var points float64
	switch s.Type {
	case "linear":
		zero, full := s.Zero, s.Full
		if zero == 0 && full == 0 {
			zero, full = 0, 1
			if lowerIsBetter {
				zero, full = 1, 0
			}
		}
		points = s.Max * min(1, max(0, (value-zero)/(full-zero)))
	case "band":
		points = s.band(value)
	case "deduct":
		points = s.Max - min(s.most(), s.Per*s.steps(value))
	}
	return s.round(points)
}

// passed returns the points for reaching the target, or for missing it.
func (s *Scoring) passed(reached bool) float64 {
	if reached {
		return s.round(s.Max)
	}
	return 0
}

func (s *Scoring) band(value float64) float64 {
	for _, b := range s.Bands {
		if (b.AtMost == nil || value <= *b.AtMost) && (b.Below == nil || value < *b.Below) {
			return b.Score
		}
	}
	return 0
}

// most returns the most points that can be deducted.
func (s *Scoring) most() float64 {
	if s.Cap == nil {
		return s.Max
	}
	return *s.Cap
}

func (s *Scoring) every() float64 {
	if s.Every == 0 {
		return 1
	}
	return s.Every
}

// nudge, of a few units in the last place, makes a number the decimal it was
// written as: 0.285 and not 0.28499….
const nudge = 1 + 4e-16

// steps returns how many whole times Every a value holds, none where it is below
// 0.
func (s *Scoring) steps(value float64) float64 {
	return max(0, math.Floor(value/s.every()*nudge))
}

// round rounds points as declared.
func (s *Scoring) round(points float64) float64 {
	if s.Decimals == nil {
		return points
	}
	scale := math.Pow10(*s.Decimals)
	return math.Round(points*scale*nudge) / scale
}

func (s *Scoring) check() error {
	finite := func(values ...float64) bool {
		for _, x := range values {
			if math.IsNaN(x) || math.IsInf(x, 0) {
				return false
			}
		}
		return true
	}
	switch {
	case !finite(s.Max, s.Zero, s.Full, s.Per, s.Every) || s.Max <= 0:
		return fmt.Errorf("max is %v: want a number above 0", s.Max)
	case s.Decimals != nil && (*s.Decimals < 0 || *s.Decimals > 9):
		return fmt.Errorf("decimals is %d: want 0 to 9", *s.Decimals)
	}
	switch s.Type {
	case "linear":
		if s.Zero == s.Full && s.Zero != 0 {
			return fmt.Errorf("zero and full are both %v", s.Zero)
		}
	case "band":
		return s.checkBands()
	case "deduct":
		if s.Per <= 0 || s.every() <= 0 || s.most() < 0 || s.most() > s.Max {
			return fmt.Errorf("want per and every above 0 and a cap from 0 to max")
		}
	case "pass_fail":
	default:
		return fmt.Errorf("type %q: want one of linear, band, deduct, pass_fail", s.Type)
	}
	return nil
}

// checkBands asks for bounds that ascend and for a band that takes what is left.
func (s *Scoring) checkBands() error {
	last := math.Inf(-1)
	for i, b := range s.Bands {
		bound := math.Inf(1)
		switch {
		case b.AtMost != nil && b.Below != nil:
			return fmt.Errorf("band %d has both at_most and below", i+1)
		case b.AtMost != nil:
			bound = *b.AtMost
		case b.Below != nil:
			bound = *b.Below
		}
		if math.IsNaN(bound) || bound <= last {
			return fmt.Errorf("band %d does not go on where the one before ends", i+1)
		}
		if !(b.Score >= 0 && b.Score <= s.Max) {
			return fmt.Errorf("band %d gives %v points: want 0 to %v", i+1, b.Score, s.Max)
		}
		last = bound
	}
	if !math.IsInf(last, 1) {
		return fmt.Errorf("no band without bounds takes what is left")
	}
	return nil
}

// number writes a number as people do.
func number(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
