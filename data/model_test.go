package data

import (
	"testing"
	"time"
)

func TestNamesIn(t *testing.T) {
	f := func(n Names, lang, want string) {
		t.Helper()
		if got := n.In(lang); got != want {
			t.Errorf("%v.In(%q) = %q, want %q", n, lang, got, want)
		}
	}
	all := Names{"": "Rathaus", "en": "Town hall", "zh-Hans": "市政厅", "zh-Hant": "市政廳"}
	f(all, "zh-Hant", "市政廳")
	f(all, "en", "Town hall")
	f(all, "", "Rathaus")
	f(all, "fr", "Rathaus")
	f(Names{"en": "Town hall", "de": "Rathaus"}, "fr", "Town hall")
	f(Names{"zh-Hant": "市政廳", "zh-Hans": "市政厅"}, "fr", "市政厅")
	f(Names{"zh-Hans": "市政厅", "fr": "Mairie"}, "en", "Mairie")
	f(Names{"pt": "Câmara"}, "", "Câmara")
	f(Names{"fr": "", "": "", "en": "", "pt": "Câmara"}, "fr", "Câmara") // an empty name is none
	f(Names{"fr": ""}, "fr", "")
	f(Names{}, "en", "")
	f(nil, "en", "")
}

func TestInForceIsHalfOpen(t *testing.T) {
	from, to := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	f := func(from, to, at time.Time, want bool) {
		t.Helper()
		if got := (Community{ValidFrom: from, ValidTo: to}).InForce(at); got != want {
			t.Errorf("valid from %v to %v: InForce(%v) = %v, want %v", from, to, at, got, want)
		}
	}
	var none time.Time
	f(from, to, from.Add(-1), false)
	f(from, to, from, true)
	f(from, to, from.In(time.FixedZone("", -3600)), true)
	f(from, to, to.Add(-1), true)
	f(from, to, to, false)
	f(from, none, to, true)
	f(from, none, from.Add(-1), false)
	f(none, to, from, true)
	f(none, to, to, false)
	f(none, none, none, true)
	f(none, none, to, true)
	f(from, from, from, false)
}

func TestLevelsHaveRanks(t *testing.T) {
	for i, l := range Levels() {
		if got := l.Rank(); got != i {
			t.Errorf("%s.Rank() = %d, want %d", l, got, i)
		}
		if got, err := ParseLevel(string(l)); got != l || err != nil {
			t.Errorf("ParseLevel(%q) = %q, %v", l, got, err)
		}
	}
	for _, l := range []Level{"", "town", "City"} {
		if got := l.Rank(); got != -1 {
			t.Errorf("%q.Rank() = %d, want -1", l, got)
		}
	}
	Levels()[0] = "changed"
	if got := Levels()[0]; got != Province {
		t.Errorf("after a caller wrote to Levels() it begins with %q", got)
	}
}

func TestParseLevel(t *testing.T) {
	f := func(s string, want Level, why string) {
		t.Helper()
		got, err := ParseLevel(s)
		if got != want {
			t.Errorf("ParseLevel(%q) = %q, want %q", s, got, want)
		}
		wantError(t, "ParseLevel", err, why)
	}
	f(" Unit_Grid\n", UnitGrid, "")
	f("DISTRICT", District, "")
	f("", "", `level "": want one of province`)
	f("county", "", `level "county": want one of province`)
}
