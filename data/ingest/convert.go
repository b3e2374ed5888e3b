package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// A value is one value of a row under way. Which field counts follows from the
// type of its column; the zero value is missing.
type value struct {
	text   string
	number float64
	whole  int64
	ok     bool
}

// A fact is a row that has been read, one value for each column.
type fact struct {
	values    []value
	key       [16]byte // a digest of the id
	generated bool     // the id is made from the content
}

// The codes of notes.
const (
	noteZero     = "zero_coordinates"
	noteTwice    = "time_occurs_twice"
	noteSkipped  = "time_does_not_occur"
	noteStatus   = "unknown_status"
	noteAnswer   = "unknown_answer"
	noteRepeated = "repeated_id"
	noteSince    = "changed_since"
)

// noteTitles are all notes in the order they are reported.
var noteTitles = [...]Note{
	{Code: noteRepeated, Title: "rows whose id another row of the file has, which counts instead"},
	{Code: noteZero, Title: "coordinates of exactly (0, 0), read as none"},
	{Code: noteTwice, Title: "local times that occur twice, read as the first occurrence"},
	{Code: noteSkipped, Title: "local times that do not occur, read with the offset before the gap"},
	{Code: noteStatus, Title: "states that are not known, read as closed where there is a closing time, else open"},
	{Code: noteAnswer, Title: "answers of a call-back or a second look that are not known, read as none"},
}

// A converter turns the records of a file into facts. It is for one goroutine;
// the fact it returns holds until the next call.
type converter struct {
	plan   *plan
	parser parser
	zone   resolver
	fact   fact
	notes  map[string]int64
	hashed bytes.Buffer
	lowers map[string]string // words met, in lower case
}

func newConverter(p *plan) *converter {
	return &converter{
		plan: p, parser: p.format.parse(p.layout), zone: resolver{zone: p.zone},
		fact: fact{values: make([]value, len(p.columns))}, notes: map[string]int64{}, lowers: map[string]string{},
	}
}

// maxLowers is the most words a converter remembers in lower case: codes are
// few, and of other text nothing is gained.
const maxLowers = 4096

// lower returns a word in lower case. States and verdicts come again and again.
func (c *converter) lower(word string) string {
	if low, ok := c.lowers[word]; ok {
		return low
	}
	low := strings.ToLower(word)
	if len(c.lowers) < maxLowers {
		c.lowers[strings.Clone(word)] = low // a field shares the memory of its whole line
	}
	return low
}

// convert reads one record.
func (c *converter) convert(r record) (*fact, *Reject) {
	row, bad := c.parser.parse(r)
	if bad != nil {
		return nil, bad
	}
	clear(c.fact.values)
	bad = c.plain(row)
	if bad == nil {
		bad = c.id(row)
	}
	if bad == nil {
		bad = c.place(row)
	}
	if bad != nil {
		bad.Line, bad.Raw = r.line, r.raw
		return nil, bad
	}
	c.status()
	c.attributes(row)
	c.fact.values[c.plan.at.source] = value{text: c.plan.mapping.Source, ok: true}
	return &c.fact, nil
}

// plain reads the columns that need nothing but their own value.
func (c *converter) plain(row []string) *Reject {
	p := c.plan
	for i := range p.bindings {
		b := &p.bindings[i]
		if i == p.at.id || i == p.at.lon || i == p.at.lat || !b.used() {
			continue
		}
		text := p.text(*b, row)
		if len(b.values) > 0 {
			if word, ok := b.values[c.lower(text)]; ok {
				text = word
			}
		}
		if text == "" {
			if b.column.Required && i != p.at.status {
				return c.reject(*b, text, CodeMissing, "a value is required")
			}
			continue
		}
		if bad := c.read(i, b, text); bad != nil {
			return bad
		}
	}
	c.splitCategory()
	return nil
}

// read reads text as the value of column i.
func (c *converter) read(i int, b *binding, text string) (bad *Reject) {
	v := &c.fact.values[i]
	switch i {
	case c.plan.at.limit:
		return c.limit(b, text)
	case c.plan.at.unit:
		*v = value{text: unitOf(text), ok: true}
	case c.plan.at.pauses:
		*v, bad = c.pauses(b, text)
	default:
		*v, bad = c.value(b, text)
	}
	return bad
}

