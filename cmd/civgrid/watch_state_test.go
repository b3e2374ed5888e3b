package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func surgeAt(since, until string, rows ...string) surge {
	return surge{Centre: rows[0], Rows: rows, Since: since, Until: until, P: 0.005}
}

// TestSurgesThatGoOn says which surge is one that was told of.
func TestSurgesThatGoOn(t *testing.T) {
	f := func(name, asked string, s surge, known bool) {
		t.Helper()
		state := &alertState{alerts: []toldAlert{{Asked: "res=9", Rows: []string{"b", "c"}, Since: "2026-03-10", Until: "2026-03-12"}}}
		if got := state.knows(asked, s); got != known {
			t.Errorf("%s is known: %t, want %t", name, got, known)
		}
	}
	f("the same", "res=9", surgeAt("2026-03-10", "2026-03-12", "c", "b"), true)
	f("one that has grown", "res=9", surgeAt("2026-03-08", "2026-03-13", "d", "c", "a"), true)
	f("one that is told to begin on the last day", "res=9", surgeAt("2026-03-12", "2026-03-20", "b"), true)
	f("one that began later", "res=9", surgeAt("2026-03-13", "2026-03-20", "b"), false)
	f("one that was over before", "res=9", surgeAt("2026-03-01", "2026-03-09", "b"), false)
	f("one somewhere else", "res=9", surgeAt("2026-03-10", "2026-03-12", "a", "d"), false)
	f("one of another question", "res=8", surgeAt("2026-03-10", "2026-03-12", "b"), false)
}

// TestSurgeThatMoves stays one surge while it goes from place to place, and when it
// falls into two.
func TestSurgeThatMoves(t *testing.T) {
	state := &alertState{}
	state.add("", surgeAt("2026-03-10", "2026-03-12", "c", "b").event("s", "", fixedNow()), false)
	for _, s := range []surge{
		surgeAt("2026-03-11", "2026-03-13", "d", "c"), surgeAt("2026-03-12", "2026-03-14", "e", "d"),
		surgeAt("2026-03-13", "2026-03-15", "b"), surgeAt("2026-03-13", "2026-03-15", "e"),
	} {
		if !state.knows("", s) {
			t.Errorf("%v is not known", s)
		}
	}
	a := state.alerts[0]
	if diff := cmp.Diff([]string{"b", "c", "d", "e"}, a.Rows); diff != "" || a.Since != "2026-03-10" || a.Until != "2026-03-15" {
		t.Errorf("remembered from %s to %s (-want +got):\n%s", a.Since, a.Until, diff)
	}
}

// TestAlertsAreForgotten drops what is long over, and tells what no webhook took.
func TestAlertsAreForgotten(t *testing.T) {
	state := &alertState{}
	taken, lost, fresh := surgeAt("2026-03-01", "2026-03-02", "a"), surgeAt("2026-03-01", "2026-03-03", "b"), surgeAt("2026-03-01", "2026-03-04", "c")
	state.add("", taken.event("s", "", fixedNow()), false)
	state.add("", lost.event("s", "", fixedNow()), true)
	state.add("", fresh.event("s", "", fixedNow()), true)
	dropped := state.forget("2026-03-04")
	if len(dropped) != 1 || dropped[0].Subject != "b" {
		t.Errorf("told to be lost: %v, want that of b", dropped)
	}
	if len(state.alerts) != 1 || state.alerts[0].Event.Subject != "c" {
		t.Errorf("remembered %v, want that of c", state.alerts)
	}
}

// TestEventIDs are the same for the same surge, whenever it is found, and others
// for others.
func TestEventIDs(t *testing.T) {
	s := surgeAt("2026-03-01", "2026-03-02", "a", "b")
	id := func(s surge, source, asked string) string { return s.event(source, asked, fixedNow()).ID }
	first := id(s, "s", "res=9")
	if again := s.event("s", "res=9", fixedNow().AddDate(0, 0, 1)); again.ID != first || again.Time != "2026-01-02T00:00:00Z" {
		t.Errorf("a day later %s of %s, want %s", again.ID, again.Time, first)
	}
	for _, other := range []string{
		id(s, "t", "res=9"), id(s, "s", "res=8"), id(surgeAt("2026-03-01", "2026-03-02", "b"), "s", "res=9"),
		id(surgeAt("2026-03-02", "2026-03-02", "a"), "s", "res=9"), id(surgeAt("2026-03-01", "2026-03-03", "a"), "s", "res=9"),
	} {
		if other == first {
			t.Errorf("id %s twice", first)
		}
	}
}

func TestStateThatCannotBeRead(t *testing.T) {
	good := `{"asked":"","rows":["a","b"],"since":"2026-03-01","until":"2026-03-02","waiting":false,"event":{}}`
	f := func(text, why string) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "state.json")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		state, err := openState(path)
		if why == "" {
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			return
		}
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v, want %q", text, err, why)
		}
		if state != nil {
			t.Errorf("%s: there is a state", text)
		}
		lock, err := hold(path + ".lock")
		if err != nil {
			t.Errorf("%s: the file is held: %v", text, err)
			return
		}
		lock.Close()
	}
	f(`{"format":1,"alerts":[`+good+`]}`, "")
	f(`{"format":2,"alerts":[]}`, "format 2: want 1")
	f(`{"format":1,"alarms":[]}`, "unknown field")
	f(`{"format":1,"alerts":[`+strings.Replace(good, "03-02", "02-28", 1)+`]}`, "alert 0: want rows in order, and days")
	f(`{"format":1,"alerts":[`+strings.Replace(good, `"a","b"`, `"b","a"`, 1)+`]}`, "want rows in order")
	f(`{"format":1,"alerts":[`+strings.Replace(good, "2026-03-01", "March", 1)+`]}`, "March")
	f(``, "EOF")
}

// FuzzParseState: what can be read is written as it was, and never makes a watch
// fail that remembers it.
func FuzzParseState(f *testing.F) {
	f.Add([]byte(`{"format":1,"alerts":[{"asked":"res=9","rows":["a","b"],"since":"2026-03-01","until":"2026-03-02","waiting":true,"event":{"id":"surge-1","data":{"lon":1.5,"rows":["a"]}}}]}`))
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte(`{"format":1,"alerts":[{"since":"2026-03-01","until":"2026-02-01"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		alerts, err := parseState(text)
		if err != nil {
			return
		}
		var written bytes.Buffer
		if err := writeState(&written, alerts); err != nil {
			t.Fatal(err)
		}
		again, err := parseState(written.Bytes())
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, written.Bytes())
		}
		if diff := cmp.Diff(alerts, again); diff != "" {
			t.Errorf("written and read (-want +got):\n%s", diff)
		}
		for _, a := range alerts {
			state := &alertState{alerts: []toldAlert{a}}
			if !state.knows(a.Asked, surgeAt(a.Since, a.Until, a.Rows...)) {
				t.Errorf("%v does not know itself", a)
			}
		}
	})
}
