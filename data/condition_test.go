package data

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/geo"
)

// meets decides whether a row meets a condition, slowly and plainly.
func meets(c Condition, columns []Column, r row) bool {
	at := func(name string) any { return r[indexOf(columns, name)] }
	switch c := c.(type) {
	case nil:
		return true
	case All:
		return !slices.ContainsFunc(c, func(part Condition) bool { return !meets(part, columns, r) })
	case Any:
		return slices.ContainsFunc(c, func(part Condition) bool { return meets(part, columns, r) })
	case Not:
		return !meets(c.Condition, columns, r)
	case Missing:
		return at(c.Column) == nil
	case In:
		word, ok := at(c.Column).(string)
		return ok && slices.Contains(c.Words, word)
	case InAnyCase:
		word, ok := at(c.Column).(string)
		return ok && slices.ContainsFunc(c.Words, func(w string) bool { return strings.EqualFold(w, word) })
	case Like:
		word, ok := at(c.Column).(string)
		return ok && expression(c).MatchString(word)
	case CompareColumns:
		return compares(at(c.Left), c.Op, at(c.Right))
	case Compare:
		if moment, ok := c.Value.(time.Time); ok {
			return compares(at(c.Column), c.Op, moment.UnixMicro())
		}
		return compares(at(c.Column), c.Op, c.Value)
	}
	panic(fmt.Sprintf("condition of type %T", c))
}

func compares(a any, op Op, b any) bool {
	if a == nil || b == nil {
		return false
	}
	less, equal := false, a == b
	switch a := a.(type) {
	case int64:
		less = a < b.(int64)
	case float64:
		less = a < b.(float64)
		if math.IsNaN(b.(float64)) {
			return false
		}
	case geo.Cell:
		less = a < b.(geo.Cell)
	}
	return [...]bool{Equal: equal, Less: less, LessOrEqual: less || equal, Greater: !less && !equal, GreaterOrEqual: !less}[op]
}

// someCondition makes up a condition on the columns of everyType.
func someCondition(r *rand.Rand, depth int) Condition { return someConditionOn(r, everyType(), depth) }

// someConditionOn makes up a condition on columns, two of them Int or Time.
func someConditionOn(r *rand.Rand, columns []Column, depth int) Condition {
	parts := func() []Condition {
		parts := make([]Condition, r.IntN(4))
		for i := range parts {
			parts[i] = someConditionOn(r, columns, depth-1)
		}
		return parts
	}
	op := Op(r.IntN(5))
	switch kind := r.IntN(10); {
	case kind == 0:
		return nil
	case kind <= 2 && depth > 0:
		return All(parts())
	case kind <= 4 && depth > 0:
		return Any(parts())
	case kind == 5 && depth > 0:
		return Not{someConditionOn(r, columns, depth-1)}
	case kind == 6:
		return Missing{columns[r.IntN(len(columns))].Name}
	case kind == 7:
		left, right := columns[r.IntN(len(columns))], columns[r.IntN(len(columns))]
		for left.Type != right.Type || left.Type != Int && left.Type != Time {
			left, right = columns[r.IntN(len(columns))], columns[r.IntN(len(columns))]
		}
		return CompareColumns{left.Name, op, right.Name}
	}
	c := columns[r.IntN(len(columns))]
	value := someValue(r, c.Type)
	switch v := value.(type) {
	case nil:
		return Missing{c.Name}
	case string:
		switch r.IntN(5) {
		case 0, 1:
			return In{c.Name, []string{"a", v, "a", "never"}[r.IntN(3):]}
		case 2:
			return InAnyCase{c.Name, []string{"A", strings.ToUpper(v), "never"}[r.IntN(2):]}
		case 3:
			return Like{c.Name, []string{"%", "a%", "_", "%A%", "__%"}[r.IntN(5)], r.IntN(2) == 0}
		}
		return Compare{c.Name, Equal, v}
	case int64:
		if c.Type == Time {
			return Compare{c.Name, op, time.UnixMicro(v % 1e15).In(time.FixedZone("", 3600))}
		}
	case float64:
		value = []float64{v, v, v, math.NaN(), math.Inf(1), math.Inf(-1)}[r.IntN(6)]
	}
	return Compare{c.Name, op, value}
}

