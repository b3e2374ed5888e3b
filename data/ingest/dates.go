package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// Dates such as 02/05/2024 are read with the day or the month first. Which it
// is follows, in this order, from
//
//   - the column: a value above 12 in one place settles it;
//   - the other columns of the file whose dates have the same separator;
//   - sense: a reading by which cases are closed before they were reported, or
//     were reported in the future, gives way to one that has no such cases;
//   - the separator: dots are written with the day first;
//   - the time zone: where people write the month first, that is meant.
//
// The first two are certain; all else is a Doubt.

const (
	// surePoints is how many dates more must speak for one order than for the
	// other for the rest of a file not to be asked.
	surePoints = 3
	// senseShare is the least share of cases closed before they were reported
	// that speaks against a reading.
	senseShare = 0.1
)

// The names of the two orders.
const (
	monthFirst = "us"
	dayFirst   = "eu"
)

func otherOrder(order string) string {
	if order == monthFirst {
		return dayFirst
	}
	return monthFirst
}

// A dateColumn is a column whose dates begin with day or month.
type dateColumn struct {
	ordinal   int
	separator string
	example   string // one that reads both ways; "" for none
	votes     dateVotes
}

// dateVotes count the dates that can be read in one order only.
type dateVotes struct{ month, day int }

func (v dateVotes) sure() bool {
	return v.month-v.day >= surePoints || v.day-v.month >= surePoints
}

// order returns the order most dates speak for, "" for none. A stray date does
// not make dots American.
func (v dateVotes) order(separator string) string {
	switch {
	case separator == "." && v.month-v.day < surePoints && v.month > 0:
		return dayFirst
	case v.month > v.day:
		return monthFirst
	case v.day > v.month:
		return dayFirst
	}
	return ""
}

// settleDates decides the order of day and month in all columns for which it was
// guessed. It reads the file until they are certain. now, if it is not zero, is
// what no report can be later than.
func (p *plan) settleDates(ctx context.Context, in Input, now time.Time) error {
	var columns []*dateColumn
	for i, b := range p.bindings {
		if b.guessed && (b.times[0].Name == monthFirst || b.times[0].Name == dayFirst) {
			columns = append(columns, &dateColumn{ordinal: i})
		}
	}
	if len(columns) == 0 {
		return nil
	}
	for _, row := range p.sample.rows {
		p.vote(columns, row)
	}
	if !allSure(columns) {
		if err := p.voteAll(ctx, in, columns); err != nil {
			return err
		}
	}
	var open []*dateColumn
	total := votesBySeparator(columns)
	for _, c := range columns {
		order := cmp.Or(c.votes.order(c.separator), total[c.separator].order(c.separator))
		if order == "" {
			open = append(open, c)
			continue
		}
		p.readDates(c, order)
	}
	p.weighDates(open, now)
	return nil
}

// vote lets the dates of one row speak.
func (p *plan) vote(columns []*dateColumn, row []string) {
	for _, c := range columns {
		text := p.text(p.bindings[c.ordinal], row)
		_, asMonth := parseDated(text, monthDayYear)
		_, asDay := parseDated(text, dayMonthYear)
		switch {
		case asMonth != nil && asDay != nil:
			continue
		case asDay != nil:
			c.votes.month++
		case asMonth != nil:
			c.votes.day++
		case c.example == "" && differs(text):
			c.example = text
		}
		if c.separator == "" {
			c.separator = strings.TrimLeft(text, "0123456789")[:1]
		}
	}
}

// differs reports whether a date means two days, unlike 02/02/2024.
func differs(text string) bool {
	month, _ := parseDated(text, monthDayYear)
	day, _ := parseDated(text, dayMonthYear)
	return month != day
}

