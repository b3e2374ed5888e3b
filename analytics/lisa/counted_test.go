package lisa

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// TestWhatIsCounted looks at the facts the plan asks for.
func TestWhatIsCounted(t *testing.T) {
	day := func(d int) time.Time { return time.Date(2024, 5, d, 0, 0, 0, 0, time.UTC) }
	b := data.NewBuilder([]data.Column{{Name: "reported_at", Type: data.Time}, {Name: "status", Type: data.Code}})
	for d := 1; d <= 9; d++ {
		b.SetInt(0, day(d).UnixMicro())
		if status := []string{data.StatusOpen, "", data.StatusVoid}[d%3]; status != "" {
			b.SetText(1, status)
		} else {
			b.Missing(1)
		}
	}
	batch := b.Build()
	f := func(measure string, asOf time.Time, rollups, want int) {
		t.Helper()
		values, err := analytics.ParseValues(Analysis.Params, map[string]string{"measure": measure})
		if err != nil {
			t.Fatal(err)
		}
		request := analytics.Request{From: day(2), To: day(9), AsOf: asOf, Params: values}
		asked, err := plan(request, &analytics.Frame{})
		if err != nil {
			t.Fatal(err)
		}
		got := 0
		for _, ok := range data.Select(nil, batch, asked[0].Where) {
			if ok {
				got++
			}
		}
		if got != want || len(asked) != rollups || byInhabitants(request) != (rollups == 2) {
			t.Errorf("%s as of %v: %d facts by %d rollups, want %d by %d", measure, asOf, got, len(asked), want, rollups)
		}
	}
	f(Reports, day(20), 1, 7)
	f(Cases, day(20), 1, 4) // the 2nd, 5th and 8th are void; those of no known status are not
	f(Rate, day(20), 2, 7)
	f(Reports, day(5), 1, 4)
	f(Reports, day(1), 1, 0)
}

// TestComputeTellsAndStops follows both ways of testing to their end, and stops them
// when nobody waits for it.
func TestComputeTellsAndStops(t *testing.T) {
	f := analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(6))
	counts, people := make([]int64, f.Len()), make([]int64, f.Len())
	for row := range counts {
		counts[row], people[row] = int64(row*row%7), int64(100_000+1000*(row%13))
	}
	for _, measure := range []string{Reports, Rate} {
		values, err := analytics.ParseValues(Analysis.Params, map[string]string{"measure": measure})
		if err != nil {
			t.Fatal(err)
		}
		last, all := 0, 0
		request := analytics.Request{Unit: f.Unit, Params: values, Progress: func(done, of int) {
			if done < last || done > of {
				t.Errorf("%s: %d of %d done after %d", measure, done, of, last)
			}
			last, all = done, of
		}}
		answers := []analytics.Tally{answered("n", counts), analysistest.Inhabitants(people)}[:1]
		if measure == Rate {
			answers = answers[:2]
		}
		if _, err := Analysis.Compute(t.Context(), request, f, answers); err != nil || all == 0 || last != all {
			t.Errorf("%s: %d of %d done at the end (error %v)", measure, last, all, err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := Analysis.Compute(ctx, request, f, answers); !errors.Is(err, context.Canceled) {
			t.Errorf("%s with a cancelled context: %v, want context.Canceled", measure, err)
		}
	}
}

// answered is what comes back for one count or sum of each row.
func answered(name string, by []int64) analytics.Tally {
	none := []int64{0}
	t := analytics.Tally{Names: []string{name}, Counts: [][]int64{by}, Elsewhere: none, Nowhere: none, Keyless: none}
	for row := range by {
		t.Rows = append(t.Rows, int32(row))
	}
	return t
}
