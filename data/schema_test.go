package data

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/geo"
)

func TestSchemasAreInOrder(t *testing.T) {
	name := regexp.MustCompile(`^[a-z][a-z0-9]*(_[a-z0-9]+)*$`)
	for _, d := range Datasets() {
		seen := map[string]bool{}
		for _, c := range SchemaOf(d, DefaultResolutions()) {
			if seen[c.Name] {
				t.Errorf("%s: two columns are called %s", d, c.Name)
			}
			seen[c.Name] = true
			if !name.MatchString(c.Name) {
				t.Errorf("%s: name %q is not in lower case with underscores", d, c.Name)
			}
			if !strings.HasSuffix(c.Doc, ".") && !strings.HasSuffix(c.Doc, "…") || c.Doc != strings.TrimSpace(c.Doc) {
				t.Errorf("%s: doc of %s does not end as a sentence or a list: %q", d, c.Name, c.Doc)
			}
			if got, want := c.Unit == microseconds, c.Type == Time; got != want {
				t.Errorf("%s: column %s of type %s has unit %q", d, c.Name, c.Type, c.Unit)
			}
			if c.Type == Cell && !c.Stamped {
				t.Errorf("%s: cells %s are not stamped", d, c.Name)
			}
			c.Type.arrow() // does not panic
		}
		for _, must := range []string{"source", "id", "updated_at", "location", "lon", "lat", "community", "cell_7", "cell_11", "attributes"} {
			if !seen[must] {
				t.Errorf("%s has no column %s", d, must)
			}
		}
		if at := EventTime(d); at != "" {
			picked, err := Pick(SchemaOf(d, nil), at)
			if err != nil || picked[0].Type != Time || !picked[0].Required {
				t.Errorf("%s: event time %s: %v, %v, want a required time", d, at, picked, err)
			}
		}
	}
}

func TestSchemaFollowsTheResolutions(t *testing.T) {
	f := func(resolutions []geo.Resolution, want ...string) {
		t.Helper()
		var got []string
		for _, c := range SchemaOf(Resources, resolutions) {
			if c.Type == Cell {
				got = append(got, c.Name)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("cells at %v (-want +got):\n%s", resolutions, diff)
		}
	}
	f(nil)
	f([]geo.Resolution{0, 15}, "cell_0", "cell_15")
	f(DefaultResolutions(), "cell_7", "cell_8", "cell_9", "cell_10", "cell_11")
}

func TestSchemaIsTheCallers(t *testing.T) {
	clear(SchemaOf(Incidents, nil))
	if got := SchemaOf(Incidents, nil)[0].Name; got != "source" {
		t.Errorf("after a caller wrote to a schema it begins with %q", got)
	}
}

func TestDatasets(t *testing.T) {
	for _, d := range Datasets() {
		if got, err := ParseDataset(string(d)); got != d || err != nil {
			t.Errorf("ParseDataset(%q) = %q, %v", d, got, err)
		}
		if (EventTime(d) == "") != (d == Resources) {
			t.Errorf("EventTime(%s) = %q; only resources last", d, EventTime(d))
		}
	}
	for _, s := range []string{"", "Incidents", "communities"} {
		_, err := ParseDataset(s)
		wantError(t, "ParseDataset", err, "want one of incidents, resources, inspections")
	}
	wantBug(t, "the schema of no dataset", func() { SchemaOf("no such", nil) })
}

func TestPick(t *testing.T) {
	columns := everyType()
	f := func(names ...string) {
		t.Helper()
		got, err := Pick(columns, names...)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(names, namesOf(got)); diff != "" {
			t.Errorf("Pick(%q) (-want +got):\n%s", names, diff)
		}
	}
	f()
	f("cell", "text")
	f("int", "int")
	for _, names := range [][]string{{"no such"}, {"int", ""}, {"Int"}} {
		_, err := Pick(columns, names...)
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("Pick(%q): error %v, want ErrNotFound", names, err)
		}
		wantError(t, "Pick", err, "there are text, code, time, until, int, other, float, cell")
	}
}

func TestTypesHaveNames(t *testing.T) {
	var got []string
	for u := Text; u <= Cell; u++ {
		got = append(got, u.String())
	}
	if diff := cmp.Diff([]string{"text", "code", "time", "int", "float", "cell"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantBug(t, "the Arrow type of no type", func() { Type(6).arrow() })
}
