package indicator

import "github.com/civgrid/civgrid/analytics"

// A Component is an item of a composite, with the points it can give.
type Component struct {
	*Compiled
	Bonus bool
	quota float64 // 0 for none
}

// Components returns the items of a composite as they are declared. An indicator
// of another kind is its own only component.
func (c *Compiled) Components() []Component {
	if c.Kind != compositeKind {
		return []Component{{Compiled: c, quota: c.most()}}
	}
	list := make([]Component, len(c.items))
	for i, made := range c.items {
		list[i] = Component{Compiled: made, Bonus: c.Items[i].Bonus, quota: c.Items[i].weight()}
	}
	return list
}

// most returns the most that an indicator which is no composite can give, 0
// where it has no points.
func (c *Compiled) most() float64 {
	if !c.scores() {
		return 0
	}
	return c.mostPoints()
}

// Quota returns the most points that the item can give. ok is false for an
// indicator that is neither scored nor a share.
func (p Component) Quota() (points float64, ok bool) { return p.quota, p.quota > 0 }

// Points returns what an outcome of the item gives: its quota times the part
// that it reached, which is returned too, from 0 to 1. Without a quota it is the
// value, and part is 0.
func (p Component) Points(o Outcome) (points, part float64, ok bool) {
	switch {
	case p.quota == 0:
		return o.Value, 0, o.Has
	case o.HasScore:
		part = o.Score / p.mostPoints()
	case o.Has && p.Scoring == nil: // read back from a layer, which has no points for it
		part = o.Value
	default:
		return 0, 0, false
	}
	return p.quota * part, part, true
}

// Quota returns the most points that can be reached without a bonus. ok is false
// for an indicator that is neither composite, nor scored, nor a share.
func (c *Compiled) Quota() (points float64, ok bool) {
	if c.Kind == compositeKind {
		return c.points(), true
	}
	return c.most(), c.most() > 0
}

// Points returns what an outcome gives: the value of a composite, the points of
// what is scored, else the value.
func (c *Compiled) Points(o Outcome) (points float64, ok bool) {
	if c.Kind == compositeKind {
		return o.Value, o.Has
	}
	points, _, ok = c.Components()[0].Points(o)
	return points, ok
}

// Unit returns the unit of the value: "share", "points", "s", "count" or one in
// words.
func (c *Compiled) Unit() string { return c.kind.Unit(c.Definition) }

// PointsUnit returns the unit of Points and Quota.
func (c *Compiled) PointsUnit() string {
	if c.Kind != compositeKind && c.Scoring != nil {
		return "points"
	}
	return c.Unit()
}

// Enough reports whether an outcome rests on as many facts as the definition
// asks for.
func (c *Compiled) Enough(o Outcome) bool { return o.N >= c.minN() }

// Passed returns what passed, of what, where the value is the share of one in
// the other: facts, points or weights. What is left counts where less is better.
// of is 0 for all other kinds, for composites, and where no direction is better.
func (c *Compiled) Passed(o Outcome) (passed, of float64) {
	switch {
	case !o.Has || o.Denominator <= 0 || c.Unit() != "share" || c.Kind == compositeKind:
		return 0, 0
	case c.Direction == "higher":
		return o.Numerator, o.Denominator
	case c.lowerIsBetter():
		return o.Denominator - o.Numerator, o.Denominator
	}
	return 0, 0
}

// Outcomes reads back from the layer of an indicator what came of it for each
// row, and for all facts together: all but variances and parts.
func Outcomes(layer *analytics.Layer) (rows []Outcome, all Outcome) {
	rows = make([]Outcome, layer.Frame.Len())
	for _, c := range layer.Columns {
		for row := range rows {
			if !c.Has(row) {
				continue
			}
			switch c.Type {
			case analytics.IntColumn:
				rows[row].set(c.Name, c.Ints[row])
			case analytics.FloatColumn:
				rows[row].set(c.Name, c.Floats[row])
			case analytics.WordColumn:
				rows[row].set(c.Name, c.Words[row])
			}
		}
	}
	for _, item := range layer.Summary {
		all.set(item.Key, item.Value)
	}
	return rows, all
}

// set sets what a column or an item of the summary is called.
func (o *Outcome) set(name string, value any) {
	switch x := value.(type) {
	case int64:
		if name == "n" {
			o.N = x
		}
	case float64:
		switch name {
		case "value":
			o.Value, o.Has = x, true
		case "low":
			o.Low, o.HasLow = x, true
		case "high":
			o.High, o.HasHigh = x, true
		case "numerator":
			o.Numerator = x
		case "denominator":
			o.Denominator = x
		case "score":
			o.Score, o.HasScore = x, true
		}
	case string:
		switch name {
		case "status":
			o.Status = x
		case "reason":
			o.Reason = x
		}
	}
}
