package spelling

import (
	"fmt"
	"strings"
	"testing"
)

func ExampleNearest() {
	fmt.Println(Nearest("open_polcy", []string{"name", "open_policy", "no_limit"}))
	// Output: open_policy
}

// TestEdits has the distances that are told of the method everywhere, and those
// of words that are as good as none.
func TestEdits(t *testing.T) {
	f := func(a, b string, want int) {
		t.Helper()
		if got, back := Edits(a, b), Edits(b, a); got != want || back != want {
			t.Errorf("Edits(%q, %q) = %d and back %d, want %d", a, b, got, back, want)
		}
	}
	f("kitten", "sitting", 3)
	f("saturday", "sunday", 3)
	f("", "", 0)
	f("", "abc", 3)
	f("处置率", "按期处置率", 2)
}

func TestNearest(t *testing.T) {
	known := []string{"start", "stop", "limit", "calendar", "open_policy", "x"}
	f := func(word, want string) {
		t.Helper()
		if got := Nearest(word, known); got != want {
			t.Errorf("Nearest(%.20q) = %q, want %q", word, got, want)
		}
	}
	f("strat", "start")
	f("STOPP", "stop")
	f("calender", "calendar")
	f("opn_polcy_", "open_policy") // three edits of ten letters
	f("y", "")
	f("ab", "")
	f("weekly", "")
	f("", "")
	f(strings.Repeat("start", 1_000_000), "")
}
