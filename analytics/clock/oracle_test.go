package clock

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func readRows(t *testing.T, name string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}

// TestAgainstPandas compares working hours with those of pandas, whose results
// at the end of a span are at the beginning of the next.
func TestAgainstPandas(t *testing.T) {
	c := mustBuild(t, office(), Holidays{Year: 2026, Days: free2026()})
	same := 0
	for _, row := range readRows(t, "business_hours.csv") {
		got, err := c.Deadline(wall(t, c, row[0]), mustLimit(t, row[1]+" work_hour"), nil)
		if err != nil {
			t.Fatal(err)
		}
		want := wall(t, c, row[2])
		if clock := want.Format("15:04"); clock == "08:00" || clock == "14:00" {
			between, err := c.Elapsed(got, want, WorkHour, nil)
			if close := got.Format("15:04"); err != nil || between != 0 || close != "12:00" && close != "18:00" {
				t.Errorf("%s working hours from %s end %s (%v), want the end of the span before %s", row[1], row[0], got, err, row[2])
			}
			continue
		}
		if same++; !got.Equal(want) {
			t.Errorf("%s working hours from %s end %s, want %s", row[1], row[0], got, row[2])
		}
	}
	if same < 100 {
		t.Errorf("only %d results are not at the beginning of a span", same)
	}
}

// TestAgainstNumpy compares working days with those of numpy.
func TestAgainstNumpy(t *testing.T) {
	file := office()
	file.WorkDay = "end_of_day"
	c := mustBuild(t, file, Holidays{Year: 2026, Days: free2026()})
	for _, row := range readRows(t, "business_days.csv") {
		got, err := c.Deadline(wall(t, c, row[0]+" 10:00"), mustLimit(t, row[1]+" work_day"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if want := row[2] + "T18:00:00+08:00"; got.Format(time.RFC3339) != want {
			t.Errorf("%s working days from %s end %s, want %s", row[1], row[0], got.Format(time.RFC3339), want)
		}
	}
}
