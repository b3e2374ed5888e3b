package indicator

import (
	"math"
	"slices"
	"strings"
)

var composite = Kind{
	Name:  "composite",
	Title: "Weighted sum of the scores of other indicators",
	Doc: "Each item gives its weight times the part of its points, or of 1 for shares without scoring, that it reached. " +
		"Items without data are left out and the others weigh more (over: nonempty), or give nothing (over: fixed). " +
		"Bonus items add up to bonus_cap. A gate that is not passed makes it miss its target; a veto that holds makes it 0. " +
		"The interval joins those of the items as if they were independent.",
	Reference: "Zou and Donner 2008, Stat. Med. 27:1693-1702, equation 8, for the interval",
	Fields:    []string{"items", "over", "gates", "vetoes", "bonus_cap"},
	Needs:     []string{"items"},
	Unit: func(d *Definition) string {
		hasBonus := slices.ContainsFunc(d.Items, func(i Item) bool { return i.Bonus })
		if math.Abs(d.points()-1) < 1e-9 && !hasBonus {
			return "share"
		}
		return "points"
	},
	Estimate: compositeOf,
}

// points returns the sum of the weights of items that are no bonus.
func (d *Definition) points() (sum float64) {
	for _, item := range d.Items {
		if !item.Bonus {
			sum += item.weight()
		}
	}
	return sum
}

func compositeOf(c *Compiled, s Sample) Estimate {
	var e Estimate
	var got, below, above, weights, bonus float64
	var told []string
	for i, item := range c.Items {
		o := s.parts[i]
		e.N += o.N
		told = append(told, c.items[i].tellPart(o))
		if !o.HasScore {
			continue
		}
		w, whole := item.weight(), c.items[i].mostPoints()
		if item.Bonus {
			bonus += w * o.Score / whole
			continue
		}
		got, weights = got+w*(o.Score/whole), weights+w
		below, above = below+square(w*(o.Score-o.ScoreLow)/whole), above+square(w*(o.ScoreHigh-o.Score)/whole)
	}
	e.Parts = strings.Join(told, "; ")
	if weights == 0 {
		e.Reason = NothingScored
		return e
	}
	over := weights
	if c.Over == "fixed" {
		over = c.points()
	}
	if c.BonusCap != nil {
		bonus = min(bonus, *c.BonusCap)
	}
	e.Numerator, e.Denominator = got, over
	points := func(part float64) float64 { return c.points()*min(1, max(0, part/over)) + bonus }
	e.Value, e.Low, e.High = points(got), points(got-math.Sqrt(below)), points(got+math.Sqrt(above))
	e.Has, e.HasLow, e.HasHigh = true, true, true
	return c.guard(e, s.parts[len(c.Items):])
}

func square(x float64) float64 { return x * x }

// tellPart says which part of its points an item reached.
func (c *Compiled) tellPart(o Outcome) string {
	if !o.HasScore {
		return c.Title("") + " –"
	}
	return c.Title("") + " " + number(math.Round(1e4*o.Score/c.mostPoints())/1e4)
}

// guard applies gates and vetoes, in the order of their outcomes.
func (c *Compiled) guard(e Estimate, outcomes []Outcome) Estimate {
	for i, g := range append(append([]Gate(nil), c.Gates...), c.Vetoes...) {
		o, gate := outcomes[i], i < len(c.Gates)
		switch holds := o.Has && g.holds(o.Value); {
		case gate && !o.Has && e.Reason == "":
			e.Reason = GateUnknown
		case gate && o.Has && !holds:
			e.Reason = GateClosed
		case !gate && holds:
			e.Value, e.Low, e.High, e.Reason = 0, 0, 0, Vetoed
		}
	}
	return e
}

func (g Gate) holds(x float64) bool {
	if g.Op == "<=" {
		return x <= g.Value
	}
	return x >= g.Value
}
