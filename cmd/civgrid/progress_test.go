package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// TestPlainProgressEnds: the last line of work that is told of in lines is not
// one of a part of it, and short work has no line at all.
func TestPlainProgressEnds(t *testing.T) {
	f := func(each time.Duration, want string) {
		t.Helper()
		var out bytes.Buffer
		now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
		p := &program{err: &out, now: func() time.Time { return now }, config: config{"progress": {value: "plain"}}}
		m := p.meter("watch", "simulations")
		for done := range int64(3) {
			m.at("simulating", done, 3, "")
			now = now.Add(each)
		}
		m.done()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		if got := lines[len(lines)-1]; got != want {
			t.Errorf("the last line of steps of %v is %q, want %q", each, got, want)
		}
	}
	f(time.Second, "")
	f(6*time.Second, "watch: took 18s")
}

// TestColours: a mark is in colour on a terminal, unless that is not wanted, and
// reads the same without.
func TestColours(t *testing.T) {
	f := func(p program, line, want string) {
		t.Helper()
		var out bytes.Buffer
		p.err = &out
		p.tell("%s", line)
		if out.String() != want+"\n" {
			t.Errorf("%q is told as %q, want %q", line, out.String(), want)
		}
	}
	f(program{}, "✓ done", "✓ done")
	f(program{colours: true}, "✓ done", "\x1b[32m✓\x1b[0m done")
	f(program{colours: true}, "! slow", "\x1b[33m!\x1b[0m slow")
	f(program{colours: true}, "✗ lost", "\x1b[31m✗\x1b[0m lost")
	f(program{colours: true}, "  lost ✗", "  lost ✗")
	f(program{colours: true, plain: true}, "✗ lost", "✗ lost")
}

// TestProgressAsObjects: with --progress json standard error has one object a
// line, with what a bar would show.
func TestProgressAsObjects(t *testing.T) {
	var out bytes.Buffer
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	p := &program{err: &out, now: func() time.Time { return now }, config: config{"progress": {value: "json"}}}
	m := p.meter("cases.csv", "rows")
	now = now.Add(10 * time.Second)
	m.at("importing", 0, 400, "")
	now = now.Add(10 * time.Second)
	m.at("importing", 100, 400, "3 rejected")
	m.done()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	var got advance
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil || len(lines) != 2 {
		t.Fatalf("%v in\n%s", err, out.String())
	}
	want := advance{Title: "cases.csv", Stage: "importing", Done: 100, Total: 400, Unit: "rows", PerSecond: 10, Left: 30, Note: "3 rejected"}
	if got != want {
		t.Errorf("progress is %+v, want %+v", got, want)
	}
}
