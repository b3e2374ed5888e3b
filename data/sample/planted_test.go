package sample

import (
	"testing"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// ofKind returns the truths of a kind.
func ofKind(c *City, kind string) []Truth {
	var found []Truth
	for _, truth := range c.Planted() {
		if truth.Kind == kind {
			found = append(found, truth)
		}
	}
	return found
}

func TestSpotsAreAsPromised(t *testing.T) {
	for _, seed := range seeds() {
		c := New(seed)
		f := func(kind string, count int, low, high float64) {
			t.Helper()
			found := ofKind(c, kind)
			if len(found) != count {
				t.Errorf("seed %d: %d of kind %s, want %d", seed, len(found), kind, count)
			}
			for _, truth := range found {
				if ratio := float64(truth.Count) / truth.Expected; ratio < low || ratio > high {
					t.Errorf("seed %d: %s has %d cases of %.0f expected, ratio %.2f, want %v to %v", seed, truth.Title, truth.Count, truth.Expected, ratio, low, high)
				}
				if len(truth.Communities) == 0 || truth.Radius == 0 {
					t.Errorf("seed %d: %s is nowhere", seed, truth.Title)
				}
			}
		}
		f(Hotspot, 2, 4, 8.5)
		f(Emerging, 1, 4, 9)
		f(Cold, 1, 0.05, 0.3)
	}
}

// TestBlindSpotsAreAsPromised counts inspections that pass where many complain, and
// fail where hardly anybody does.
func TestBlindSpotsAreAsPromised(t *testing.T) {
	for _, seed := range seeds() {
		c := New(seed)
		for kind, title := range map[string]string{Unseen: "Wholesale market", Unheard: "Quarter that hardly reports"} {
			found := ofKind(c, kind)
			if len(found) != 1 || found[0].Title != title {
				t.Fatalf("seed %d: %d of kind %s, want one, %q", seed, len(found), kind, title)
			}
			truth, failed, rated := found[0], 0, 0
			for _, in := range c.inspections {
				if geo.Distance(in.point.at, truth.Centre) < truth.Radius && in.result != "na" {
					if rated++; in.result == "fail" {
						failed++
					}
				}
			}
			if off := rated - truth.Count; off*off > 25 || rated < 10 {
				t.Errorf("seed %d: %d inspections at %s, told are %d", seed, rated, title, truth.Count)
			}
			if ratio := truth.Share / truth.OthersShare; kind == Unseen && ratio > 0.35 || kind == Unheard && ratio < 1.6 {
				t.Errorf("seed %d: %.2f of inspections at %s fail, %.2f elsewhere", seed, truth.Share, title, truth.OthersShare)
			}
		}
	}
}

func TestSpotsCanBeCounted(t *testing.T) {
	c := city()
	hall := ofKind(c, DefaultLocation)[0].Centre
	for _, truth := range append(ofKind(c, Hotspot), append(ofKind(c, Emerging), ofKind(c, Cold)...)...) {
		count := 0
		for n, cases := range c.incidents {
			for _, in := range cases {
				at := instant(in.reported)
				if n != mailbox && in.at != hall && !at.Before(truth.From) && at.Before(truth.To) && geo.Distance(in.at, truth.Centre) < truth.Radius {
					count++
				}
			}
		}
		if off := count - truth.Count; off*off > 25 {
			t.Errorf("%s: %d cases within the circle, %d promised", truth.Title, count, truth.Count)
		}
	}
}

func TestEmergingGrows(t *testing.T) {
	c := city()
	truth := ofKind(c, Emerging)[0]
	var months [12]int
	for n, cases := range c.incidents {
		for _, in := range cases {
			if n != mailbox && geo.Distance(in.at, truth.Centre) < truth.Radius {
				months[monthOf(in.reported)]++
			}
		}
	}
	for n := 8; n < 12; n++ {
		if months[n] <= months[n-1] || months[n] < 2*months[4] {
			t.Errorf("cases by month are %v, want growth from September on", months)
			break
		}
	}
}

func TestSlowDistrictIsSlow(t *testing.T) {
	for _, seed := range seeds() {
		truth := ofKind(New(seed), SlowDistrict)[0]
		if truth.OthersShare-truth.Share < 0.2 || truth.OthersShare < 0.9 || truth.Median < 2*truth.OthersMedian {
			t.Errorf("seed %d: on time %.3f against %.3f, median %v against %v", seed, truth.Share, truth.OthersShare, truth.Median, truth.OthersMedian)
		}
	}
}

func TestDefaultLocation(t *testing.T) {
	c := city()
	truth := ofKind(c, DefaultLocation)[0]
	at, namedThere, largest := 0, 0, map[orb.Point]int{}
	for _, row := range rows(t, file(t, c, "hotline-12345.csv")) {
		if row["id"] == "" || row["id"][0] == 'X' {
			continue
		}
		p := pointOf(t, row)
		largest[p]++
		if p == truth.Centre {
			at++
			if row["community_given"] != "" {
				namedThere++
			}
		}
	}
	if at != truth.Count && at != truth.Count+1 || truth.Share < 0.03 || truth.Share > 0.033 {
		t.Errorf("%d rows at the default location, share %.4f; %d promised, about 3 %%", at, truth.Share, truth.Count)
	}
	if share := float64(namedThere) / float64(at); share > 0.12 {
		t.Errorf("share %.2f of the rows there name a community, want few", share)
	}
	for p, n := range largest {
		if p != truth.Centre && n > 100 {
			t.Errorf("%d rows at %v, which is no default location", n, p)
		}
	}
}

func TestStates(t *testing.T) {
	c := city()
	counts, late := map[string]int{}, map[string]int{}
	for _, cases := range c.incidents {
		for _, in := range cases {
			counts[in.status]++
			if in.reported >= int64(dayOf(12, 1))*secondsPerDay {
				late[in.status]++
			}
			if in.reported < 0 || in.reported >= yearEnd || in.closed >= yearEnd || in.responded >= yearEnd || in.updated >= yearEnd {
				t.Fatalf("case %s reaches out of the year: %+v", in.id, in)
			}
			if in.status == data.StatusOpen && in.closed != noTime {
				t.Fatalf("case %s is open and closed", in.id)
			}
		}
	}
	open, lateOpen := float64(counts[data.StatusOpen])/60_000, float64(late[data.StatusOpen])/float64(late[data.StatusOpen]+late[data.StatusClosed])
	if open < 0.01 || open > 0.03 || lateOpen < 3*open || counts[data.StatusSuspended] < 400 || counts[data.StatusVoid] < 900 {
		t.Errorf("states %v, in December %v", counts, late)
	}
}

func TestMess(t *testing.T) {
	c := city()
	found := map[string]int{}
	codes := map[string]bool{}
	for _, a := range c.all {
		codes[a.Code] = true
	}
	seen := map[string]int{}
	for _, row := range rows(t, file(t, c, "hotline-12345.csv")) {
		switch {
		case row["id"] == "":
			found["missing"]++
			continue
		case row["reported_at"] == "2025-13-41 07:61:00":
			found["time"]++
			continue
		}
		if seen[row["id"]]++; seen[row["id"]] == 2 {
			found["repeated"]++
		}
		if row["closed_at"] != "" && row["closed_at"] < row["reported_at"] {
			found["closed_before_reported"]++
		}
		if row["status"] == "已办结" && row["closed_at"] == "" {
			found["closed_without_time"]++
		}
		if row["due_at"] != "" && row["due_at"] < row["reported_at"] {
			found["due_before_reported"]++
		}
		if row["community_given"] != "" && !codes[row["community_given"]] {
			t.Errorf("case %s names community %s, which there is none of", row["id"], row["community_given"])
		}
	}
	for _, row := range rows(t, file(t, c, "311-requests.csv")) {
		p := pointOf(t, row)
		if p == (orb.Point{}) {
			found["zero_coordinates"]++
		} else if geo.Distance(p, vec{}.lonLat()) > 17_000 {
			found["outside"]++
		}
		if row["lon"][len(row["lon"])-4:] == "0000" && row["lat"][len(row["lat"])-4:] == "0000" && p != (orb.Point{}) {
			found["rounded_coordinates"]++
		}
	}
	for _, truth := range ofKind(c, Messy) {
		if truth.Rule == "reported_at_midnight" || truth.Rule == "community_differs" {
			continue
		}
		if found[truth.Rule] != truth.Count {
			t.Errorf("%s: %d rows, %d promised", truth.Rule, found[truth.Rule], truth.Count)
		}
	}
}
