package stats

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
)

// rowsPerShare is how many rows a processor takes at a time.
const rowsPerShare = 4096

// share has all processors do work on ranges of 0 to n-1, in no order. Work on a
// range must not depend on that on another, so that the result has the same bits
// for any number of processors. The error is that of ctx, which is looked at
// between ranges.
func share(ctx context.Context, n, each int, work func(from, to int)) error {
	ranges := (n + each - 1) / each
	var next atomic.Int64
	run := func() {
		for ctx.Err() == nil {
			at := int(next.Add(1) - 1)
			if at >= ranges {
				return
			}
			work(at*each, min((at+1)*each, n))
		}
	}
	if workers := min(runtime.GOMAXPROCS(0), ranges); workers > 1 {
		var all sync.WaitGroup
		for range workers {
			all.Go(run)
		}
		all.Wait()
	} else {
		run()
	}
	return ctx.Err()
}
