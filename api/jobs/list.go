package jobs

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// An info is a job as it is told (18-062r2, statusInfo.yaml).
type info struct {
	ProcessID string     `json:"processID"`
	Type      string     `json:"type"`
	JobID     string     `json:"jobID"`
	Status    status     `json:"status"`
	Message   string     `json:"message,omitempty"`
	Created   *time.Time `json:"created,omitempty"`
	Started   *time.Time `json:"started,omitempty"`
	Finished  *time.Time `json:"finished,omitempty"`
	Updated   *time.Time `json:"updated,omitempty"`
	Progress  int        `json:"progress"`
	Links     []api.Link `json:"links"`
}

func (s *service) info(r *http.Request, st state) info {
	at := func(t time.Time) *time.Time {
		if t.IsZero() {
			return nil
		}
		t = t.UTC().Truncate(time.Millisecond)
		return &t
	}
	base := s.Base(r)
	self := base + "/jobs/" + st.id
	i := info{
		ProcessID: st.processID, Type: st.kind, JobID: st.id, Status: st.status, Message: st.message,
		Created: at(st.created), Started: at(st.started), Finished: at(st.finished), Updated: at(st.updated), Progress: st.progress,
		Links: append(api.Itself(r, self, api.JSON), api.Link{Href: base + "/jobs", Rel: "up", Type: api.JSON.Bare(), Title: "All jobs"}),
	}
	switch st.status {
	case successful:
		i.Links = append(i.Links, api.Link{Href: self + "/results", Rel: api.RelResults, Title: "The results"})
	case failed:
		i.Links = append(i.Links, api.Link{Href: self + "/results", Rel: api.RelExceptions, Type: api.ProblemJSON.Bare(), Title: "Why it failed"})
		if r, ok := st.result.(*importResult); ok && len(r.rejects) > 0 {
			i.Links = append(i.Links, api.Link{Href: self + "/results?f=csv", Rel: api.RelExceptions, Type: api.CSV.Bare(), Title: "The rejected rows"})
		}
	}
	return i
}

// job answers /jobs/{jobID} (section 7.12).
func (s *service) job(c *gin.Context) error {
	return s.one(c, s.runner.find)
}

// dismiss answers DELETE /jobs/{jobID} (section 13).
func (s *service) dismiss(c *gin.Context) error {
	return s.one(c, s.runner.dismiss)
}

// one answers with the state of a job.
func (s *service) one(c *gin.Context, get func(id string, caller api.Caller) (state, error)) error {
	caller, err := allowed(c, api.RunProcesses, api.ImportFiles)
	if err != nil {
		return err
	}
	if _, err := only(c); err != nil {
		return err
	}
	st, err := get(c.Param("jobId"), caller)
	if err != nil {
		return err
	}
	return s.json(c, http.StatusOK, s.info(c.Request, st))
}

// jobs answers /jobs (section 11): the caller's, newest first.
func (s *service) jobs(c *gin.Context) error {
	caller, err := allowed(c, api.RunProcesses, api.ImportFiles)
	if err != nil {
		return err
	}
	q, err := only(c, "limit", "cursor", "type", "processID", "status", "datetime", "minDuration", "maxDuration")
	if err != nil {
		return err
	}
	limit, err := limitOf(q)
	if err != nil {
		return err
	}
	wanted, err := parseSelection(q)
	if err != nil {
		return err
	}
	now := s.runner.now()
	found, more, err := s.runner.list(caller, q.Get("cursor"), limit, func(st state) bool { return wanted.takes(st, now) })
	if err != nil {
		return err
	}
	base := s.Base(c.Request)
	listed := make([]info, len(found))
	for i, st := range found {
		listed[i] = s.info(c.Request, st)
	}
	links := api.Itself(c.Request, base+"/jobs"+query(q, "f"), api.JSON)
	if more {
		next := q.With("cursor", found[len(found)-1].id)
		links = append(links, api.Link{Href: base + "/jobs" + query(next), Rel: "next", Type: api.JSON.Bare(), Title: "Earlier jobs"})
	}
	return s.json(c, http.StatusOK, object{"jobs": listed, "links": links})
}

// A selection says which jobs are listed.
type selection struct {
	types, processes, statuses []string // nil for any
	created                    api.Interval
	least, most                time.Duration // of work; less than zero for any
}

func parseSelection(q api.Query) (selection, error) {
	list := func(name string) []string {
		if !q.Has(name) {
			return nil
		}
		return strings.Split(q.Get(name), ",")
	}
	w := selection{types: list("type"), processes: list("processID"), statuses: list("status"), least: -1, most: -1}
	var wrong faults
	for _, st := range w.statuses {
		if !slices.Contains(statuses(), st) {
			wrong.add("status", "want some of %s", strings.Join(statuses(), ", "))
		}
	}
	var err error
	if q.Has("datetime") {
		if w.created, err = api.ParseInterval(q.Get("datetime"), time.UTC); err != nil {
			wrong.add("datetime", "%s", err)
		}
	}
	duration := func(name string, to *time.Duration) {
		if !q.Has(name) {
			return
		}
		seconds, err := strconv.ParseUint(q.Get(name), 10, 31)
		if err != nil {
			wrong.add(name, "want a whole number of seconds")
		}
		*to = time.Duration(seconds) * time.Second
	}
	duration("minDuration", &w.least)
	duration("maxDuration", &w.most)
	return w, wrong.err(nil)
}

// takes reports whether a job is among those that are selected.
func (w selection) takes(st state, now time.Time) bool {
	among := func(list []string, word string) bool { return list == nil || slices.Contains(list, word) }
	if !among(w.types, st.kind) || !among(w.processes, st.processID) || !among(w.statuses, string(st.status)) {
		return false
	}
	if !w.created.Begin.IsZero() && st.created.Before(w.created.Begin) || !w.created.End.IsZero() && st.created.After(w.created.End) {
		return false
	}
	if w.least < 0 && w.most < 0 {
		return true
	}
	end := st.finished
	if st.status == running {
		end = now
	}
	if st.started.IsZero() || end.IsZero() {
		return false // /req/job-list/status-response, F
	}
	took := end.Sub(st.started)
	return took >= w.least && (w.most < 0 || took <= w.most)
}
