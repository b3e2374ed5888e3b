package indicator

import (
	"os"
	"reflect"
	"strings"
	"testing"
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

// TestFormatShowsAFileThatReads puts the definition and the examples of the
// description together.
func TestFormatShowsAFileThatReads(t *testing.T) {
	text, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	var file strings.Builder
	for i, part := range strings.Split(string(text), "```") {
		if block, ok := strings.CutPrefix(part, "yaml\n"); ok && i%2 == 1 {
			file.WriteString(block)
		}
	}
	d := readOne(t, file.String())
	if err := check(d); err != nil {
		t.Error(err)
	}
	if len(d.Examples) != 1 || d.Examples[0].Facts[0]["times"] != "9" {
		t.Errorf("the example reads as %+v", d.Examples)
	}
}
