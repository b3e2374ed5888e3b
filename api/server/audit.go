package server

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/civgrid/civgrid/api"
)

// An Audit keeps who asked for what: one JSON object a line for each request of a caller
// who said who they are, and for each that was refused for want of a right. Where it
// cannot be kept nobody is answered. It is safe for concurrent use.
type Audit struct {
	mu     sync.Mutex
	to     io.Writer
	failed error
	torn   bool // what was written last is a part of a line
}

// NewAudit returns an audit log that appends lines, each with one Write. Torn says that
// it goes on behind a part of a line, which then has that line to itself.
func NewAudit(to io.Writer, torn bool) *Audit { return &Audit{to: to, torn: torn} }

// A deed is one line of an audit log.
type deed struct {
	Time    time.Time `json:"time"`
	Request string    `json:"request"` // the id that the answer and the log tell too
	Caller  string    `json:"caller"`  // "" for unknown
	Name    string    `json:"name,omitempty"`
	Role    api.Role  `json:"role"`
	Scope   api.Scope `json:"scope,omitempty"` // none for the whole city
	From    string    `json:"from"`            // address
	Method  string    `json:"method"`
	Path    string    `json:"path"`
	Query   string    `json:"query"` // without keys
	Status  int       `json:"status"`
	Made    string    `json:"made,omitempty"` // the address of what was recorded
	Version string    `json:"data_version,omitempty"`
	Rows    *int64    `json:"rows,omitempty"` // that were shown, where the answer is of rows
	Bytes   int64     `json:"bytes"`
	Whole   bool      `json:"whole"` // the answer was written to its end
}

// keep writes a line. After a line that could not be written there is none until one can
// be again. Of that line a part may have come to the log; the next begins behind it.
func (a *Audit) keep(d deed) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false) // it is no page, and people search it for queries
	if err := encoder.Encode(d); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	text := line.Bytes()
	if a.torn {
		text = append([]byte{'\n'}, text...)
	}
	var n int
	if n, a.failed = a.to.Write(text); n > 0 {
		a.torn = text[n-1] != '\n'
	}
	return a.failed
}

// fails returns why the last line could not be written. No audit log never fails.
func (a *Audit) fails() error {
	if a == nil {
		return nil
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.failed
}

// audit keeps what callers do.
func (s *server) audit(next http.Handler) http.Handler {
	if s.Audit == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		left := r.Context().Value(trailKey{}).(*trail)
		noted := w.(*recorder)
		begin, whole := s.Now(), false
		defer func() {
			if left.caller.Role == api.Anonymous && noted.status != http.StatusUnauthorized && noted.status != http.StatusForbidden {
				return
			}
			did := deedOf(r, left, noted, begin, clientOf(r, s.TrustProxy).String(), whole)
			if err := s.Audit.keep(did); err != nil {
				s.Logger.ErrorContext(r.Context(), "the audit log cannot be written: callers are turned away until it can", "error", err, "deed", did)
			}
		}()
		next.ServeHTTP(w, r)
		whole = true
	})
}

func deedOf(r *http.Request, left *trail, noted *recorder, begin time.Time, from string, whole bool) deed {
	d := deed{
		Time: begin.UTC(), Request: noted.Header().Get("X-Request-Id"),
		Caller: left.caller.ID, Name: left.caller.Name, Role: left.caller.Role, Scope: left.caller.Scope, From: from,
		Method: r.Method, Path: r.URL.Path, Query: left.query, Status: noted.status,
		Made: noted.Header().Get("Location"), Version: noted.Header().Get("Civgrid-Data-Version"), Bytes: noted.bytes, Whole: whole,
	}
	if rows, err := strconv.ParseInt(noted.Header().Get("OGC-NumberReturned"), 10, 64); err == nil {
		d.Rows = &rows
	}
	return d
}
