package compliance

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// TestEveryCaseIsInExactlyOnePopulation goes over dirty cases, and over every
// combination of states and orders of times.
func TestEveryCaseIsInExactlyOnePopulation(t *testing.T) {
	asOf := day(20)
	all := dirty(1, 5000, 5)
	moments := []time.Time{{}, day(19), day(20), day(21)}
	for _, status := range []string{data.StatusOpen, data.StatusClosed, data.StatusSuspended, data.StatusVoid, "unheard of"} {
		for _, closed := range moments {
			for _, due := range moments {
				all = append(all, kase{status: status, reported: day(1), closed: closed, due: due})
			}
		}
	}
	batch := all.batch()
	in := make([][]string, len(all))
	for _, count := range populations(asOf) {
		for i, ok := range data.Select(nil, batch, count.Where) {
			if ok {
				in[i] = append(in[i], count.Name)
			}
		}
	}
	for i, k := range all {
		want := []string{populationByHand(k, asOf)}
		if want[0] == indicator.ClosedOnTime && !k.due.Before(asOf) {
			want = append(want, indicator.NotMatured)
		}
		if diff := cmp.Diff(want, in[i]); diff != "" {
			t.Fatalf("case %+v (-want +got):\n%s", k, diff)
		}
	}
}

// populationByHand says in plain words what population a case is in.
func populationByHand(k kase, asOf time.Time) string {
	closed := !k.closed.IsZero() && !k.closed.After(asOf)
	switch {
	case k.status == data.StatusVoid:
		return indicator.Void
	case k.status == data.StatusClosed && k.closed.IsZero():
		return indicator.Undated
	case k.status == data.StatusSuspended && !closed:
		return indicator.Suspended
	case k.due.IsZero():
		return indicator.NoLimit
	case closed && k.closed.After(k.due):
		return indicator.ClosedLate
	case closed:
		return indicator.ClosedOnTime
	case k.due.Before(asOf):
		return indicator.OpenOverdue
	}
	return indicator.OpenNotDue
}

// member says whether a case belongs to March 2024 and is known as of asOf.
func member(k kase, byDue bool, asOf time.Time) bool {
	at := k.reported
	if byDue && !k.due.IsZero() {
		at = k.due
	}
	return !k.reported.After(asOf) && !at.Before(day(0)) && at.Before(day(31))
}

// verdictByHand judges a case of the period under a policy.
func verdictByHand(k kase, open, noLimitCounts string, asOf time.Time) string {
	population := populationByHand(k, asOf)
	onTime, late := data.VerdictOnTime, data.VerdictLate
	switch population {
	case indicator.NoLimit:
		if noLimitCounts == "on_time" {
			return onTime
		}
		return ""
	case indicator.ClosedOnTime:
		if open == "matured" && !k.due.Before(asOf) {
			return ""
		}
		return onTime
	case indicator.ClosedLate:
		return late
	case indicator.OpenOverdue:
		if open == "closed_only" {
			return ""
		}
		return late
	case indicator.OpenNotDue:
		return map[string]string{"pessimistic": late, "optimistic": onTime}[open]
	}
	return ""
}

