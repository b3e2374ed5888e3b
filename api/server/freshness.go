package server

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gin-gonic/gin"
)

// A Freshness says how far the data served may be behind those of the store
// they are a copy of.
type Freshness struct {
	// Looked is when the copy was last known to be the same as the store.
	Looked time.Time
	// Away is since when the store has been out of reach; zero while it is not.
	Away time.Time
	// Behind is how many changes are being caught up with, Since when the first
	// of them was made.
	Behind int64
	Since  time.Time
}

// freshness returns the state of the data; that of a store which is no copy is
// always fresh.
func (s *server) freshness() Freshness {
	if s.Freshness == nil {
		return Freshness{Looked: s.Now()}
	}
	return s.Freshness()
}

// dated states the age of data that may be out of date, in seconds (RFC 9111,
// section 5.1), and since when the store has been out of reach. Answers of the
// present have neither field.
func (s *server) dated(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := s.freshness(); !f.Away.IsZero() && !isProbe(r.URL.Path) {
			age := max(s.Now().Sub(f.Looked), 0)
			w.Header().Set("Age", strconv.FormatInt(int64(age/time.Second), 10))
			w.Header().Set("Civgrid-Store-Away-Since", f.Away.UTC().Format(http.TimeFormat))
		}
		next.ServeHTTP(w, r)
	})
}

// status answers /status with the state of the data for operators.
func (w *world) status(c *gin.Context) {
	version, err := w.tables.Engine().Version(c.Request.Context())
	if err != nil {
		w.fail(c, err)
		return
	}
	f := w.freshness()
	answer := gin.H{"state": "current", "version": version, "looked": f.Looked.UTC().Format(time.RFC3339Nano)}
	if len(w.scope) > 0 { // what is done elsewhere is nobody's business here
		f.Behind = 0
	}
	answer["behind"] = f.Behind
	if f.Behind > 0 {
		answer["state"] = "catching up"
		answer["since"] = f.Since.UTC().Format(time.RFC3339Nano)
	}
	if !f.Away.IsZero() {
		answer["state"] = "store out of reach"
		answer["away"] = f.Away.UTC().Format(time.RFC3339Nano)
		answer["age_seconds"] = max(w.Now().Sub(f.Looked), 0).Seconds()
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, answer)
}
