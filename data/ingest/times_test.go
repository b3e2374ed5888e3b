package ingest

import (
	"testing"
	"time"
)

func TestTimeFormats(t *testing.T) {
	f := func(format, text, want string) {
		t.Helper()
		tf, err := timeFormatByName(format)
		if err != nil {
			t.Fatal(err)
		}
		m, err := tf.parse(text)
		got := "error"
		if err == nil {
			got = time.UnixMicro(m.micros).UTC().Format("2006-01-02T15:04:05.999999")
			if m.utc {
				got += "Z"
			}
		}
		if got != want {
			t.Errorf("%s of %q = %s, want %s", format, text, got, want)
		}
	}
	f("iso", "2011-07-01 01:32:33", "2011-07-01T01:32:33")
	f("iso", "2011-07-01T01:32:33.000", "2011-07-01T01:32:33")
	f("iso", "2011-07-01T01:32:33.5Z", "2011-07-01T01:32:33.5Z")
	f("iso", "2011-07-01T01:32:33+08:00", "2011-06-30T17:32:33Z")
	f("iso", "2011-07-01T01:32:33-0400", "2011-07-01T05:32:33Z")
	f("iso", "2013/02/02 23:59:44.022+00", "2013-02-02T23:59:44.022Z")
	f("iso", "2024/3/7 14:05", "2024-03-07T14:05:00")
	f("iso", "2024.3.7", "2024-03-07T00:00:00")
	f("iso", "2024年3月8日 09时15分", "2024-03-08T09:15:00")
	f("iso", "2024年3月8日", "2024-03-08T00:00:00")
	f("iso", "2024-03-08 下午3:15", "2024-03-08T15:15:00")
	f("iso", "2024-02-29", "2024-02-29T00:00:00")
	f("iso", "2023-02-29", "error")
	f("iso", "2024-03-08 24:00:00", "2024-03-09T00:00:00")
	f("iso", "2016-12-31 23:59:60", "2017-01-01T00:00:00")
	f("iso", "2024-03-08 24:00:01", "error")
	f("iso", "2024-03-08 10", "error")
	f("iso", "2024-03-08 10:00 tomorrow", "error")
	f("iso", "24-03-08", "error")
	f("iso", "1900-01-01", "1900-01-01T00:00:00")
	f("iso", "2059-01-01 00:00:00", "2059-01-01T00:00:00")
	f("us", "07/01/2011 01:32:33 AM", "2011-07-01T01:32:33")
	f("us", "7/1/2011 12:05 PM", "2011-07-01T12:05:00")
	f("us", "7/1/2011 12:05 AM", "2011-07-01T00:05:00")
	f("us", "7/1/11", "2011-07-01T00:00:00")
	f("us", "13/1/2011", "error")
	f("us", "7/1/2011 13:05 PM", "error")
	f("eu", "01.07.2011 13:32", "2011-07-01T13:32:00")
	f("eu", "31/12/2011", "2011-12-31T00:00:00")
	f("compact", "20110701013233", "2011-07-01T01:32:33")
	f("compact", "20110701", "2011-07-01T00:00:00")
	f("compact", "99999999", "error")
	f("epoch", "1309498353", "2011-07-01T05:32:33Z")
	f("epoch_ms", "1309498353000", "2011-07-01T05:32:33Z")
	f("month", "2018-10", "2018-10-01T00:00:00")
	f("roc", "113/03/05 08:30", "2024-03-05T08:30:00")
	f("roc", "民國113年3月5日", "2024-03-05T00:00:00")
	f("roc", "100-02-29", "error")
	f("named", "1 Jul 2011 13:32", "2011-07-01T13:32:00")
	f("named", "Jul 1, 2011 1:32 PM", "2011-07-01T13:32:00")
	f("2006|02|01 15h04", "2011|31|12 13h05", "2011-12-31T13:05:00")
	f("2006|02|01 15h04", "2011|31|02 13h05", "error")
}

func TestDatesAgreeWithPackageTime(t *testing.T) {
	for d := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC); d.Year() < 2400; d = d.AddDate(0, 0, 17) {
		if got, want := int64(daysSince1970(d.Year(), int(d.Month()), d.Day())), d.Unix()/86400; got != want {
			t.Fatalf("%s is day %d, want %d", d.Format(time.DateOnly), got, want)
		}
		if got, want := daysIn(d.Year(), int(d.Month())), time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day(); got != want {
			t.Fatalf("%s: month of %d days, want %d", d.Format(time.DateOnly), got, want)
		}
	}
}

func TestDetectTimes(t *testing.T) {
	f := func(want string, ambiguous bool, sample ...string) {
		t.Helper()
		got, doubt := detectTimes(sample)
		if got[0].Name != want || doubt != ambiguous {
			t.Errorf("detectTimes(%v) = %s, %v; want %s, %v", sample, got[0].Name, doubt, want, ambiguous)
		}
	}
	f("iso", false, "2011-07-01 01:32:33", "2011-07-02")
	f("us", true, "07/01/2011", "03/04/2011")
	f("us", false, "07/01/2011", "03/14/2011")
	f("eu", false, "07/01/2011", "14/03/2011")
	f("roc", false, "113/03/05 08:30")
	f("month", false, "2018-10")
	f("compact", false, "20180101")
	f("epoch", false, "1309498353")
	f("iso", false)
}

func TestLocalTimesAcrossChanges(t *testing.T) {
	zone, err := loadZone("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	r := resolver{zone: zone}
	f := func(text, want string, wantFate fate) {
		t.Helper()
		m, err := parseDated(text, yearMonthDay)
		if err != nil {
			t.Fatal(err)
		}
		micros, fate := r.instant(m)
		if got := time.UnixMicro(micros).UTC().Format(time.RFC3339); got != want || fate != wantFate {
			t.Errorf("%s is %s (%d), want %s (%d)", text, got, fate, want, wantFate)
		}
	}
	f("2011-07-01 01:32:33", "2011-07-01T05:32:33Z", once)
	f("2011-12-01 01:32:33", "2011-12-01T06:32:33Z", once)
	f("2011-11-06 00:59:59", "2011-11-06T04:59:59Z", once)
	f("2011-11-06 01:00:00", "2011-11-06T05:00:00Z", twice)
	f("2011-11-06 01:59:59", "2011-11-06T05:59:59Z", twice)
	f("2011-11-06 02:00:00", "2011-11-06T07:00:00Z", once)
	f("2011-03-13 01:59:59", "2011-03-13T06:59:59Z", once)
	f("2011-03-13 02:30:00", "2011-03-13T07:30:00Z", skipped) // 03:30 EDT
	f("2011-03-13 03:00:00", "2011-03-13T07:00:00Z", once)
	f("2011-03-13 02:30:00Z", "2011-03-13T02:30:00Z", once)
	f("2059-01-01 00:00:00", "2059-01-01T05:00:00Z", once)
	f("1900-01-01", "1900-01-01T05:00:00Z", once)
}

// A resolver that remembers must answer as one that does not.
func TestResolverRemembersNothingWrong(t *testing.T) {
	zone, err := loadZone("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	warm := resolver{zone: zone}
	from := time.Date(2009, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	for i := range int64(4000) {
		m := moment{micros: from + i*13*3_599_000_000}
		cold := resolver{zone: zone}
		want, wantFate := cold.instant(m)
		if got, gotFate := warm.instant(m); got != want || gotFate != wantFate {
			t.Fatalf("moment %d: %d, want %d", i, got, want)
		}
	}
}
