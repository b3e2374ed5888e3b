package engine

import (
	"maps"
	"testing"

	"github.com/civgrid/civgrid/analytics"
)

// TestEveryCountAddsUp: for every count of every analysis, what is in rows,
// outside, placed by area only and unlocated adds up to the same total at every
// level and resolution; and what a layer cut to an area accounts for is what the
// area's own row counts.
func TestEveryCountAddsUp(t *testing.T) {
	e, _ := shanghai(t)
	for _, a := range Analyses() {
		given := func(more map[string]string) map[string]string {
			all := map[string]string{"from": "2024-01-01", "to": "2024-07-01", keepDefaults: "true"}
			maps.Copy(all, more)
			return all
		}
		whole := balancesOf(t, run(t, e, a.Name, given(map[string]string{"level": "district"})))
		if len(whole) == 0 {
			t.Errorf("%s accounts for nothing", a.Name)
		}
		var total int64
		for _, unit := range []map[string]string{{"level": "street"}, {"level": "community"}, {"res": "7"}, {"res": "9"}, {"res": "9", "fill": "centre"}} {
			for key, b := range balancesOf(t, run(t, e, a.Name, given(unit))) {
				if b.Total != whole[key].Total || b.Unlocated != whole[key].Unlocated {
					t.Errorf("%s %v, %s: %+v, by district %+v", a.Name, unit, key, b, whole[key])
				}
				total += b.Total
			}
		}
		if total == 0 {
			t.Errorf("%s counts nothing: the test says nothing", a.Name)
		}
		for _, pair := range [][2]string{{"district", "street"}, {"district", "community"}, {"street", "community"}} {
			above := run(t, e, a.Name, given(map[string]string{"level": pair[0]}))
			for row, c := range above.Frame.Communities {
				parts := balancesOf(t, run(t, e, a.Name, given(map[string]string{"level": pair[1], "within": c.Code})))
				own := balancesOf(t, run(t, e, a.Name, given(map[string]string{"level": pair[0], "within": c.Code})))
				for key, b := range parts {
					if b.Total != own[key].InRows {
						t.Errorf("%s, %s of %s by %s: %+v, by %s %+v", a.Name, key, c.Code, pair[1], b, pair[0], own[key])
					}
					if a.Name == "response" {
						continue // its columns leave out cases that ended before they began
					}
					if column, ok := above.Column(b.Count); ok && column.Type == analytics.IntColumn && column.Ints[row] != b.Total {
						t.Errorf("%s, %s of %s by %s: %+v, its own row counts %d", a.Name, key, c.Code, pair[1], b, column.Ints[row])
					}
				}
			}
		}
	}
}

func balancesOf(t *testing.T, layer *analytics.Layer) map[string]analytics.Balance {
	t.Helper()
	list := map[string]analytics.Balance{}
	for _, b := range layer.Balances {
		if b.Total != b.InRows+b.Outside+b.AreaOnly+b.Unlocated || min(b.InRows, b.Outside, b.AreaOnly, b.Unlocated) < 0 {
			t.Errorf("%s: %+v does not add up", layer.Name, b)
		}
		list[b.Of+" "+b.Count] = b
	}
	return list
}

// TestBalancesSayWhy compares the reasons with the cases looked at one by one.
func TestBalancesSayWhy(t *testing.T) {
	e, cases := shanghai(t)
	layer := run(t, e, "hotspot", map[string]string{"level": "street", keepDefaults: "true"})
	var want analytics.Balance
	for _, k := range cases {
		switch {
		case len(k.community) >= 4:
			want.InRows++
		case k.point != [2]float64{}:
			want.Outside++
		case k.community != "":
			want.AreaOnly++
		default:
			want.Unlocated++
		}
		want.Total++
	}
	got := layer.Balances[0]
	want.Of, want.Count = got.Of, got.Count
	if got != want || min(want.Outside, want.AreaOnly, want.Unlocated) == 0 {
		t.Errorf("balance %+v, want %+v", got, want)
	}
}

// TestHotSpotsCountAsTheirSubjectsDo compares what hot spots of late cases and of
// waits say of their facts with what the analyses of compliance and of response say
// of the same rows.
func TestHotSpotsCountAsTheirSubjectsDo(t *testing.T) {
	e, _ := shanghai(t)
	f := func(measure, subject string, keys map[string]string, parts ...string) {
		t.Helper()
		given := map[string]string{"level": "district", "from": "2024-01-01", "to": "2024-07-01"}
		other := run(t, e, subject, given)
		given["measure"] = measure
		layer := run(t, e, "hotspot", given)
		var sum int64
		for key, column := range keys {
			of, ok := other.Column(column)
			if !ok {
				t.Fatalf("%s has no column %s", subject, column)
			}
			var want int64
			for _, n := range of.Ints {
				want += n
			}
			if got := count(layer, key); got != want {
				t.Errorf("%s: %s is %d, want %d as column %s of %s adds up to", measure, key, got, want, column, subject)
			}
		}
		for _, part := range parts {
			sum += count(layer, part)
		}
		if all := count(layer, "in_rows"); sum != all || all == 0 {
			t.Errorf("%s: %v add up to %d, want the %d in rows", measure, parts, sum, all)
		}
	}
	populations := map[string]string{"judged": "n", "suspended": "suspended", "void": "void", "no_limit": "no_limit", "undated": "undated", "open_not_due": "open_not_due"}
	parts := []string{"judged", "suspended", "void", "no_limit", "undated", "open_not_due", "on_time_not_matured"}
	f("late", "compliance", populations, parts...)
	f("compliance", "compliance", populations, parts...)
	f("wait", "response", map[string]string{"open": "open", "undated": "undated"}, "closed", "open", "undated", "without_wait")
}
