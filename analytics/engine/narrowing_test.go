package engine

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
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

// TestAFactIsOfItsHourOfTheWeek counts the cases of a day of the week and of an hour
// one by one, on clocks that are eight hours from those of the store.
func TestAFactIsOfItsHourOfTheWeek(t *testing.T) {
	e, cases := shanghai(t)
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	f := func(given map[string]string, is func(time.Time) bool) {
		t.Helper()
		var want int64
		for _, k := range cases {
			if is(k.reported.In(zone)) {
				want++
			}
		}
		given[keepDefaults] = "true"
		if got := run(t, e, "density", given).Balances[0].Total; got != want || want == 0 {
			t.Errorf("%v: %d facts, want %d", given, got, want)
		}
	}
	f(map[string]string{weekday: "7"}, func(at time.Time) bool { return at.Weekday() == time.Sunday })
	f(map[string]string{weekday: "1"}, func(at time.Time) bool { return at.Weekday() == time.Monday })
	f(map[string]string{hourOfDay: "0"}, func(at time.Time) bool { return at.Hour() == 0 })
	f(map[string]string{weekday: "2", hourOfDay: "19"}, func(at time.Time) bool { return at.Weekday() == time.Tuesday && at.Hour() == 19 })
	values, err := analytics.ParseValues(common(), map[string]string{hourOfDay: "3"})
	if err != nil {
		t.Fatal(err)
	}
	wrong := (*analytics.ParamError)(nil)
	if _, err := (&view{dataset: data.Resources}).narrowing(analytics.Request{Params: values}); !errors.As(err, &wrong) || wrong.Name != hourOfDay {
		t.Errorf("resources of an hour: error %v, want one of %s", err, hourOfDay)
	}
}
