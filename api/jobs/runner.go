package jobs

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/civgrid/civgrid/api"
)

// Limits bound the work of a Runner. The zero value is ready for use.
type Limits struct {
	// Workers is how many jobs are worked on at once. Zero means 2.
	Workers int
	// Queue is how many jobs wait at once for a worker. Zero means 32.
	Queue int
	// Keep is how many jobs that ended are kept, and KeepBytes about how much
	// memory their results take together; the oldest are forgotten. Zero means 256
	// and 256 MiB.
	Keep      int
	KeepBytes int64
	// KeepFor is how long after its end a job is kept. Zero means 24 hours.
	KeepFor time.Duration
}

func (l Limits) orDefaults() Limits {
	if l.Workers == 0 {
		l.Workers = 2
	}
	if l.Queue == 0 {
		l.Queue = 32
	}
	if l.Keep == 0 {
		l.Keep = 256
	}
	if l.KeepBytes == 0 {
		l.KeepBytes = 256 << 20
	}
	if l.KeepFor == 0 {
		l.KeepFor = 24 * time.Hour
	}
	return l
}

// A Runner works on jobs and keeps them for a while after their end. It is safe for
// concurrent use.
type Runner struct {
	limits Limits
	now    func() time.Time
	logger *slog.Logger
	work   sync.WaitGroup

	mu      sync.Mutex
	jobs    []*job // oldest first
	queue   []*job // those that wait, in turn
	busy    int    // workers that work
	alone   bool   // one of them works on a task that is to be alone
	closed  bool
	pending map[string]bool // keys of tasks that are being handed in
}

// NewRunner returns a runner without jobs. now returns the present; a nil logger
// means silence. Close ends it.
func NewRunner(limits Limits, now func() time.Time, logger *slog.Logger) *Runner {
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	return &Runner{limits: limits.orDefaults(), now: now, logger: logger, pending: map[string]bool{}}
}

// shuttingDown is what a runner says that was closed, full what one says that has
// too much to do.
func shuttingDown() error { return api.NewProblem("unavailable", "The service is shutting down.") }

func full() error {
	p := api.NewProblem("overloaded", "Too many jobs wait already. Try again in a minute.")
	p.RetryAfter = 60
	return p
}

// room tells whether another job would be taken, for those who have something
// costly to do before.
func (r *Runner) room() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.roomLocked()
}

func (r *Runner) roomLocked() error {
	switch {
	case r.closed:
		return shuttingDown()
	case len(r.queue) >= r.limits.Queue:
		return full()
	}
	return nil
}

// submit takes a task. Where it is refused, done is the caller's to call.
func (r *Runner) submit(t task) (*job, state, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.roomLocked(); err != nil {
		return nil, state{}, err
	}
	now := r.now()
	j := &job{task: t, ended: make(chan struct{}), state: state{
		id: api.NewUUID(), kind: t.kind, processID: t.processID, status: accepted, created: now, updated: now, message: "Waits for its turn.",
	}}
	r.jobs, r.queue = append(r.jobs, j), append(r.queue, j)
	r.startLocked()
	r.forgetLocked()
	return j, j.state, nil
}

// startLocked gives idle workers the jobs whose turn it is.
func (r *Runner) startLocked() {
	for i := 0; i < len(r.queue) && r.busy < r.limits.Workers; {
		j := r.queue[i]
		if j.task.alone && r.alone {
			i++
			continue
		}
		r.queue = append(r.queue[:i:i], r.queue[i+1:]...)
		ctx, cancel := context.WithCancel(context.Background())
		j.status, j.started, j.updated, j.message, j.cancel = running, r.now(), r.now(), "", cancel
		r.busy++
		r.alone = r.alone || j.task.alone
		r.work.Go(func() { r.do(ctx, j) })
	}
}

// do works on a job.
func (r *Runner) do(ctx context.Context, j *job) {
	made, err := r.try(ctx, j)
	j.cancel()
	if j.task.done != nil {
		j.task.done()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.busy--
	if j.task.alone {
		r.alone = false
	}
	switch {
	case j.status.ended(): // dismissed
	case err != nil:
		j.result, j.problem = made, api.ProblemOf(err)
		j.end(failed, j.problem.Detail, r.now())
		if j.problem.Status >= 500 {
			r.logger.Error("job failed", "job", j.id, "process", j.processID, "error", err)
		}
	default:
		j.result, j.progress = made, 100
		j.end(successful, "", r.now())
	}
	r.startLocked()
	r.forgetLocked()
}

// try does the work of a job. A panic ends the job and nothing else.
func (r *Runner) try(ctx context.Context, j *job) (made result, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	return j.task.work(ctx, func(percent int, message string) {
		percent = max(0, min(percent, 100))
		r.mu.Lock()
		defer r.mu.Unlock()
		if !j.status.ended() && (percent != j.progress || message != j.message) {
			j.progress, j.message, j.updated = percent, message, r.now()
		}
	})
}

// Close takes no more jobs, dismisses those that wait, and lets those that are
// worked on end; once ctx is done it ends them. It returns when no work is left,
// with the error of ctx where it had to end some.
func (r *Runner) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	waiting := r.queue
	r.queue = nil
	for _, j := range waiting {
		j.end(dismissed, "The service shut down before its turn.", r.now())
	}
	r.mu.Unlock()
	for _, j := range waiting {
		if j.task.done != nil {
			j.task.done()
		}
	}
	idle := make(chan struct{})
	go func() {
		r.work.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
	}
	r.mu.Lock()
	for _, j := range r.jobs {
		if j.status == running {
			j.end(dismissed, "The service shut down.", r.now())
			j.cancel()
		}
	}
	r.mu.Unlock()
	<-idle
	return ctx.Err()
}
