package cql2

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
)

// shape writes all of a tree but the places of its parts, so that equal trees
// are equal text.
func shape(n node) string {
	var own any
	switch n := n.(type) {
	case logic:
		own = n.or
	case constant:
		own = n.value
	case comparison:
		own = n.op
	case temporal:
		own = n.op
	case property:
		own = n.name
	case word:
		own = n.value
	case number:
		own = n.value
	case moment:
		own = []any{n.kind, n.when.Format(time.RFC3339Nano)}
	}
	var w strings.Builder
	fmt.Fprintf(&w, "%T %#v (", n, own)
	for _, part := range parts(n) {
		w.WriteString(shape(part) + "\n")
	}
	return w.String() + ")"
}

// different returns how two expressions differ, "" if they do not.
func different(a, b Expr) string { return cmp.Diff(shape(a.node()), shape(b.node())) }

func mustParse(t testing.TB, text string) Expr {
	t.Helper()
	e, err := Parse(text)
	if err != nil {
		t.Fatalf("Parse(%q): %v", text, err)
	}
	return e
}

// wantForms checks that a text reads as its canonical text and JSON say, and
// that all three are one expression.
func wantForms(t *testing.T, given, text, json string) {
	t.Helper()
	e := mustParse(t, given)
	if got := e.String(); got != text {
		t.Errorf("Parse(%q) = %s, want %s", given, got, text)
	}
	encoded, err := e.MarshalJSON()
	if got := string(encoded); err != nil || got != json {
		t.Errorf("Parse(%q) in JSON is\n%s, %v, want\n%s", given, got, err, json)
	}
	if diff := different(e, mustParse(t, text)); diff != "" {
		t.Errorf("Parse(%q) (-given +canonical):\n%s", given, diff)
	}
	read, err := ParseJSON([]byte(json))
	if err != nil {
		t.Fatalf("ParseJSON(%s): %v", json, err)
	}
	if diff := different(e, read); diff != "" {
		t.Errorf("%q (-text +JSON):\n%s", given, diff)
	}
}

// The forms follow the rules of 21-065r2, annex B (text) and the schema of
// section 8.3 (JSON), by hand.
func TestForms(t *testing.T) {
	f := wantForms
	f(t, `TRUE`, `TRUE`, `true`)
	f(t, ` false `, `FALSE`, `false`)
	f(t, `status = 'open'`, `status = 'open'`, `{"op":"=","args":[{"property":"status"},"open"]}`)
	f(t, `found<>3`, `found <> 3`, `{"op":"<>","args":[{"property":"found"},3]}`)
	f(t, `found >-3`, `found > -3`, `{"op":">","args":[{"property":"found"},-3]}`)
	f(t, `3 < found`, `3 < found`, `{"op":"<","args":[3,{"property":"found"}]}`)
	f(t, `due_at <= closed_at`, `due_at <= closed_at`, `{"op":"<=","args":[{"property":"due_at"},{"property":"closed_at"}]}`)
	f(t, `a = TRUE`, `a = TRUE`, `{"op":"=","args":[{"property":"a"},true]}`)

	f(t, `a IS NULL`, `a IS NULL`, `{"op":"isNull","args":[{"property":"a"}]}`)
	f(t, `a is not null`, `a IS NOT NULL`, `{"op":"not","args":[{"op":"isNull","args":[{"property":"a"}]}]}`)
	f(t, `NOT a IS NULL`, `a IS NOT NULL`, `{"op":"not","args":[{"op":"isNull","args":[{"property":"a"}]}]}`)

	f(t, `a LIKE 'x%'`, `a LIKE 'x%'`, `{"op":"like","args":[{"property":"a"},"x%"]}`)
	f(t, `a Not Like '_'`, `a NOT LIKE '_'`, `{"op":"not","args":[{"op":"like","args":[{"property":"a"},"_"]}]}`)
	f(t, `a BETWEEN 1 AND 2.5`, `a BETWEEN 1 AND 2.5`, `{"op":"between","args":[{"property":"a"},1,2.5]}`)
	f(t, `a NOT BETWEEN 1 AND 2`, `a NOT BETWEEN 1 AND 2`, `{"op":"not","args":[{"op":"between","args":[{"property":"a"},1,2]}]}`)
	f(t, `a IN ('x','y')`, `a IN ('x', 'y')`, `{"op":"in","args":[{"property":"a"},["x","y"]]}`)
	f(t, `a NOT IN (1)`, `a NOT IN (1)`, `{"op":"not","args":[{"op":"in","args":[{"property":"a"},[1]]}]}`)

	f(t, `casei(a) = CASEI('Öl')`, `CASEI(a) = CASEI('Öl')`, `{"op":"=","args":[{"op":"casei","args":[{"property":"a"}]},{"op":"casei","args":["Öl"]}]}`)
	f(t, `CASEI(a) LIKE CASEI('X%')`, `CASEI(a) LIKE CASEI('X%')`, `{"op":"like","args":[{"op":"casei","args":[{"property":"a"}]},{"op":"casei","args":["X%"]}]}`)
	f(t, `a ILIKE 'X%'`, `CASEI(a) LIKE CASEI('X%')`, `{"op":"like","args":[{"op":"casei","args":[{"property":"a"}]},{"op":"casei","args":["X%"]}]}`)
	f(t, `a NOT ILIKE 'X'`, `CASEI(a) NOT LIKE CASEI('X')`, `{"op":"not","args":[{"op":"like","args":[{"op":"casei","args":[{"property":"a"}]},{"op":"casei","args":["X"]}]}]}`)
	f(t, `CASEI(CASEI(a)) IN (CASEI('x'))`, `CASEI(a) IN (CASEI('x'))`, `{"op":"in","args":[{"op":"casei","args":[{"property":"a"}]},[{"op":"casei","args":["x"]}]]}`)

	f(t, `t = DATE('2024-02-29')`, `t = DATE('2024-02-29')`, `{"op":"=","args":[{"property":"t"},{"date":"2024-02-29"}]}`)
	f(t, `t > TIMESTAMP('2024-03-01T00:30:00.50+08:00')`, `t > TIMESTAMP('2024-02-29T16:30:00.5Z')`, `{"op":">","args":[{"property":"t"},{"timestamp":"2024-02-29T16:30:00.5Z"}]}`)
	f(t, `t > TIMESTAMP('2024-03-01 00:30:00')`, `t > TIMESTAMP('2024-03-01T00:30:00')`, `{"op":">","args":[{"property":"t"},{"timestamp":"2024-03-01T00:30:00"}]}`)
	f(t, `T_AFTER(t, DATE('2024-03-01'))`, `T_AFTER(t, DATE('2024-03-01'))`, `{"op":"t_after","args":[{"property":"t"},{"date":"2024-03-01"}]}`)
	f(t, `t_during(t,interval('2024-03-01','..'))`, `T_DURING(t, INTERVAL('2024-03-01', '..'))`, `{"op":"t_during","args":[{"property":"t"},{"interval":["2024-03-01",".."]}]}`)
	f(t, `NOT T_INTERSECTS(INTERVAL(a, b), INTERVAL('..', '2024-03-01T00:00:00Z'))`, `NOT (T_INTERSECTS(INTERVAL(a, b), INTERVAL('..', '2024-03-01T00:00:00Z')))`,
		`{"op":"not","args":[{"op":"t_intersects","args":[{"interval":[{"property":"a"},{"property":"b"}]},{"interval":["..","2024-03-01T00:00:00Z"]}]}]}`)
}

