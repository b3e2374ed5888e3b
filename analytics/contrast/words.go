package contrast

import (
	"github.com/civgrid/civgrid/analytics"
)

// Columns describes what a difference layer shows of a row.
func Columns(c *analytics.Contrast) []analytics.Column {
	number := func(name, title, doc, unit string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.FloatColumn, Title: title, Doc: doc, Unit: unit}
	}
	count := func(name, title string) analytics.Column {
		return analytics.Column{Name: name, Type: analytics.IntColumn, Unit: "count", Title: title}
	}
	moved := changeUnit(c)
	list := []analytics.Column{
		{Name: "status", Type: analytics.WordColumn, Title: "Status", Doc: "increase or decrease where q is at most 0.05, unclear, or insufficient for too little data; missing without data in either period."},
		number("value", c.Title, "Missing without data.", c.Unit),
		number("value_before", c.Title+", period compared with", "Missing without data.", c.Unit),
		number("change", "Change", "value less value_before; missing where the row was not tested.", moved),
		number("change_low", "Change, lower bound", "", moved),
		number("change_high", "Change, upper bound", "", moved),
		number("p", "p", "Two-sided, of there being no change.", ""),
		number("q", "q", "p adjusted for the number of rows that were tested.", ""),
		count("n", "Facts"),
		count("n_before", "Facts, period compared with"),
	}
	if c.Test == analytics.RateTest {
		list = append(list,
			number("ratio", "Times as many", "Missing without any before.", ""),
			number("ratio_low", "Times as many, lower bound", "", ""),
			number("ratio_high", "Times as many, upper bound", "", ""))
	}
	return list
}

// changeUnit is the unit of a change: a share, from 0 to 1, changes by one that may be
// below 0.
func changeUnit(c *analytics.Contrast) string {
	if c.Unit == "share" {
		return "share_change"
	}
	return c.Unit
}

// fill makes the columns of a layer.
func (j *judge) fill(before, now []analytics.Side, changes []change) []analytics.Column {
	list, index := Columns(j.Contrast), map[string]int{}
	for i := range list {
		c := &list[i]
		index[c.Name], c.Valid = i, make([]bool, len(changes))
		switch c.Type {
		case analytics.IntColumn:
			c.Ints = make([]int64, len(changes))
		case analytics.WordColumn:
			c.Words = make([]string, len(changes))
		default:
			c.Floats = make([]float64, len(changes))
		}
	}
	for row, ch := range changes {
		number := func(name string, x float64, ok bool) {
			if c := &list[index[name]]; ok {
				c.Floats[row], c.Valid[row] = x, true
			}
		}
		count := func(name string, n int64) {
			c := &list[index[name]]
			c.Ints[row], c.Valid[row] = n, true
		}
		if c := &list[index["status"]]; ch.status != "" {
			c.Words[row], c.Valid[row] = ch.status, true
		}
		x, ok := j.value(now[row])
		number("value", x, ok)
		x, ok = j.value(before[row])
		number("value_before", x, ok)
		number("change", ch.Difference, ch.tested)
		number("change_low", ch.Interval.Low, ch.tested)
		number("change_high", ch.Interval.High, ch.tested)
		number("p", ch.P, ch.tested)
		number("q", ch.q, ch.tested)
		count("n", now[row].N)
		count("n_before", before[row].N)
		if r, ok := j.ratio(before[row], now[row]); ok && ch.tested {
			number("ratio", r.Ratio, true)
			number("ratio_low", r.Interval.Low, true)
			number("ratio_high", r.Interval.High, true)
		}
	}
	return list
}

// legend colours significant change only. Which direction is the better one is not for
// colours to say: purple and orange mean neither.
func legend() analytics.Legend {
	return analytics.Legend{Column: "status", Title: "Change since the period compared with", Classes: []analytics.Class{
		{Key: Increase, Label: "Increase", Color: "#542788", Shape: "triangle"},
		{Key: Decrease, Label: "Decrease", Color: "#e08214", Shape: "triangle_down"},
		{Key: Unclear, Label: "No significant change", Color: "#f7f7f2"},
		{Key: Insufficient, Label: "Too little data", Color: "#d9d9d9", Shape: "ring"},
		{Key: analytics.NoData, Label: "No data", Color: "#e9edf1"},
	}}
}

