package jobs

import (
	"context"
	"time"

	"github.com/civgrid/civgrid/api"
)

// A status says where a job is (18-062r2, section 7.12, statusCode.yaml).
type status string

// The states of a job: the first two last, the others are ends.
const (
	accepted   status = "accepted"
	running    status = "running"
	successful status = "successful"
	failed     status = "failed"
	dismissed  status = "dismissed"
)

func statuses() []string {
	return []string{string(accepted), string(running), string(successful), string(failed), string(dismissed)}
}

func (s status) ended() bool { return s != accepted && s != running }

// The types of jobs. The standard knows the first only.
const (
	typeProcess = "process"
	typeImport  = "import"
)

// A task is work to be done as a job.
type task struct {
	kind      string // typeProcess or typeImport
	processID string
	owner     api.Caller
	// alone keeps other tasks that are so from being worked on at the same time:
	// they write to the store.
	alone bool
	// key and digest are of a task that may be handed in repeatedly: the same key
	// with the same digest means the same task. An empty key means none.
	key, digest string
	// work does it, and ends soon after its context.
	work func(ctx context.Context, tell teller) (result, error)
	// done is called once, when the work has ended or will not begin.
	done func()
}

// A teller is told how far work is, from 0 to 100, and what is done. It may be
// called from several goroutines at once.
type teller func(percent int, message string)

// A state is what is known of a job at a moment.
type state struct {
	id, kind, processID                 string
	status                              status
	created, started, finished, updated time.Time // zero for not yet
	progress                            int       // 0 to 100
	message                             string
	result                              result       // of a job that was successful; of one that failed what it can tell
	problem                             *api.Problem // of one that failed
}

// A job is a task with its state, which the lock of the runner guards.
type job struct {
	task task
	state
	cancel context.CancelFunc // of work that was begun
	ended  chan struct{}      // closed at the end, which may be before that of the work
}

// seenBy reports whether a caller may know of the job.
func (j *job) seenBy(c api.Caller) bool {
	if c.Role == api.Admin && len(c.Scope) == 0 {
		return true
	}
	return c.Role != api.Anonymous && j.task.owner.ID == c.ID && j.task.owner.Scope.String() == c.Scope.String()
}

// end puts the job into one of its last states.
func (j *job) end(s status, message string, now time.Time) {
	j.status, j.message, j.finished, j.updated = s, message, now, now
	close(j.ended)
}
