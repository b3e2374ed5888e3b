package jobs

import (
	"context"
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
)

// execute answers POST /processes/{processID}/execution (18-062r2, section 7.11): at
// once, or with a job where the client prefers that.
func (s *service) execute(c *gin.Context) error {
	caller, err := allowed(c, api.RunProcesses)
	if err != nil {
		return err
	}
	if _, err := api.ParseQuery(c.Request.URL.RawQuery, nil); err != nil {
		return err
	}
	a, params, err := s.find(c)
	if err != nil {
		return err
	}
	e, err := readExecution(c, params)
	if err != nil {
		return err
	}
	job, began, err := s.runner.submit(task{kind: typeProcess, processID: a.Name, owner: caller, work: s.analyse(a, e)})
	if err != nil {
		return err
	}
	if prefersAsync(c.Request) {
		c.Header("Preference-Applied", "respond-async")
		return s.created(c, began)
	}
	return s.await(c, job, caller)
}

// prefersAsync reports whether a request has the preference respond-async (RFC 7240,
// section 4.1).
func prefersAsync(r *http.Request) bool {
	for _, field := range r.Header.Values("Prefer") {
		for preference := range strings.SplitSeq(field, ",") {
			name, _, _ := strings.Cut(preference, ";")
			if strings.EqualFold(strings.TrimSpace(name), "respond-async") {
				return true
			}
		}
	}
	return false
}

// created answers with a new job (/req/core/process-execute-success-async).
func (s *service) created(c *gin.Context, st state) error {
	c.Header("Location", s.Base(c.Request)+"/jobs/"+st.id)
	return s.json(c, http.StatusCreated, s.info(c.Request, st))
}

// await answers with the result of a job; it ends the job where the client goes
// away, or the time of a request is over.
func (s *service) await(c *gin.Context, j *job, caller api.Caller) error {
	select {
	case <-j.ended:
	case <-c.Request.Context().Done():
		_, _ = s.runner.dismiss(j.id, caller) // it may have ended this moment
		return c.Request.Context().Err()
	}
	st, err := s.runner.find(j.id, caller)
	if err != nil {
		return err
	}
	c.Header("Link", "<"+s.Base(c.Request)+"/jobs/"+j.id+`>; rel="monitor"`)
	return s.show(c, st, "")
}

// analyse is the work of a process.
func (s *service) analyse(a analytics.Analysis, e execution) func(context.Context, teller) (result, error) {
	return func(ctx context.Context, tell teller) (result, error) {
		ctx = engine.WithProgress(ctx, func(next string, done, of int) {
			if of > 0 {
				tell(99*done/of, next) // what comes after it is not told
			}
		})
		layer, err := s.Engine.Run(ctx, a.Name, e.inputs)
		if err != nil {
			return nil, err
		}
		return &layerResult{table: encode.TableOf(layer), execution: e}, nil
	}
}
