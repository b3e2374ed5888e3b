package quality_test

import (
	"fmt"
	"strings"
	"testing"
)

// crowd makes n rows at points of their own, and more at one point.
func crowd(n, here int, there, at func(i int, r row)) []row {
	var rows []row
	for i := range n + here {
		r := row{"location": "point", "community": "W", "id": fmt.Sprint(i), "category": fmt.Sprint("k", i%7)}
		if i < n {
			r["lon"], r["lat"] = 116.3+float64(i)/10000, 39.9
			there(i, r)
		} else {
			r["lon"], r["lat"] = 116.4, 39.95
			at(i-n, r)
		}
		rows = append(rows, r)
	}
	return rows
}

func TestDefaultLocations(t *testing.T) {
	said := func(i int, r row) {
		r["address"], r["community_given"] = fmt.Sprint("No. ", i), fmt.Sprint("c", i%20)
	}
	addressed := func(i int, r row) { r["address"] = fmt.Sprint("No. ", i) }
	silent := func(int, row) {}
	f := func(name, want string, rows []row) {
		t.Helper()
		r := assess(t, store(t, rows...))
		got := ""
		for _, d := range r.Defaults {
			got += d.Reason
		}
		if want == "" && got != "" || !strings.Contains(got, want) || want != "" && !strings.HasSuffix(got, ".") {
			t.Errorf("%s: flagged with %q, want %q", name, got, want)
		}
	}
	f("rows that name twenty communities", "they name 20 different communities", crowd(2000, 150, said, said))
	f("rows that name no community", "100 % of them name none", crowd(2000, 150, said, silent))
	f("one house with one address", "", crowd(2000, 150, said, func(_ int, r row) { r["address"], r["community_given"] = "1 Airport Way", "c1" }))
	f("an airport of many suites beside a mall", "", crowd(2000, 150, func(i int, r row) {
		said(i, r)
		if i < 20 {
			r["lon"], r["address"] = 116.31, "2 Mall"
		}
	}, func(i int, r row) { r["address"], r["community_given"] = fmt.Sprint("Suite ", i), "c1" }))
	f("rows of many addresses", "they name 150 different addresses", crowd(2000, 150, addressed, addressed))
	f("one address, spelt variously", "", crowd(2000, 150, addressed, func(i int, r row) { r["address"] = []string{"1 Airport Way", "1 AIRPORT WAY ", "1, airport way"}[i%3] }))
	f("too few rows", "", crowd(200, 29, said, said))
	f("too small a share", "", crowd(2000, 9, said, said))
	f("rows that say nothing, far above the next point", "the next point has 1", crowd(2000, 150, silent, silent))
	f("rows that say nothing, a small share", "", crowd(2000, 30, silent, silent))
	f("all rows at one point", "", crowd(0, 150, silent, func(_ int, r row) { r["address"] = "1 Airport Way" }))
}

func TestTraitsSetRowsApart(t *testing.T) {
	rows := crowd(2000, 200, func(i int, r row) {
		r["community_given"], r["verdict"], r["channel"] = fmt.Sprint("c", i%20), "on_time", "app"
	}, func(i int, r row) {
		r["channel"] = "phone"
		if i%2 == 0 {
			r["verdict"] = "on_time"
		}
	})
	r := assess(t, store(t, rows...))
	if len(r.Defaults) != 1 || r.Defaults[0].Rows != 200 || r.Defaults[0].Lon != 116.4 {
		t.Fatalf("defaults %+v, want one of 200 rows", r.Defaults)
	}
	var got []string
	for _, tr := range r.Defaults[0].Traits {
		got = append(got, fmt.Sprintf("%s=%s %.2f %.2f", tr.Column, tr.Value, tr.Share, tr.Others))
	}
	want := "channel=app 0.00 1.00, channel=phone 1.00 0.00, community_given= 1.00 0.00, verdict= 0.50 0.00, verdict=on_time 0.50 1.00"
	if strings.Join(got, ", ") != want {
		t.Errorf("traits %s, want %s", strings.Join(got, ", "), want)
	}
	if r.PileUps[0].Rows != 200 || len(r.PileUps) != 1 {
		t.Errorf("pile-ups %+v, want one of 200 rows", r.PileUps)
	}
}
