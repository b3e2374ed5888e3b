package indicator

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/data"
)

// TestWhatHappensLaterIsNotKnown cuts events later than a moment out of the
// facts: the result as of the moment has to be that of the whole facts.
func TestWhatHappensLaterIsNotKnown(t *testing.T) {
	cases, found := muddled(30, testRows).incidents(1500), muddled(31, testRows).inspections(1500)
	for _, text := range []string{
		"kind: ratio\nnumerator: \"closed_at IS NULL\"\ndenominator: all\n",
		"kind: ratio\nnumerator: \"closed_at <= dispatched_at\"\ndenominator: \"NOT (dispatched_at > due_at)\"\n",
		"kind: ratio\nnumerator: \"NOT (closed_at > TIMESTAMP('2024-03-10T00:00:00Z') OR dispatched_at IS NULL)\"\ndenominator: all\n",
		"kind: ratio\nnumerator: \"closed_at BETWEEN DATE('2024-03-02') AND DATE('2024-03-28')\"\ndenominator: \"dispatched_at IS NOT NULL\"\n",
		"kind: count\nwhere: \"dispatched_at IS NOT NULL AND NOT closed_at < dispatched_at\"\n",
		"kind: share_within\nclock: {limit: {within: 30 hour}, stop_counts: \"dispatched_at IS NOT NULL\"}\n",
		"kind: share_within\nclock: {limit: {within: 30 hour}, stop_counts: \"dispatched_at IS NOT NULL\"}\nopen_policy: km\n",
		"kind: quantile\nquantile: 0.5\ndirection: lower\nclock: {pauses: [suspended]}\n",
		"kind: mean\nmeasure: elapsed\ndirection: lower\nclock: {calendar: office, unit: work_hour}\n",
		"kind: count\nperiod: {by: closed}\n",
		"kind: ratio\ndataset: inspections\nnumerator: \"rechecked_at IS NOT NULL AND recheck = 'ok'\"\ndenominator: \"rectified_at IS NOT NULL\"\n",
		"kind: share_within\ndataset: inspections\nclock: {limit: {record: rectify_due_at}, stop_counts: \"recheck <> 'false_rectification' AND rechecked_at >= rectified_at\"}\n",
	} {
		c := compiled(t, define(t, text))
		source := cases
		if c.dataset() == data.Inspections {
			source = found
		}
		for _, asOf := range []time.Time{on(3), on(12), on(20).Add(30 * time.Minute), on(29)} {
			cut := facts{dataset: source.dataset}
			for _, f := range source.list {
				if f.when(data.EventTime(source.dataset)).After(asOf) {
					continue
				}
				cut.list = append(cut.list, before(f, asOf))
			}
			r := march(t, nil)
			r.AsOf = asOf
			whole, part := layerOf(t, c, r, districts(testRows), source), layerOf(t, c, r, districts(testRows), cut)
			if diff := cmp.Diff(part.Columns, whole.Columns); diff != "" {
				t.Errorf("as of %v:\n%s\n(-without later events +whole):\n%s", asOf, text, diff)
			}
			if diff := cmp.Diff(part.Summary, whole.Summary); diff != "" {
				t.Errorf("summary as of %v:\n%s\n(-without later events +whole):\n%s", asOf, text, diff)
			}
		}
	}
}

// before returns a fact without the events after a moment. Deadlines are known
// beforehand, and a case that is closed later was open: its state says so.
func before(f fact, asOf time.Time) fact {
	g := fact{}
	for column, value := range f {
		at, isTime := value.(time.Time)
		if isTime && at.After(asOf) && !strings.Contains(column, "due_at") {
			if column == "closed_at" && f.text("status") == data.StatusClosed {
				g["status"] = data.StatusOpen
			}
			continue
		}
		if g[column] == nil {
			g[column] = value
		}
	}
	if f.when("closed_at").After(asOf) && f.text("status") == data.StatusClosed {
		g["status"] = data.StatusOpen
	}
	return g
}

// explain explains one case.
func explain(t *testing.T, c *Compiled, f fact, asOf time.Time) (Explanation, error) {
	t.Helper()
	r := march(t, nil)
	r.AsOf = asOf
	var source data.Source = facts{data.Incidents, []fact{f}}
	source = AnalysisOf(c).Facts(source, r)
	for b, err := range source.Scan(t.Context(), data.Query{Dataset: data.Incidents}) {
		if err != nil {
			t.Fatal(err)
		}
		return c.Explain(b, r)
	}
	t.Fatal("the case is gone")
	return Explanation{}, nil
}

