package ingest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data/ingest"
)

// formatsOf returns how the columns of times are read, and the doubts about day
// and month.
func formatsOf(t *testing.T, file string, o ingest.Options) (formats string, doubts []ingest.Doubt) {
	t.Helper()
	r, err := ingest.Check(context.Background(), newStore(), ingest.Bytes("a.csv", []byte(file)), o)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range r.Columns {
		if c.Times != "" {
			names = append(names, c.Times)
		}
	}
	for _, d := range r.Doubts {
		if d.Code == "day_or_month" {
			doubts = append(doubts, d)
		}
	}
	return strings.Join(names, " "), doubts
}

func TestDayAndMonthAreToldApart(t *testing.T) {
	f := func(name, zone, want string, doubtful bool, rows ...string) {
		t.Helper()
		var file strings.Builder
		file.WriteString("id,reported_at,closed_at\n")
		for i, row := range rows {
			fmt.Fprintf(&file, "%d,%s\n", i, row)
		}
		now := time.Date(2024, 9, 1, 0, 0, 0, 0, time.UTC)
		got, doubts := formatsOf(t, file.String(), ingest.Options{Now: now, Mapping: ingest.Mapping{Zone: zone}})
		if got != want || len(doubts) > 0 != doubtful {
			t.Errorf("%s: %s, doubts %+v; want %s, doubtful %v", name, got, doubts, want, doubtful)
		}
	}
	f("dots are never American", "America/New_York", "eu eu", true, "02.02.2024 20:41,05.02.2024 10:00", "03.02.2024 20:41,")
	f("one sure column decides for the other", "Asia/Shanghai", "us us", false, "02/14/2024,02/05/2024", "02/03/2024,02/06/2024")
	f("one sure column decides for the other, day first", "America/New_York", "eu eu", false, "14/02/2024,05/02/2024", "03/02/2024,")
	f("other separators decide nothing", "America/New_York", "eu us", true, "14.02.2024,05/03/2024")
	f("slashes in the United States", "America/Chicago", "us us", true, "02/03/2024,02/05/2024")
	f("slashes in South America", "America/Sao_Paulo", "eu eu", true, "02/03/2024,02/05/2024")
	f("slashes in Europe", "Europe/London", "eu eu", true, "02/03/2024,02/05/2024")
	f("slashes anywhere", "", "eu eu", true, "02/03/2024,02/05/2024")
	f("the same day both ways", "America/Chicago", "us us", false, "02/02/2024,03/03/2024")
	f("closed before reported else", "America/Chicago", "eu eu", true, "11/01/2024,03/02/2024", "12/01/2024,04/02/2024", "01/02/2024,02/02/2024")
	f("in the future else", "America/Chicago", "eu eu", true, "01/02/2024,", "05/11/2023,06/12/2023", "02/09/2023,", "03/12/2023,", "01/08/2024,01/09/2024", "12/08/2024,")
	f("a stray date does not make dots American", "America/Chicago", "eu eu", false, "02.02.2024,05.02.2024", "02.13.2024,")
	f("named times are not guessed", "", "iso iso", false, "2024-02-03,2024-02-05")
}

func TestAmbiguousDatesAreShownBothWays(t *testing.T) {
	_, doubts := formatsOf(t, "id,Opened,Closed\n1,02/02/2024,05/02/2024\n", ingest.Options{Mapping: ingest.Mapping{Zone: "Asia/Shanghai"}})
	if len(doubts) != 1 || doubts[0].Code != "day_or_month" || doubts[0].Refuse {
		t.Fatalf("doubts %+v", doubts)
	}
	for got, want := range map[string]string{
		doubts[0].Message:       "column Closed: no date tells day and month apart: 05/02/2024 is read as 5 February 2024, as is usual in Asia/Shanghai, not as 2 May 2024",
		doubts[0].Hint.String(): "--time-format us if it means 2 May 2024, --time-format eu to be sure of 5 February 2024",
	} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if _, doubts := formatsOf(t, "id,opened,closed\n1,02/02/2024,05/02/2024\n", ingest.Options{Mapping: ingest.Mapping{Times: []string{"eu"}}}); len(doubts) > 0 {
		t.Errorf("doubts %+v though the format is named", doubts)
	}
}

// A day above 12 far down in the file decides too.
func TestWholeFileTellsDayAndMonthApart(t *testing.T) {
	var file strings.Builder
	file.WriteString("id,opened,address\n")
	for i := range 5000 {
		fmt.Fprintf(&file, "%d,02/%02d/2024,%s\n", i, i/400+1, strings.Repeat("x", 300))
	}
	if got, doubts := formatsOf(t, file.String(), ingest.Options{Mapping: ingest.Mapping{Zone: "Europe/London"}}); got != "us" || len(doubts) > 0 {
		t.Errorf("%s, doubts %+v; want us, none", got, doubts)
	}
}
