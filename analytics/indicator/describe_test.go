package indicator

import (
	"strings"
	"testing"
)

func TestEffectiveInWords(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		if got := (Effective{From: from, To: to}).String(); got != want {
			t.Errorf("from %q to %q is %q, want %q", from, to, got, want)
		}
	}
	f("", "", "always")
	f("2026-01-01", "", "from 2026-01-01 on")
	f("", "2027-01-01", "until 2027-01-01")
	f("2026-01-01", "2027-01-01", "from 2026-01-01 to 2027-01-01")
}

// What people have to know of an indicator is said: how open cases count, what
// puts a case into a period, what stops the clock, what is to be reached.
func TestDescriptionsSayWhatCounts(t *testing.T) {
	f := func(text string, want ...string) {
		t.Helper()
		file, err := Read(strings.NewReader(text), nil)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := Describe(file.Pack.Indicators[0], Surroundings{})
		if err != nil {
			t.Fatal(err)
		}
		all := strings.Join(lines, "\n")
		for _, sentence := range want {
			if !strings.Contains(all, sentence) {
				t.Errorf("the description does not say %q:\n%s", sentence, all)
			}
		}
	}
	const head = "code: t.x\nversion: 2\nname: {en: X}\nempty: zero\ndirection: higher\n"
	const within = head + "kind: share_within\nclock: {start: reported_at, stop: closed_at, limit: {within: 4 hour}}\n"
	f(within+"effective: {from: 2026-01-01}\ntarget: {op: '<=', value: 0.5, unit: share}\nmin_n: 7\n",
		"t.x, version 2: X", "In force: from 2026-01-01 on.", "in the period of their deadline", "The limit is 4 hour.",
		"a case counts once its deadline has passed", "Cases without a limit do not count.", "at most 0.5 (share)",
		"scores no points; one with fewer than 7 is not judged or ranked")
	f(within+"open_policy: pessimistic\nno_limit: on_time\n", "an open case with a deadline is late", "Cases without a limit count as on time.")
	f(within+"open_policy: optimistic\n", "is on time until its deadline")
	f(within+"open_policy: closed_only\n", "open cases do not count")
	f(within+"open_policy: km\n", "for as long as it has waited")
	f(head+"kind: share_within\nclock: {start: reported_at, stop: closed_at, limit: {record: due_at}, pauses: [suspended], extension: replaces}\n",
		"The deadline is due_at.", "It stands still in pauses.", "A granted extension replaces the deadline.")
	f(head+"kind: ratio\nnumerator: [{where: \"status = 'open'\", weight: 0.5}]\nwhere: \"category = 'a'\"\n",
		"incidents where category = 'a'", "Numerator: 0.5 × status = 'open'. Denominator: all.", "in the period of their reported_at")
}
