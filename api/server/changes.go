package server

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// changesPath is where changes are told.
const changesPath = "/changes"

// streamOfCaller is how long a stream lasts for who showed a key or token: it ends, and
// who comes back, as clients do by themselves, shows it again, if it still holds.
const streamOfCaller = 5 * time.Minute

// maxStreams is how many clients may listen to changes at once.
const maxStreams = 1000

// changedData is what changed.
type changedData struct {
	DataVersion string `json:"data_version"`
}

// The types of events: what the data are when a client begins to listen, and that they
// changed since.
const (
	currentData = "org.civgrid.data.current"
	changed     = "org.civgrid.data.recomputed"
)

// changes answers /changes with a stream of server-sent events (HTML Living Standard,
// section 9.2): one at the beginning, and one each time the data change. Layers hold
// no state but that of the data, so whoever comes back with the version heard of last
// (Last-Event-ID) is told once whatever was missed in between.
func (w *world) changes(c *gin.Context) {
	ctx, done, err := w.stream(c.Request)
	if err != nil {
		w.fail(c, err)
		return
	}
	defer done()
	version, err := w.latest.version(ctx, w, 0)
	if err != nil {
		w.fail(c, err)
		return
	}
	api.BeginEvents(c.Writer.Header())
	c.Status(http.StatusOK)
	if c.Request.Method == http.MethodHead {
		c.Writer.WriteHeaderNow()
		return
	}
	kind := currentData
	if heard := c.GetHeader("Last-Event-ID"); heard != "" && heard != version {
		kind = changed
	}
	if w.tellChange(c, kind, version) == nil {
		w.followChanges(ctx, c, version)
	}
}

// followChanges tells of changes until ctx is done or the client is gone.
func (w *world) followChanges(ctx context.Context, c *gin.Context, version string) {
	look, beat := time.NewTicker(api.LookEvery), time.NewTicker(api.Heartbeat)
	defer look.Stop()
	defer beat.Stop()
	for {
		var err error
		select {
		case <-ctx.Done():
			return
		case <-beat.C:
			_, err = c.Writer.WriteString(": still here\n\n")
			c.Writer.Flush()
		case <-look.C:
			present, failed := w.latest.version(ctx, w, api.LookEvery/2)
			if failed != nil || present == version { // a store that does not answer has not changed for all we know
				continue
			}
			version = present
			err = w.tellChange(c, changed, version)
		}
		if err != nil {
			return
		}
	}
}

// tellChange writes one event.
func (w *world) tellChange(c *gin.Context, kind, version string) error {
	event := api.NewEvent(version, w.base(c.Request)+"/", kind, w.Now(), changedData{version})
	if err := api.WriteEvent(c.Writer, version, event); err != nil {
		return err
	}
	c.Writer.Flush()
	return nil
}

// A lookout remembers the version of the data for a moment, so that a thousand who
// listen do not ask the store a thousand times.
type lookout struct {
	mu     sync.Mutex
	seen   string
	looked time.Time
}

// version returns the version of the data, or what it was no longer ago than age.
func (l *lookout) version(ctx context.Context, w *world, age time.Duration) (string, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := w.Now(); l.seen == "" || now.Sub(l.looked) >= age || now.Before(l.looked) {
		version, err := w.tables.Engine().Version(ctx)
		if err != nil {
			return "", err
		}
		l.seen, l.looked = version, now
	}
	return l.seen, nil
}

// stream begins a stream of events: it returns a context that ends with the request and
// when the service begins to shut down, and what is to be called at the end.
func (s *server) stream(r *http.Request) (context.Context, func(), error) {
	if s.streams.Add(1) > maxStreams {
		s.streams.Add(-1)
		return nil, nil, api.NewProblem("overloaded", "")
	}
	ctx, done := whileServing(r.Context())
	end := func() {}
	if api.CallerOf(ctx).Role != api.Anonymous {
		ctx, end = context.WithTimeout(ctx, streamOfCaller)
	}
	return ctx, func() { end(); done(); s.streams.Add(-1) }, nil
}

// isStream reports whether a path is one of a stream of events, which lasts.
func isStream(path string) bool {
	return path == changesPath || strings.HasPrefix(path, "/collections/") && strings.HasSuffix(path, "/changes") && strings.Count(path, "/") == 3
}

// servingKey is where Serve leaves the context that ends when no new requests are taken.
type servingKey struct{}

// whileServing returns a context that ends with a request, and when the service begins
// to shut down: a stream would not end by itself.
func whileServing(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	if serving, ok := ctx.Value(servingKey{}).(context.Context); ok {
		stop := context.AfterFunc(serving, cancel)
		return ctx, func() { stop(); cancel() }
	}
	return ctx, cancel
}