func TestLogicBindsAsInTheGrammar(t *testing.T) {
	const a, b, c = `{"op":"=","args":[{"property":"a"},1]}`, `{"op":"=","args":[{"property":"b"},1]}`, `{"op":"=","args":[{"property":"c"},1]}`
	f := wantForms
	f(t, `a=1 OR b=1 OR c=1`, `a = 1 OR b = 1 OR c = 1`, `{"op":"or","args":[`+a+`,`+b+`,`+c+`]}`)
	f(t, `a=1 OR b=1 AND c=1`, `a = 1 OR b = 1 AND c = 1`, `{"op":"or","args":[`+a+`,{"op":"and","args":[`+b+`,`+c+`]}]}`)
	f(t, `(a=1 OR b=1) AND c=1`, `(a = 1 OR b = 1) AND c = 1`, `{"op":"and","args":[{"op":"or","args":[`+a+`,`+b+`]},`+c+`]}`)
	f(t, `a=1 AND (b=1 AND c=1)`, `a = 1 AND (b = 1 AND c = 1)`, `{"op":"and","args":[`+a+`,{"op":"and","args":[`+b+`,`+c+`]}]}`)
	f(t, `a=1 OR (b=1 OR c=1)`, `a = 1 OR (b = 1 OR c = 1)`, `{"op":"or","args":[`+a+`,{"op":"or","args":[`+b+`,`+c+`]}]}`)
	f(t, `NOT a=1 AND b=1`, `NOT (a = 1) AND b = 1`, `{"op":"and","args":[{"op":"not","args":[`+a+`]},`+b+`]}`)
	f(t, `NOT (a=1 AND b=1)`, `NOT (a = 1 AND b = 1)`, `{"op":"not","args":[{"op":"and","args":[`+a+`,`+b+`]}]}`)
	f(t, `NOT (NOT a=1)`, `NOT (NOT (a = 1))`, `{"op":"not","args":[{"op":"not","args":[`+a+`]}]}`)
	f(t, `NOT (a IS NOT NULL)`, `NOT (a IS NOT NULL)`, `{"op":"not","args":[{"op":"not","args":[{"op":"isNull","args":[{"property":"a"}]}]}]}`)
	f(t, `a BETWEEN 1 AND 2 AND b=1`, `a BETWEEN 1 AND 2 AND b = 1`, `{"op":"and","args":[{"op":"between","args":[{"property":"a"},1,2]},`+b+`]}`)
	f(t, "((a=1\n)\t)", `a = 1`, a)
}

