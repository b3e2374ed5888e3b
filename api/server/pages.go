package server

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/page"
	"github.com/civgrid/civgrid/api/web"
)

// fail answers with the problem that an error is.
func (s *server) fail(c *gin.Context, err error) {
	note(c.Request, err)
	page.WriteProblem(c.Writer, c.Request, s.Title, s.base(c.Request), api.ProblemOf(err))
}

// problem returns a handler that answers with a kind of problem.
func (s *server) problem(slug string) gin.HandlerFunc {
	return func(c *gin.Context) { s.fail(c, api.NewProblem(slug, "")) }
}

// otherMethod answers methods that an address has no handler for: OPTIONS, which tells
// those there are (RFC 9110, section 9.3.7), and all others with a problem.
func (w *world) otherMethod(c *gin.Context) {
	allowed := append(strings.Split(c.Writer.Header().Get("Allow"), ", "), http.MethodOptions)
	slices.Sort(allowed)
	c.Header("Allow", strings.Join(allowed, ", "))
	if c.Request.Method == http.MethodOptions {
		c.Status(http.StatusNoContent)
		c.Writer.WriteHeaderNow()
		return
	}
	if isRecording(c.Request) {
		w.fail(c, w.mayNot(api.WriteFacts))
		return
	}
	w.fail(c, api.NewProblem("method-not-allowed", ""))
}

// isRecording reports whether a request wants to change an incident or inspection.
func isRecording(r *http.Request) bool {
	under := strings.HasPrefix(r.URL.Path, "/collections/incidents/items") || strings.HasPrefix(r.URL.Path, "/collections/inspections/items")
	return under && slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete}, r.Method)
}

// mayNot says why callers of the world cannot use a right.
func (w *world) mayNot(right api.Right) error {
	if !w.role.May(right) {
		return api.Denied(w.role, right)
	}
	return api.NewProblem("forbidden", "This service only shows: it was started without --write.")
}

// explain answers /problems and /problems/{slug} with what problems mean.
func (s *server) explain(c *gin.Context) {
	var text strings.Builder
	slug := c.Param("slug")
	for _, p := range api.Problems() {
		if slug == "" || slug == p.Slug {
			text.WriteString(p.Slug + " (" + http.StatusText(p.Status) + ")\n" + p.Detail + "\n\n")
		}
	}
	if text.Len() == 0 {
		s.fail(c, api.NewProblem("not-found", ""))
		return
	}
	c.Data(http.StatusOK, string(api.Text), []byte(strings.TrimSuffix(text.String(), "\n")))
}

// live says that the process answers.
func (s *server) live(c *gin.Context) { s.probe(c, http.StatusOK, "ok\n") }

// ready says whether the store answers too.
func (w *world) ready(c *gin.Context) {
	if _, err := w.tables.Engine().Version(c.Request.Context()); err != nil {
		note(c.Request, err)
		w.probe(c, http.StatusServiceUnavailable, "store does not answer\n")
		return
	}
	if f := w.freshness(); !f.Away.IsZero() {
		w.probe(c, http.StatusOK, "ok, as of "+f.Looked.UTC().Format(time.RFC3339)+": the store is out of reach\n")
		return
	}
	w.probe(c, http.StatusOK, "ok\n")
}

func (s *server) probe(c *gin.Context, status int, text string) {
	c.Header("Cache-Control", "no-store")
	c.Data(status, string(api.Text), []byte(text))
}

// robots keeps crawlers from walking through every page of every layer.
func (s *server) robots(c *gin.Context) {
	c.Data(http.StatusOK, string(api.Text), []byte("User-agent: *\nDisallow: /collections/\nDisallow: /layers/\nDisallow: /map.svg\nDisallow: /report\nDisallow: /inspect\nDisallow: /plan.\nDisallow: */dggs/*/zones/*\n"))
}

// static answers /static/ and below.
func (s *server) static(c *gin.Context) { s.asset(c, strings.TrimPrefix(c.Param("name"), "/")) }

// icon answers for browsers that ask for the icon unbidden.
func (s *server) icon(c *gin.Context) { s.asset(c, "icon.svg") }

func (s *server) asset(c *gin.Context, name string) { s.send(c, web.Static, web.Policy, name) }

// send answers with a file of the program, under the policy of the page that it is of.
func (s *server) send(c *gin.Context, from func(name string) ([]byte, api.MediaType, bool), policy, name string) {
	content, media, ok := from(name)
	if !ok {
		s.fail(c, api.NewProblem("not-found", ""))
		return
	}
	tag := api.ETag(string(content))
	c.Header("ETag", tag)
	c.Header("Cache-Control", "public, max-age=300")
	c.Header("Content-Security-Policy", policy) // workers run under that of their own script
	if api.Matches(c.GetHeader("If-None-Match"), tag) {
		c.Status(http.StatusNotModified)
		c.Writer.WriteHeaderNow()
		return
	}
	c.Data(http.StatusOK, string(media), content)
}
