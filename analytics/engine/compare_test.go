package engine

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/contrast"
)

// with returns parameters with more.
func with(given map[string]string, more ...string) map[string]string {
	all := maps.Clone(given)
	for i := 0; i+1 < len(more); i += 2 {
		all[more[i]] = more[i+1]
	}
	return all
}

func columnOf(t *testing.T, l *analytics.Layer, name string) analytics.Column {
	t.Helper()
	c, ok := l.Column(name)
	if !ok {
		t.Fatalf("%s has no column %s", l.Name, name)
	}
	return c
}

// compared are questions of every test there is, with the columns of the plain layer
// that its sides must agree with: the value, but of rates, and how many facts.
func compared() []struct {
	name, value, n string
	given          map[string]string
} {
	return []struct {
		name, value, n string
		given          map[string]string
	}{
		{"compliance", "share", "n", map[string]string{"level": "community", "min-n": "5"}},
		{"compliance", "share", "n", map[string]string{"res": "8", "open-policy": "pessimistic", "within": "D1"}},
		{"density", "", "observed", map[string]string{"level": "community"}},
		{"density", "", "observed", map[string]string{"res": "8"}},
		{"indicator", "value", "n", map[string]string{"level": "street", "indicator": "general.on_time"}},
		{"indicator", "", "n", map[string]string{"level": "community", "indicator": "general.cases"}},
	}
}

// TestSidesAreThoseOfEitherPeriod holds the two sides of a difference layer to the
// layers of either period alone.
func TestSidesAreThoseOfEitherPeriod(t *testing.T) {
	e, _ := shanghai(t)
	tested := false
	for _, q := range compared() {
		before := run(t, e, q.name, with(q.given, "from", "2024-02", "to", "2024-03"))
		now := run(t, e, q.name, with(q.given, "from", "2024-03", "to", "2024-05"))
		layer := run(t, e, q.name, with(q.given, "from", "2024-03", "to", "2024-05", "compare", "2024-02"))
		if !layer.Provenance.Against.From.Equal(before.Provenance.From) || !layer.Provenance.Against.To.Equal(before.Provenance.To) {
			t.Errorf("%s: compared with %v, want the period of %v", q.name, layer.Provenance.Against, before.Provenance)
		}
		for suffix, plain := range map[string]*analytics.Layer{"": now, "_before": before} {
			if got, want := columnOf(t, layer, "n"+suffix).Ints, columnOf(t, plain, q.n).Ints; !reflect.DeepEqual(got, want) {
				t.Errorf("%s %v: n%s is %v, want %v", q.name, q.given, suffix, got, want)
			}
			if q.value == "" {
				continue
			}
			got, want := columnOf(t, layer, "value"+suffix), columnOf(t, plain, q.value)
			if !reflect.DeepEqual(got.Floats, want.Floats) || !reflect.DeepEqual(got.Valid, want.Valid) {
				t.Errorf("%s %v: value%s is %v, want %v", q.name, q.given, suffix, got.Floats, want.Floats)
			}
		}
		p := columnOf(t, layer, "p")
		tested = tested || slices.Contains(p.Valid, true)
	}
	if !tested {
		t.Error("no row was tested")
	}
}

// TestSwappedPeriodsTurnEverySign asks for the same two periods both ways round.
func TestSwappedPeriodsTurnEverySign(t *testing.T) {
	e, _ := shanghai(t)
	for _, q := range compared() {
		there := run(t, e, q.name, with(q.given, "from", "2024-03", "to", "2024-05", "compare", "2024-02"))
		back := run(t, e, q.name, with(q.given, "from", "2024-02", "to", "2024-03", "compare", "2024-03/2024-05"))
		x, y := columnOf(t, there, "change"), columnOf(t, back, "change")
		for row := range x.Floats {
			if x.Has(row) != y.Has(row) || x.Floats[row] != 0-y.Floats[row] {
				t.Errorf("%s %v, row %d: %v, swapped %v", q.name, q.given, row, x.Floats[row], y.Floats[row])
			}
		}
		if !reflect.DeepEqual(columnOf(t, there, "q").Floats, columnOf(t, back, "q").Floats) {
			t.Errorf("%s %v: q is another when swapped", q.name, q.given)
		}
		rows := func(l *analytics.Layer, key string) int {
			i := slices.IndexFunc(l.Legend.Classes, func(c analytics.Class) bool { return c.Key == key })
			return l.Legend.Classes[i].Rows
		}
		if rows(there, contrast.Increase) != rows(back, contrast.Decrease) || rows(there, contrast.Unclear) != rows(back, contrast.Unclear) {
			t.Errorf("%s %v: classes are %+v, swapped %+v", q.name, q.given, there.Legend.Classes, back.Legend.Classes)
		}
	}
}