// voteAll counts the votes of the whole file anew, until they suffice.
func (p *plan) voteAll(ctx context.Context, in Input, columns []*dateColumn) error {
	for _, c := range columns {
		c.votes = dateVotes{}
	}
	o, err := in.open(nil)
	if err != nil {
		return err
	}
	defer o.Close()
	split, parser := p.format.split(o, p.layout), p.format.parse(p.layout)
	for n := 0; ; n++ {
		r, err := split.next()
		if errors.Is(err, io.EOF) || err != nil && ctx.Err() == nil { // what ends it early is told by the first pass
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if fields, bad := parser.parse(r); bad == nil {
			p.vote(columns, fields)
		}
		if n%sampleRowsMax == 0 && allSure(columns) {
			return nil
		}
	}
}

func votesBySeparator(columns []*dateColumn) map[string]dateVotes {
	total := map[string]dateVotes{}
	for _, c := range columns {
		v := total[c.separator]
		total[c.separator] = dateVotes{v.month + c.votes.month, v.day + c.votes.day}
	}
	return total
}

func allSure(columns []*dateColumn) bool {
	for _, v := range votesBySeparator(columns) {
		if !v.sure() {
			return false
		}
	}
	return true
}

// readDates settles the order of a column. The same slice may not be changed:
// it can be that of all formats.
func (p *plan) readDates(c *dateColumn, order string) {
	format, err := timeFormatByName(order)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	b := &p.bindings[c.ordinal]
	b.times = append([]TimeFormat{format}, b.times[1:]...)
}

// weighDates settles the columns that no date decides, and says so.
func (p *plan) weighDates(open []*dateColumn, now time.Time) {
	bySeparator := map[string][]*dateColumn{}
	for _, c := range open {
		bySeparator[c.separator] = append(bySeparator[c.separator], c)
	}
	var doubts []Doubt
	for _, c := range open {
		columns := bySeparator[c.separator]
		if columns[0] != c {
			continue
		}
		order, why := p.sensibleOrder(columns, now)
		if order == "" {
			order, why = p.usualOrder(c.separator)
		}
		for _, c := range columns {
			p.readDates(c, order)
		}
		if d, ok := p.dateDoubt(columns, order, why); ok {
			doubts = append(doubts, d)
			p.weighed = append(p.weighed, c.separator+" "+order)
		}
	}
	p.doubts = append(doubts, p.doubts...)
}

// dateDoubt says how dates were read that can be read otherwise. There is none
// where all dates mean the same day either way.
func (p *plan) dateDoubt(columns []*dateColumn, order, why string) (Doubt, bool) {
	var names []string
	example := ""
	for _, c := range columns {
		if c.example != "" {
			names = append(names, p.sourceName(p.bindings[c.ordinal]))
			example = cmp.Or(example, c.example)
		}
	}
	if example == "" {
		return Doubt{}, false
	}
	noun := "column"
	if len(names) > 1 {
		noun = "columns"
	}
	return Doubt{
		Code: "day_or_month",
		Message: fmt.Sprintf("%s %s: no date tells day and month apart: %s is read as %s, %s, not as %s",
			noun, strings.Join(names, ", "), example, dayIn(example, order), why, dayIn(example, otherOrder(order))),
		Hint: advise("%s if it means %s, %s to be sure of %s",
			set("time-format", otherOrder(order)), dayIn(example, otherOrder(order)), set("time-format", order), dayIn(example, order)),
	}, true
}

// dayIn writes the day that a date means in an order.
func dayIn(text, order string) string {
	of := dayMonthYear
	if order == monthFirst {
		of = monthDayYear
	}
	m, err := parseDated(text, of)
	if err != nil {
		return "no date"
	}
	return time.UnixMicro(m.micros).UTC().Format("2 January 2006")
}

// usualOrder is the order people write dates in.
func (p *plan) usualOrder(separator string) (order, why string) {
	switch zone := p.mapping.Zone; {
	case separator == ".":
		return dayFirst, "as dates with dots are"
	case writesMonthFirst(zone):
		return monthFirst, "as is usual in " + zone
	case zone == "":
		return dayFirst, "as is usual in most countries"
	default:
		return dayFirst, "as is usual in " + zone
	}
}

// writesMonthFirst reports whether people of a time zone write the month first:
// those of the United States, and with them of Canada and the Philippines. From
// Mexico southwards America writes the day first.
func writesMonthFirst(zone string) bool {
	region, city, _ := strings.Cut(zone, "/")
	switch region {
	case "US", "Canada":
		return true
	case "America":
		group, _, _ := strings.Cut(city, "/")
		return slices.Contains(monthFirstCities, group)
	}
	return slices.Contains([]string{"Asia/Manila", "Pacific/Honolulu", "Pacific/Guam", "EST5EDT", "CST6CDT", "MST7MDT", "PST8PDT"}, zone)
}

// monthFirstCities are the zones of the United States and Canada in the IANA
// database's area America, of 2024.
var monthFirstCities = []string{
	"Adak", "Anchorage", "Boise", "Chicago", "Denver", "Detroit", "Indiana", "Indianapolis", "Juneau", "Kentucky", "Los_Angeles", "Louisville",
	"Menominee", "Metlakatla", "New_York", "Nome", "North_Dakota", "Phoenix", "Puerto_Rico", "Shiprock", "Sitka", "Yakutat",
	"Cambridge_Bay", "Dawson", "Edmonton", "Glace_Bay", "Goose_Bay", "Halifax", "Inuvik", "Iqaluit", "Moncton", "Rankin_Inlet", "Regina",
	"Resolute", "St_Johns", "Swift_Current", "Toronto", "Vancouver", "Whitehorse", "Winnipeg", "Yellowknife",
}
