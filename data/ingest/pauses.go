package ingest

import (
	"strings"
	"unicode"

	"github.com/civgrid/civgrid/data"
)

// intervalCuts stand between the two times of an interval, "/" as ISO 8601 has
// it (8601-1:2019, 5.5.1).
var intervalCuts = []string{"/", "~", "～", "至"}

// pauses reads intervals, parted by semicolons. Times are written as that of the
// event, or as ISO dates.
func (c *converter) pauses(b *binding, text string) (value, *Reject) {
	var pauses []data.Pause
	parts := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '；' })
	for _, part := range parts {
		from, to, ok := c.interval(trim(part))
		if !ok {
			return value{}, c.reject(*b, text, CodeTime, "not an interval such as 2024-05-01 08:00/2024-05-02 09:30")
		}
		if to < from {
			return value{}, c.reject(*b, text, CodeTime, "an interval that ends before it begins")
		}
		pauses = append(pauses, data.Pause{From: from, To: to})
	}
	canonical := data.FormatPauses(pauses)
	return value{text: canonical, ok: canonical != ""}, nil
}

// longestInterval is how many bytes an interval has at most: two times take far
// less, and every cut in it is tried.
const longestInterval = 200

// interval reads one interval. Its end is data.Unended where nothing, or
// nothing but dots, stands there.
func (c *converter) interval(text string) (from, to int64, ok bool) {
	if len(text) > longestInterval {
		return 0, 0, false
	}
	for _, cut := range intervalCuts {
		for at := 0; ; at += len(cut) {
			next := strings.Index(text[at:], cut)
			if next < 0 {
				break
			}
			at += next
			begin, begun := c.pauseTime(trim(text[:at]))
			end := trim(text[at+len(cut):])
			if !begun {
				continue
			}
			if end == "" || end == ".." || end == "今" {
				return c.instant(begin), data.Unended, true
			}
			if m, ended := c.pauseTime(end); ended {
				return c.instant(begin), c.instant(m), true
			}
		}
	}
	return 0, 0, false
}

func (c *converter) pauseTime(text string) (moment, bool) {
	m, err := parseTime(text, c.plan.bindings[c.plan.at.event].times)
	if err != nil {
		m, err = timeFormats[0].parse(text)
	}
	return m, err == nil
}

// limit reads a number, or a number with its unit beside it.
func (c *converter) limit(b *binding, text string) *Reject {
	unit := ""
	n, ok := c.number(text)
	if end := strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || r == ' ' }); !ok && end > 0 {
		n, ok = c.number(text[:end])
		unit = trim(text[end:])
	}
	if !ok || n < 0 {
		return c.reject(*b, text, CodeNumber, "not a limit such as 4, 4 work_hour or 2个工作日")
	}
	c.fact.values[c.plan.at.limit] = value{number: n, ok: true}
	if unit != "" {
		c.fact.values[c.plan.at.unit] = value{text: unitOf(unit), ok: true}
	}
	return nil
}

// splitCategory takes a category of several levels apart where both columns
// have one source.
func (c *converter) splitCategory() {
	at := c.plan.at
	if at.category < 0 || !c.plan.levelled {
		return
	}
	category, sub := &c.fact.values[at.category], &c.fact.values[at.subcategory]
	upper, lower, ok := strings.Cut(category.text, "->")
	if !ok {
		*sub = value{}
		return
	}
	*category, *sub = value{text: trim(upper), ok: true}, value{text: trim(lower), ok: true}
}
