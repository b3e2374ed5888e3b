package indicator

import "github.com/civgrid/civgrid/analytics"

// The values of column status.
const (
	Compliant    = "compliant"     // the whole interval reaches the target
	NonCompliant = "non_compliant" // the whole interval misses it
	Undetermined = "undetermined"  // the interval holds the target
	Insufficient = "insufficient"  // fewer facts than are asked for
)

// Judge tells whether a value that lies between low and high reaches a target,
// at least or, with atMost, at most. A bound that is not known holds any value.
func Judge(e Estimate, target float64, atMost bool) string {
	low, high := e.HasLow, e.HasHigh
	switch {
	case atMost && high && e.High <= target, !atMost && low && e.Low >= target:
		return Compliant
	case atMost && low && e.Low > target, !atMost && high && e.High < target:
		return NonCompliant
	}
	return Undetermined
}

// reaches reports whether the value itself reaches the target, whatever its
// uncertainty.
func (t *Target) reaches(value, target float64) bool {
	if t.Op == "<=" {
		return value <= target
	}
	return value >= target
}

// target returns what a row has to reach, given the codes of the areas it lies
// in, coarsest first. ok is false where nothing is declared.
func (c *Compiled) target(path []string) (value float64, ok bool) {
	if c.Target == nil {
		return 0, false
	}
	for i := len(path) - 1; i >= 0; i-- {
		if v, found := c.Target.Table[path[i]]; found {
			return v, true
		}
	}
	return c.Target.Value, true
}

// judge makes the outcome of an estimate.
func (c *Compiled) judge(e Estimate, path []string) Outcome {
	o := Outcome{Estimate: e}
	target, aimed := c.target(path)
	if aimed {
		o.Status = c.status(e, target)
	}
	if e.Has && c.scores() {
		points := func(value float64) float64 { return c.pointsFor(value, aimed && c.Target.reaches(value, target)) }
		o.scored(points(e.Value))
		if e.HasLow && e.HasHigh {
			a, b := points(e.Low), points(e.High)
			o.ScoreLow, o.ScoreHigh = min(a, b, o.Score), max(a, b, o.Score)
		}
	}
	return o
}

// scores reports whether outcomes have a score.
func (c *Compiled) scores() bool { return c.Scoring != nil || c.kind.Unit(c.Definition) == "share" }

// mostPoints returns the highest score there is.
func (c *Compiled) mostPoints() float64 {
	if c.Scoring == nil {
		return 1
	}
	return c.Scoring.Max
}

func (c *Compiled) pointsFor(value float64, reached bool) float64 {
	switch s := c.Scoring; {
	case s == nil:
		return value
	case s.Type == "pass_fail":
		return s.passed(reached)
	default:
		return s.points(value, c.lowerIsBetter())
	}
}

// scored gives an outcome a score that is certain.
func (o *Outcome) scored(score float64) {
	o.Score, o.ScoreLow, o.ScoreHigh, o.HasScore = score, score, score, true
}

func (c *Compiled) status(e Estimate, target float64) string {
	switch {
	case e.Reason == GateClosed || e.Reason == Vetoed:
		return NonCompliant
	case e.Reason == GateUnknown:
		return Undetermined
	case !e.Has && e.N == 0:
		return ""
	case e.N < c.minN():
		return Insufficient
	}
	return Judge(e, target, c.Target.Op == "<=")
}

// minN returns the fewest facts that are judged and ranked.
func (c *Compiled) minN() int64 {
	if c.kind.Zero {
		return c.MinN
	}
	return max(c.MinN, 1)
}

// fill gives a row without facts the score that the definition declares.
func (c *Compiled) fill(o, all Outcome) Outcome {
	if o.Has || !c.scores() || o.Reason != NoFacts && o.Reason != NothingScored {
		return o
	}
	switch {
	case c.Empty == "full":
		o.scored(c.mostPoints())
	case c.Empty == "zero":
		o.scored(0)
	case c.Empty == "neutral" && all.HasScore:
		o.scored(all.Score)
	}
	return o
}

func (c *Compiled) lowerIsBetter() bool { return c.Direction == "lower" }

// StatusLegend is the legend of column status, with a label for rows without a
// value.
func StatusLegend(none string) analytics.Legend {
	return analytics.Legend{Column: "status", Title: "Target reached", Classes: []analytics.Class{
		{Key: Compliant, Label: "Compliant", Color: "#009e73", Shape: "circle"},
		{Key: Undetermined, Label: "Undetermined", Color: "#e69f00", Shape: "triangle"},
		{Key: NonCompliant, Label: "Not compliant", Color: "#b2182b", Shape: "square"},
		{Key: Insufficient, Label: "Too few cases", Color: "#d9d9d9", Shape: "ring"},
		{Key: analytics.NoData, Label: none, Color: "#f7f7f2"},
	}}
}
