package indicator

import (
	"math"
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
		if total := d.points(); math.Abs(total-1) < 1e-9 {
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

// A part is what an item contributes.
type part struct{ at, low, high float64 } // from 0 to 1

func compositeOf(c *Compiled, s Sample) Estimate {
	var e Estimate
	var got, below, above, weights, bonus float64
	var told []string
	for i, item := range c.Items {
		o := s.parts[i]
		e.N += o.N
		p, ok := c.items[i].part(o)
		told = append(told, tellPart(c.items[i], o, p, ok))
		if !ok {
			continue
		}
		w := item.weight()
		if item.Bonus {
			bonus += w * p.at
			continue
		}
		got, weights = got+w*p.at, weights+w
		below, above = below+square(w*(p.at-p.low)), above+square(w*(p.high-p.at))
	}
	e.Parts = strings.Join(told, "; ")
	if weights == 0 {
		e.Reason = NothingScored
		return e
	}
	scale := 1.0
	if c.Over != "fixed" {
		scale = c.points() / weights
	}
	if c.BonusCap != nil {
		bonus = min(bonus, *c.BonusCap)
	}
	e.Numerator, e.Denominator = got, weights
	e.Value, e.Has = got*scale+bonus, true
	e.Low, e.High = e.Value-scale*math.Sqrt(below), e.Value+scale*math.Sqrt(above)
	e.HasLow, e.HasHigh = true, true
	return c.guard(e, s.parts[len(c.Items):])
}

// part returns what an item reached of what it could.
func (c *Compiled) part(o Outcome) (p part, ok bool) {
	if c.Scoring == nil {
		p = part{o.Value, o.Value, o.Value}
		if o.HasLow && o.HasHigh {
			p.low, p.high = o.Low, o.High
		}
		return p, o.Has
	}
	whole := c.Scoring.Max
	p = part{o.Score / whole, o.Score / whole, o.Score / whole}
	if o.Has && o.HasLow && o.HasHigh {
		a, b := c.Scoring.points(o.Low, c.lowerIsBetter())/whole, c.Scoring.points(o.High, c.lowerIsBetter())/whole
		p.low, p.high = min(a, b, p.at), max(a, b, p.at)
	}
	return p, o.HasScore
}

func square(x float64) float64 { return x * x }

func tellPart(c *Compiled, o Outcome, p part, ok bool) string {
	if !ok {
		return c.Title("") + " –"
	}
	return c.Title("") + " " + number(math.Round(1e4*p.at)/1e4)
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
