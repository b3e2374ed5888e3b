package indicator

import (
	"slices"
	"strings"
	"testing"
)

// cleanText is a definition that nothing is wrong with.
const cleanText = `code: test.clean
version: 1
effective: {from: 2026-01-01}
name: {en: Satisfied, zh-Hans: 满意率}
source: {standard: For tests}
kind: ratio
numerator: "satisfaction = 'satisfied'"
denominator: "callback_valid = 'yes'"
target: {op: ">=", value: 0.9, unit: share}
direction: higher
scoring: {type: linear, max: 20}
min_n: 10
empty: no_data
`

// linted looks over a definition made of the clean one, and says what is found.
func linted(t *testing.T, changed ...string) []Issue {
	t.Helper()
	text := cleanText
	for i := 0; i+1 < len(changed); i += 2 {
		if !strings.Contains(text, changed[i]) {
			t.Fatalf("the definition has no %q", changed[i])
		}
		text = strings.Replace(text, changed[i], changed[i+1], 1)
	}
	others := []*Definition{
		define(t, "code: test.more\nkind: ratio\nnumerator: all\ndenominator: all\n"),
		define(t, "code: test.less\nkind: ratio\nnumerator: all\ndenominator: all\ndirection: lower\n"),
	}
	return Lint([]*Definition{readOne(t, text)}, Surroundings{Library: NewLibrary(others, nil)})
}

// TestLint: each of these is found, of its field, and nothing besides.
func TestLint(t *testing.T) {
	if issues := linted(t); len(issues) > 0 {
		t.Fatalf("the clean definition has issues: %v", issues)
	}
	f := func(severity Severity, field, text string, changed ...string) {
		t.Helper()
		issues := linted(t, changed...)
		if len(issues) != 1 || issues[0].Severity != severity || issues[0].Field != field || !strings.Contains(issues[0].Text, text) || issues[0].ID != "test.clean@1" {
			t.Errorf("changed %q: issues %v; want one %s of %s with %q", changed, issues, severity, field, text)
		}
	}
	const of = "denominator: \"callback_valid = 'yes'\"\n"
	f(Fatal, "empty", "is missing: say one of no_data, full, zero, neutral", "empty: no_data\n", "")
	f(Fatal, "direction", "is missing", "direction: higher\n", "")
	f(Fatal, "empty", `"nothing": want one of`, "no_data", "nothing")
	f(Fatal, "kind", `"ration" is none; did you mean ratio?`, "kind: ratio", "kind: ration")
	f(Fatal, "denominator", "callback_vaild", "callback_valid", "callback_vaild")
	f(Fatal, "target.value", "95 % is 0.95", "value: 0.9", "value: 95")
	f(Fatal, "quantile", "means nothing to kind ratio", "min_n: 10", "quantile: 0.5")
	f(Fatal, "numerator", "closed_on_time is told by a deadline", "numerator: \"satisfaction = 'satisfied'\"", "numerator: closed_on_time")
	f(Fatal, "effective", "ends (2025-01-01) before it begins", "{from: 2026-01-01}", "{from: 2026-01-01, to: 2025-01-01}")

	f(Doubtful, "denominator", "is not named", of, "")
	f(Doubtful, "source", "is missing", "source: {standard: For tests}\n", "")
	f(Doubtful, "name", "is missing", "name: {en: Satisfied, zh-Hans: 满意率}\n", "")
	f(Doubtful, "min_n", "one fact is enough", "min_n: 10\n", "")
	f(Doubtful, "target.unit", "is missing: the value is in share", ", unit: share", "")
	f(Doubtful, "target.unit", "is s, and the value is in share", "unit: share", "unit: s")
	f(Doubtful, "target.unit", "ratio is called share here", "unit: share", "unit: ratio")
	f(Doubtful, "direction", "higher is better, and the target is <= 0.9", `op: ">="`, `op: "<="`)
	f(Doubtful, "scoring", "points go from 1 to 0", "max: 20", "max: 20, zero: 1, full: 0")
	f(Doubtful, "direction", "points are deducted the more there is", "{type: linear, max: 20}", "{type: deduct, max: 20, per: 1}")
	f(Doubtful, "scoring", "the bands go the other way", "{type: linear, max: 20}", "{type: band, max: 20, bands: [{below: 0.5, score: 20}, {score: 0}]}")
	f(Doubtful, "direction", `the name says "返工"`, "满意率", "返工率")
	f(Doubtful, "direction", `the name says "overdue"`, "en: Satisfied", "en: Overdue share")

	const ratio = "kind: ratio\nnumerator: \"satisfaction = 'satisfied'\"\n" + of
	const timed = "kind: share_within\nclock: {limit: {within: 1 day}}\nopen_policy: closed_only\n"
	f(Doubtful, "open_policy", "closed_only leaves out slow cases", ratio, timed)
	f(Doubtful, "clock.limit", "is missing", ratio, "kind: share_within\nclock: {}\n")
	const composite = "kind: composite\nitems: [{indicator: test.more, weight: 60}, {indicator: test.less, weight: 40}]\n"
	f(Doubtful, "items", "test.less is better lower", ratio, composite, "unit: share", "unit: points")
	more := strings.Replace(composite, "{indicator: test.less, weight: 40}", "{indicator: test.more, weight: 10}", 1)
	f(Doubtful, "items", "the weights sum to 70, not to 1 or 100", ratio, more, "unit: share", "unit: points")
}

