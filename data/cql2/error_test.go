package cql2

import (
	"errors"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/data"
)

// wantError checks the place of an error, and what it says.
func wantError(t *testing.T, text string, err error, at int, near, why string) {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Errorf("%s: error %v, want an *Error", text, err)
		return
	}
	if e.At != at || e.Near != near || !strings.Contains(e.Why, why) {
		t.Errorf("%s: position %d near %q: %s\nwant %d near %q: %s", text, e.At, e.Near, e.Why, at, near, why)
	}
}

func TestParseErrors(t *testing.T) {
	f := func(text string, at int, near, why string) {
		t.Helper()
		_, err := Parse(text)
		wantError(t, text, err, at, near, why)
	}
	// Ends and rests.
	f(``, 0, ``, `the text ends where a condition is wanted`)
	f(`   `, 3, ``, `the text ends where a condition is wanted`)
	f(`a`, 1, ``, `the text ends where a comparison such as =, LIKE, IN or IS NULL is wanted`)
	f(`a =`, 3, ``, `the text ends where a property or a value is wanted`)
	f(`a = 1 AND`, 9, ``, `the text ends where a condition is wanted`)
	f(`a = 1)`, 5, `)`, `AND, OR or the end of the condition is wanted here`)
	f(`a = 1 b = 2`, 6, `b`, `AND, OR or the end`)
	f(`a = 1; DROP TABLE x`, 5, `;`, `no condition has such a character`)
	f(`TRUE FALSE`, 5, `FALSE`, `AND, OR or the end`)
	f(`路 = '灯' 街`, 8, `街`, `AND, OR or the end`)
	// Brackets.
	f(`(a = 1`, 6, ``, `AND, OR or a closing bracket is wanted`)
	f(`()`, 1, `)`, `a condition is wanted here`)
	f(`(a) = 1`, 2, `)`, `a comparison such as`)
	f(`a IN ()`, 6, `)`, `a value is wanted here`)
	f(`a IN 1`, 5, `1`, `a list in brackets`)
	f(`a IN (1, )`, 9, `)`, `a value is wanted`)
	f(`a IN (1 2)`, 8, `2`, `a comma or a closing bracket`)
	f(`a IN (1`, 7, ``, `a comma or a closing bracket`)
	// Key words.
	f(`NOT`, 3, ``, `a condition is wanted`)
	f(`NOT NOT a = 1`, 4, `NOT`, `wants brackets`)
	f(`a NOT = 1`, 6, `=`, `LIKE, BETWEEN or IN is wanted here`)
	f(`a IS`, 4, ``, `NULL or NOT NULL is wanted`)
	f(`a IS NOT 1`, 9, `1`, `NULL is wanted here`)
	f(`a = NULL`, 4, `NULL`, `ask with IS NULL`)
	f(`and = 1`, 0, `and`, `a property of this name wants double quotes`)
	f(`a BETWEEN 1`, 11, ``, `AND and the upper bound`)
	f(`a BETWEEN 1 OR 2`, 12, `OR`, `AND and the upper bound is wanted here`)
	f(`a BETWEEN AND 2`, 10, `AND`, `the lower bound is wanted`)
	f(`a LIKE 1`, 7, `1`, `a pattern is text`)
	f(`a LIKE b`, 7, `b`, `a pattern is text`)
	f(`a LIKE CASEI(b)`, 7, `CASEI(b)`, `a pattern is text`)
	// Characters.
	f(`a = 'x`, 4, `'x`, `no closing quote`)
	f(`a = 'x\'`, 4, `'x\'`, `no closing quote`)
	f(`"a = 1`, 0, `"a = 1`, `no closing double quote`)
	f(`"" = 1`, 0, `""`, `the name is empty`)
	f(`a != 1`, 2, `!`, `not equal is written <>`)
	f(`a == 1`, 3, `=`, `a property or a value is wanted`)
	f(`a ＝ 1`, 2, `＝`, `the full-width form of =`)
	f(`（a = 1）`, 0, `（`, `the full-width form of (`)
	f(`a = ‘x’`, 4, `‘`, `quotes are straight`)
	f(`a = ?`, 4, `?`, `no condition has such a character`)
	f("a = 'x' \xff", 8, ``, `this is no UTF-8`)
	// Numbers.
	f(`a = 1x`, 4, `1x`, `this is no number`)
	f(`a = 1.2.3`, 4, `1.2.3`, `this is no number`)
	f(`a = 1e`, 4, `1e`, `this is no number`)
	f(`a = --1`, 5, `-`, `arithmetic is not supported`)
	f(`a = 1e400`, 4, `1e400`, `out of range`)
	f(`a = -1e400`, 4, `-1e400`, `out of range`)
	f(`a = 1e-400`, 4, `1e-400`, `out of range`)
	f(`a = 1e99999999999999999999`, 4, `1e99999999999999999999`, `out of range`)
	// What is not supported.
	f(`a + 1 = 2`, 2, `+`, `arithmetic is not supported`)
	f(`a = 2 * b`, 6, `*`, `arithmetic is not supported`)
	f(`a = b DIV 2`, 6, `DIV`, `arithmetic is not supported`)
	f(`S_NEAR(geom, POINT(1 2))`, 0, `S_NEAR`, `there are S_INTERSECTS, S_DISJOINT`)
	f(`a = S_WITHIN(geom, POINT(1 2))`, 4, `S_WITHIN`, `a spatial function is a condition`)
	f(`S_WITHIN(geom POINT(1 2))`, 14, `POINT`, `a comma is wanted`)
	f(`S_WITHIN(geom, POINT(1))`, 23, `)`, `a coordinate is wanted`)
	f(`S_WITHIN(geom, POINT(1 2 3 4))`, 27, `4`, `a comma or a closing bracket`)
	f(`S_WITHIN(geom, POINT(1 2, 3 4))`, 30, `)`, `one point is wanted`)
	f(`S_WITHIN(geom, POLYGON(1 2, 3 4))`, 23, `1`, `an opening bracket is wanted`)
	f(`S_WITHIN(geom, BBOX(1, 2, 3))`, 27, `)`, `west, south, east and north`)
	f(`S_WITHIN(geom, POINT(1 2e10))`, 23, `2e10)`, `out of range`)
	f(`A_CONTAINS(a, ('x'))`, 0, `A_CONTAINS`, `array functions are not supported`)
	f(`T_MEETS(a, b)`, 0, `T_MEETS`, `there are T_AFTER, T_BEFORE`)
	f(`a = T_AFTER(b, c)`, 4, `T_AFTER`, `a temporal function is a condition`)
	f(`ACCENTI(a) = 'x'`, 0, `ACCENTI`, `ACCENTI is not supported`)
	f(`avg(a) > 1`, 0, `avg`, `there is no such function`)
	// Times.
	f(`a = DATE(2024)`, 9, `2024`, `text between single quotes`)
	f(`a = DATE('2024-02-30')`, 9, `'2024-02-30'`, `a date is wanted such as`)
	f(`a = DATE('2024-03-01T08:00:00Z')`, 9, `'2024-03-01T08:00:00Z'`, `that is a TIMESTAMP`)
	f(`a = TIMESTAMP('2024-03-01')`, 14, `'2024-03-01'`, `without it is a DATE`)
	f(`a = TIMESTAMP('noon')`, 14, `'noon'`, `a time is wanted such as`)
	f(`a = TIMESTAMP('0000-01-01T00:00:00+08:00')`, 14, `'0000-01-01T00:00:00+08…`, `a time is wanted`)
	f(`a = DATE('2024-03-01'`, 21, ``, `a closing bracket is wanted`)
	f(`T_AFTER(a)`, 9, `)`, `a comma is wanted`)
	f(`T_AFTER(a, b, c)`, 12, `,`, `a closing bracket is wanted`)
	f(`T_AFTER(a, INTERVAL('2024-03-01'))`, 32, `)`, `a comma is wanted`)
	f(`T_AFTER(a, INTERVAL('x', '..'))`, 20, `'x'`, `an interval ends at`)
	f(`T_AFTER(a, INTERVAL(1, '..'))`, 20, `1`, `an interval ends at`)
}

