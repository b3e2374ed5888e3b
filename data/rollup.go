package data

import (
	"errors"
	"fmt"
	"slices"
	"time"
)

// A Rollup asks for counts and sums of the rows of a dataset that meet a
// condition, by one or more keys. It is all that analyses ask of facts, and
// small enough for any engine: our own kernels, or GROUP BY in a database.
//
// The answer is a batch with one column for each key, each count and each sum,
// one row for each combination of keys that occurs (see [Rollup.Columns]). Rows
// may come in any order and in parts: parts with equal keys are added.
type Rollup struct {
	Name    string // names the answer within a plan
	Dataset Dataset
	Where   Condition
	Keys    []Key
	Counts  []Count
	Sums    []Sum
}

// A Count is the number of rows that meet a condition, an Int column.
type Count struct {
	Name  string
	Where Condition // nil counts every row
}

// A Sum adds up an Int column of the rows that meet a condition and have a
// value, an Int column itself; of no such rows it is 0, and how many there are
// is for a [Count] to tell. A sum that does not fit 64 bits is an error that
// names it and wraps [ErrOverflow]; it never wraps around.
//
// Only integers are summed, as sums of floats depend on their order. For
// decimals see [Derive]: a column of millionths does.
type Sum struct {
	Name   string
	Column string
	Where  Condition // nil adds every row
}

// A Key is what rows are grouped by. It is one of [ByCell], [ByCode],
// [ByHourOfWeek],
// [ByInt] and [ByWait]. Rows without a value for a key form a group of
// their own, in which the key is missing.
type Key interface {
	// Result describes the key's column in the answer.
	Result() Column
	// Reads returns the columns the key is computed from.
	Reads() []string
}

// ByCell groups by a Cell column, such as "cell_9".
type ByCell struct{ Column string }

// ByCode groups by a Code column. With Recode, rows are grouped by what their
// word maps to; a word that is not in the map counts as missing.
type ByCode struct {
	Column string
	Recode map[string]string
}

// ByHourOfWeek groups a Time column by the local hour of the week: 0 is Monday
// from midnight to one o'clock, 167 Sunday from eleven at night. The answer is
// an Int column "hour_of_week".
type ByHourOfWeek struct {
	Column string
	Zone   *time.Location
}

// ByWait groups rows by how long From waited for To: by the number of Bounds
// that are smaller than the wait, an Int column "wait". A row whose To is
// missing or later than AsOf has waited until AsOf. Rows that waited less than
// no time at all, or began after AsOf, have no value.
type ByWait struct {
	From, To string
	AsOf     time.Time
	Bounds   []int64 // microseconds, ascending
}

// ByInt groups by an Int column, by values from 0 up to, and not including,
// Below, which is at most 2^36; others count as missing.
type ByInt struct {
	Column string
	Below  int64
}

// Result implements Key.
func (k ByCell) Result() Column { return Column{Name: k.Column, Type: Cell} }

// Result implements Key.
func (k ByCode) Result() Column { return Column{Name: k.Column, Type: Code} }

// Result implements Key.
func (k ByHourOfWeek) Result() Column { return Column{Name: "hour_of_week", Type: Int} }

// Result implements Key.
func (k ByWait) Result() Column { return Column{Name: "wait", Type: Int} }

// Result implements Key.
func (k ByInt) Result() Column { return Column{Name: k.Column, Type: Int} }

// Reads implements Key.
func (k ByInt) Reads() []string { return []string{k.Column} }

// Reads implements Key.
func (k ByCell) Reads() []string { return []string{k.Column} }

// Reads implements Key.
func (k ByCode) Reads() []string { return []string{k.Column} }

// Reads implements Key.
func (k ByHourOfWeek) Reads() []string { return []string{k.Column} }

// Reads implements Key.
func (k ByWait) Reads() []string { return []string{k.From, k.To} }

// Columns describes the answer: the keys, then the counts, then the sums.
func (r Rollup) Columns() []Column {
	var columns []Column
	for _, k := range r.Keys {
		columns = append(columns, k.Result())
	}
	for _, c := range r.Counts {
		columns = append(columns, Column{Name: c.Name, Type: Int, Required: true})
	}
	for _, s := range r.Sums {
		columns = append(columns, Column{Name: s.Name, Type: Int, Required: true})
	}
	return columns
}

// Query returns the query whose rows r adds up.
func (r Rollup) Query() Query {
	q := Query{Dataset: r.Dataset, Where: r.Where}
	add := func(names ...string) {
		for _, name := range names {
			if !slices.Contains(q.Columns, name) {
				q.Columns = append(q.Columns, name)
			}
		}
	}
	for _, k := range r.Keys {
		add(k.Reads()...)
	}
	for _, c := range r.Counts {
		add(ColumnsOf(c.Where)...)
	}
	for _, s := range r.Sums {
		add(s.Column)
		add(ColumnsOf(s.Where)...)
	}
	if len(q.Columns) == 0 { // a count of rows alone still has to read one
		add("source")
	}
	return q
}

// Check tests r against the columns of its dataset: that there are those it
// reads, each of the type that its use asks for, and that no two columns of the
// answer have one name.
func (r Rollup) Check(columns []Column) error {
	for _, k := range r.Keys {
		if err := checkKey(k, columns); err != nil {
			return fmt.Errorf("rollup %s, keys: %w", r.Name, err)
		}
	}
	if _, err := r.Query().Needs(columns); err != nil {
		return fmt.Errorf("rollup %s: %w", r.Name, err)
	}
	for _, c := range r.Counts {
		if err := CheckCondition(c.Where, columns); err != nil {
			return fmt.Errorf("rollup %s, count %s: %w", r.Name, c.Name, err)
		}
	}
	for _, s := range r.Sums {
		if err := s.check(columns); err != nil {
			return fmt.Errorf("rollup %s, sum %s: %w", r.Name, s.Name, err)
		}
	}
	answer := r.Columns()
	for i, c := range answer {
		if indexOf(answer, c.Name) < i {
			return fmt.Errorf("rollup %s: two columns of the answer are called %q", r.Name, c.Name)
		}
	}
	return nil
}

func (s Sum) check(columns []Column) error {
	if err := checkType(columns, s.Column, Int); err != nil {
		return err
	}
	return CheckCondition(s.Where, columns)
}

func checkKey(k Key, columns []Column) error {
	switch k := k.(type) {
	case ByCell:
		return checkType(columns, k.Column, Cell)
	case ByCode:
		return checkType(columns, k.Column, Code)
	case ByInt:
		if k.Below < 1 || k.Below > 1<<36 {
			return fmt.Errorf("values below %d: want 1 to 2^36", k.Below)
		}
		return checkType(columns, k.Column, Int)
	case ByHourOfWeek:
		if k.Zone == nil {
			return errors.New("hour of the week without a time zone")
		}
		return checkType(columns, k.Column, Time)
	case ByWait:
		if !slices.IsSorted(k.Bounds) {
			return fmt.Errorf("bounds of the wait %v are not ascending", k.Bounds)
		}
		if err := checkType(columns, k.From, Time); err != nil {
			return err
		}
		return checkType(columns, k.To, Time)
	}
	return fmt.Errorf("key of type %T is unknown", k)
}
