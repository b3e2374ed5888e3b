package server

import (
	"net/http"
	"strings"

	"github.com/civgrid/civgrid/api"
)

// admit finds out who asks and leaves it with the request; whoever shows a key or token
// that does not hold is turned away, and so is, where nothing is public, whoever shows
// none. Probes ask nobody.
func (s *server) admit(next http.Handler) http.Handler {
	crossing := http.NewCrossOriginProtection() // browsers send Basic by themselves, and no other key
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r.URL.Path) || s.Doorkeeper == nil {
			next.ServeHTTP(w, r)
			return
		}
		w.Header().Add("Vary", "Authorization, X-API-Key")
		caller, query, err := s.Doorkeeper.Identify(r)
		if _, _, basic := r.BasicAuth(); err == nil && basic && crossing.Check(r) != nil {
			err = api.NewProblem("forbidden", "A page of another origin cannot do this with the key that the browser keeps.")
		}
		if err == nil && caller.Role != api.Anonymous && s.Audit.fails() != nil {
			err = api.NewProblem("unavailable", "What is asked cannot be kept in the audit log at present.")
		}
		if err == nil && s.Private && caller.Role == api.Anonymous && !isOpen(r.URL.Path) {
			err = api.NewProblem("unauthorized", "Nothing is public here: show a key or a token.")
		}
		r = r.WithContext(api.WithCaller(r.Context(), caller))
		if query != r.URL.RawQuery { // a key has no place in links, logs and caches
			address := *r.URL
			address.RawQuery = query
			r.URL = &address
			r.RequestURI = address.RequestURI()
		}
		if left, ok := r.Context().Value(trailKey{}).(*trail); ok {
			left.caller, left.query = caller, query
		}
		if err != nil {
			note(r, err)
			s.refuse(w, r, api.ProblemOf(err))
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isOpen reports whether a path is shown to everybody: it says nothing of the data.
func isOpen(path string) bool {
	switch path {
	case "/robots.txt", "/favicon.ico", "/problems", "/docs":
		return true
	}
	for _, folder := range []string{"/problems/", "/docs/", "/inspect/"} {
		if strings.HasPrefix(path, folder) {
			return true
		}
	}
	return false
}
