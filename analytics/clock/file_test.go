package clock

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"
)

func TestFilesInYAMLAndJSON(t *testing.T) {
	const text = `
id: cn-work
version: "2026.1"
zone: Asia/Shanghai
years: 2026
weekly:
  mon-thu: [08:00-12:00, 14:00-18:00]
  fri: [08:00-12:00]
workdays_as: mon
workdays: [{date: 2026-02-14, name: 春节}]
half_days: [{date: 2026-12-31, name: 除夕, hours: [08:00-12:00]}]
work_day: end_of_day
work_day_hours: 7.5
`
	want := File{
		ID: "cn-work", Version: "2026.1", Zone: "Asia/Shanghai", Years: "2026",
		Weekly:     map[string][]string{"mon-thu": {"08:00-12:00", "14:00-18:00"}, "fri": {"08:00-12:00"}},
		WorkdaysAs: "mon", Workdays: []SpecialDay{{Date: "2026-02-14", Name: "春节"}},
		HalfDays: []SpecialDay{{Date: "2026-12-31", Name: "除夕", Hours: []string{"08:00-12:00"}}},
		WorkDay:  "end_of_day", WorkDayHours: 7.5,
	}
	var got, again File
	decoder := yaml.NewDecoder(strings.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("from YAML (-want +got):\n%s", diff)
	}
	data, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, again); diff != "" {
		t.Errorf("through JSON (-want +got):\n%s", diff)
	}
	c := mustBuild(t, got)
	if c.ID() != "cn-work" || c.Version() != "2026.1" {
		t.Errorf("calendar %s, version %s, want cn-work, 2026.1", c.ID(), c.Version())
	}
}

func TestWrongFiles(t *testing.T) {
	f := func(change func(*File), want string, years ...Holidays) {
		t.Helper()
		file := office()
		change(&file)
		if _, err := Build(file, years...); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	weekly := func(day string, hours ...string) func(*File) {
		return func(f *File) { f.Weekly[day] = hours }
	}
	none := func(*File) {}
	f(func(f *File) { f.ID = "cn-work@2026" }, "id holds an @, which comes before a version")
	f(func(f *File) { f.ID = "" }, "id is missing")
	f(func(f *File) { f.Zone = "Local" }, `build calendar cn-work: zone "Local": want an IANA name such as Asia/Shanghai`)
	f(func(f *File) { f.Zone = "" }, "want an IANA name")
	f(func(f *File) { f.Zone = "Mars/Base" }, "zone: unknown time zone Mars/Base")
	f(func(f *File) { f.Weekly = nil }, "no day of the week has hours")
	f(weekly("someday", "08:00-12:00"), `weekly: day of the week "someday"`)
	f(weekly("wed", "08:00-12:00"), "weekly: wed: Wednesday has hours already")
	f(weekly("sat", "8-12"), `hours "8-12": want two times`)
	f(weekly("sat", "08:00-24:01"), "want two times")
	f(weekly("sat", "08:00-08:00"), "they are empty")
	f(weekly("sat", "22:00-06:00"), "write 22:00-24:00, and 00:00-06:00 on the day after")
	f(weekly("sat", "10:00-12:00", "08:00-10:01"), "hours 08:00-10:01 and 10:00-12:00 overlap")
	f(func(f *File) { f.WorkdaysAs = "sun" }, "workdays_as: Sunday has no hours")
	f(func(f *File) { f.WorkDay = "sometimes" }, `work_day "sometimes": want hours or end_of_day`)
	f(func(f *File) { f.NaturalDay = "x" }, "natural_day")
	f(func(f *File) { f.StartDay = "x" }, "start_day")
	f(func(f *File) { f.YearEnd = "x" }, "year_end")
	f(func(f *File) { f.Years = "2030-2020" }, `years "2030-2020"`)
	f(func(f *File) { f.Years = "1899" }, "years")
	for _, hours := range []float64{-1, 24.5, math.NaN(), math.Inf(1), 1e-9} {
		f(func(f *File) { f.WorkDayHours = hours }, "work_day_hours")
	}
	f(func(f *File) { f.Holidays = []SpecialDay{{Date: "2026-7-1"}} }, `holidays: date "2026-7-1"`)
	f(func(f *File) { f.Holidays = []SpecialDay{{Date: "2026-07-01", Hours: []string{"08:00-09:00"}}} }, "a holiday has no hours")
	f(func(f *File) { f.HalfDays = []SpecialDay{{Date: "2026-07-01"}} }, "half_days: 2026-07-01: a half day needs hours")
	f(func(f *File) { f.Workdays = []SpecialDay{{Date: "2026-07-01", Hours: []string{"x"}}} }, `workdays: 2026-07-01: hours "x"`)
	f(func(f *File) {
		f.Holidays = []SpecialDay{{Date: "2026-07-01"}}
		f.HalfDays = []SpecialDay{{Date: "2026-07-01", Hours: []string{"08:00-09:00"}}}
	}, "half_days: 2026-07-01 is among the holidays already")
	f(none, "holiday file of 2026: it is given twice", year2026(), year2027(), year2026())
	f(none, "holiday file of 2027: lists no days", Holidays{Year: 2027})
	f(none, "year is outside", Holidays{Year: 1})
}

// FuzzBuild has calendars of any text at all: an error, or one that counts.
func FuzzBuild(f *testing.F) {
	f.Add("mon-fri", "08:00-12:00", "2026-02-14", "files", "Asia/Shanghai", "end_of_day", 8.0, int64(1_770_000_000_000_000), int64(1_500_000), byte(3))
	f.Add("sun-sat", "00:00-24:00", "2026-07-01", "any", "Africa/Casablanca", "hours", 24.0, int64(0), int64(1_000_000_000), byte(4))
	f.Fuzz(func(t *testing.T, days, hours, day, years, zone, dayEnds string, dayHours float64, start, millionths int64, unit byte) {
		c, err := Build(File{
			ID: "fuzz", Zone: zone, Years: years, Weekly: map[string][]string{days: strings.Split(hours, ",")},
			Holidays: []SpecialDay{{Date: day}}, WorkDay: dayEnds, NaturalDay: dayEnds, WorkDayHours: dayHours,
		}, year2026(), year2027())
		if err != nil {
			return
		}
		l, from := Limit{Millionths: millionths, Unit: Unit(unit)}, time.UnixMicro(start)
		deadline, err := c.Deadline(from, l, nil)
		if err != nil {
			return
		}
		length, err := c.Length(l)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.Elapsed(from, deadline, l.Unit, nil); err != nil || got != length {
			t.Errorf("%s from %s end %s, up to which %v have elapsed (%v)", l, from, deadline, got, err)
		}
		if trace, err := c.Explain(from, l, nil); err != nil || trace.Steps[len(trace.Steps)-1].Total != length {
			t.Errorf("the steps do not add up to %s (%v):\n%s", l, err, trace)
		}
	})
}
