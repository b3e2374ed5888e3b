package clock

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseHolidays(t *testing.T) {
	got, err := ParseHolidays([]byte("\ufeff" + `{
		"$schema": "https://example.org/schema.json", "year": 2027, "papers": ["https://example.org/notice"],
		"days": [{"name": "元旦", "date": "2026-12-31", "isOffDay": true}, {"name": "元旦", "date": "2027-01-03", "isOffDay": false}]
	}`))
	want := Holidays{
		Year: 2027, Papers: []string{"https://example.org/notice"},
		Days: []Holiday{{"元旦", "2026-12-31", true}, {"元旦", "2027-01-03", false}},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("error %v, (-want +got):\n%s", err, diff)
	}
}

func TestWrongHolidayFiles(t *testing.T) {
	f := func(text, want string) {
		t.Helper()
		if _, err := ParseHolidays([]byte(text)); err == nil || err.Error() != want {
			t.Errorf("ParseHolidays(%s): got %v, want %s", text, err, want)
		}
	}
	day := func(days string) string { return fmt.Sprintf(`{"year": 2026, "papers": [], "days": [%s]}`, days) }
	f("", "read holiday file: EOF")
	f("{\n\"year\" 2026}", `read holiday file: line 2, column 8: invalid character '2' after object key`)
	f("{\n\"year\": \"2026\"}", "read holiday file: line 2, column 14: json: cannot unmarshal string into Go struct field .year of type int")
	f(`{} {}`, "read holiday file: line 1, column 4: text after the end")
	f(`{"days": []}`, "read holiday file: year is missing")
	f(`{"year": 1066, "days": []}`, "read holiday file of 1066: year is outside 1900 to 2190")
	f(day(""), "read holiday file of 2026: "+ErrNotAnnounced.Error())
	f(day(`{"name": "a", "date": "2026-01-01"}`), "read holiday file of 2026: day 1: name, date or isOffDay is missing")
	f(day(`{"name": "a", "date": "2026-02-30", "isOffDay": true}`),
		`read holiday file of 2026: day 1: date "2026-02-30": want a date that exists, written YYYY-MM-DD`)
	f(day(`{"name": "a", "date": "2025-11-30", "isOffDay": true}`),
		"read holiday file of 2026: day 1: 2025-11-30 is not of that year, nor of the December before or the January after")
	f(day(`{"name": "a", "date": "2026-01-01", "isOffDay": true}, {"name": "b", "date": "2026-01-01", "isOffDay": false}`),
		"read holiday file of 2026: day 2: 2026-01-01 is day 1 already")
	if _, err := ParseHolidays([]byte(day(""))); !errors.Is(err, ErrNotAnnounced) {
		t.Errorf("a file without days: got %v, want ErrNotAnnounced", err)
	}
}

func FuzzParseHolidays(f *testing.F) {
	f.Add([]byte(`{"year": 2026, "papers": [], "days": [{"name": "a", "date": "2026-01-01", "isOffDay": true}]}`))
	f.Add([]byte(`{"year": 2027, "papers": [], "days": []}`))
	f.Add([]byte("{\n\"year\" 2026}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := ParseHolidays(data)
		if err != nil {
			return
		}
		if _, err := Build(office(), h); err != nil {
			t.Errorf("the holidays of %s are read but not taken: %v", data, err)
		}
	})
}