func rank(c *analytics.Contrast) analytics.Rank {
	return analytics.Rank{Column: "change", Descending: c.Rising, Show: []string{"status", "value_before", "value", "change", "change_low", "change_high", "q"}}
}

// summary tells what became of all facts together, and of how many rows.
func (j *judge) summary(before, now analytics.Side, changes []change) []analytics.Item {
	moved := changeUnit(j.Contrast)
	whole := j.of(before, now)
	var tested int64
	rows := map[string]int64{}
	for _, c := range changes {
		rows[c.status]++
		if c.tested {
			tested++
		}
	}
	told := func(x float64, ok bool) any {
		if !ok {
			return nil
		}
		return x
	}
	return []analytics.Item{
		{Key: "value", Title: j.Title, Value: told(j.value(now)), Unit: j.Unit},
		{Key: "value_before", Title: j.Title + ", period compared with", Value: told(j.value(before)), Unit: j.Unit},
		{Key: "change", Title: "Change", Value: told(whole.Difference, whole.tested), Unit: moved},
		{Key: "change_low", Title: "Change, lower bound", Value: told(whole.Interval.Low, whole.tested), Unit: moved},
		{Key: "change_high", Title: "Change, upper bound", Value: told(whole.Interval.High, whole.tested), Unit: moved},
		{Key: "change_p", Title: "p-value of that change", Value: told(whole.P, whole.tested)},
		{Key: "n", Title: "Facts", Value: now.N, Unit: "count"},
		{Key: "n_before", Title: "Facts, period compared with", Value: before.N, Unit: "count"},
		{Key: "tested", Title: "Rows that were tested", Value: tested, Unit: "count"},
		{Key: Increase, Title: "Rows with an increase", Value: rows[Increase], Unit: "count"},
		{Key: Decrease, Title: "Rows with a decrease", Value: rows[Decrease], Unit: "count"},
		{Key: Unclear, Title: "Rows without a significant change", Value: rows[Unclear], Unit: "count"},
		{Key: Insufficient, Title: "Rows with too little data", Value: rows[Insufficient], Unit: "count"},
	}
}

func (j *judge) testWords() string {
	switch j.Test {
	case analytics.ShareTest:
		return "Difference of shares with Newcombe's interval (1998, method 10); p by Fisher's exact test."
	case analytics.RateTest:
		return "Events per 30 days, as far as the periods are known; difference with the hybrid of two exact Poisson intervals, ratio and p by the exact conditional test."
	}
	return "Difference of means with Welch's interval and p."
}

// reference names where the methods of a test come from.
func reference(t analytics.Test) string {
	many := "; Benjamini and Hochberg 1995, J. R. Stat. Soc. B 57:289-300"
	switch t {
	case analytics.ShareTest:
		return "Newcombe 1998, Stat. Med. 17:873-890; Fisher 1935, J. R. Stat. Soc. 98:39-82" + many
	case analytics.RateTest:
		return "Przyborowski and Wilenski 1940, Biometrika 31:313-323; Zou and Donner 2008, Stat. Med. 27:1693-1702; Tarone 1990, Biometrics 46:515-522" + many
	}
	return "Welch 1947, Biometrika 34:28-35" + many
}

// caveats tells what a reader could misread.
func caveats(r analytics.Request, c *analytics.Contrast) []string {
	var told []string
	for _, s := range []analytics.Span{{From: r.From, To: r.To}, r.Against} {
		known := Known(r, s)
		if whole := s.To.Sub(s.From); known.To.Sub(known.From) < whole-whole/100 {
			day := func(s analytics.Span) string {
				return s.From.In(r.Zone).Format(minute) + " to " + s.To.In(r.Zone).Format(minute)
			}
			told = append(told, "Of the period from "+day(s)+" only that from "+day(known)+" is known.")
		}
	}
	if c.Test == analytics.RateTest {
		told = append(told, "The test takes reports to come one by one: several of one event make it too bold.")
	}
	return told
}