// TestPoliciesAgreeWithJudgingByHand compares Judge with a judge of single
// cases, and the layer with the verdicts added up, for every policy.
func TestPoliciesAgreeWithJudgingByHand(t *testing.T) {
	const rows = 5
	all, frame := dirty(2, 2000, rows), districts(rows)
	for _, open := range []string{"matured", "pessimistic", "optimistic", "closed_only"} {
		for _, unlimited := range []string{"exclude", "on_time"} {
			for _, by := range []string{"auto", "due", "opened"} {
				t.Run(open+" "+unlimited+" "+by, func(t *testing.T) {
					r := request(t, map[string]string{"open-policy": open, "no-limit": unlimited, "by": by})
					byDue := by == "due" || by == "auto" && open == "matured"
					layer := analysistest.LayerOf(t, Analysis, r, frame, all)

					members, verdicts := data.Select(nil, all.batch(), Members(r)), Judge(all.batch(), r)
					onTime, n := make([]int64, rows), make([]int64, rows)
					var allOnTime, allN int64
					for i, k := range all {
						if want := member(k, byDue, r.AsOf); members[i] != want {
							t.Fatalf("case %+v belongs to the period: %t, want %t", k, members[i], want)
						}
						if want := verdictByHand(k, open, unlimited, r.AsOf); verdicts[i] != want {
							t.Fatalf("case %+v is judged %q, want %q", k, verdicts[i], want)
						}
						if !members[i] || verdicts[i] == "" {
							continue
						}
						good := int64(0)
						if verdicts[i] == data.VerdictOnTime {
							good = 1
						}
						allN, allOnTime = allN+1, allOnTime+good
						for row, c := range frame.Communities {
							if c.Code == k.community {
								n[row], onTime[row] = n[row]+1, onTime[row]+good
							}
						}
					}
					if diff := cmp.Diff(n, analysistest.Column(t, layer, "n").Ints); diff != "" {
						t.Errorf("cases by row (-verdicts added up +layer):\n%s", diff)
					}
					if diff := cmp.Diff(onTime, analysistest.Column(t, layer, "on_time").Ints); diff != "" {
						t.Errorf("cases on time by row (-verdicts added up +layer):\n%s", diff)
					}
					if analysistest.Item(t, layer, "n") != allN || analysistest.Item(t, layer, "on_time") != allOnTime {
						t.Errorf("summary has %v of %v on time, want %d of %d", analysistest.Item(t, layer, "on_time"), analysistest.Item(t, layer, "n"), allOnTime, allN)
					}
				})
			}
		}
	}
}

// TestPopulationsAddUpToAllCases: what is in the rows, elsewhere and nowhere is
// every case of the period, and so is the sum over the populations.
func TestPopulationsAddUpToAllCases(t *testing.T) {
	const rows = 4
	all, frame := dirty(3, 3000, rows), districts(rows)
	r := request(t, nil)
	layer := analysistest.LayerOf(t, Analysis, r, frame, all)
	var want, inRows, byPopulation int64
	for _, k := range all {
		if member(k, true, r.AsOf) {
			want++
		}
	}
	for _, p := range indicator.PopulationTitles() {
		if p[0] == indicator.NotMatured {
			continue
		}
		byPopulation += analysistest.Item(t, layer, p[0]).(int64)
		for _, n := range analysistest.Column(t, layer, p[0]).Ints {
			inRows += n
		}
	}
	got := analysistest.Item(t, layer, "in_rows").(int64) + analysistest.Item(t, layer, "elsewhere").(int64) + analysistest.Item(t, layer, "without_place").(int64)
	if got != want || byPopulation != want || analysistest.Item(t, layer, "in_rows") != inRows {
		t.Errorf("%d cases by place, %d by population, want %d; %d in rows, columns say %d", got, byPopulation, want, analysistest.Item(t, layer, "in_rows"), inRows)
	}
}

// TestWhatHappensLaterIsNotKnownYet judges the same cases at several moments.
func TestWhatHappensLaterIsNotKnownYet(t *testing.T) {
	k := kase{status: data.StatusClosed, reported: day(5), due: day(10), closed: day(12)}
	f := func(asOf time.Time, k kase, known bool, want string) {
		t.Helper()
		r := request(t, map[string]string{"open-policy": "pessimistic"})
		r.AsOf = asOf
		batch := cases{k}.batch()
		if got := data.Select(nil, batch, Members(r))[0]; got != known {
			t.Errorf("as of %v the case is known: %t, want %t", asOf, got, known)
		}
		for _, count := range populations(asOf) {
			if got := data.Select(nil, batch, count.Where)[0]; known && got != (count.Name == want) {
				t.Errorf("as of %v the case is %s: %t, want it to be %s", asOf, count.Name, got, want)
			}
		}
	}
	instant := time.Microsecond
	f(day(4), k, false, "")
	f(day(5).Add(-instant), k, false, "")
	f(day(5), k, true, indicator.OpenNotDue)
	f(day(10), k, true, indicator.OpenNotDue) // due to the instant
	f(day(10).Add(instant), k, true, indicator.OpenOverdue)
	f(day(12).Add(-instant), k, true, indicator.OpenOverdue)
	f(day(12), k, true, indicator.ClosedLate)
	k.status = data.StatusSuspended
	f(day(11), k, true, indicator.Suspended)
	f(day(12), k, true, indicator.ClosedLate)
	k.closed = day(10)
	f(day(12), k, true, indicator.ClosedOnTime) // closed to the instant
}