func TestParseJSONErrors(t *testing.T) {
	f := func(text string, at int, near, why string) {
		t.Helper()
		_, err := ParseJSON([]byte(text))
		wantError(t, text, err, at, near, why)
	}
	f(``, 0, ``, `this is no JSON`)
	f(`{"op":"not"`, 11, ``, `this is no JSON`)
	f(`true x`, 5, `x`, `this is no JSON`)
	f(`{"op":"=","args":["路",]}`, 22, `]}`, `this is no JSON`)
	f(`{"op":"=","args":[01,2]}`, 19, `1,2]}`, `this is no JSON`)
	f(`{"op":"=","args":[NaN,2]}`, 18, `NaN,2]}`, `this is no JSON`)
	f("\xff", 0, ``, `this is no UTF-8`)
	f(`null`, 0, `null`, `a condition: an object with op and args`)
	f(`"x"`, 0, `"x"`, `a condition: an object`)
	f(`[true]`, 0, `[`, `a condition: an object`)
	f(`{}`, 0, `{`, `a condition: an object`)
	f(`{"op":"and"}`, 0, `{"op"`, `a condition: an object with op and args`)
	f(`{"op":1,"args":[]}`, 6, `1`, `op is text`)
	f(`{"op":"and","args":1}`, 19, `1`, `args is a list`)
	f(`{"op":"and","op":"or","args":[]}`, 12, `"op"`, `twice`)
	f(`{"op":"and","args":[true,false],"x":1}`, 0, `{"op"`, `member "x" means nothing`)
	f(`{"op":"and","args":[true]}`, 0, `{"op"`, `at least two args`)
	f(`{"op":"not","args":[true,true]}`, 0, `{"op"`, `1 args are wanted, not 2`)
	f(`{"op":"or","args":[true, {"op":"x","args":[]}]}`, 25, `{"op"`, `there is no such function`)
	f(`{"op":"!=","args":[1,2]}`, 0, `{"op"`, `not equal is written <>`)
	f(`{"op":"s_near","args":[1,2]}`, 0, `{"op"`, `there are S_INTERSECTS, S_DISJOINT`)
	f(`{"op":"s_within","args":[{"property":"g"},{"type":"Point"}]}`, 42, `{"type"`, `has coordinates`)
	f(`{"op":"s_within","args":[{"property":"g"},{"type":"Dot","coordinates":[1,2]}]}`, 50, `"Dot"`, `no such type`)
	f(`{"op":"s_within","args":[{"property":"g"},{"type":"Point","coordinates":[1]}]}`, 72, `[`, `a position is two numbers`)
	f(`{"op":"s_within","args":[{"property":"g"},{"type":"LineString","coordinates":[[1,"2"],[3,4]]}]}`, 81, `"2"`, `a number is wanted`)
	f(`{"op":"s_within","args":[{"property":"g"},{"bbox":[1,2]}]}`, 50, `[`, `west, south, east and north`)
	f(`{"op":"casei","args":["x"]}`, 0, `{"op"`, `casei is an operand`)
	f(`{"op":"=","args":[{"property":"a"}]}`, 0, `{"op"`, `2 args are wanted, not 1`)
	f(`{"op":"=","args":[{"property":"a"},null]}`, 35, `null`, `ask with isNull`)
	f(`{"op":"=","args":[{"property":1},2]}`, 30, `1`, `the name of a property`)
	f(`{"op":"=","args":[{"property":""},2]}`, 30, `""`, `the name of a property`)
	f(`{"op":"=","args":[{"prop":"a"},2]}`, 18, `{"prop"`, `a value is wanted, or an object`)
	f(`{"op":"=","args":[[1],2]}`, 18, `[`, `a value is wanted`)
	f(`{"op":"=","args":["路",1e999]}`, 22, `1e999`, `out of range`)
	f(`{"op":"=","args":[{"property":"a"},{"op":"+","args":[1,2]}]}`, 35, `{"op"`, `arithmetic is not supported`)
	f(`{"op":"=","args":[{"property":"a"},{"op":"=","args":[1,2]}]}`, 35, `{"op"`, `= is a condition`)
	f(`{"op":"=","args":[{"property":"a"},{"date":"2024-13-01"}]}`, 43, `"2024-13-01"`, `a date is wanted`)
	f(`{"op":"=","args":[{"property":"a"},{"timestamp":5}]}`, 48, `5`, `text is wanted`)
	f(`{"op":"in","args":[{"property":"a"},1]}`, 36, `1`, `a list of values`)
	f(`{"op":"in","args":[{"property":"a"},[]]}`, 36, `[`, `a list of values`)
	f(`{"op":"like","args":[{"property":"a"},{"property":"b"}]}`, 38, `b`, `a pattern is text`)
	f(`{"op":"t_after","args":[{"property":"a"},{"interval":[".."]}]}`, 53, `[`, `two ends`)
	f(`{"op":"t_after","args":[{"property":"a"},{"interval":["..","x"]}]}`, 59, `'x'`, `an interval ends at`)
}