// value reads text as the type of the binding's column.
func (c *converter) value(b *binding, text string) (value, *Reject) {
	switch b.column.Type {
	case data.Time:
		m, err := parseTime(text, b.times)
		if err != nil {
			return value{}, c.reject(*b, text, CodeTime, err.Error())
		}
		return value{whole: c.instant(m), ok: true}, nil
	case data.Float, data.Int:
		n, ok := c.number(text)
		if !ok {
			return value{}, c.reject(*b, text, CodeNumber, "not a number")
		}
		if b.column.Type == data.Int && (n != math.Trunc(n) || math.Abs(n) > maxWhole) {
			return value{}, c.reject(*b, text, CodeNumber, "not a whole number")
		}
		return value{number: n, whole: int64(n), ok: true}, nil
	}
	switch b.column.Name {
	case data.Withdrawn:
		taken, ok := withdrawnWords[c.lower(text)]
		if !ok {
			return value{}, c.reject(*b, text, CodeWord, "neither yes nor no: whether the fact was taken back cannot be told")
		}
		return value{text: data.AnswerYes, ok: taken}, nil
	case "verdict":
		word, ok := verdictWords[c.lower(text)]
		return value{text: word, ok: ok}, nil
	}
	if b.words != nil {
		word, ok := b.words[c.lower(text)]
		if !ok {
			c.notes[noteAnswer]++
		}
		return value{text: word, ok: ok}, nil
	}
	return value{text: text, ok: true}, nil
}

// instant returns Unix microseconds for a moment, and notes a doubtful one.
func (c *converter) instant(m moment) int64 {
	micros, fate := c.zone.instant(m)
	switch fate {
	case twice:
		c.notes[noteTwice]++
	case skipped:
		c.notes[noteSkipped]++
	}
	return micros
}

// maxWhole is the largest whole number up to which every one is exact as a float.
const maxWhole = 1 << 53

// number reads a decimal number. A comma is the decimal sign where the file
// does not put it between fields.
func (c *converter) number(s string) (float64, bool) {
	if c.plan.layout.Delimiter != ',' && strings.Count(s, ",") == 1 && !strings.Contains(s, ".") {
		s = strings.Replace(s, ",", ".", 1)
	}
	for i := range len(s) {
		if !strings.ContainsRune("0123456789+-.eE", rune(s[i])) {
			return 0, false
		}
	}
	n, err := strconv.ParseFloat(s, 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// status maps the source's state of an incident to ours.
func (c *converter) status() {
	at, values := c.plan.at, c.fact.values
	if c.plan.dataset != data.Incidents {
		return
	}
	v := &values[at.status]
	state, known := statusWords[c.lower(v.text)]
	if v.ok && !known {
		state, known = v.text, v.text == data.StatusOpen || v.text == data.StatusClosed || v.text == data.StatusSuspended || v.text == data.StatusVoid
	}
	if !known {
		if v.ok {
			c.notes[noteStatus]++
		}
		state = data.StatusOpen
		if values[at.closed].ok {
			state = data.StatusClosed
		}
	}
	*v = value{text: state, ok: true}
	if c.plan.mapping.ClosedFromUpdated && state == data.StatusClosed && !values[at.closed].ok {
		values[at.closed] = values[at.updated]
	}
}

// attributes joins the kept columns.
func (c *converter) attributes(row []string) {
	if len(c.plan.keep) == 0 {
		return
	}
	kept := make(map[string]string, len(c.plan.keep))
	for _, i := range c.plan.keep {
		if v := c.plan.present(row[i]); v != "" {
			kept[c.plan.layout.Columns[i]] = v
		}
	}
	if len(kept) == 0 {
		return
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(kept); err != nil {
		panic("BUG: strings do not encode: " + err.Error())
	}
	c.fact.values[c.plan.at.attributes] = value{text: strings.TrimSuffix(out.String(), "\n"), ok: true}
}

func (c *converter) reject(b binding, text, code, message string) *Reject {
	return &Reject{Column: c.plan.sourceName(b), Value: text, Code: code, Message: message}
}

// sourceName is the name of what a binding reads, as the file has it.
func (p *plan) sourceName(b binding) string {
	if len(b.sources) == 0 {
		return b.column.Name
	}
	names := make([]string, len(b.sources))
	for i, s := range b.sources {
		names[i] = p.layout.Columns[s]
	}
	return strings.Join(names, "+")
}

// appendTo adds the fact to a builder of the plan's columns. nth is 1 but for
// rows of equal content, which are numbered.
func (f *fact) appendTo(b *data.Builder, p *plan, nth int32) {
	for i, c := range p.columns {
		v := f.values[i]
		if i == p.at.id && f.generated && nth > 1 {
			v.text = fmt.Sprintf("%s-%d", v.text, nth)
		}
		switch {
		case !v.ok:
			b.Missing(i)
		case c.Type == data.Text || c.Type == data.Code:
			b.SetText(i, v.text)
		case c.Type == data.Float:
			b.SetFloat(i, v.number)
		default:
			b.SetInt(i, v.whole)
		}
	}
}
