package indicator

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
)

// TestSharesWithinAgainstJudgingCases judges every case by itself, by walking
// the clock half hour by half hour, under every rule and policy.
func TestSharesWithinAgainstJudgingCases(t *testing.T) {
	source := muddled(10, testRows).incidents(1200)
	asOf := on(20)
	for _, r := range rules() {
		for _, policy := range []string{Matured, Pessimistic, Optimistic, ClosedOnly} {
			for _, unlimited := range []bool{false, true} {
				noLimit := map[bool]string{false: "exclude", true: "on_time"}[unlimited]
				t.Run(r.text+" "+policy+" "+noLimit, func(t *testing.T) {
					c := compiled(t, define(t, fmt.Sprintf("kind: share_within\nclock: %s\nopen_policy: %s\nno_limit: %s\nperiod: {by: \"\"}\n", r.text, policy, noLimit)))
					compare(t, c, source, func(_ int, list []fact) byHand {
						good, all := 0, 0
						for _, f := range list {
							j := r.judge(f, asOf)
							if !r.belongs(f, j, policy != Matured, asOf) {
								continue
							}
							g, a := j.onTime(policy, unlimited, asOf)
							good, all = good+g, all+a
						}
						return share(float64(good), float64(all))
					})
				})
			}
		}
	}
}

// survivors is the estimator of Kaplan and Meier (1958), equation 2b, as a
// product over single cases in order of their times; of those at one time the
// closed come first.
func survivors(times []float64, closed []bool, at float64) float64 {
	order := make([]int, len(times))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		if times[a] != times[b] {
			return int(math.Copysign(1, times[a]-times[b]))
		}
		if closed[a] == closed[b] {
			return 0
		}
		return map[bool]int{true: -1, false: 1}[closed[a]]
	})
	share := 1.0
	for i, k := range order {
		if closed[k] && times[k] <= at {
			left := float64(len(order) - i)
			share *= (left - 1) / left
		}
	}
	return share
}

// TestKaplanMeierSharesAgainstSingleCases takes times as parts of limits. Where
// there is one limit no two times share a bucket and the estimate is exact;
// several limits make times that differ by less than a bucket.
func TestKaplanMeierSharesAgainstSingleCases(t *testing.T) {
	source := muddled(11, testRows).incidents(3000)
	asOf := on(20)
	for _, r := range rules() {
		tolerance := 0.01
		if r.text == rules()[0].text {
			tolerance = 1e-12
		}
		c := compiled(t, define(t, "kind: share_within\nopen_policy: km\nclock: "+r.text+"\n"))
		layer := layerOf(t, c, march(t, nil), districts(testRows), source)
		values := floats(t, layer, "value")
		for row, list := range groups(testRows, source.list)[:testRows] {
			var parts []float64
			var closed []bool
			watched := false
			for _, f := range list {
				j, start := r.judge(f, asOf), f.when(r.start)
				if !reportedInMarch(f) || j.void || j.undated || j.due.IsZero() || start.IsZero() || start.After(asOf) {
					continue
				}
				until := asOf
				if j.closed {
					until = j.stop
				}
				if until.Before(start) {
					continue
				}
				var limit float64
				if given := r.record || r.extended && j.due.Equal(f.when("extended_due_at")); given {
					limit = float64(r.counted(f, start, j.due, asOf))
				} else {
					limit = float64(r.limit(f))
				}
				part := float64(r.counted(f, start, until, asOf)) / max(limit, 1e-9)
				if until.After(j.due) {
					part = max(part, 1.0001)
				} else {
					part = min(part, 1)
				}
				parts, closed = append(parts, part), append(closed, j.closed)
				watched = watched || part >= 1
			}
			if !watched {
				t.Fatalf("clock %s, row %d: no case was watched as long as its limit", r.text, row)
			}
			want := 1 - survivors(parts, closed, 1)
			if got, ok := values[row].(float64); !ok || math.Abs(got-want) > tolerance {
				t.Errorf("clock %s, row %d: %v of %d cases are closed within their limit, want %v", r.text, row, values[row], len(parts), want)
			}
			if got := analysistest.Column(t, layer, "n").Ints[row]; got != int64(len(parts)) {
				t.Errorf("clock %s, row %d: %d cases, want %d", r.text, row, got, len(parts))
			}
		}
	}
}

// TestTheLimitItselfIsOnTime closes cases on the microsecond and one after.
func TestTheLimitItselfIsOnTime(t *testing.T) {
	for _, policy := range Policies() {
		for late, want := range map[time.Duration]float64{0: 1, time.Microsecond: 0} {
			var source facts
			source.dataset = data.Incidents
			for i := range 20 {
				start := on(1).Add(time.Duration(i) * time.Minute)
				source.list = append(source.list, fact{
					"community": "c000", "status": "closed", "reported_at": start, "closed_at": start.Add(7*time.Hour + late),
				})
			}
			c := compiled(t, define(t, "kind: share_within\nclock: {limit: {within: 7 hour}}\nopen_policy: "+policy+"\n"))
			layer := layerOf(t, c, march(t, nil), districts(1), source)
			if got := floats(t, layer, "value")[0]; got != want {
				t.Errorf("%s, closed %v after the limit: %v on time, want %v", policy, late, got, want)
			}
		}
	}
}

// TestDeadlinesAreThoseOfTheClock reads the derived columns of every case and
// holds them against the calendar itself and the walk.
func TestDeadlinesAreThoseOfTheClock(t *testing.T) {
	source := muddled(12, testRows).incidents(1500)
	asOf := on(20)
	for _, r := range rules() {
		c := compiled(t, define(t, "kind: share_within\nclock: "+r.text+"\n"))
		if !c.derives() {
			continue // the record has it
		}
		query := data.Query{Dataset: data.Incidents, Columns: []string{c.timing.deadline}}
		var got []time.Time
		for b, err := range data.Derive(source, data.Incidents, c.derivation(on(0), on(31), asOf)).Scan(t.Context(), query) {
			if err != nil {
				t.Fatal(err)
			}
			for row, at := range b.Ints(c.timing.deadline) {
				if !b.Valid(c.timing.deadline).At(row) {
					got = append(got, time.Time{})
					continue
				}
				got = append(got, time.UnixMicro(at).UTC())
			}
		}
		for i, f := range source.list {
			want := r.deadline(f, asOf)
			if f.when(r.start).IsZero() {
				want = time.Time{}
			}
			if diff := cmp.Diff(want, got[i]); diff != "" {
				t.Fatalf("clock %s, case %v (-walked +derived):\n%s", r.text, f, diff)
			}
			if r.extended || r.limit == nil || want.IsZero() || want.Equal(forever()) {
				continue
			}
			limit, own := c.timing.table[f.text("category")]
			if !own {
				limit = *c.timing.within
			}
			calendar := c.calendar
			if calendar == nil {
				calendar = continuous()
			}
			pauses := readPauses(f.text("pauses"), asOf)
			if len(c.Clock.Pauses) == 0 {
				pauses = nil
			}
			if at, err := calendar.Deadline(f.when(r.start), limit, pauses); err != nil || !at.Equal(want) {
				t.Fatalf("clock %s, case %v: the calendar says %v, %v, the walk %v", r.text, f, at, err, want)
			}
		}
	}
}
