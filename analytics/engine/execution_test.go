package engine

import (
	"errors"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// TestRowsThatWaitAreRankedByHowLong: a row without any fact waits still, longer
// than any that has one.
func TestRowsThatWaitAreRankedByHowLong(t *testing.T) {
	e, _ := shanghai(t)
	const since = "effective: {from: 2024-01-01}\n"
	for code, where := range map[string]string{"mine.some": since, "mine.none": since + "where: category = 'nothing'\n"} {
		if _, err := e.Publish(t.Context(), definitionOf(t, code, where)); err != nil {
			t.Fatal(err)
		}
	}
	for _, code := range []string{"mine.some", "mine.none"} {
		layer := run(t, e, "execution", map[string]string{"indicator": code, "level": "community"})
		if layer.Rank.Column != "waited" || !layer.Rank.Descending {
			t.Errorf("execution is ranked by %+v, want the longest wait first", layer.Rank)
		}
		all := int64(layer.Provenance.AsOf.Sub(start) / (24 * time.Hour))
		days, _ := layer.Column("days")
		waited, _ := layer.Column("waited")
		for row := range layer.Frame.Len() {
			want := all
			if days.Has(row) {
				want = days.Ints[row]
			}
			if waited.Ints[row] != want || days.Has(row) != (code == "mine.some") {
				t.Errorf("%s, row %d waited %d days, want %d", code, row, waited.Ints[row], want)
			}
		}
	}
}

// TestWhatHasNoTimeIsNotExecuted: resources are there, not reported.
func TestWhatHasNoTimeIsNotExecuted(t *testing.T) {
	e, _ := shanghai(t)
	if err := e.store.PutReport(t.Context(), data.Report{Dataset: data.Resources, Rows: 3, Horizon: start}); err != nil {
		t.Fatal(err)
	}
	_, err := e.Run(t.Context(), "execution", map[string]string{"indicator": "sdg11.public_space"})
	var fault *analytics.ParamError
	if !errors.As(err, &fault) || fault.Name != "indicator" {
		t.Errorf("execution of what has no time: %v, want an error about the indicator", err)
	}
}

// TestACalendarThatEndsIsTheIndicatorsFault: the years of cn-work begin after the
// facts.
func TestACalendarThatEndsIsTheIndicatorsFault(t *testing.T) {
	early := incidents(1, 50)
	for i := range early {
		early[i].reported = early[i].reported.AddDate(-13, 0, 0)
		early[i].closed, early[i].due = time.Time{}, time.Time{}
	}
	e := New(storeOf(t, "Asia/Shanghai", cityOf(), early, 50), Options{})
	_, err := e.Run(t.Context(), "execution", map[string]string{"indicator": "gbt30428_4.on_time_registration", "level": "district"})
	var fault *analytics.ParamError
	if !errors.As(err, &fault) || fault.Name != "indicator" || fault.Why != "calendar cn-work has no data for 2011" {
		t.Errorf("a calendar without the year of the facts: %v, want an error about the indicator", err)
	}
}