// TestOverlappingVersions: a version is held against those beside it and those
// that a library has, be it itself from there or not.
func TestOverlappingVersions(t *testing.T) {
	version := func(number, from, to string) *Definition {
		text := strings.Replace(cleanText, "version: 1", "version: "+number, 1)
		return readOne(t, strings.Replace(text, "{from: 2026-01-01}", "{from: "+from+", to: "+to+"}", 1))
	}
	f := func(definitions, kept []*Definition, want ...string) {
		t.Helper()
		var got []string
		for _, issue := range Lint(definitions, Surroundings{Library: NewLibrary(kept, nil)}) {
			got = append(got, issue.String())
		}
		if !slices.Equal(got, want) {
			t.Errorf("issues %q, want %q", got, want)
		}
	}
	first, second, third := version("1", "2025-01-01", "2026-01-01"), version("2", "2026-01-01", "\"\""), version("3", "2025-12-31", "2026-01-01")
	again := version("3", "2025-12-31", "2026-01-01")
	const third1 = "warning: test.clean@3: effective: version 1 is in force at the same time: that is from 2025-01-01 to 2026-01-01, this is from 2025-12-31 to 2026-01-01"
	f([]*Definition{first, second}, nil)
	f([]*Definition{first, second, third}, nil, third1)
	f([]*Definition{third}, []*Definition{first, second}, third1)
	f([]*Definition{again}, []*Definition{first, second, third}, third1)
	f([]*Definition{second}, []*Definition{first, third})
}

// TestWeightsOfPacks sum to 1 or 100, or are doubted.
func TestWeightsOfPacks(t *testing.T) {
	f := func(a, b, want string) {
		t.Helper()
		other := strings.Replace(cleanText, "test.clean", "test.other", 1)
		p := &Pack{Name: "test", Indicators: []*Definition{readOne(t, cleanText+"weight: "+a+"\n"), readOne(t, other+"weight: "+b+"\n")}}
		var got string
		for _, issue := range LintPack(p, Surroundings{}) {
			got += issue.String()
		}
		if got != want {
			t.Errorf("weights %s and %s: %q, want %q", a, b, got, want)
		}
	}
	f("60", "40", "")
	f("0.9", "0.1", "")
	f("60", "10", "warning: test: weight: the weights of its 2 weighted indicators sum to 70, not to 1 or 100")
}

// TestVersionsInForce by the date in the time zone of the moment.
func TestVersionsInForce(t *testing.T) {
	l := NewLibrary([]*Definition{
		readOne(t, strings.NewReplacer("version: 1", "version: 2", "{from: 2026-01-01}", "{from: 2026-07-01, to: 2027-01-01}").Replace(cleanText)),
		readOne(t, strings.Replace(cleanText, "{from: 2026-01-01}", "{from: 2026-01-01, to: 2026-07-01}", 1)),
	}, nil)
	shanghai := location(t, "Asia/Shanghai")
	f := func(at string, want int, told string) {
		t.Helper()
		moment := mustTime(t, at)
		d, err := l.InForce("test.clean", moment.In(shanghai))
		if want > 0 && (err != nil || d.Version != want) {
			t.Errorf("on %s version %+v is in force, error %v; want %d", at, d, err, want)
		}
		if want == 0 && (err == nil || !strings.Contains(err.Error(), told)) {
			t.Errorf("on %s: error %v, want one with %q", at, err, told)
		}
	}
	f("2026-06-30T15:59:59Z", 1, "")
	f("2026-06-30T16:00:00Z", 2, "") // midnight in Shanghai
	f("2025-12-31T15:59:59Z", 0, "no version is in force on 2025-12-31; the last one, 2, is from 2026-07-01 to 2027-01-01")
	f("2026-12-31T16:00:00Z", 0, "no version is in force on 2027-01-01")
}

// TestWaysAreNoShorterThanStraight: a detour below 1 is refused, and not taken
// for none.
func TestWaysAreNoShorterThanStraight(t *testing.T) {
	f := func(detour, want string) {
		t.Helper()
		_, err := Compile(define(t, "kind: access_share\naccess: {metres: 500"+detour+"}\n"), Surroundings{})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("access: {metres: 500%s}: error %v, want %q", detour, err, want)
		}
	}
	f("", "")
	f(", detour: 1.3", "")
	f(", detour: 0.5", "access.detour: 0.5: want 1 to 10")
	f(", detour: -2", "access.detour: -2: want 1 to 10")
}
