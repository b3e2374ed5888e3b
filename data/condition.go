package data

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/civgrid/civgrid/geo"
)

// A Condition says which rows are meant. It is one of [All], [Any], [Not],
// [Compare], [CompareColumns], [In], [InAnyCase], [Like], [Missing] and [Test]. A nil
// Condition means every row, also as a part of another.
//
// Logic is two-valued: a comparison with a missing value is false, and Not
// turns that into true. Stores that speak SQL must keep to this.
type Condition interface {
	// mark sets keep[i] for every row i of b that meets the condition and
	// clears it for every other.
	mark(b Batch, keep []bool)
	// columns adds the names of the columns the condition reads.
	columns(add func(string))
	// check tests the condition against the columns it will meet.
	check(columns []Column) error
}

// All is met by rows that meet each of its conditions; every row meets All{}.
type All []Condition

// Any is met by rows that meet one of its conditions; no row meets Any{}.
type Any []Condition

// Not is met by rows that do not meet its condition.
type Not struct{ Condition Condition }

// Missing is met by rows without a value in the column.
type Missing struct{ Column string }

// In is met by rows whose Text or Code column holds one of the words.
type In struct {
	Column string
	Words  []string
}

// An Op is a comparison.
type Op uint8

// The comparisons.
const (
	Equal Op = iota
	Less
	LessOrEqual
	Greater
	GreaterOrEqual
)

// String returns the operator as SQL and CQL2 write it.
func (op Op) String() string { return [...]string{"=", "<", "<=", ">", ">="}[op] }

// Compare is met by rows whose column compares so with a constant: a string
// for Text and Code columns (Equal only), a time.Time for Time, cut to the
// microsecond, an int64 for Int, a float64 for Float and a geo.Cell for Cell
// columns. NaN compares with nothing.
type Compare struct {
	Column string
	Op     Op
	Value  any
}

// CompareColumns is met by rows in which two Int or two Time columns both have
// a value and compare so.
type CompareColumns struct {
	Left  string
	Op    Op
	Right string
}

// Test is met by rows that have a value in each of the columns and pass a test
// that only Go knows, such as one of shapes. Stores that speak SQL read the rows that
// meet the other parts of an [All] and test them here.
type Test struct {
	Columns []string
	// Of returns the test of a row of a batch that holds at least the columns. It
	// must be safe for concurrent use, and say the same of the same values always.
	Of func(b Batch) func(row int) bool
}

// Select returns which rows of b meet c, in dst where that is large enough.
func Select(dst []bool, b Batch, c Condition) []bool {
	if cap(dst) < b.Len() {
		dst = make([]bool, b.Len())
	}
	dst = dst[:b.Len()]
	every(c).mark(b, dst)
	return dst
}

// CheckCondition tests that c names only these columns and compares each with
// a value of its type.
func CheckCondition(c Condition, columns []Column) error {
	return every(c).check(columns)
}

// ColumnsOf returns the names of the columns that c reads, each once, in the
// order of first use.
func ColumnsOf(c Condition) []string {
	var names []string
	seen := map[string]bool{}
	every(c).columns(func(name string) {
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	})
	return names
}

// every returns c, or where it is nil the condition that every row meets.
func every(c Condition) Condition {
	if c == nil {
		return All{}
	}
	return c
}

func (a All) mark(b Batch, keep []bool) {
	for i := range keep {
		keep[i] = true
	}
	part := make([]bool, len(keep))
	for _, c := range a {
		every(c).mark(b, part)
		for i, ok := range part {
			keep[i] = keep[i] && ok
		}
	}
}

func (a Any) mark(b Batch, keep []bool) {
	clear(keep)
	part := make([]bool, len(keep))
	for _, c := range a {
		every(c).mark(b, part)
		for i, ok := range part {
			keep[i] = keep[i] || ok
		}
	}
}

func (n Not) mark(b Batch, keep []bool) {
	every(n.Condition).mark(b, keep)
	for i := range keep {
		keep[i] = !keep[i]
	}
}

func (m Missing) mark(b Batch, keep []bool) {
	valid := b.Valid(m.Column)
	for i := range keep {
		keep[i] = !valid.At(i)
	}
}

func (in In) mark(b Batch, keep []bool) {
	words := make(map[string]bool, len(in.Words))
	for _, w := range in.Words {
		words[w] = true
	}
	markWords(b, in.Column, keep, func(w string) bool { return words[w] })
}

func (c Compare) mark(b Batch, keep []bool) {
	switch v := c.Value.(type) {
	case string:
		markWords(b, c.Column, keep, func(w string) bool { return w == v })
	case time.Time:
		markOrdered(b.Ints(c.Column), b.Valid(c.Column), c.Op, v.UnixMicro(), keep)
	case int64:
		markOrdered(b.Ints(c.Column), b.Valid(c.Column), c.Op, v, keep)
	case float64:
		markOrdered(b.Floats(c.Column), b.Valid(c.Column), c.Op, v, keep)
	case geo.Cell:
		markOrdered(b.Cells(c.Column), b.Valid(c.Column), c.Op, v, keep)
	default:
		panic(fmt.Sprintf("BUG: comparison of %s with a %T", c.Column, c.Value))
	}
}

