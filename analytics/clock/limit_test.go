package clock

import (
	"math"
	"testing"
)

func TestParseUnit(t *testing.T) {
	f := func(text string, want Unit) {
		t.Helper()
		got, err := ParseUnit(text)
		if got != want || (err != nil) != (want == 0) {
			t.Errorf("ParseUnit(%q) is %v (%v), want %v", text, got, err, want)
		}
	}
	for u := UrgentHour; u <= Day; u++ {
		f(u.String(), u)
	}
	f("紧急工作时", UrgentHour)
	f("工作时", WorkHour)
	f("工作日", WorkDay)
	f("自然日", NaturalDay)
	f("个工作日", WorkDay)
	f("小时", Hour)
	f("紧急工作日", Day) // continuous, whatever else it says
	f("紧急", UrgentHour)
	f("紧急分钟", Minute)
	f("Work Hours", WorkHour)
	f("work-day", WorkDay)
	f(" h ", Hour)
	f("days", Day)
	f("m", 0) // minutes or months
	f("日", 0)
	f("", 0)
	f("no unit", 0)
	f("fortnight", 0)
}

func TestParseLimit(t *testing.T) {
	f := func(text string, millionths int64, unit Unit, shown string) {
		t.Helper()
		got, err := ParseLimit(text)
		if want := (Limit{millionths, unit}); err != nil || got != want || got.String() != shown {
			t.Errorf("ParseLimit(%q) is %+v, shown as %s (%v), want %+v, %s", text, got, got, err, want, shown)
		}
		var back Limit
		if err := back.UnmarshalText([]byte(shown)); err != nil || back != got {
			t.Errorf("%s reads back as %+v (%v), want %+v", shown, back, err, got)
		}
	}
	f("2 work_hour", 2_000_000, WorkHour, "2 work_hour")
	f("4h", 4_000_000, Hour, "4 hour")
	f("0.5 work_hour", 500_000, WorkHour, "0.5 work_hour")
	f(" 1.500 work_day ", 1_500_000, WorkDay, "1.5 work_day")
	f("0.000001s", 1, Second, "0.000001 second")
	f("3个工作日", 3_000_000, WorkDay, "3 work_day")
	f("24紧急工作时", 24_000_000, UrgentHour, "24 urgent_hour")
	f("0 minute", 0, Minute, "0 minute")
	f("5.h", 5_000_000, Hour, "5 hour")

	for _, text := range []string{
		"", "2", "h", "-1 h", "+1 h", ".5 h", "1.5.2 h", "1e3 h", "0.0000001 h", "99999999999999999999 h",
		"9223372036854 s", "106288 day", "PT4H", "2 fortnights", "1,5 h", "٣ h",
	} {
		if got, err := ParseLimit(text); err == nil {
			t.Errorf("ParseLimit(%q) is %v, want an error", text, got)
		}
	}
}

func TestNewLimit(t *testing.T) {
	if got, err := NewLimit(0.1, WorkHour); err != nil || got != (Limit{100_000, WorkHour}) {
		t.Errorf("NewLimit(0.1, WorkHour) is %+v (%v)", got, err)
	}
	for _, amount := range []float64{-1, math.NaN(), math.Inf(1), 1e300, 1e9} {
		if got, err := NewLimit(amount, Hour); err == nil {
			t.Errorf("NewLimit(%v, Hour) is %v, want an error", amount, got)
		}
	}
	if _, err := NewLimit(1, 0); err == nil {
		t.Error("NewLimit without a unit gives no error")
	}
}

func FuzzParseLimit(f *testing.F) {
	for _, seed := range []string{"2 work_hour", "0.5h", "3个工作日", "24 紧急工作时", "1.5.2 h", "9223372036854 s"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLimit(text)
		if err != nil {
			return
		}
		if back, err := ParseLimit(l.String()); err != nil || back != l {
			t.Errorf("ParseLimit(%q) is %+v, which reads back as %+v (%v)", text, l, back, err)
		}
	})
}
