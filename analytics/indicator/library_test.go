package indicator

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// named returns a version of a calendar that is open from nine to five.
func named(t *testing.T, id, version string) *clock.Calendar {
	t.Helper()
	c, err := clock.Build(clock.File{ID: id, Version: version, Zone: "UTC", Years: "any", Weekly: map[string][]string{"mon-fri": {"09:00-17:00"}}})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestVersionsOfCalendars: every one is kept, and the id alone means the last.
func TestVersionsOfCalendars(t *testing.T) {
	again := named(t, "office", "1")
	l := NewLibrary(nil, []*clock.Calendar{
		named(t, "office", "2"), named(t, "hall", "2026"), named(t, "office", "1"), named(t, "office", "3"), again,
	})
	f := func(name, version string) {
		t.Helper()
		c, err := l.Calendar(name)
		if err != nil || c.Version() != version {
			t.Errorf("calendar %s: %v (%v), want version %s", name, c, err, version)
		}
	}
	f("office", "1") // given last, whatever its version
	f("office@2", "2")
	f("office@3", "3")
	f("hall@2026", "2026")
	if c, _ := l.Calendar("office@1"); c != again {
		t.Error("of two of one version the first is kept")
	}
	var list []string
	for _, c := range NewLibrary(nil, l.Calendars()).Calendars() {
		list = append(list, c.ID()+"@"+c.Version())
	}
	if diff := cmp.Diff([]string{"hall@2026", "office@2", "office@3", "office@1"}, list); diff != "" {
		t.Errorf("calendars of the library made again (-want +got):\n%s", diff)
	}
	none := func(l *Library, name, want string) {
		t.Helper()
		if _, err := l.Calendar(name); err == nil || err.Error() != want || !errors.Is(err, data.ErrNotFound) {
			t.Errorf("calendar %s: %v, want %s", name, err, want)
		}
	}
	none(l, "office@4", "calendar office, version 4: not found; there are 2, 3, 1")
	none(l, "offise@1", `calendar "offise": not found; did you mean office?`)
	none(l, "town-hall-of-the-north", `calendar "town-hall-of-the-north": not found; there are hall, office`)
	none(nil, "office", `calendar "office": not found`)
}

// TestPinnedCalendars are named by definitions for good; GoBy tells the others.
func TestPinnedCalendars(t *testing.T) {
	timed := func(code, calendar string) *Definition {
		return define(t, "code: test."+code+"\nkind: share_within\nclock: {limit: {within: 1 work_day}, calendar: "+calendar+"}\n")
	}
	loose, pinned := timed("loose", "office"), timed("pinned", "office@1")
	around := Surroundings{Library: NewLibrary([]*Definition{loose, pinned, timed("other", "hall")},
		[]*clock.Calendar{named(t, "office", "1"), named(t, "office", "2")})}
	f := func(d *Definition, want string) {
		t.Helper()
		c, err := Compile(d, around)
		if err != nil || c.CalendarID() != want {
			t.Errorf("%s goes by %v (%v), want %s", d.Code, c, err, want)
		}
	}
	f(loose, "office@2")
	f(pinned, "office@1")
	if moved := around.Library.GoBy("office"); len(moved) != 1 || moved[0] != loose {
		t.Errorf("%v go by the last office, want test.loose", moved)
	}
	if _, err := Compile(timed("late", "office@7"), around); err == nil || !strings.Contains(err.Error(), "version 7: not found; there are 1, 2") {
		t.Errorf("a version that is not there: %v", err)
	}
}

// TestCalendarsAreReadAsTheyWereWritten: what show prints can be published.
func TestCalendarsAreReadAsTheyWereWritten(t *testing.T) {
	want := clock.File{
		ID: "office", Version: "2026.1", Zone: "UTC", Years: "2026", YearEnd: "own_file", WorkDay: "end_of_day", WorkDayHours: 7.5,
		Weekly:   map[string][]string{"mon-thu": {"09:00-12:00", "13:00-17:00"}, "fri": {"09:00-12:00"}},
		HalfDays: []clock.SpecialDay{{Date: "2026-12-24", Name: "Eve", Hours: []string{"09:00-11:00"}}},
	}
	text, err := WriteCalendar(want)
	if err != nil {
		t.Fatal(err)
	}
	file, err := Read(strings.NewReader(string(text)), nil)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if diff := cmp.Diff(&want, file.Calendar); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
