package server

import (
	"context"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// changesPath is where changes are told.
const changesPath = "/changes"

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
// listen do not ask the store a thousand times. It is safe for concurrent use.
type lookout struct {
	looking chan struct{} // held by who looks, and who reads or sets what follows
	seen    string
	failed  error     // of the last look
	looked  time.Time // when it began, by the real clock
}

func newLookout() *lookout { return &lookout{looking: make(chan struct{}, 1)} }

// version returns the version of the data, or what it was no longer ago than age. A look
// that others wait for ends with the request of who looks, and then another of them does.
func (l *lookout) version(ctx context.Context, w *world, age time.Duration) (string, error) {
	asked := time.Now() //nolint:forbidigo // streams are timed by the real clock
	select {
	case l.looking <- struct{}{}:
		defer func() { <-l.looking }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if l.looked.Before(asked.Add(-age)) {
		begun := time.Now() //nolint:forbidigo // as above
		version, err := w.tables.Engine().Version(ctx)
		if ctx.Err() != nil {
			return "", ctx.Err() // which says nothing of the store
		}
		l.seen, l.failed, l.looked = version, err, begun
	}
	return l.seen, l.failed
}
