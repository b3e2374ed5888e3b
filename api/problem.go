package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// A Problem says what went wrong (RFC 9457). It is an error, so that it can be
// returned like one.
type Problem struct {
	// Slug names the kind of problem for good, such as "invalid-parameter".
	Slug string
	// Type is the URI of the kind where a standard names one. Empty means that
	// under /problems/.
	Type   string
	Title  string
	Status int
	// Detail is a sentence about this occurrence, for people. It holds nothing
	// internal: no path, no SQL, no cause.
	Detail string
	// Errors are the faults of single parameters.
	Errors []Fault
	// Known are the parameters there are, told where one was not among them.
	Known []string
	// RetryAfter is the number of seconds after which to try again; 0 says
	// nothing.
	RetryAfter int
	// Members are further members of the document, of names that it does not have
	// itself (RFC 9457, section 3.2).
	Members map[string]any
	cause   error
}

// Error implements error.
func (p *Problem) Error() string { return p.Title + ": " + p.Detail }

// Unwrap returns what caused the problem: for the log, not for the client.
func (p *Problem) Unwrap() error { return p.cause }

// The kinds of problems and what each means; /problems/{slug} serves them.
var slugs = [...]Problem{
	{Slug: "invalid-parameter", Title: "Invalid parameter", Status: http.StatusBadRequest, Detail: "A parameter has a value it does not take."},
	{Slug: "unknown-parameter", Title: "Unknown parameter", Status: http.StatusBadRequest, Detail: "There is no parameter of that name here. The answer lists those there are."},
	{Slug: "invalid-cursor", Title: "Invalid cursor", Status: http.StatusBadRequest, Detail: "The cursor is not one of ours, or belongs to another query. Begin again without it."},
	{Slug: "cursor-expired", Title: "Cursor expired", Status: http.StatusGone, Detail: "The data changed since the first page. Begin again without the cursor."},
	{Slug: "unauthorized", Title: "Unauthorized", Status: http.StatusUnauthorized, Detail: "The key or token is unknown, has expired or was taken back."},
	{Slug: "forbidden", Title: "Forbidden", Status: http.StatusForbidden, Detail: "Your role does not let you do this."},
	{Slug: "not-found", Title: "Not found", Status: http.StatusNotFound, Detail: "There is nothing at this address."},
	{Slug: "too-many-zones", Title: "Too many zones", Status: http.StatusBadRequest, Detail: "The answer would be of more than 100,000 zones. Ask for a coarser level or a smaller place."},
	{Slug: "method-not-allowed", Title: "Method not allowed", Status: http.StatusMethodNotAllowed, Detail: "This address does not take the method; Allow names those it takes."},
	{Slug: "not-acceptable", Title: "Not acceptable", Status: http.StatusNotAcceptable, Detail: "None of the media types asked for is served here."},
	{Slug: "invalid-feature", Title: "Invalid feature", Status: http.StatusUnprocessableEntity, Detail: "The feature cannot be taken as it was sent."},
	{Slug: "conflict", Title: "Conflict", Status: http.StatusConflict, Detail: "What is there already stands in the way of the request."},
	{Slug: "idempotency-key-reused", Title: "Idempotency key reused", Status: http.StatusUnprocessableEntity, Detail: "The key stands for another request already."},
	{Slug: "precondition-failed", Title: "Precondition failed", Status: http.StatusPreconditionFailed, Detail: "The feature has changed since you read it, or its entity tag is of before a restart of the service. Read it again."},
	{Slug: "precondition-required", Title: "Precondition required", Status: http.StatusPreconditionRequired, Detail: "Say in If-Match which state of the feature the change is made to."},
	{Slug: "too-large", Title: "Too large", Status: http.StatusRequestEntityTooLarge, Detail: "The body of the request is larger than is taken here."},
	{Slug: "unsupported-media-type", Title: "Unsupported media type", Status: http.StatusUnsupportedMediaType, Detail: "The body of the request is of a type that is not taken here."},
	{Slug: "uri-too-long", Title: "URI too long", Status: http.StatusRequestURITooLong, Detail: "The address is longer than 8,192 bytes."},
	{Slug: "rate-limited", Title: "Too many requests", Status: http.StatusTooManyRequests, Detail: "More requests came from your address than it may make. Try again after the seconds that Retry-After says."},
	{Slug: "overloaded", Title: "Overloaded", Status: http.StatusServiceUnavailable, Detail: "Too many requests are being worked on. Try again in a moment.", RetryAfter: 2},
	{Slug: "unavailable", Title: "Store unavailable", Status: http.StatusServiceUnavailable, Detail: "The database behind the service, or a part of it, cannot be reached. Try again in a moment.", RetryAfter: 5},
	{Slug: "timeout", Title: "Timeout", Status: http.StatusServiceUnavailable, Detail: "The answer took too long. Ask for a shorter period or a smaller area.", RetryAfter: 10},
	{Slug: "internal", Title: "Internal error", Status: http.StatusInternalServerError, Detail: "Something went wrong on our side. The request id tells the operator where to look."},
}

