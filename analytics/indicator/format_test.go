package indicator

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// TestFormatNamesEveryKey: what can stand in a file is in its description.
func TestFormatNamesEveryKey(t *testing.T) {
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	words := map[string]bool{}
	for _, w := range strings.FieldsFunc(string(text), func(r rune) bool { return r != '_' && (r < 'a' || r > 'z') }) {
		words[w] = true
	}
	var check func(of reflect.Type)
	check = func(of reflect.Type) {
		for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice || of.Kind() == reflect.Map {
			of = of.Elem()
		}
		if of.Kind() != reflect.Struct {
			return
		}
		for key, field := range fieldsOf(of) {
			if !words[key] {
				t.Errorf("FORMAT.md says nothing of %q of %s", key, of.Name())
			}
			check(field)
		}
	}
	check(reflect.TypeFor[Pack]())
	check(reflect.TypeFor[calendarFile]())
	for _, k := range Kinds() {
		if !words[k.Name] {
			t.Errorf("FORMAT.md says nothing of kind %q", k.Name)
		}
	}
	for _, p := range append(PopulationNames(), Policies()...) {
		if !words[p] {
			t.Errorf("FORMAT.md says nothing of %q", p)
		}
	}
}

// blocks returns the code of a language in the description, in order.
func blocks(t *testing.T, language string) (list []string) {
	t.Helper()
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for i, part := range strings.Split(string(text), "```") {
		if block, ok := strings.CutPrefix(part, language+"\n"); ok && i%2 == 1 {
			list = append(list, block)
		}
	}
	return list
}

// TestFormatShowsFilesThatRead puts the first definition and its examples
// together, and takes every other file as it is. All of them together are a
// library in which nothing is doubtful.
func TestFormatShowsFilesThatRead(t *testing.T) {
	files := blocks(t, "yaml")
	examples := slices.IndexFunc(files, func(block string) bool { return strings.HasPrefix(block, "examples:") })
	files[0] += files[examples]
	var years []clock.Holidays
	for _, block := range blocks(t, "json") {
		year, err := clock.ParseHolidays([]byte(block))
		if err != nil {
			t.Fatal(err)
		}
		years = append(years, year)
	}
	var definitions []*Definition
	calendars := []*clock.Calendar{named(t, "cn-work", "2026")}
	for _, block := range slices.Delete(files, examples, examples+1) {
		file, err := Read(strings.NewReader(block), nil)
		if err != nil {
			t.Fatalf("%v in\n%s", err, block)
		}
		if file.Calendar == nil {
			definitions = append(definitions, file.Pack.Indicators...)
			continue
		}
		c, err := clock.Build(*file.Calendar, years...)
		if err != nil {
			t.Fatal(err)
		}
		calendars = append(calendars, c)
	}
	if d := definitions[0]; len(d.Examples) != 1 || d.Examples[0].Facts[0]["times"] != "9" {
		t.Errorf("the example reads as %+v", d.Examples)
	}
	if len(years) == 0 || len(calendars) != 2 || calendars[1].Covers() != "2026" {
		t.Errorf("FORMAT.md shows %d calendars and %d holiday files, want a calendar of 2026", len(calendars)-1, len(years))
	}
	for _, issue := range Lint(definitions, Surroundings{Library: NewLibrary(definitions, calendars)}) {
		t.Error(issue)
	}
}

// TestFormatNamesEveryColumn that may be shown.
func TestFormatNamesEveryColumn(t *testing.T) {
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range data.Datasets() {
		for _, c := range data.SchemaOf(d, nil) {
			row := fmt.Sprintf("| `%s` | %s | %s |", c.Name, c.Type, strings.TrimSuffix(c.Doc, "."))
			if strings.Contains(string(text), row) == c.Private {
				t.Errorf("of %s, %s (private: %t): FORMAT.md has the row of a column that is private, or lacks %s", d, c.Name, c.Private, row)
			}
		}
	}
}

// TestContributingShowsAKindAsItIs: the kind that is shown there is that of its
// file, to the letter.
func TestContributingShowsAKindAsItIs(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("distinct.go")
	if err != nil {
		t.Fatal(err)
	}
	_, kind, _ := strings.Cut(string(file), "package indicator\n\n")
	if kind == "" || !strings.Contains(string(text), "```go\n"+kind+"```") {
		t.Errorf("CONTRIBUTING.md does not show the kind of distinct.go, which is\n%s", kind)
	}
}
