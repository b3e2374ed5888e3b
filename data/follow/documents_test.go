package follow

import (
	"slices"
	"testing"

	"github.com/civgrid/civgrid/data"
)

func namesOf(t *testing.T, s data.Catalog, kind string) (names []string) {
	t.Helper()
	documents, err := s.Documents(t.Context(), kind)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range documents {
		names = append(names, d.Name)
	}
	return names
}

func TestDocumentsFollowAndOutlastTheStore(t *testing.T) {
	f := newFar()
	keep := func(kind, name string) {
		t.Helper()
		if _, err := f.PutDocument(t.Context(), data.Document{Kind: kind, Name: name}); err != nil {
			t.Fatal(err)
		}
	}
	keep("calendar", "a")
	s := open(t, f, quiet)
	want := func(when string, calendars ...string) {
		t.Helper()
		if got := namesOf(t, s, "calendar"); !slices.Equal(got, calendars) {
			t.Errorf("%s the calendars are %q, want %q", when, got, calendars)
		}
	}
	want("at first", "a")
	keep("calendar", "b")
	keep("indicator", "c")
	want("before a look", "a")
	before := version(t, s)
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	want("after a look", "a", "b")
	if got := namesOf(t, s, "indicator"); !slices.Equal(got, []string{"c"}) || version(t, s) != before {
		t.Errorf("the indicators are %q of version %s, want c of %s", got, version(t, s), before)
	}
	held := s.catalog.Load()
	if err := s.Look(t.Context()); err != nil || s.catalog.Load() != held {
		t.Errorf("a look that finds nothing new changes the catalog (%v)", err)
	}
	put(t, f, "x") // other news
	if err := s.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	want("after other news", "a", "b")
	f.away.Store(true)
	if err := s.Look(t.Context()); err == nil {
		t.Error("a store that is away was looked at")
	}
	want("while the store is away", "a", "b")
}
