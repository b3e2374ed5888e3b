package stats

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// rowsPerShare is how many rows a processor takes at a time.
const rowsPerShare = 4096

// share has all processors do work on ranges of 0 to n-1, each of them so long.
// Work on a range must not depend on that on another, so that the result has the
// same bits for any number of processors. The error is that of ctx, which is looked
// at between ranges.
func share(ctx context.Context, n, each int, work func(from, to int)) error {
	return shareWith(ctx, n, each, func() func(from, to int) error {
		return func(from, to int) error {
			work(from, to)
			return nil
		}
	})
}

// shareRows is share row by row, for what is over before anyone would break it off.
func shareRows(n int, work func(row int)) {
	_ = share(context.Background(), n, rowsPerShare, func(from, to int) {
		for row := from; row < to; row++ {
			work(row)
		}
	})
}

// shareWith is share for work that needs room, which each processor makes for
// itself, and that can go wrong. The error is that of ctx or of the first range
// that has one.
func shareWith(ctx context.Context, n, each int, room func() (work func(from, to int) error)) error {
	j := job{n: n, each: each, failed: n}
	if workers := min(runtime.GOMAXPROCS(0), (n+each-1)/each); workers > 1 {
		var all sync.WaitGroup
		for range workers {
			all.Go(func() { j.do(ctx, room()) })
		}
		all.Wait()
	} else if n > 0 {
		j.do(ctx, room())
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return j.err
}

// A job is what the processors that share work have in common.
type job struct {
	n, each int
	next    atomic.Int64 // range to begin with
	stop    atomic.Bool

	mu     sync.Mutex // guards the rest
	failed int        // where the first range with an error begins
	err    error
}

// do works on ranges until there are no more. They are begun in order and those
// begun are finished, so it is always the same error that is the first.
func (j *job) do(ctx context.Context, work func(from, to int) error) {
	for !j.stop.Load() && ctx.Err() == nil {
		from := int(j.next.Add(1)-1) * j.each
		if from >= j.n {
			return
		}
		if err := work(from, min(from+j.each, j.n)); err != nil {
			j.stop.Store(true)
			j.mu.Lock()
			if from < j.failed {
				j.failed, j.err = from, err
			}
			j.mu.Unlock()
		}
	}
}

// A progress tells how far a computation is. It is safe for concurrent use.
type progress struct {
	mu       sync.Mutex
	done, of int
	tell     func(done, of int) // nil tells nobody
}

// add says that so many more steps are done.
func (p *progress) add(steps int) {
	if p.tell == nil || steps == 0 {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += steps
	p.tell(p.done, p.of)
}
