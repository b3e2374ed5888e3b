package postgis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// TestOrderDoesNotDependOnTheClock has the server's clock an hour ahead for some
// appends and then go back.
func TestOrderDoesNotDependOnTheClock(t *testing.T) {
	t.Parallel()
	server := pgtest.Shared(t)
	url := server.Database(t)
	s := openClosed(t, url, postgis.Options{})
	const before, ahead, after = 2, 3, 4 // appends
	marks := []int64{0}
	// Each append adds a fact and writes a fact of all anew.
	put := func(n int) {
		for range n {
			i := len(marks)
			add(t, s, data.Chunk{}, fact{source: "s", id: fmt.Sprint(i), version: 1}, fact{source: "s", id: "all", version: i, note: fmt.Sprint(i)})
			mark, err := s.Mark(t.Context(), data.Incidents)
			if err != nil {
				t.Fatal(err)
			}
			if last := marks[i-1]; mark <= last {
				t.Errorf("the mark went from %d to %d", last, mark)
			}
			marks = append(marks, mark)
		}
	}
	put(before)
	now := time.Now()
	server.Exec(t, url, "UPDATE civgrid.clock SET at = at + 3600000000")
	put(ahead) // their times are not before that
	future := time.UnixMicro(ask[int64](t, url, "SELECT at FROM civgrid.clock"))
	if future.Before(now.Add(59 * time.Minute)) {
		t.Fatalf("the store's time is %v, want an hour after %v: the test shows nothing", future, now)
	}
	put(after) // the clock is an hour behind now

	rows := func(at time.Time) int64 { return sumOf(t, s.AsOf(at), data.Incidents).Rows }
	last := int64(0)
	for minutes := -120; minutes <= 120; minutes += 10 {
		n := rows(now.Add(time.Duration(minutes) * time.Minute))
		if n < last {
			t.Errorf("%d minutes from now %d facts had come, fewer than the %d before", minutes, n, last)
		}
		last = n
	}
	f := func(what string, at time.Time, want int64) {
		t.Helper()
		if got := rows(at); got != want {
			t.Errorf("%d facts had come %s, want %d", got, what, want)
		}
	}
	f("long ago", now.Add(-time.Hour), 0)
	f("before the clock was wrong", now, before+1)
	f("before the time that the clock went back from", future.Add(-time.Second), before+1)
	f("by that time", future, before+ahead+after+1)
	for i, mark := range marks {
		got := follower{store: s, mark: mark, facts: map[name]seen{}}
		if err := got.step(t.Context()); err != nil {
			t.Error(err)
		}
		want := len(marks) - i // those that came later, and the one of all
		if i == len(marks)-1 {
			want = 0
		}
		if len(got.facts) != want {
			t.Errorf("since append %d %d facts have changed, want %d", i, len(got.facts), want)
		}
	}
	audit(t, s, url)
}
