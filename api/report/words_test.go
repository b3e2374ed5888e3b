package report_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// TestLanguages checks that every language has every text, and as many gaps in
// each sentence as English.
func TestLanguages(t *testing.T) {
	type file struct{ Text, Sentences map[string]string }
	read := func(tag string) (f file) {
		content, err := os.ReadFile(filepath.Join("i18n", tag+".json"))
		if err == nil {
			err = json.Unmarshal(content, &f)
		}
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	english, hans := read("en"), read("zh-Hans")
	keys := []string{"word." + indicator.Compliant, "word." + indicator.NonCompliant, "word." + indicator.Undetermined, "word." + indicator.Insufficient}
	for _, why := range []string{
		indicator.NoFacts, indicator.NotReached, indicator.NoArea, indicator.NoPopulation,
		indicator.GateClosed, indicator.GateUnknown, indicator.Vetoed, indicator.NothingScored,
	} {
		keys = append(keys, "word."+why)
	}
	for _, level := range data.Levels() {
		keys = append(keys, "in."+string(level), "level."+string(level))
	}
	for _, key := range keys {
		if english.Text[key] == "" {
			t.Errorf("there is no text for %s", key)
		}
	}
	for _, tag := range []string{"zh-Hans", "zh-Hant"} {
		f := read(tag)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english.Text)), slices.Sorted(maps.Keys(f.Text))); diff != "" {
			t.Errorf("%s, keys (-en +%s):\n%s", tag, tag, diff)
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(hans.Sentences)), slices.Sorted(maps.Keys(f.Sentences))); diff != "" {
			t.Errorf("%s, sentences (-zh-Hans +%s):\n%s", tag, tag, diff)
		}
		for pattern, text := range f.Sentences {
			if strings.Count(pattern, "{}") != strings.Count(text, "{}") {
				t.Errorf("%s: sentence %q has other gaps than %q", tag, text, pattern)
			}
		}
	}
}
