package data

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPausesOfKnownText(t *testing.T) {
	const hour = 3_600_000_000
	f := func(text, canonical string, want ...Pause) {
		t.Helper()
		got, err := ParsePauses(text)
		if err != nil {
			t.Errorf("ParsePauses(%q): %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("ParsePauses(%q) (-want +got):\n%s", text, diff)
		}
		if again := FormatPauses(got); again != canonical {
			t.Errorf("FormatPauses of %q = %q, want %q", text, again, canonical)
		}
	}
	f("", "")
	f(" ", "")
	f("1970-01-01T00:00:00Z/1970-01-01T01:00:00Z", "1970-01-01T00:00:00Z/1970-01-01T01:00:00Z", Pause{0, hour})
	f("1970-01-01T08:00:00+08:00/1970-01-01T01:00:00.5Z", "1970-01-01T00:00:00Z/1970-01-01T01:00:00.5Z", Pause{0, hour + 500_000})
	f("1970-01-01T02:00:00Z/.. ; 1970-01-01T00:00:00Z/1970-01-01T01:00:00Z", "1970-01-01T00:00:00Z/1970-01-01T01:00:00Z;1970-01-01T02:00:00Z/..",
		Pause{0, hour}, Pause{2 * hour, Unended})
	f("1970-01-01T00:00:00Z/1970-01-01T01:00:00Z;1970-01-01T01:00:00Z/1970-01-01T02:00:00Z", "1970-01-01T00:00:00Z/1970-01-01T02:00:00Z", Pause{0, 2 * hour})
	f("1970-01-01T00:00:00Z/..;1970-01-01T01:00:00Z/1970-01-01T02:00:00Z", "1970-01-01T00:00:00Z/..", Pause{0, Unended})
	if got, err := ParsePauses("1970-01-01T00:00:00Z/1970-01-01T00:00:00Z"); len(got) > 0 || err != nil {
		t.Errorf("a pause of no length is %v, %v, want none", got, err)
	}
}

func TestBadPausesAreErrors(t *testing.T) {
	for _, text := range []string{
		"x", "1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z/", "/1970-01-01T00:00:00Z", "../..", "1970-01-01T01:00:00Z/1970-01-01T00:00:00Z",
		"1970-01-01/1970-01-02", "1970-01-01T00:00:00/1970-01-01T01:00:00", "1970-01-01T00:00:00Z/..;", ";",
		"0000-01-01T00:00:00+08:00/..", "1970-01-01T00:00:00Z/9999-12-31T23:59:59-08:00",
	} {
		if got, err := ParsePauses(text); err == nil {
			t.Errorf("ParsePauses(%q) = %v, want an error", text, got)
		}
	}
}

// A moment is paused if one of the pauses holds it, however they are written.
func TestPausesHoldTheirMoments(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 1))
	holds := func(pauses []Pause, at int64) bool {
		return slices.ContainsFunc(pauses, func(p Pause) bool { return p.From <= at && at < p.To })
	}
	for range 2000 {
		given := make([]Pause, random.IntN(6))
		for i := range given {
			given[i] = Pause{random.Int64N(40), random.Int64N(40)}
			if random.IntN(9) == 0 {
				given[i].To = Unended
			}
		}
		before := slices.Clone(given)
		text := FormatPauses(given)
		if !slices.Equal(before, given) {
			t.Fatalf("FormatPauses changed %v to %v", before, given)
		}
		got, err := ParsePauses(text)
		if err != nil {
			t.Fatal(err)
		}
		for at := int64(-1); at < 42; at++ {
			if holds(given, at) != holds(got, at) {
				t.Fatalf("%v hold moment %d: %t, as %q %t", given, at, holds(given, at), text, holds(got, at))
			}
		}
		for i := 1; i < len(got); i++ {
			if got[i].From <= got[i-1].To {
				t.Fatalf("%v touch each other", got)
			}
		}
		if again := FormatPauses(got); again != text {
			t.Fatalf("FormatPauses(%v) = %q, want %q", got, again, text)
		}
	}
}

// FuzzPauses reads any text as pauses: what can be read is written in one way.
func FuzzPauses(f *testing.F) {
	for _, text := range []string{"", "1970-01-01T00:00:00Z/..", "0000-01-01T00:00:00Z/9999-12-31T23:59:59.999999Z", "1970-01-01T00:00:00.9999999Z/..;2024-05-01T08:00:00+08:00/2024-05-02T00:00:00Z", "/;/"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		pauses, err := ParsePauses(text)
		if err != nil {
			return
		}
		canonical := FormatPauses(pauses)
		again, err := ParsePauses(canonical)
		if err != nil || !slices.Equal(pauses, again) {
			t.Fatalf("%q is %v, as %q %v (%v)", text, pauses, canonical, again, err)
		}
	})
}
