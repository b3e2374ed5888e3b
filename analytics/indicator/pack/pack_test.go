package pack_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/analytics/indicator/pack"
	"github.com/civgrid/civgrid/data"
)

func library(t testing.TB, given ...*indicator.Pack) *indicator.Library {
	t.Helper()
	l, err := pack.Library(given...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func read(t testing.TB, name string, settings map[string]string) *indicator.Pack {
	t.Helper()
	p, err := pack.Read(name, settings)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// compiled makes a definition of a library ready.
func compiled(t testing.TB, l *indicator.Library, code string) *indicator.Compiled {
	t.Helper()
	d, err := l.InForce(code, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := indicator.Compile(d, indicator.Surroundings{Library: l})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPacksAreThere(t *testing.T) {
	want := []string{
		"chicago_food", "civilized_city", "gbt30428_4", "general", "hotline12345", "nfpa1710", "nhs",
		"rectification", "sdg11", "service311",
	}
	if diff := cmp.Diff(want, pack.Names()); diff != "" {
		t.Errorf("packs differ (-want +got):\n%s", diff)
	}
	for _, name := range pack.Names() {
		p := read(t, name, nil)
		if p.Name != name || p.Title == "" || p.Doc == "" {
			t.Errorf("pack %s is called %q, with title %q and a text of %d bytes", name, p.Name, p.Title, len(p.Doc))
		}
	}
}

func TestPacksHaveNoIssues(t *testing.T) {
	s := indicator.Surroundings{Library: library(t)}
	for _, name := range pack.Names() {
		for _, issue := range indicator.LintPack(read(t, name, nil), s) {
			t.Error(issue)
		}
	}
}

func TestEveryDefinitionSaysWhatReadersAskFor(t *testing.T) {
	for _, name := range pack.Names() {
		for _, d := range read(t, name, nil).Indicators {
			for _, lang := range []string{"en", "zh-Hans", "zh-Hant"} {
				if d.Name[lang] == "" {
					t.Errorf("%s has no name in %s", d.Code, lang)
				}
			}
			if d.Source.Note == "" {
				t.Errorf("%s does not say what it follows", d.Code)
			}
			if d.Source.Standard != "" && d.Source.Clause == "" && !strings.ContainsAny(d.Source.Note, ";.") {
				t.Errorf("%s names no clause and does not say why", d.Code)
			}
			if d.Target != nil && d.MinN == 0 && d.Kind != "composite" {
				t.Errorf("%s has a target and no min_n", d.Code)
			}
			if len(d.Examples) == 0 && d.Kind != "access_share" {
				t.Errorf("%s has no example", d.Code)
			}
		}
	}
}

// TestEveryExampleIsWrittenOut holds every example to a comment before it in
// the file, which writes the sum out.
func TestEveryExampleIsWrittenOut(t *testing.T) {
	for _, name := range pack.Names() {
		text, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		var file struct {
			Indicators []struct {
				Code     string      `yaml:"code"`
				Examples []yaml.Node `yaml:"examples"`
			} `yaml:"indicators"`
		}
		if err := yaml.Unmarshal(text, &file); err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Indicators {
			for i, x := range d.Examples {
				if x.HeadComment == "" && x.Content[0].HeadComment == "" {
					t.Errorf("%s, example %d: no comment says how it is reckoned", d.Code, i+1)
				}
			}
		}
	}
}

func TestEverySettingIsDescribedAndUsed(t *testing.T) {
	for _, name := range pack.Names() {
		text, err := os.ReadFile(name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		for setting, s := range read(t, name, nil).Settings {
			if s.Default == "" || s.Doc == "" {
				t.Errorf("%s: setting %s has default %q and text %q", name, setting, s.Default, s.Doc)
			}
			if !strings.Contains(string(text), "${"+setting+"}") {
				t.Errorf("%s: setting %s stands nowhere", name, setting)
			}
		}
	}
}

// weights returns the weights of the items of a composite.
func weights(c *indicator.Compiled) string {
	var list []string
	for _, item := range c.Items {
		list = append(list, fmt.Sprint(*item.Weight))
	}
	return strings.Join(list, " ")
}

func TestWeightsAreSettings(t *testing.T) {
	f := func(name, code string, settings map[string]string, want string) {
		t.Helper()
		c := compiled(t, library(t, read(t, name, settings)), code)
		if got := weights(c); got != want {
			t.Errorf("%s with %v weighs %s, want %s", code, settings, got, want)
		}
	}
	f("hotline12345", "hotline12345.composite", nil, "0.1 0.5 0.4")
	f("hotline12345", "hotline12345.composite", map[string]string{"response_weight": "0.2", "solution_weight": "0.4"}, "0.2 0.4 0.4")
	f("gbt30428_4", "gbt30428_4.composite", nil, "30 20 20 20 10")
	f("gbt30428_4", "gbt30428_4.composite", map[string]string{"disposal_weight": "40", "extension_weight": "0"}, "40 20 20 20 0")
}

func TestWindowsAreSettings(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	f := func(settings map[string]string, wantFrom, wantTo string) {
		t.Helper()
		c := compiled(t, library(t, read(t, "hotline12345", settings)), "hotline12345.composite")
		a := indicator.AnalysisOf(c)
		from, to, err := a.Window(values(t, map[string]string{indicator.Named: "2026-03"}), analytics.Vantage{})
		if err != nil {
			t.Fatal(err)
		}
		const minute = "2006-01-02 15:04"
		if got := from.In(shanghai).Format(minute) + " to " + to.In(shanghai).Format(minute); got != wantFrom+" to "+wantTo {
			t.Errorf("March of 2026 with %v is %s, want %s to %s", settings, got, wantFrom, wantTo)
		}
	}
	f(nil, "2026-02-18 12:00", "2026-03-18 12:00")
	f(map[string]string{"day_named": "start"}, "2026-02-19 12:00", "2026-03-19 12:00")
	f(map[string]string{"anchor_day": "1", "day_cut": "00:00", "day_named": "start"}, "2026-03-01 00:00", "2026-04-01 00:00")
}

func TestSettingsOfOtherCitiesHaveNoIssues(t *testing.T) {
	f := func(name string, settings map[string]string) {
		t.Helper()
		p := read(t, name, settings)
		for _, issue := range indicator.LintPack(p, indicator.Surroundings{Library: library(t, p)}) {
			t.Errorf("with %v: %v", settings, issue)
		}
	}
	f("gbt30428_4", map[string]string{
		"extension": "ignored", "registration_of": "accepted_at IS NOT NULL", "anchor_day": "26", "register_within": "30 minute",
		"public_report": "kind IN ('report', 'complaint') AND channel LIKE 'hot%'", "band_1": "2", "score_5": "20",
	})
	f("civilized_city", map[string]string{
		"applies_publicity": "point_type IN ('主次干道', '广场') OR point_type IS NULL", "deduction": "0.2", "deduction_cap": "5", "bikes": "50",
		"minors_weight": "10", "field_weight": "50",
	})
	f("hotline12345", map[string]string{"basic": "0.8", "response_weight": "0.2", "solution_weight": "0.3", "satisfaction_weight": "0.5", "target": "0.85"})
	f("nfpa1710", map[string]string{"en_route": "registered_at", "fire_calls": "kind = 'emergency'", "travel": "360"})
	f("nhs", map[string]string{"category": "subcategory", "c1": "Category 1", "stop": "disposed_at", "c2_mean": "1800"})
	f("rectification", map[string]string{"real": "recheck = 'ok'"})
	f("service311", map[string]string{"respond_within": "1 work_day", "calendar": "cn-work", "close_within": "20 work_day"})
	f("sdg11", map[string]string{"detour": "1.3", "public_space": "kind = 'park' AND status = 'active'"})
}

func TestWrongSettingsAreRefused(t *testing.T) {
	_, err := pack.Read("hotline12345", map[string]string{"respones_weight": "0.2"})
	if failed := (*indicator.FieldError)(nil); !errors.As(err, &failed) || !strings.Contains(err.Error(), "did you mean response_weight") {
		t.Errorf("a setting that is misspelt gives %v, want a FieldError with the right one", err)
	}
	p := read(t, "hotline12345", map[string]string{"response_weight": "0.2"})
	issues := indicator.LintPack(p, indicator.Surroundings{Library: library(t, p)})
	told := false
	for _, issue := range issues {
		told = told || issue.ID == "hotline12345.composite@1" && strings.Contains(issue.Text, "sum to 1.1")
	}
	if !told {
		t.Errorf("weights of 0.2, 0.5 and 0.4 give issues %v, want one on their sum", issues)
	}
}

func TestPacksThatAreNotThere(t *testing.T) {
	for _, name := range []string{"generel", "", ".", "../pack/general", "calendars/cn-work"} {
		if _, err := pack.Read(name, nil); !errors.Is(err, data.ErrNotFound) {
			t.Errorf("Read(%q) gives %v, want ErrNotFound", name, err)
		}
	}
}

func TestPackOfOtherSettingsTakesThePlaceOfTheDefault(t *testing.T) {
	l := library(t, read(t, "general", map[string]string{"target": "0.75"}))
	d, err := l.Version("general.on_time", 1)
	if err != nil {
		t.Fatal(err)
	}
	if d.Target.Value != 0.75 {
		t.Errorf("target is %v, want 0.75", d.Target.Value)
	}
	if got, want := len(l.Definitions()), len(library(t).Definitions()); got != want {
		t.Errorf("library has %d definitions, want %d as before", got, want)
	}
}