func (c CompareColumns) mark(b Batch, keep []bool) {
	left, right := b.Ints(c.Left), b.Ints(c.Right)
	leftValid, rightValid := b.Valid(c.Left), b.Valid(c.Right)
	for i := range keep {
		keep[i] = leftValid.At(i) && rightValid.At(i) && ordered(left[i], c.Op, right[i])
	}
}

func (t Test) mark(b Batch, keep []bool) {
	passes := t.Of(b)
	valid := make([]Validity, len(t.Columns))
	for i, column := range t.Columns {
		valid[i] = b.Valid(column)
	}
	for row := range keep {
		keep[row] = !slices.ContainsFunc(valid, func(v Validity) bool { return !v.At(row) }) && passes(row)
	}
}

// markWords tests each word of a dictionary once and looks rows up.
func markWords(b Batch, column string, keep []bool, match func(string) bool) {
	valid := b.Valid(column)
	if i := indexOf(b.columns, column); i >= 0 && b.columns[i].Type == Text {
		texts := b.Texts(column)
		for i := range keep {
			keep[i] = valid.At(i) && match(texts.At(i))
		}
		return
	}
	codes := b.Codes(column)
	matches := make([]bool, len(codes.Words))
	for i, w := range codes.Words {
		matches[i] = match(w)
	}
	for i := range keep {
		keep[i] = valid.At(i) && matches[codes.Index[i]]
	}
}

type number interface {
	~int64 | ~uint64 | ~float64
}

func markOrdered[T number](values []T, valid Validity, op Op, than T, keep []bool) {
	for i := range keep {
		keep[i] = ordered(values[i], op, than) && valid.At(i)
	}
}

func ordered[T number](a T, op Op, b T) bool {
	switch op {
	case Equal:
		return a == b
	case Less:
		return a < b
	case LessOrEqual:
		return a <= b
	case Greater:
		return a > b
	default:
		return a >= b
	}
}

func (a All) columns(add func(string)) {
	for _, c := range a {
		every(c).columns(add)
	}
}

func (a Any) columns(add func(string)) {
	for _, c := range a {
		every(c).columns(add)
	}
}

func (n Not) columns(add func(string))            { every(n.Condition).columns(add) }
func (m Missing) columns(add func(string))        { add(m.Column) }
func (in In) columns(add func(string))            { add(in.Column) }
func (c Compare) columns(add func(string))        { add(c.Column) }
func (c CompareColumns) columns(add func(string)) { add(c.Left); add(c.Right) }

func (t Test) columns(add func(string)) {
	for _, column := range t.Columns {
		add(column)
	}
}

func (t Test) check(columns []Column) error {
	if t.Of == nil {
		return errors.New("a test that tests nothing")
	}
	_, err := Pick(columns, t.Columns...)
	return err
}

func (a All) check(columns []Column) error { return checkAll(a, columns) }
func (a Any) check(columns []Column) error { return checkAll(a, columns) }

func checkAll(conditions []Condition, columns []Column) error {
	for _, c := range conditions {
		if err := CheckCondition(c, columns); err != nil {
			return err
		}
	}
	return nil
}

func (n Not) check(columns []Column) error { return CheckCondition(n.Condition, columns) }

func (m Missing) check(columns []Column) error {
	_, err := Pick(columns, m.Column)
	return err
}

func (in In) check(columns []Column) error { return checkType(columns, in.Column, Text, Code) }

func (c Compare) check(columns []Column) error {
	if err := checkOp(c.Op); err != nil {
		return fmt.Errorf("column %s: %w", c.Column, err)
	}
	switch c.Value.(type) {
	case string:
		if c.Op != Equal {
			return fmt.Errorf("column %s: words compare with = only, not %s", c.Column, c.Op)
		}
		return checkType(columns, c.Column, Text, Code)
	case time.Time:
		return checkType(columns, c.Column, Time)
	case int64:
		return checkType(columns, c.Column, Int)
	case float64:
		return checkType(columns, c.Column, Float)
	case geo.Cell:
		return checkType(columns, c.Column, Cell)
	}
	return fmt.Errorf("column %s: no column compares with a %T", c.Column, c.Value)
}

func (c CompareColumns) check(columns []Column) error {
	if err := checkOp(c.Op); err != nil {
		return fmt.Errorf("columns %s and %s: %w", c.Left, c.Right, err)
	}
	if err := checkType(columns, c.Left, Time, Int); err != nil {
		return err
	}
	return checkType(columns, c.Right, columns[indexOf(columns, c.Left)].Type)
}

func checkOp(op Op) error {
	if op > GreaterOrEqual {
		return fmt.Errorf("comparison %d is unknown", uint8(op))
	}
	return nil
}

func checkType(columns []Column, name string, types ...Type) error {
	picked, err := Pick(columns, name)
	if err != nil {
		return err
	}
	if slices.Contains(types, picked[0].Type) {
		return nil
	}
	wanted := make([]string, len(types))
	for i, t := range types {
		wanted[i] = t.String()
	}
	return fmt.Errorf("column %s is of type %s, want %s", name, picked[0].Type, strings.Join(wanted, " or "))
}