func TestWordsForThePeriodComparedWith(t *testing.T) {
	e, _ := shanghai(t)
	f := func(word, from, to string, given ...string) {
		t.Helper()
		layer := run(t, e, "density", with(map[string]string{"level": "street", "compare": word}, given...))
		zone := start.Location()
		const day = "2006-01-02"
		if s := layer.Provenance.Against; s.From.In(zone).Format(day) != from || s.To.In(zone).Format(day) != to {
			t.Errorf("%s is from %v to %v, want %s to %s", word, s.From.In(zone), s.To.In(zone), from, to)
		}
	}
	f("2024-01", "2024-01-01", "2024-02-01", "from", "2024-05", "to", "2024-06")
	f("2024-Q1", "2024-01-01", "2024-04-01", "from", "2024-05", "to", "2024-06")
	f("2024-W03", "2024-01-15", "2024-01-22", "from", "2024-05", "to", "2024-06")
	f("2024-01-10/2024-02-05", "2024-01-10", "2024-02-05", "from", "2024-05", "to", "2024-06")
	f("previous", "2024-04-01", "2024-05-01", "from", "2024-05", "to", "2024-06")
	f("previous", "2024-04-21", "2024-05-01", "from", "2024-05-01", "to", "2024-05-11")
	f("2024-06", "2024-06-01", "2024-07-01", "from", "2024-05", "to", "2024-06")
}

func TestComparisonsThatAreRefused(t *testing.T) {
	e, _ := shanghai(t)
	open := sparse(t, 3, 400, 5)
	f := func(e *Engine, name, says string, given ...string) {
		t.Helper()
		_, err := e.Run(t.Context(), name, asked("level=street", given...))
		wrong := (*analytics.ParamError)(nil)
		if !errors.As(err, &wrong) || wrong.Name != Compare || !strings.Contains(wrong.Why, says) {
			t.Errorf("%s %v: error %v, want one of %s that says %q", name, given, err, Compare, says)
		}
	}
	march := []string{"from=2024-03", "to=2024-04"}
	f(e, "density", "overlaps", "compare=2024-02")
	f(e, "density", "overlaps", append(march, "compare=2024-Q1")...)
	f(e, "density", "nothing is known", append(march, "compare=year-ago")...)
	f(e, "density", "nothing is known", append(march, "compare=2026")...)
	f(e, "density", "ends before it begins", append(march, "compare=2024-02/2024-01")...)
	f(e, "density", "want a period such as", append(march, "compare=last month")...)
	f(e, "density", "want a date", append(march, "compare=2024-01/soon")...)
	f(e, "response", "no interval that holds", append(march, "compare=previous")...)
	f(e, "indicator", "is of kind quantile", append(march, "compare=previous", "indicator=general.time_to_close_p90")...)
	f(e, "indicator", "leave changes out", append(march, "compare=previous", "changes=true")...)
	f(e, "density", "more of a weekday", append(march, "compare=2024-02", "weekday=1")...)
	f(open, "density", "do not compare periods", append(march, "compare=previous")...)
	f(open, "compliance", "do not compare periods", append(march, "compare=previous")...)
	f(open, "indicator", "do not compare periods", "compare=previous")
	_, err := e.Run(t.Context(), "hotspot", map[string]string{"compare": "previous"})
	if wrong := (*analytics.ParamError)(nil); !errors.As(err, &wrong) || wrong.Name != Compare {
		t.Errorf("hotspot compares: error %v", err)
	}
	if _, err := e.Report(t.Context(), map[string]string{"compare": "previous"}); err == nil {
		t.Error("a report compares")
	}
}
