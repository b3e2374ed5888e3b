package main

import (
	"bytes"
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