// challenges are by what callers can say who they are (RFC 9110, section 11.6.1).
func challenges() []string {
	return []string{`Bearer realm="Civgrid"`, `Basic realm="Civgrid", charset="UTF-8"`}
}

// Problems returns every kind of problem with a sentence on what it means. The
// slice is the caller's.
func Problems() []Problem { return append([]Problem(nil), slugs[:]...) }

// NewProblem returns a problem of a kind. An empty detail takes the sentence of
// the kind. A kind that is not among [Problems] is "internal".
func NewProblem(slug, detail string) *Problem {
	for _, p := range slugs {
		if p.Slug == slug {
			if detail != "" {
				p.Detail = detail
			}
			return &p
		}
	}
	return NewProblem("internal", "")
}

// ProblemOf turns an error into what the client is told. An error it does not
// know is "internal", its cause kept for the log.
func ProblemOf(err error) *Problem {
	p := problemOf(err)
	if p.cause == nil {
		p.cause = err
	}
	return p
}

func problemOf(err error) *Problem {
	var (
		problem *Problem
		query   *QueryError
		param   *analytics.ParamError
	)
	switch {
	case errors.As(err, &problem):
		told := *problem
		return &told
	case errors.As(err, &query):
		return query.problem()
	case errors.As(err, &param):
		p := NewProblem("invalid-parameter", param.Name+": "+param.Why)
		p.Errors = []Fault{{param.Name, param.Why}}
		return p
	case errors.Is(err, data.ErrNotFound):
		return NewProblem("not-found", sentence(err.Error()))
	case errors.Is(err, data.ErrBusy):
		return NewProblem("overloaded", "")
	case errors.Is(err, data.ErrUnavailable):
		return NewProblem("unavailable", "")
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return NewProblem("timeout", "")
	}
	return NewProblem("internal", "")
}

func (e *QueryError) problem() *Problem {
	slug := "invalid-parameter"
	if e.Unknown {
		slug = "unknown-parameter"
	}
	told := make([]string, len(e.Faults))
	for i, f := range e.Faults {
		told[i] = f.sentence()
	}
	detail := strings.Join(told, "; ")
	if !strings.HasSuffix(detail, "?") {
		detail += "."
	}
	p := NewProblem(slug, detail)
	p.Errors, p.Known = e.Faults, e.Known
	return p
}

// sentence joins name and detail: "limit has no value", "limit: want a number".
func (f Fault) sentence() string {
	for _, verb := range []string{"is ", "has ", "says "} {
		if strings.HasPrefix(f.Detail, verb) {
			return f.Parameter + " " + f.Detail
		}
	}
	return f.Parameter + ": " + f.Detail
}

// sentence begins with a capital and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}

// Document returns the problem as JSON (RFC 9457, section 3). Base is the public address
// of the service without a slash at the end, under which kinds of problems are
// explained; requestID may be empty.
func (p *Problem) Document(base, requestID string) []byte {
	body := struct {
		Type     string   `json:"type"`
		Title    string   `json:"title"`
		Status   int      `json:"status"`
		Detail   string   `json:"detail,omitempty"`
		Instance string   `json:"instance,omitempty"`
		Errors   []Fault  `json:"errors,omitempty"`
		Known    []string `json:"known_parameters,omitempty"`
	}{cmp.Or(p.Type, base+"/problems/"+p.Slug), p.Title, p.Status, p.Detail, "", p.Errors, p.Known}
	if requestID != "" {
		body.Instance = "urn:civgrid:request:" + requestID
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic("BUG: a problem of strings does not encode: " + err.Error())
	}
	if len(p.Members) > 0 {
		more, err := json.Marshal(p.Members)
		if err != nil {
			panic("BUG: members of a problem do not encode: " + err.Error())
		}
		text = append(append(text[:len(text)-1], ','), more[1:]...)
	}
	return append(text, '\n')
}

// Write answers a request with the problem, as a body of a media type. It takes back the
// fields that were set for another answer.
func (p *Problem) Write(w http.ResponseWriter, media MediaType, body []byte) {
	h := w.Header()
	for _, name := range []string{"ETag", "Content-Disposition", "Last-Modified"} {
		h.Del(name)
	}
	h.Set("Content-Type", string(media))
	h.Set("Cache-Control", "no-store")
	if p.Status == http.StatusUnauthorized {
		h["Www-Authenticate"] = challenges()
	}
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // the client may be gone, and nobody is left to tell
}
