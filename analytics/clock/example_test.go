package clock_test

import (
	"fmt"
	"time"
	_ "time/tzdata"

	"github.com/civgrid/civgrid/analytics/clock"
)

func Example() {
	notice, err := clock.ParseHolidays([]byte(`{"year": 2026, "papers": [], "days": [
		{"name": "春节", "date": "2026-02-14", "isOffDay": false},
		{"name": "春节", "date": "2026-02-16", "isOffDay": true}
	]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	calendar, err := clock.Build(clock.File{
		ID: "cn-work", Zone: "Asia/Shanghai",
		Weekly: map[string][]string{"mon-fri": {"08:00-12:00", "14:00-18:00"}},
	}, notice)
	if err != nil {
		fmt.Println(err)
		return
	}
	limit, err := clock.ParseLimit("5 work_hour")
	if err != nil {
		fmt.Println(err)
		return
	}
	saturday := time.Date(2026, 2, 14, 16, 0, 0, 0, time.FixedZone("CST", 8*3600))
	trace, err := calendar.Explain(saturday, limit, nil)
	fmt.Print(trace)
	fmt.Println(err)
	// Output:
	// 5 work_hour from Sat 2026-02-14 16:00 +0800 end Tue 2026-02-17 11:00 +0800 (calendar cn-work, Asia/Shanghai)
	// Sat 2026-02-14 16:00 +0800 to Sat 2026-02-14 18:00 +0800  +2h0m0s    = 2h0m0s     hours 14:00-18:00; working weekend 春节 (file of 2026): counted with the hours of Monday
	// Sat 2026-02-14 18:00 +0800 to Tue 2026-02-17 08:00 +0800  skipped    = 2h0m0s     holiday 春节 (file of 2026); Sunday: no working hours
	// Tue 2026-02-17 08:00 +0800 to Tue 2026-02-17 11:00 +0800  +3h0m0s    = 5h0m0s     hours 08:00-12:00
	// <nil>
}

func ExampleCalendar_Elapsed() {
	calendar, err := clock.Build(clock.File{
		ID: "counter", Zone: "America/New_York", Years: "any",
		Weekly: map[string][]string{"mon-fri": {"09:00-17:00"}, "sat": {"10:00-13:00"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	opened := time.Date(2026, 3, 6, 21, 30, 0, 0, time.UTC) // Friday 16:30
	closed := time.Date(2026, 3, 9, 14, 0, 0, 0, time.UTC)  // Monday 10:00, in summer time
	fmt.Println(calendar.Elapsed(opened, closed, clock.WorkHour, nil))
	fmt.Println(calendar.Elapsed(opened, closed, clock.Hour, nil))
	// Output:
	// 4h30m0s <nil>
	// 64h30m0s <nil>
}