func TestNames(t *testing.T) {
	f := func(given, want, text string) {
		t.Helper()
		e := mustParse(t, given+" IS NULL")
		if diff := cmp.Diff([]string{want}, Properties(e)); diff != "" {
			t.Errorf("properties of %q (-want +got):\n%s", given, diff)
		}
		if got := e.String(); got != text+" IS NULL" {
			t.Errorf("%q is written %s, want %s IS NULL", given, got, text)
		}
	}
	f(`a`, `a`, `a`)
	f(`"a"`, `a`, `a`)
	f(`_a.b:9`, `_a.b:9`, `_a.b:9`)
	f(`类别`, `类别`, `类别`)
	f(`"类 别"`, `类 别`, `"类 别"`)
	f(`区（县）`[:3]+`_1`, `区_1`, `区_1`)
	f(`"区（县）"`, `区（县）`, `"区（县）"`)
	f(`Größe`, `Größe`, `Größe`)
	f(`"say ""hi"""`, `say "hi"`, `"say ""hi"""`)
	f(`"and"`, `and`, `"and"`)
	f(`"9a"`, `9a`, `"9a"`)
	f(`date`, `date`, `date`)
	f(`casei`, `casei`, `casei`)
	f(`t_after`, `t_after`, `t_after`)
}

func TestText(t *testing.T) {
	f := func(given, want, text string) {
		t.Helper()
		e := mustParse(t, "a = "+given)
		if got := e.root.(comparison).right.(word).value; got != want {
			t.Errorf("%s reads as %q, want %q", given, got, want)
		}
		if got := e.String(); got != "a = "+text {
			t.Errorf("%s is written %s, want a = %s", given, got, text)
		}
		if again := mustParse(t, e.String()).root.(comparison).right.(word).value; again != want {
			t.Errorf("%s reads again as %q, want %q", given, again, want)
		}
	}
	f(`''`, ``, `''`)
	f(`'it''s'`, `it's`, `'it''s'`)
	f(`'it\'s'`, `it's`, `'it''s'`)
	f(`''''`, `'`, `''''`)
	f(`'\\'`, `\`, `'\\'`)
	f(`'\''`, `'`, `''''`)
	f(`'50\%'`, `50\%`, `'50\%'`)
	f(`'50\\%'`, `50\%`, `'50\%'`)
	f(`'\\\%'`, `\\%`, `'\\\%'`)
	f(`'\\n'`, `\n`, `'\\n'`)
	f(`'\a\b\t\n\v\f\r'`, "\a\b\t\n\v\f\r", "'\a\b\t\n\v\f\r'")
	f(`'\路'`, `\路`, `'\路'`)
	f(`'"路"'`, `"路"`, `'"路"'`)
	f("'a\x00b'", "a\x00b", "'a\x00b'")
}

func TestNumbers(t *testing.T) {
	f := func(given, text string) {
		t.Helper()
		e := mustParse(t, "a = "+given)
		if got := e.String(); got != "a = "+text {
			t.Errorf("%s is written %s, want a = %s", given, got, text)
		}
		if diff := different(e, mustParse(t, e.String())); diff != "" {
			t.Errorf("%s (-once +again):\n%s", given, diff)
		}
	}
	f("0", "0")
	f("-0.0e5", "0")
	f("007", "7")
	f("+7", "7")
	f("- 7", "-7")
	f("7.", "7")
	f(".5", "0.5")
	f("1.50", "1.5")
	f("1E3", "1000")
	f("1e+3", "1000")
	f("25e-1", "2.5")
	f("0.00001", "0.00001")
	f("0.0000001", "1E-7")
	f("123456789012345678901", "123456789012345678901")
	f("1234567890123456789012", "1.234567890123456789012E21")
	f("9007199254740993", "9007199254740993") // not a float64
	f("1e308", "1E308")
	f("-1.5e-300", "-1.5E-300")
}

func TestProperties(t *testing.T) {
	e := mustParse(t, `c = 1 OR NOT (a LIKE 'x' AND CASEI(b) IN ('y') OR c BETWEEN d AND 2) AND T_AFTER(INTERVAL(e, '..'), f) AND a IS NULL`)
	if diff := cmp.Diff([]string{"c", "a", "b", "d", "e", "f"}, Properties(e)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTheZeroExpr(t *testing.T) {
	var e Expr
	if got := e.String(); got != "TRUE" {
		t.Errorf("it is written %s, want TRUE", got)
	}
	if names := Properties(e); len(names) > 0 {
		t.Errorf("it reads %q", names)
	}
	c, err := Compile(e, nil, Options{})
	if diff := cmp.Diff(data.Condition(data.All{}), c); diff != "" || err != nil {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}

func TestErrorsAreOfOneType(t *testing.T) {
	f := func(_ Expr, err error) {
		t.Helper()
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("error %v is a %T", err, err)
		}
	}
	f(Parse(""))
	f(Parse("a"))
	f(Parse(strings.Repeat("(", 200)))
	f(ParseJSON(nil))
	f(ParseJSON([]byte("{}")))
	f(ParseJSON([]byte("\xff")))
}
