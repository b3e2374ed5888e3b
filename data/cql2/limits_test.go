package cql2

import (
	"strings"
	"testing"
)

func TestLimits(t *testing.T) {
	f := func(text, why string) {
		t.Helper()
		_, err := Parse(text)
		switch {
		case why == "" && err != nil:
			t.Errorf("%.40q…: %v", text, err)
		case why != "" && (err == nil || !strings.Contains(err.Error(), why)):
			t.Errorf("%.40q…: error %v, want %q", text, err, why)
		}
	}
	f(strings.Repeat("(", 100)+"a=1"+strings.Repeat(")", 100), "")
	f(strings.Repeat("(", 101)+"a=1"+strings.Repeat(")", 101), "position 100")
	f(strings.Repeat("(", 60_000), "more than 100 brackets")
	f(strings.Repeat("NOT(", 97)+"a=1"+strings.Repeat(")", 97), "")
	f(strings.Repeat("NOT(", 99)+"a=1"+strings.Repeat(")", 99), "more than 100 conditions")
	f(strings.Repeat("CASEI(", 10_000), "more than 100 brackets")
	f("a IN (1"+strings.Repeat(",1", 999)+")", "")
	f("a IN (1"+strings.Repeat(",1", 1000)+")", "more than 1000 items")
	f("a = '"+strings.Repeat("x", 64<<10-6)+"'", "")
	f("a = '"+strings.Repeat("x", 64<<10-5)+"'", "a condition of 65537 bytes is too long")
	f(strings.Repeat("a=1 OR ", 9000)+"a=1", "")

	g := func(text, why string) {
		t.Helper()
		_, err := ParseJSON([]byte(text))
		if why == "" && err != nil || why != "" && (err == nil || !strings.Contains(err.Error(), why)) {
			t.Errorf("%.40q…: error %v, want %q", text, err, why)
		}
	}
	not := func(n int) string {
		return strings.Repeat(`{"op":"not","args":[`, n) + "true" + strings.Repeat("]}", n)
	}
	g(not(99), "")
	g(not(100), "more than 100 conditions")
	g(not(1000), "more than 100 conditions")
	g(strings.Repeat("[", 9_000)+strings.Repeat("]", 9_000), "more than 100 conditions")
	g(strings.Repeat("[", 30_000)+strings.Repeat("]", 30_000), "exceeded max depth")
	g(`{"op":"in","args":[{"property":"a"},[1`+strings.Repeat(",1", 999)+`]]}`, "")
	g(`{"op":"in","args":[{"property":"a"},[1`+strings.Repeat(",1", 1000)+`]]}`, "more than 1000 items")
	g(`"`+strings.Repeat("x", 64<<10)+`"`, "too long")
}

// What is as deep as can be in one encoding can be read in the other.
func TestTheDeepestCanBeWrittenBothWays(t *testing.T) {
	text := strings.Repeat("a=1 OR b=1 AND NOT (", 32) + "a=1" + strings.Repeat(")", 32)
	e := mustParse(t, text)
	encoded, err := e.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	read, err := ParseJSON(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if diff := different(e, mustParse(t, read.String())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
