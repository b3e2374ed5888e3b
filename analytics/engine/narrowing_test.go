package engine

import (
	"strings"
	"testing"
)

// TestUnknownWordsAreTold asks for a category nobody has: the layer says which there
// are, the most frequent first, and which was meant.
func TestUnknownWordsAreTold(t *testing.T) {
	e, cases := shanghai(t)
	count := map[string]int{}
	for _, k := range cases {
		count[k.category]++
	}
	most := ""
	for word, n := range count {
		if word != "" && (most == "" || n > count[most] || n == count[most] && word < most) {
			most = word
		}
	}
	layer := run(t, e, "density", map[string]string{"category": "noize"})
	told := strings.Join(layer.Caveats, "\n")
	for _, want := range []string{"No fact of the period meets the conditions.", `None of the incidents is of category "noize".`, `Did you mean "noise"?`, "There are " + most} {
		if !strings.Contains(told, want) {
			t.Errorf("it is not said that %s\n%s", want, told)
		}
	}
	if told := strings.Join(run(t, e, "density", map[string]string{"category": "noise"}).Caveats, "\n"); strings.Contains(told, "category") {
		t.Errorf("a category that there is is told to be none: %s", told)
	}
}