// TestPausesAsTheyAreKnown has a case of 24 hours from 1 March, paused from
// noon of that day for two days: before the pause ends nobody knows when it
// will be due.
func TestPausesAsTheyAreKnown(t *testing.T) {
	c := compiled(t, define(t, "kind: share_within\nopen_policy: pessimistic\nclock: {limit: {within: 24 hour}, pauses: [suspended]}\n"))
	pause := data.FormatPauses([]data.Pause{{From: on(0).Add(12 * time.Hour).UnixMicro(), To: on(2).Add(12 * time.Hour).UnixMicro()}})
	f := func(pauses string, asOf, deadline time.Time, hours float64, population string) {
		t.Helper()
		got, err := explain(t, c, fact{"status": "open", "reported_at": on(0), "pauses": pauses}, asOf)
		if err != nil || !got.Deadline.Equal(deadline) || got.Elapsed != 3600*hours || got.Population != population || !got.Applies || !got.Member {
			t.Errorf("as of %v: %+v, error %v; want deadline %v, %v hours, %s", asOf, got, err, deadline, hours, population)
		}
	}
	noon := 12 * time.Hour
	f(pause, on(0).Add(6*time.Hour), on(1), 6, OpenNotDue) // the pause is not known yet
	f(pause, on(1), forever(), 12, OpenNotDue)
	f(pause, on(2).Add(noon), on(3), 12, OpenNotDue)
	f(pause, on(3), on(3), 24, OpenNotDue) // due to the instant
	f(pause, on(4), on(3), 48, OpenOverdue)
	unended := data.FormatPauses([]data.Pause{{From: on(0).Add(noon).UnixMicro(), To: data.Unended}})
	f(unended, on(0).Add(6*time.Hour), on(1), 6, OpenNotDue)
	f(unended, on(19), forever(), 12, OpenNotDue)
}

// TestYearsWithoutData: the office knows 2024 alone. What it does not know is
// refused by name where a result depends on it, and harmless where it lies ahead
// of all that is asked for, or long before.
func TestYearsWithoutData(t *testing.T) {
	f := func(text string, reported, closed, asOf time.Time, refused bool) {
		t.Helper()
		source := facts{data.Incidents, []fact{
			{"community": "c000", "status": "closed", "reported_at": reported, "closed_at": closed},
			{"community": "c000", "status": "closed", "reported_at": asOf.AddDate(0, 0, -9), "closed_at": asOf.AddDate(0, 0, -9).Add(time.Hour)},
		}}
		c := compiled(t, define(t, text))
		r := march(t, nil)
		r.From, r.To, r.AsOf = asOf.AddDate(0, 0, -10), asOf, asOf
		_, err := tryLayer(t, c, r, districts(1), source)
		gap := (*clock.NoDataError)(nil)
		if !refused {
			if err != nil {
				t.Errorf("%s, reported %v, as of %v: error %v", text, reported, asOf, err)
			}
			return
		}
		if !errors.As(err, &gap) || !strings.Contains(err.Error(), "office has no data for") {
			t.Errorf("%s, reported %v, as of %v: error %v, want one that names calendar and year", text, reported, asOf, err)
		}
	}
	const within = "kind: share_within\nperiod: {by: due}\nclock: {calendar: office, limit: {within: 16 work_hour}}\n"
	const waits = "kind: quantile\nquantile: 0.5\ndirection: lower\nclock: {calendar: office, unit: work_hour}\n"
	december, january := time.Date(2024, 12, 30, 9, 0, 0, 0, time.UTC), time.Date(2025, 1, 6, 0, 0, 0, 0, time.UTC)
	f(within, december, december.Add(time.Hour), time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC), false) // due in 2025, asked for in 2024
	f(within, december, december.Add(time.Hour), january, true)
	f(waits, december, december.Add(time.Hour), time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC), false)
	f(waits, time.Date(2024, 12, 30, 9, 0, 0, 0, time.UTC), january.Add(-time.Hour), january, true)
	f(within, time.Date(2023, 5, 1, 9, 0, 0, 0, time.UTC), time.Date(2023, 6, 1, 9, 0, 0, 0, time.UTC), time.Date(2024, 3, 20, 0, 0, 0, 0, time.UTC), true) // the year before may matter
	f(within, time.Date(2021, 5, 1, 9, 0, 0, 0, time.UTC), time.Date(2021, 6, 1, 9, 0, 0, 0, time.UTC), time.Date(2024, 3, 20, 0, 0, 0, 0, time.UTC), false)
	// What began long before and ended in the period is of it.
	const closed = "kind: share_within\nperiod: {by: closed}\nopen_policy: pessimistic\nno_limit: on_time\nclock: {calendar: office, limit: {within: 16 work_hour}}\n"
	const took = "kind: mean\nmeasure: elapsed\nperiod: {by: closed}\ndirection: lower\nclock: {calendar: office, unit: work_hour}\n"
	long, ended, asOf := time.Date(2021, 5, 1, 9, 0, 0, 0, time.UTC), time.Date(2024, 3, 15, 9, 0, 0, 0, time.UTC), time.Date(2024, 3, 20, 0, 0, 0, 0, time.UTC)
	f(closed, long, ended, asOf, true)
	f(took, long, ended, asOf, true)
	f(closed, long, ended.AddDate(-1, 0, 0), asOf, false)
	f(took, long, ended.AddDate(-1, 0, 0), asOf, false)
}
