package indicator

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const wellFormed = `code: test.on_time
version: 2
effective: {from: 2025-01-01}
name: {en: On time, zh-Hans: 按期}
source: {standard: Test, note: for tests}
kind: share_within
where: "category <> 'advice'"
clock:
  start: reported_at
  stop: closed_at
  limit: {within: 72 hour, by: category, table: {noise: 4 hour, "违建": 5 day}}
period: {by: due, unit: month, anchor_day: 19, day_cut: "12:00", tz: Asia/Shanghai}
open_policy: matured
target: {op: ">=", value: 0.95, unit: share}
direction: higher
scoring: {type: linear, max: 20}
weight: 20
min_n: 10
interval: {method: jeffreys, level: 0.9}
smoothing: {method: eb, prior: parent}
empty: no_data
rollup: pooled
attribution: where
levels: [cell, street]
`

func readOne(t testing.TB, text string) *Definition {
	t.Helper()
	file, err := Read(strings.NewReader(text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return file.Pack.Indicators[0]
}

func TestWriteIsReadAgain(t *testing.T) {
	d := readOne(t, wellFormed)
	text, err := Write(d)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(d, readOne(t, string(text))); diff != "" {
		t.Errorf("written and read again (-want +got):\n%s", diff)
	}
	if d.Clock.Limit.Table["违建"] != "5 day" || d.ID() != "test.on_time@2" || *d.Weight != 20 {
		t.Errorf("read as %+v", d)
	}
}

// TestErrorsNameLineAndColumn states what is said of files that cannot be read,
// and where.
func TestErrorsNameLineAndColumn(t *testing.T) {
	f := func(from, to, want string) {
		t.Helper()
		if !strings.Contains(wellFormed, from) {
			t.Fatalf("the file has no %q", from)
		}
		_, err := Read(strings.NewReader(strings.Replace(wellFormed, from, to, 1)), nil)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with %q the error is %v, want one with %q", to, err, want)
		}
		if failed := (*FieldError)(nil); !errors.As(err, &failed) {
			t.Errorf("with %q the error is a %T", to, err)
		}
	}
	f("open_policy:", "open_polcy:", "line 13, column 1: open_polcy: there is no such key; did you mean open_policy?")
	f("  start: reported_at", "  strat: reported_at", "line 9, column 3: clock.strat: there is no such key; did you mean start?")
	f("{op: \">=\"", "{opp: \">=\"", "line 14, column 10: target.opp: there is no such key; did you mean op?")
	f("version: 2", "version: two", "`two` is no whole number")
	f("version: 2", "version: [2]", "line 2, column 10: version: want one value")
	f("levels: [cell, street]", "levels: cell", "line 24, column 9: levels: want a list")
	f("target: {op: \">=\", value: 0.95, unit: share}", "target: 0.95", "line 14, column 9: target: want names and values")
	f("version: 2", "version: 2\nversion: 3", "line 3, column 1: version: given twice")
	f("code: test.on_time", "name: x", "want a key code")
	f("version: 2", "version: &two 2", "anchors and aliases are not read")
	f("version: 2", "version: 2\n---\ncode: other", "several documents")
	f("version: 2", "version: \"2", "did not find expected key")
	if _, err := Read(strings.NewReader(""), nil); err == nil || !strings.Contains(err.Error(), "the file is empty") {
		t.Errorf("an empty file: error %v", err)
	}
	if _, err := Read(strings.NewReader(strings.Repeat("#", maxFile+1)), nil); err == nil || !strings.Contains(err.Error(), "more than") {
		t.Errorf("a huge file: error %v", err)
	}
}

const packText = `pack: test
title: A pack
doc: For tests.
settings:
  target: {default: "0.9", doc: share to be reached, unit: share}
  anchor: {default: "19", doc: first day of the month}
  word: {default: satisfied, doc: what counts}
indicators:
- code: test.a
  version: 1
  name: {en: "Share of ${word}"}
  kind: ratio
  numerator: "satisfaction = '${word}'"
  denominator: all
  direction: higher
  target: {op: ">=", value: "${target}", unit: share}
  period: {anchor_day: "${anchor}"}
  empty: no_data
`

func TestSettingsArePutIn(t *testing.T) {
	f := func(given map[string]string, value float64, anchor int, name string) {
		t.Helper()
		file, err := Read(strings.NewReader(packText), given)
		if err != nil {
			t.Fatal(err)
		}
		d := file.Pack.Indicators[0]
		if d.Target.Value != value || d.Period.AnchorDay != anchor || d.Title("en") != name {
			t.Errorf("with %v the definition is %+v", given, d)
		}
	}
	f(nil, 0.9, 19, "Share of satisfied")
	f(map[string]string{"target": "0.95", "anchor": "1", "word": "basic"}, 0.95, 1, "Share of basic")
	for given, want := range map[string]string{"targt": "did you mean target?", "x": "there is no setting x"} {
		_, err := Read(strings.NewReader(packText), map[string]string{given: "1"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("setting %s: error %v, want one with %q", given, err, want)
		}
	}
	if _, err := Read(strings.NewReader("pack: p\nindicators:\n- "), nil); err == nil || err.Error() != "line 3, column 2: indicators[1]: is empty" {
		t.Errorf("a pack with an indicator that is nothing: error %v", err)
	}
	_, err := Read(strings.NewReader(strings.Replace(packText, "${anchor}", "${anchr}", 1)), nil)
	if want := "there is no setting anchr; did you mean anchor?"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error %v, want one with %q", err, want)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(wellFormed)
	f.Add(packText)
	f.Add("pack: p\nindicators:\n- ")
	f.Add("calendar: x\nzone: UTC\nweekly: {mon-fri: [08:00-12:00]}\n")
	f.Add("code: a\nnumerator: [{where: x, weight: .nan}]")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := Read(strings.NewReader(text), nil)
		if err != nil || file.Pack == nil {
			return
		}
		for _, d := range file.Pack.Indicators {
			if d == nil {
				t.Fatal("a definition is nil")
			}
			if c, err := Compile(d, Surroundings{}); err == nil {
				c.Digest()
				if _, err := Describe(d, Surroundings{}); err != nil {
					t.Errorf("compiles and cannot be described: %v", err)
				}
			}
		}
		Lint(file.Pack.Indicators, Surroundings{})
	})
}
