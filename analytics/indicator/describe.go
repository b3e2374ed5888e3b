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
	add("In force from %s to %s.", or(d.Effective.From, "ever"), or(d.Effective.To, "open end"))
	add("It is a %s: %s. %s", d.Kind, strings.ToLower(c.kind.Title[:1])+c.kind.Title[1:], c.kind.Doc)
	add("Counted are %s%s, by %s.", d.dataset(), where(d.Where), c.eventOf(d.Period.By))
	c.describeShare(add)
	c.describeClock(add)
	c.describePeriod(add)
	if d.Target != nil {
		add("To be reached: %s %s %s.", d.Target.Op, number(d.Target.Value), c.kind.Unit(d))
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
	add("A row without facts scores: %s. Fewer than %d facts are not judged or ranked.", d.Empty, c.minN())
	return lines, nil
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
		add("On time is what was closed within its limit; open cases count as %s, those without a limit as %s.", c.policy(), or(c.NoLimit, "exclude"))
	case len(c.Numerator) > 0:
		var terms []string
		for _, t := range c.Numerator {
			terms = append(terms, fmt.Sprintf("%s × %s", number(t.Weight), t.Where))
		}
		add("Numerator: %s. Denominator: %s.", strings.Join(terms, " + "), or(c.Denominator, AllCases))
	}
}

func (c *Compiled) describeClock(add func(string, ...any)) {
	if c.Clock == nil {
		return
	}
	t := &c.timing
	limit := "no limit"
	switch {
	case t.record != "":
		limit = "until " + t.record
	case t.by != "":
		limit = "limits by " + t.by
	case t.within != nil:
		limit = t.within.String()
	}
	calendar := "real time"
	if c.calendar != nil {
		calendar = "calendar " + c.calendar.ID()
	}
	add("The clock runs from %s to %s, in %s; limit: %s. Pauses %s; a granted extension is %s.",
		t.Start, t.Stop, calendar, limit, map[bool]string{true: "do not count", false: "count"}[len(c.Clock.Pauses) > 0], or(c.Clock.Extension, "ignored"))
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
