package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// Callers of these tests.
var (
	ada   = api.Caller{ID: "key:ada", Role: api.Planner}
	bob   = api.Caller{ID: "key:bob", Role: api.Planner}
	chief = api.Caller{ID: "key:chief", Role: api.Admin}
)

// made is a result of some size.
type made int64

func (m made) bytes() int64                                      { return int64(m) }
func (m made) show(*service, *gin.Context, string, string) error { return nil }

// waits is work that lasts a time, or until it is ended.
func waits(d time.Duration) func(context.Context, teller) (result, error) {
	return func(ctx context.Context, _ teller) (result, error) {
		select {
		case <-time.After(d):
			return made(10), nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func submit(t *testing.T, r *Runner, k task) state {
	t.Helper()
	if k.owner.ID == "" {
		k.owner = ada
	}
	_, st, err := r.submit(k)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// are tests the states of jobs.
func are(t *testing.T, r *Runner, when string, want ...status) {
	t.Helper()
	found, _, err := r.list(chief, "", 1000, func(state) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	var got []status
	for _, st := range slices.Backward(found) {
		got = append(got, st.status)
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: jobs are %v, want %v", when, got, want)
	}
}

func TestJobsWaitForTheirTurnAndTooManyAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRunner(Limits{Workers: 1, Queue: 2}, time.Now, nil)
		for range 3 {
			submit(t, r, task{work: waits(time.Minute)})
		}
		synctest.Wait()
		are(t, r, "at first", running, accepted, accepted)
		_, _, err := r.submit(task{owner: ada, work: waits(0)})
		var p *api.Problem
		if !errors.As(err, &p) || p.Slug != "overloaded" || p.Status != 503 || p.RetryAfter != 60 {
			t.Errorf("a fourth job: %+v, want overloaded with Retry-After", err)
		}
		if r.room() == nil {
			t.Error("there is room for a fourth job")
		}
		time.Sleep(90 * time.Second)
		are(t, r, "after 90 s", successful, running, accepted)
		time.Sleep(2 * time.Minute)
		are(t, r, "in the end", successful, successful, successful)
		st, err := r.find(submit(t, r, task{work: waits(0)}).id, ada)
		if err != nil || st.created.IsZero() {
			t.Errorf("a job after that: %+v, %v", st, err)
		}
		synctest.Wait()
	})
}

func TestTasksThatAreToBeAloneAreNotDoneTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRunner(Limits{Workers: 3}, time.Now, nil)
		var at, most atomic.Int64
		for range 3 {
			submit(t, r, task{alone: true, work: func(ctx context.Context, _ teller) (result, error) {
				most.Store(max(most.Load(), at.Add(1)))
				defer at.Add(-1)
				return waits(time.Minute)(ctx, nil)
			}})
		}
		submit(t, r, task{work: waits(time.Minute)})
		synctest.Wait()
		are(t, r, "at first", running, accepted, accepted, running)
		time.Sleep(5 * time.Minute)
		are(t, r, "in the end", successful, successful, successful, successful)
		if most.Load() != 1 {
			t.Errorf("%d were done at once, want 1", most.Load())
		}
	})
}

// TestDismissedWorkEnds: the bubble of the test fails where a goroutine is left.
func TestDismissedWorkEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRunner(Limits{Workers: 1}, time.Now, nil)
		var over atomic.Int64
		done := func() { over.Add(1) }
		first := submit(t, r, task{work: waits(1000 * time.Hour), done: done})
		second := submit(t, r, task{work: waits(1000 * time.Hour), done: done})
		third := submit(t, r, task{work: waits(time.Minute), done: done})
		synctest.Wait()
		for _, id := range []string{second.id, first.id} { // that waits, and that runs
			st, err := r.dismiss(id, ada)
			if err != nil || st.status != dismissed || st.finished.IsZero() {
				t.Errorf("dismissed: %+v, %v", st, err)
			}
		}
		synctest.Wait()
		if over.Load() != 2 {
			t.Errorf("%d tasks are over, want 2", over.Load())
		}
		are(t, r, "then", dismissed, dismissed, running)
		time.Sleep(2 * time.Minute)
		if st, err := r.dismiss(third.id, ada); err != nil || st.status != dismissed || st.result != nil {
			t.Errorf("dismissed after its end: %+v, %v; want no result", st, err)
		}
		if st, err := r.dismiss(third.id, ada); err != nil || st.status != dismissed {
			t.Errorf("dismissed again: %+v, %v", st, err)
		}
	})
}

func TestCloseWaitsForWorkAndEndsWhatLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRunner(Limits{Workers: 1}, time.Now, nil)
		var over atomic.Int64
		submit(t, r, task{work: waits(time.Minute), done: func() { over.Add(1) }})
		submit(t, r, task{work: waits(time.Minute), done: func() { over.Add(1) }})
		began := time.Now()
		if err := r.Close(t.Context()); err != nil || time.Since(began) != time.Minute {
			t.Errorf("Close: %v after %v, want the minute that the work took", err, time.Since(began))
		}
		are(t, r, "closed", successful, dismissed)
		if over.Load() != 2 {
			t.Errorf("%d tasks are over, want 2", over.Load())
		}
		if _, _, err := r.submit(task{owner: ada, work: waits(0)}); api.ProblemOf(err).Slug != "unavailable" {
			t.Errorf("a job after that: %v, want unavailable", err)
		}

		r = NewRunner(Limits{}, time.Now, nil)
		submit(t, r, task{work: waits(time.Hour)})
		grace, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began = time.Now()
		if err := r.Close(grace); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != time.Second {
			t.Errorf("Close: %v after %v, want the end of the grace", err, time.Since(began))
		}
		are(t, r, "closed in a hurry", dismissed)
	})
}

func TestAPanicEndsOneJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRunner(Limits{Workers: 1}, time.Now, nil)
		bad := submit(t, r, task{work: func(context.Context, teller) (result, error) { panic("secret") }})
		submit(t, r, task{work: func(context.Context, teller) (result, error) {
			return nil, &api.Problem{Slug: "invalid-parameter", Status: 400, Detail: "No."}
		}})
		submit(t, r, task{work: waits(0)})
		time.Sleep(time.Second)
		are(t, r, "then", failed, failed, successful)
		st, err := r.find(bad.id, ada)
		if err != nil || st.problem.Slug != "internal" || strings.Contains(st.message, "secret") {
			t.Errorf("the job that panicked: %+v, %v", st, err)
		}
	})
}

func TestProgressIsToldWithinBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRunner(Limits{}, time.Now, nil)
		st := submit(t, r, task{work: func(ctx context.Context, tell teller) (result, error) {
			for _, percent := range []int{-5, 50, 130} {
				tell(percent, "on it")
				time.Sleep(time.Minute)
			}
			return made(1), nil
		}})
		for _, want := range []int{0, 50, 100} {
			synctest.Wait()
			got, err := r.find(st.id, ada)
			if err != nil || got.progress != want || got.message != "on it" || got.status != running {
				t.Errorf("progress %d %q, %v; want %d", got.progress, got.message, err, want)
			}
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		if got, err := r.find(st.id, ada); err != nil || got.progress != 100 || got.status != successful || got.message != "" {
			t.Errorf("in the end: %+v, %v", got, err)
		}
	})
}

func TestJobsAreKeptForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := func(l Limits, sizes ...int64) *Runner {
			r := NewRunner(l, time.Now, nil)
			for _, size := range sizes {
				submit(t, r, task{work: func(context.Context, teller) (result, error) { return made(size), nil }})
				time.Sleep(time.Second)
			}
			return r
		}
		are(t, run(Limits{Keep: 2}, 1, 1, 1), "two of three", successful, successful)
		are(t, run(Limits{KeepBytes: 10}, 5, 5, 5), "ten bytes of fifteen", successful, successful)
		are(t, run(Limits{KeepBytes: 10}, 5, 50), "the last, however large", successful)
		r := run(Limits{KeepFor: time.Hour}, 1, 1)
		time.Sleep(time.Hour - time.Second)
		are(t, r, "after an hour", successful)
		time.Sleep(time.Second)
		are(t, r, "a second later")
	})
}

func TestEachSeesTheirOwnJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRunner(Limits{}, time.Now, nil)
		st := submit(t, r, task{work: waits(time.Hour), owner: ada})
		f := func(name string, c api.Caller, sees bool) {
			t.Helper()
			_, err := r.find(st.id, c)
			found, _, listErr := r.list(c, "", 10, func(state) bool { return true })
			if err == nil != sees || len(found) > 0 != sees || listErr != nil {
				t.Errorf("%s: %v, %d listed, %v; want it seen: %t", name, err, len(found), listErr, sees)
			}
		}
		f("the owner", ada, true)
		f("another", bob, false)
		f("nobody", api.Caller{}, false)
		f("an administrator", chief, true)
		f("one of a part of the city", api.Caller{ID: "key:dan", Role: api.Admin, Scope: api.Scope{"D1"}}, false)
		f("the owner, for a part of the city", api.Caller{ID: ada.ID, Role: api.Planner, Scope: api.Scope{"D1"}}, false)
		if _, err := r.dismiss(st.id, bob); api.ProblemOf(err).Status != 404 {
			t.Errorf("dismissed by another: %v, want not found", err)
		}
		if _, err := r.dismiss(st.id, chief); err != nil {
			t.Errorf("dismissed by an administrator: %v", err)
		}
	})
}

func TestAKeyStandsForOneTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRunner(Limits{KeepFor: time.Hour}, time.Now, nil)
		end, err := r.begin(ada, "k")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := r.begin(ada, "k"); api.ProblemOf(err).Status != 409 {
			t.Errorf("the same key at the same time: %v, want a conflict", err)
		}
		other, err := r.begin(bob, "k")
		if err != nil {
			t.Errorf("the same key of another caller: %v", err)
		}
		other()
		st := submit(t, r, task{work: waits(0), key: "k", digest: "d"})
		end()
		f := func(name string, c api.Caller, key, digest string, found bool, status int) {
			t.Helper()
			got, again, err := r.repeated(c, key, digest)
			if again != found || found && got.id != st.id || (err != nil) != (status != 0) || err != nil && api.ProblemOf(err).Status != status {
				t.Errorf("%s: %s, %t, %v; want %t, %d", name, got.id, again, err, found, status)
			}
		}
		f("the same again", ada, "k", "d", true, 0)
		f("another file", ada, "k", "e", false, 422)
		f("another key", ada, "l", "d", false, 0)
		f("no key", ada, "", "d", false, 0)
		f("another caller", bob, "k", "e", false, 0)
		time.Sleep(2 * time.Hour)
		f("when the job is forgotten", ada, "k", "e", false, 0)
	})
}

func TestIDsAreRandomUUIDs(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := api.NewUUID()
		if len(id) != 36 || id[14] != '4' || !strings.ContainsRune("89ab", rune(id[19])) || seen[id] {
			t.Fatalf("id %q, want a UUID of version 4 that is new", id)
		}
		seen[id] = true
	}
}
