package indicator

import (
	"fmt"
	"strings"
)

// Describe says in sentences what a definition counts and how, for those who
// have to live by it.
func Describe(d *Definition, s Surroundings) ([]string, error) {
	c, err := Compile(d, s)
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("%s, version %d: %s", d.Code, d.Version, d.Title("en"))}
	add := func(format string, args ...any) { lines = append(lines, "  "+fmt.Sprintf(format, args...)) }
	if d.Description != "" {
		add("%s", d.Description)
	}
	if d.Source.Standard != "" {
		add("It follows %s.", strings.TrimSpace(d.Source.Standard+" "+d.Source.Clause))
	}
	if d.Source.Note != "" {
		add("%s", strings.TrimSuffix(d.Source.Note, ".")+".")
	}
	add("In force: %s.", d.Effective)
	add("Kind %s: %s.", d.Kind, strings.ToLower(c.kind.Title[:1])+c.kind.Title[1:])
	if c.kind.Counts != nil && !c.kind.Places {
		add("Counted are %s%s, in the period of their %s.", d.dataset(), where(d.Where), c.by())
	}
	c.describeShare(add)
	c.describeClock(add)
	c.describePeriod(add)
	if d.Target != nil {
		add("To be reached: %s %s (%s).", d.Target.words(), number(d.Target.Value), c.kind.Unit(d))
	}
	c.describeScoring(add)
	for i, item := range d.Items {
		name := item.Document
		if i < len(c.items) {
			name = c.items[i].Title("en") + " (" + item.Indicator + ")"
		}
		kind := ""
		if item.Bonus {
			kind = ", a bonus"
		}
		add("Item %d: %s, weight %s%s.", i+1, name, number(item.weight()), kind)
	}
	empty := map[string]string{"no_data": "has no score", "full": "scores all points", "zero": "scores no points", "neutral": "scores as all rows together do"}[d.Empty]
	text := "A row without facts " + empty
	if n := c.minN(); n > 1 {
		text += fmt.Sprintf("; one with fewer than %d is not judged or ranked", n)
	}
	add("%s.", text)
	return lines, nil
}

// words says what a target asks for.
func (t *Target) words() string {
	if t.Op == "<=" {
		return "at most"
	}
	return "at least"
}

// by names for people what puts a fact into a period: a column, or the deadline
// that was computed.
func (c *Compiled) by() string {
	column := c.eventOf(c.Period.By)
	if column == c.timing.deadline && column != "" {
		return "deadline"
	}
	return or(column, "any time")
}

func where(condition string) string {
	if condition == "" {
		return ""
	}
	return " where " + condition
}

func (c *Compiled) describeShare(add func(string, ...any)) {
	switch {
	case c.byPolicy():
		unlimited := "do not count"
		if c.NoLimit == "on_time" {
			unlimited = "count as on time"
		}
		add("On time is what was closed within its limit. Open policy %s: %s. Cases without a limit %s.", c.policy(), policyWords(c.policy()), unlimited)
	case len(c.Numerator) > 0:
		var terms []string
		for _, t := range c.Numerator {
			terms = append(terms, fmt.Sprintf("%s × %s", number(t.Weight), t.Where))
		}
		add("Numerator: %s. Denominator: %s.", strings.Join(terms, " + "), or(c.Denominator, AllCases))
	}
}

// policyWords says how open cases count.
func policyWords(policy string) string {
	switch policy {
	case Pessimistic:
		return "an open case with a deadline is late, whether that has passed or not"
	case Optimistic:
		return "an open case is on time until its deadline, and late from then on"
	case ClosedOnly:
		return "open cases do not count"
	case KaplanMeier:
		return "an open case counts for as long as it has waited"
	}
	return "a case counts once its deadline has passed; if it is open then it is late"
}

func (c *Compiled) describeClock(add func(string, ...any)) {
	if c.Clock == nil {
		return
	}
	t := &c.timing
	text := fmt.Sprintf("The clock runs from %s to %s", t.Start, t.Stop)
	if c.Clock.StopCounts != "" {
		text += fmt.Sprintf(" (which counts where %s)", c.Clock.StopCounts)
	}
	if c.calendar != nil {
		text += fmt.Sprintf(", by calendar %s, version %s", c.calendar.ID(), or(c.calendar.Version(), "unnamed"))
	}
	switch {
	case t.record != "":
		text += ". The deadline is " + t.record
	case t.by != "" && t.within != nil:
		text += fmt.Sprintf(". The limit goes by %s, else it is %s", t.by, t.within)
	case t.by != "":
		text += ". The limit goes by " + t.by
	case t.within != nil:
		text += fmt.Sprintf(". The limit is %s", t.within)
	}
	if len(c.Clock.Pauses) > 0 {
		text += ". It stands still in pauses"
	}
	if c.Clock.Extension == "replaces" {
		text += ". A granted extension replaces the deadline"
	}
	add("%s.", text)
}

func (c *Compiled) describePeriod(add func(string, ...any)) {
	p := c.Period
	text := "Periods are " + p.unit() + "s"
	if p.anchor() > 1 {
		text += fmt.Sprintf(" that begin on day %d of the month before", p.anchor())
	}
	if p.DayCut != "" {
		text += fmt.Sprintf(", with days that begin at %s and are named for where they %s", p.DayCut, or(p.DayNamed, "start"))
	}
	add("%s, in %s.", text, c.zone)
}

func (c *Compiled) describeScoring(add func(string, ...any)) {
	s := c.Scoring
	if s == nil {
		return
	}
	text := ""
	switch s.Type {
	case "linear":
		text = "in proportion"
	case "deduct":
		text = fmt.Sprintf("less %s for every %s, at most %s", number(s.Per), number(s.every()), number(s.most()))
	case "pass_fail":
		text = "for reaching the target, else none"
	case "band":
		var bands []string
		for _, b := range s.Bands {
			switch {
			case b.AtMost != nil:
				bands = append(bands, fmt.Sprintf("up to %s: %s", number(*b.AtMost), number(b.Score)))
			case b.Below != nil:
				bands = append(bands, fmt.Sprintf("below %s: %s", number(*b.Below), number(b.Score)))
			default:
				bands = append(bands, "else "+number(b.Score))
			}
		}
		text = "by bands: " + strings.Join(bands, ", ")
	}
	add("Points: %s, %s.", number(s.Max), text)
}
