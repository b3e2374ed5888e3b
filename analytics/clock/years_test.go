package clock

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestYearsWithoutData(t *testing.T) {
	f := func(c *Calendar, start, limit, want string, file int) {
		t.Helper()
		_, err := c.Deadline(wall(t, c, start), mustLimit(t, limit), nil)
		var none *NoDataError
		if !errors.As(err, &none) || none.Error() != want || none.File != file {
			t.Errorf("%s from %s: got %v of file %+v, want %s of %d", limit, start, err, none, want, file)
		}
	}
	both := mustBuild(t, office(), year2027(), year2026())
	f(both, "2028-03-01 09:00", "1 work_hour", "calendar cn-work has no data for 2028", 2028)
	f(both, "2025-12-31 09:00", "1 work_hour", "calendar cn-work has no data for 2025", 2025)
	f(both, "2027-11-30 17:00", "2 work_hour",
		"calendar cn-work has no data for December 2027: the holiday file of 2028, which may change it, is not there", 2028)
	f(both, "9999-12-31 00:00", "1 work_hour", "calendar cn-work has no data for 9999: it counts from 1900 to 2190", 0)
	deadlines(t, both)("2027-11-30 16:00", "2 work_hour", "2027-11-30 18:00") // the end of the data is data
	deadlines(t, both)("2028-03-01 09:00", "1 urgent_hour", "2028-03-01 10:00")
	deadlines(t, both)("2028-03-01 09:00", "1 natural_day", "2028-03-02 09:00")

	file := office()
	file.YearEnd = "own_file"
	own := mustBuild(t, file, year2026())
	deadlines(t, own)("2026-12-31 16:00", "2 work_hour", "2026-12-31 18:00")
	f(own, "2026-12-31 17:00", "2 work_hour", "calendar cn-work has no data for 2027", 2027)
	_, err := own.Elapsed(wall(t, own, "2026-12-31 17:00"), wall(t, own, "2027-01-01 00:00"), WorkHour, nil)
	if err != nil {
		t.Errorf("Elapsed to the end of the data: %v", err)
	}

	file.Years = "2025-2026"
	deadlines(t, mustBuild(t, file))("2025-12-31 17:00", "2 work_hour", "2026-01-01 09:00")
	file.Years = "any"
	anyYear := mustBuild(t, file)
	deadlines(t, anyYear)("1955-07-01 17:00", "2 work_hour", "1955-07-04 09:00")
	f(anyYear, "2190-12-31 17:00", "2 work_hour", "calendar cn-work has no data for 2191: it counts from 1900 to 2190", 0)
}

// TestCovers says which years those are.
func TestCovers(t *testing.T) {
	f := func(years, yearEnd, want string, files ...Holidays) {
		t.Helper()
		file := office()
		file.Years, file.YearEnd = years, yearEnd
		c := mustBuild(t, file, files...)
		if got := c.Covers(); got != want {
			t.Errorf("years %q, year_end %q: %q, want %q", years, yearEnd, got, want)
		}
		if diff := cmp.Diff(file, c.File()); diff != "" || !slices.EqualFunc(files, c.Holidays(), func(a, b Holidays) bool { return a.Year == b.Year }) {
			t.Errorf("the calendar was built from another file (-want +got):\n%s", diff)
		}
	}
	year2029 := Holidays{Year: 2029, Days: days("2029-01-01", 1, "元旦", true)}
	f("", "", "")
	f("files", "", "2026 without December", year2026())
	f("files", "", "2026, 2027 without December", year2027(), year2026())
	f("files", "own_file", "2026-2027, 2029", year2026(), year2029, year2027())
	f("any", "", "any")
	f("2024-2026", "", "2024-2026")
	f("2190", "", "2190")
}

// TestYearEnd has two years' files speak of the same December.
func TestYearEnd(t *testing.T) {
	f := deadlines(t, mustBuild(t, office(), year2026(), year2027()))
	f("2026-12-25 17:00", "2 work_hour", "2026-12-26 09:00") // a worked Saturday of the file of 2027
	f("2026-12-29 17:00", "2 work_hour", "2027-01-04 09:00") // free from the 30th

	early := year2026()
	early.Days = append(early.Days, Holiday{Name: "old", Date: "2026-12-29", Off: true}, Holiday{Name: "old", Date: "2026-12-30"})
	f = deadlines(t, mustBuild(t, office(), early, year2027()))
	f("2026-12-28 17:00", "2 work_hour", "2027-01-04 09:00") // the later file says nothing of the 29th
}
