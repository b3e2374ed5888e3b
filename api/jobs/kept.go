package jobs

import (
	"slices"

	"github.com/civgrid/civgrid/api"
)

// noSuch is what the standard calls a job that is not there (18-062r2,
// /req/core/job-exception-no-such-job), or of which the caller may not know.
func noSuchJob() error {
	p := api.NewProblem("not-found", "There is no job of that id, or no longer.")
	p.Type = "http://www.opengis.net/def/exceptions/ogcapi-processes-1/1.0/no-such-job"
	return p
}

// find returns the state of a job that a caller may see.
func (r *Runner) find(id string, c api.Caller) (state, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	j, err := r.findLocked(id, c)
	if err != nil {
		return state{}, err
	}
	return j.state, nil
}

func (r *Runner) findLocked(id string, c api.Caller) (*job, error) {
	r.forgetLocked()
	for _, j := range r.jobs {
		if j.id == id && j.seenBy(c) {
			return j, nil
		}
	}
	return nil, noSuchJob()
}

// list returns the jobs that a caller may see and wants, newest first: limit of
// them, those after the job of an id if it is not empty. more says that there are
// others after them.
func (r *Runner) list(c api.Caller, after string, limit int, wanted func(state) bool) (found []state, more bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetLocked()
	passed := after == ""
	for _, j := range slices.Backward(r.jobs) {
		switch {
		case !j.seenBy(c):
		case !passed:
			passed = j.id == after
		case !wanted(j.state):
		case len(found) == limit:
			return found, true, nil
		default:
			found = append(found, j.state)
		}
	}
	if !passed {
		return nil, false, api.NewProblem("invalid-cursor", "The job that the list goes on after is no longer kept. Begin again without the cursor.")
	}
	return found, false, nil
}

// dismiss ends a job that a caller may see, and forgets its result.
func (r *Runner) dismiss(id string, c api.Caller) (state, error) {
	r.mu.Lock()
	j, err := r.findLocked(id, c)
	if err != nil {
		r.mu.Unlock()
		return state{}, err
	}
	var done func()
	switch j.status {
	case accepted:
		r.queue = slices.DeleteFunc(r.queue, func(other *job) bool { return other == j })
		done = j.task.done
		fallthrough
	case running:
		j.end(dismissed, "Dismissed on request.", r.now())
		if j.cancel != nil {
			j.cancel()
		}
	default:
		j.status, j.message, j.updated = dismissed, "Dismissed on request.", r.now()
	}
	j.result, j.problem = nil, nil
	told := j.state
	r.mu.Unlock()
	if done != nil {
		done()
	}
	return told, nil
}

// forgetLocked forgets jobs that ended too long ago, and the oldest of too many.
func (r *Runner) forgetLocked() {
	old := r.now().Add(-r.limits.KeepFor)
	n, bytes := 0, int64(0)
	kept := make([]*job, 0, len(r.jobs))
	for _, j := range slices.Backward(r.jobs) {
		if !j.status.ended() {
			kept = append(kept, j)
			continue
		}
		n++
		if j.result != nil {
			bytes += j.result.bytes()
		}
		if n > r.limits.Keep || bytes > r.limits.KeepBytes && n > 1 || j.finished.Before(old) {
			continue
		}
		kept = append(kept, j)
	}
	slices.Reverse(kept)
	r.jobs = kept
}

// begin claims the key of a task while it is handed in. The function it returns
// gives it free again. Another that comes with it meanwhile is a conflict
// (draft-ietf-httpapi-idempotency-key-header-07, section 2.6).
func (r *Runner) begin(owner api.Caller, key string) (end func(), err error) {
	if key == "" {
		return func() {}, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	claim := owner.ID + "\x00" + key
	if r.pending[claim] {
		return nil, api.NewProblem("conflict", "A request with this Idempotency-Key is being worked on. Try again when it has ended.")
	}
	r.pending[claim] = true
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.pending, claim)
	}, nil
}

// repeated returns the job that an owner made of a key before, if it is kept. One
// of another digest is an error (section 2.6 there).
func (r *Runner) repeated(owner api.Caller, key, digest string) (state, bool, error) {
	if key == "" {
		return state{}, false, nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.forgetLocked()
	for _, j := range r.jobs {
		if j.task.key != key || j.task.owner.ID != owner.ID {
			continue
		}
		if j.task.digest != digest {
			return state{}, false, api.NewProblem("idempotency-key-reused", "This Idempotency-Key stands for another file, or another way to read it.")
		}
		return j.state, true, nil
	}
	return state{}, false, nil
}