func TestSelectDecidesAsRowByRow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 1))
	rows := someRows(random, everyType(), 60)
	batches := forms(random, everyType(), rows)
	kinds := map[string]int{}
	var buf []bool
	for range 4000 {
		c := someCondition(random, 4)
		kinds[fmt.Sprintf("%T", c)]++
		if err := CheckCondition(c, everyType()); err != nil {
			t.Fatalf("%#v: %v", c, err)
		}
		want := make([]bool, len(rows))
		for i, r := range rows {
			want[i] = meets(c, everyType(), r)
		}
		for form, b := range batches {
			buf = Select(buf, b, c)
			if !slices.Equal(buf, want) {
				t.Fatalf("%s: Select(%#v) = %v, want %v", form, c, buf, want)
			}
		}
	}
	for _, c := range []Condition{nil, All{}, Any{}, Not{}, Missing{}, In{}, InAnyCase{}, Like{}, Compare{}, CompareColumns{}} {
		if kind := fmt.Sprintf("%T", c); kinds[kind] < 20 {
			t.Errorf("%d of 4000 conditions are of type %s, want at least 20", kinds[kind], kind)
		}
	}
}

func TestLogicIsTwoValued(t *testing.T) {
	columns := everyType()
	none := make(row, len(columns))
	b := build(columns, []row{none})
	f := func(c Condition) {
		t.Helper()
		if Select(nil, b, c)[0] {
			t.Errorf("%#v is met by a missing value", c)
		}
		if !Select(nil, b, Not{c})[0] {
			t.Errorf("Not of %#v is not met by a missing value", c)
		}
	}
	for op := Equal; op <= GreaterOrEqual; op++ {
		f(Compare{"time", op, time.Time{}})
		f(Compare{"int", op, int64(0)})
		f(Compare{"float", op, 0.0})
		f(Compare{"cell", op, geo.NoCell})
		f(CompareColumns{"time", op, "until"})
		f(CompareColumns{"int", op, "int"})
	}
	f(Compare{"text", Equal, ""})
	f(Compare{"code", Equal, ""})
	f(In{"text", []string{""}})
	f(In{"code", []string{""}})
	f(InAnyCase{"text", []string{""}})
	f(InAnyCase{"code", []string{""}})
	f(Like{"text", "%", false})
	f(Like{"code", "%", true})
	f(Any{})
}

func TestNoPartOfAConditionMeansEveryRow(t *testing.T) {
	b := build([]Column{{Name: "n", Type: Int}}, []row{{int64(1)}, {nil}})
	f := func(c Condition, want ...bool) {
		t.Helper()
		if got := Select(nil, b, c); !slices.Equal(got, want) {
			t.Errorf("Select(%#v) = %v, want %v", c, got, want)
		}
		if err := CheckCondition(c, b.Columns()); err != nil {
			t.Errorf("CheckCondition(%#v): %v", c, err)
		}
		ColumnsOf(c) // does not panic
	}
	one := Compare{"n", Equal, int64(1)}
	f(nil, true, true)
	f(All{nil, one}, true, false)
	f(Any{one, nil}, true, true)
	f(Not{nil}, false, false)
	f(Not{}, false, false)
	f(All{Not{one}, nil, Any{nil}}, false, true)
}

