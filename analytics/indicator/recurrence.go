package indicator

import (
	"hash/fnv"
	"time"

	"github.com/civgrid/civgrid/data"
)

var recurrence = Kind{
	Name:  "recurrence",
	Title: "Share of subjects of findings that were found again",
	Doc: "subject names columns that together say what was found wrong, such as point and item, or where, such as cell_11. " +
		"Of the subjects with a finding in the period, it is the share with at_least findings (2 unless said otherwise). numerator says which facts are findings.",
	Reference: "Wilson 1927, J. Am. Stat. Assoc. 22:209-212, for the interval",
	Fields:    []string{"subject", "at_least", "numerator", "clock"},
	Needs:     []string{"subject"},
	Subjects:  true,
	Unit:      func(*Definition) string { return "share" },
	Counts:    eventCounts,
	Shrink:    ShareShrinkage,
	Estimate: func(c *Compiled, s Sample) Estimate {
		var found, again int64
		for _, n := range s.findings {
			if n > 0 {
				found++
			}
			if n >= max(c.AtLeast, 2) {
				again++
			}
		}
		e := Estimate{N: found, Numerator: float64(again), Denominator: float64(found)}
		if found == 0 {
			e.Reason = NoFacts
			return e
		}
		e.Value, e.Has = e.Numerator/e.Denominator, true
		return e.within(c, again, found)
	},
}

// subjects is how many subjects are told apart: among a hundred thousand of one
// row, two are taken for one with a probability of 7 %.
const subjects = 1 << 36

// findings counts facts by subject.
func (c *Compiled) findings(asOf time.Time) (data.Key, data.Count) {
	return data.ByInt{Column: c.subjectColumn(), Below: subjects}, data.Count{Name: "found", Where: c.counted(asOf)}
}

func (c *Compiled) subjectColumn() string { return c.timing.prefix + "_subject" }

// A subjectReader tells the subjects of the rows of a batch.
type subjectReader struct {
	words []func(row int) string
	valid []data.Validity
}

func (c *Compiled) subjectOf(rows data.Batch) (r subjectReader) {
	for _, name := range c.Subject {
		r.words = append(r.words, wordsOf(rows, name))
		r.valid = append(r.valid, rows.Valid(name))
	}
	return r
}

// append appends the number of the subject of a row: a digest of its values,
// FNV-1a of 64 bits, of which the upper are kept. A fact that lacks one of them
// has no subject.
func (r subjectReader) append(into *data.Builder, column, row int) {
	digest := fnv.New64a()
	for i, word := range r.words {
		if !r.valid[i].At(row) {
			into.Missing(column)
			return
		}
		digest.Write([]byte(word(row)))
		digest.Write([]byte{0})
	}
	into.SetInt(column, int64(digest.Sum64()>>28))
}

// wordsOf returns the values of a Text, Code or Cell column as text.
func wordsOf(b data.Batch, name string) func(row int) string {
	columns, err := data.Pick(b.Columns(), name)
	if err != nil {
		panic("BUG: a subject that was not read: " + err.Error())
	}
	switch columns[0].Type {
	case data.Text:
		return b.Texts(name).At
	case data.Code:
		return b.Codes(name).At
	}
	cells := b.Cells(name)
	return func(row int) string { return cells[row].String() }
}

// checkSubject tests the columns of the subject.
func (c *Compiled) checkSubject() error {
	picked, err := data.Pick(data.SchemaOf(c.dataset(), data.DefaultResolutions()), c.Subject...)
	if err != nil {
		return c.fail("subject", "%v", err)
	}
	for _, column := range picked {
		if column.Private || column.Type != data.Text && column.Type != data.Code && column.Type != data.Cell {
			return c.fail("subject", "column %s is of type %s or private: want words or cells", column.Name, column.Type)
		}
	}
	return nil
}