func TestCompileErrors(t *testing.T) {
	f := func(text string, at int, near, why string) {
		t.Helper()
		e := mustParse(t, text)
		c, err := Compile(e, data.SchemaOf(data.Inspections, nil), Options{})
		wantError(t, text, err, at, near, why)
		if c != nil {
			t.Errorf("%s: an error and the condition %v", text, c)
		}
	}
	f(`scor > 1`, 0, `scor`, `there is no such property; did you mean score? (there are source, id,`)
	f(`found = 1 OR Score > 1`, 13, `Score`, `did you mean score?`)
	f(`found = 1 OR weather > 1`, 13, `weather`, `there is no such property (there are`)
	f(`address = 'x'`, 0, `address`, `may hold personal data`)
	f(`address IS NULL`, 0, `address`, `may hold personal data`)
	f(`result = 1`, 9, `1`, `column result, of type code, compares with text`)
	f(`result = TRUE`, 9, `TRUE`, `column result, of type code, compares with text`)
	f(`id = DATE('2024-03-01')`, 5, `DATE('2024-03-01')`, `column id, of type text, compares with text`)
	f(`result IN ('x', 1)`, 16, `1`, `compares with text`)
	f(`result < 'x'`, 0, `result`, `words have no order here`)
	f(`result BETWEEN 'a' AND 'b'`, 0, `result`, `words have no order here`)
	f(`result = item`, 0, `result`, `two properties compare if both are of type time or both of type int`)
	f(`score < max_score`, 0, `score`, `two properties compare`)
	f(`found < inspected_at`, 0, `found`, `found is of type int and inspected_at of type time`)
	f(`found < fond`, 8, `fond`, `did you mean found?`)
	f(`found = '1'`, 8, `'1'`, `column found, of type int, compares with a number`)
	f(`score IN (1, '1')`, 13, `'1'`, `column score, of type float, compares with a number`)
	f(`inspected_at > 20240301`, 15, `20240301`, `compares with a date or time such as`)
	f(`inspected_at > 'yesterday'`, 15, `'yesterday'`, `compares with a date or time such as`)
	f(`inspected_at = INTERVAL('..', '..')`, 15, `INTERVAL('..', '..')`, `compares with a date or time`)
	f(`1 = 2`, 0, `1`, `one side of a comparison is a property`)
	f(`1 IS NULL`, 0, `1`, `IS NULL asks about a property`)
	f(`1 IN (1)`, 0, `1`, `IN asks about a property`)
	f(`'a' LIKE 'a'`, 0, `'a'`, `LIKE asks about a property`)
	f(`found LIKE '1%'`, 0, `found`, `LIKE is for words, and column found is of type int`)
	f(`item LIKE 'x\\'`, 10, `'x\\'`, `nothing follows`)
	f(`CASEI(found) = 1`, 6, `found`, `CASEI is for words, and column found is of type int`)
	f(`CASEI(item) = 'X'`, 14, `'X'`, `CASEI is wanted around this too`)
	f(`CASEI(item) IN ('x', 'Y')`, 21, `'Y'`, `CASEI is wanted around this too`)
	f(`CASEI(item) LIKE 'X%'`, 17, `'X%'`, `CASEI is wanted around this too`)
	f(`T_AFTER(found, inspected_at)`, 8, `found`, `wants times, and column found is of type int`)
	f(`T_AFTER(inspected_at, 3)`, 22, `3`, `is wanted such as`)
	f(`T_AFTER(DATE('2024-03-01'), DATE('2024-03-02'))`, 0, `T_AFTER(DATE('2024-03-0…`, `is a property or holds one`)
	f(`T_AFTER(inspected_at, INTERVAL('2024-03-02', '2024-03-01'))`, 22, `INTERVAL('2024-03-02', …`, `ends before it begins`)
}

func TestErrorText(t *testing.T) {
	f := func(e Error, want string) {
		t.Helper()
		if got := e.Error(); got != want {
			t.Errorf("%+v is written %q, want %q", e, got, want)
		}
	}
	f(Error{3, "x", "no"}, `position 3, near "x": no`)
	f(Error{3, "", "no"}, `position 3: no`)
	f(Error{-1, "x", "no"}, `near "x": no`)
	f(Error{-1, "", "no"}, `no`)
}