func TestSelectReusesItsBuffer(t *testing.T) {
	b := build([]Column{{Name: "n", Type: Int}}, []row{{int64(1)}, {int64(2)}, {nil}})
	buf := []bool{true, true, true, true, true}
	got := Select(buf, b, Compare{"n", Greater, int64(1)})
	if diff := cmp.Diff([]bool{false, true, false}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if &got[0] != &buf[0] {
		t.Error("Select allocates though its buffer is large enough")
	}
	if got := Select(buf[:0:2], b, nil); len(got) != 3 {
		t.Errorf("with a small buffer Select returns %d rows, want 3", len(got))
	}
}

func TestMomentsAreCutToTheMicrosecond(t *testing.T) {
	b := build([]Column{{Name: "at", Type: Time}}, []row{{int64(10)}, {int64(-10)}})
	for i, us := range []int64{10, -10} {
		moment := time.UnixMicro(us).Add(999 * time.Nanosecond)
		if !Select(nil, b, Compare{"at", Equal, moment})[i] {
			t.Errorf("%d µs and 999 ns does not compare as %d µs", us, us)
		}
	}
}

func TestCheckCondition(t *testing.T) {
	f := func(c Condition, why string) {
		t.Helper()
		err := CheckCondition(c, everyType())
		wantError(t, fmt.Sprintf("%#v", c), err, why)
		for _, around := range []Condition{All{nil, c}, Any{All{}, c}, Not{c}, Not{All{Any{c}}}} {
			wantError(t, fmt.Sprintf("%#v", around), CheckCondition(around, everyType()), why)
		}
	}
	f(nil, "")
	f(All{}, "")
	f(In{"text", nil}, "")
	f(In{"code", []string{"a"}}, "")
	f(In{"int", []string{"1"}}, "column int is of type int, want text or code")
	f(In{"no such", nil}, `column "no such": not found; there are text, code`)
	f(InAnyCase{"text", nil}, "")
	f(InAnyCase{"int", []string{"1"}}, "column int is of type int, want text or code")
	f(Like{"code", `a\\`, false}, "")
	f(Like{"code", `a\`, false}, `column code: pattern "a\\" ends in a \ that nothing follows`)
	f(Like{"cell", "a", false}, "column cell is of type cell, want text or code")
	f(Like{"no such", "a", false}, "not found")
	f(Missing{"cell"}, "")
	f(Missing{"no such"}, "not found")
	f(Missing{""}, "not found")
	f(Compare{"no such", Equal, int64(1)}, "not found")
	f(Compare{"int", Equal, 1}, "no column compares with a int")
	f(Compare{"int", Equal, nil}, "no column compares with a <nil>")
	f(Compare{"int", Equal, uint64(1)}, "no column compares with a uint64")
	f(Compare{"int", Op(5), int64(1)}, "column int: comparison 5 is unknown")
	f(Compare{"text", Less, "a"}, "column text: words compare with = only, not <")
	f(CompareColumns{"int", Op(200), "other"}, "comparison 200 is unknown")
	f(CompareColumns{"int", Less, "other"}, "")
	f(CompareColumns{"time", Less, "until"}, "")
	f(CompareColumns{"int", Less, "time"}, "column time is of type time, want int")
	f(CompareColumns{"time", Less, "int"}, "column int is of type int, want time")
	f(CompareColumns{"float", Less, "int"}, "column float is of type float, want time or int")
	f(CompareColumns{"int", Less, "no such"}, "not found")
	f(CompareColumns{"no such", Less, "int"}, "not found")
}

// A value fits the columns of one or two types and no others; what
// CheckCondition lets pass, Select answers.
func TestValuesFitColumnsOfTheirTypes(t *testing.T) {
	b := build(everyType(), someRows(rand.New(rand.NewPCG(3, 2)), everyType(), 3))
	for _, value := range []struct {
		value any
		types []Type
	}{
		{"a", []Type{Text, Code}}, {time.Unix(0, 0), []Type{Time}}, {int64(1), []Type{Int}}, {1.5, []Type{Float}}, {geo.Cell(1), []Type{Cell}},
	} {
		for _, column := range everyType() {
			c := Compare{column.Name, Equal, value.value}
			err := CheckCondition(c, everyType())
			if got, want := err == nil, slices.Contains(value.types, column.Type); got != want {
				t.Errorf("CheckCondition(%#v) = %v, want it to pass: %v", c, err, want)
			}
			if err == nil {
				Select(nil, b, c)
			}
		}
	}
}

func TestUncheckedConditionsAreBugs(t *testing.T) {
	b := build(everyType(), someRows(rand.New(rand.NewPCG(3, 3)), everyType(), 3))
	for _, c := range []Condition{
		Compare{"no such", Equal, "a"},
		Compare{"int", Equal, "a"},
		Compare{"text", Less, int64(1)},
		Compare{"int", Equal, 1},
		In{"no such", nil},
		In{"float", nil},
		InAnyCase{"float", nil},
		Like{"int", "%", false},
		Missing{"no such"},
		CompareColumns{"float", Equal, "int"},
	} {
		wantBug(t, fmt.Sprintf("Select(%#v)", c), func() { Select(nil, b, c) })
	}
}

func TestColumnsOf(t *testing.T) {
	f := func(c Condition, want ...string) {
		t.Helper()
		if got := ColumnsOf(c); !slices.Equal(got, want) {
			t.Errorf("ColumnsOf(%#v) = %q, want %q", c, got, want)
		}
	}
	f(nil)
	f(All{})
	f(Not{})
	f(Missing{"a"}, "a")
	f(CompareColumns{"b", Less, "a"}, "b", "a")
	f(All{Like{"b", "%", false}, InAnyCase{"a", nil}}, "b", "a")
	f(All{In{"c", nil}, nil, Any{Compare{"a", Equal, "x"}, Not{Missing{"c"}}}, CompareColumns{"a", Less, "b"}}, "c", "a", "b")
}

func TestOperatorsAreWrittenAsInSQL(t *testing.T) {
	var got []string
	for op := Equal; op <= GreaterOrEqual; op++ {
		got = append(got, op.String())
	}
	if diff := cmp.Diff([]string{"=", "<", "<=", ">", ">="}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestErrorsOnUnknownColumnsCanBeTold(t *testing.T) {
	if err := CheckCondition(Not{Missing{"no such"}}, everyType()); !errors.Is(err, ErrNotFound) {
		t.Errorf("error %v, want ErrNotFound", err)
	}
}
