package ogc

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/data"
)

// replace answers PUT …/items/{featureId}: it keeps a fact in place of the one there is,
// or as a new one under an id that the client chose.
//
// An id names one fact in the city. One that is taken by a fact which the caller may not
// see is refused in the words for a feature that lies outside of the caller's communities,
// whether or not that fact is there. So an id can be tried only by recording a feature in
// one's own name, and a refusal tells no more than that it is taken; conditions, other
// methods and bodies that cannot be taken are answered as for an id that nobody has.
func (s *service) replace(c *gin.Context) error {
	col, _, err := s.writable(c)
	if err != nil {
		return err
	}
	sent, in, err := s.sent(c)
	if err != nil {
		return err
	}
	return settled(c, func() error {
		d, err := addressed(col, c.Param("featureId"))
		if err != nil {
			return err
		}
		if err := d.take(sent, in); err != nil {
			return err
		}
		old, err := s.present(c.Request.Context(), col, d)
		if err != nil {
			return err
		}
		status := http.StatusOK
		if old == nil {
			status = http.StatusCreated
		}
		if err := s.match(c, old); err != nil {
			return err
		}
		st, err := s.keep(c.Request.Context(), col, d, old)
		return s.kept(c, col, d, st, status, err)
	})
}

// update answers PATCH …/items/{featureId}: it changes what is sent of a fact by a JSON
// merge patch (RFC 7396). One that leaves the fact as it is keeps nothing.
func (s *service) update(c *gin.Context) error {
	col, _, err := s.writable(c)
	if err != nil {
		return err
	}
	var patch *sentPatch
	return settled(c, func() error {
		d, old, err := s.changed(c, col)
		if err != nil {
			return err
		}
		if patch == nil {
			if patch, err = receivePatch(c); err != nil {
				return err
			}
		}
		d.load(old.batch, 0)
		same, err := d.merge(patch)
		if err != nil || same {
			return s.kept(c, col, d, old, http.StatusOK, err)
		}
		st, err := s.keep(c.Request.Context(), col, d, old)
		return s.kept(c, col, d, st, http.StatusOK, err)
	})
}

// remove answers DELETE …/items/{featureId}: the fact is withdrawn. The store goes on
// knowing what it was, and no answer holds it.
func (s *service) remove(c *gin.Context) error {
	col, _, err := s.writable(c)
	if err != nil {
		return err
	}
	return settled(c, func() error {
		d, old, err := s.changed(c, col)
		if err != nil {
			return err
		}
		d.load(old.batch, 0)
		d.values[data.Withdrawn] = data.AnswerYes
		if _, err := s.record(c.Request.Context(), col, d, old); err != nil {
			return err
		}
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return nil
	})
}

// settled makes a change, and again where somebody else changed the same fact first and
// the request allows for any state of it. Each time reads the fact and tests the
// conditions of the request anew; the store has the last word.
func settled(c *gin.Context, change func() error) error {
	for range maxRecords {
		if err := change(); !errors.Is(err, data.ErrChanged) {
			return err
		}
		if known := tags(c, "If-Match"); known != nil && !slices.Contains(known, "*") {
			break // the state that it names is not there
		}
	}
	if tags(c, "If-Match") == nil && tags(c, "If-None-Match") == nil {
		return api.NewProblem("conflict", "Others change the feature at the same time. Read it again.")
	}
	return api.NewProblem("precondition-failed", "")
}

// changed returns the fact that a request wants to change, which says in If-Match that it
// knows it, and its draft.
func (s *service) changed(c *gin.Context, col *collection) (*draft, *state, error) {
	d, err := addressed(col, c.Param("featureId"))
	if err != nil {
		return nil, nil, err
	}
	old, err := s.present(c.Request.Context(), col, d)
	switch {
	case err != nil:
		return nil, nil, err
	case old == nil:
		return nil, nil, errNoFeature()
	}
	return d, old, s.match(c, old)
}

// match tests that a request changes the state it knows, nil for no fact (RFC 9110,
// sections 13.1.1 and 13.1.2). A fact is changed only by who says which state.
func (s *service) match(c *gin.Context, st *state) error {
	given, unwanted := tags(c, "If-Match"), tags(c, "If-None-Match")
	named := func(tag string) bool { return tag == "*" || s.isTagged(st, tag) }
	switch {
	case st == nil && given != nil:
		return api.NewProblem("precondition-failed", "There is no feature of that id.")
	case st == nil:
		return nil
	case slices.Contains(unwanted, "*"):
		return api.NewProblem("precondition-failed", "There is a feature of that id already.")
	case given == nil:
		return api.NewProblem("precondition-required", "")
	case !slices.ContainsFunc(given, named), slices.ContainsFunc(unwanted, named):
		return api.NewProblem("precondition-failed", "")
	}
	return nil
}

// tags returns the members of a list of entity tags, of all lines of the field, which are
// one list (RFC 9110, section 5.2); nil where there is none.
func tags(c *gin.Context, field string) (list []string) {
	for _, line := range c.Request.Header.Values(field) {
		for tag := range strings.SplitSeq(line, ",") {
			if tag = strings.TrimSpace(tag); tag != "" {
				list = append(list, tag)
			}
		}
	}
	return list
}
