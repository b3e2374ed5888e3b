package server

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

// The timing of change streams. They are heard of within a look of a change, and a
// heartbeat keeps proxies from taking silence for a dead connection.
const (
	lookEvery = time.Second
	heartbeat = 15 * time.Second
)

// changesPath is where changes are told.
const changesPath = "/changes"

// maxStreams is how many clients may listen to changes at once.
const maxStreams = 1000

// A cloudEvent says that layers are of other data than before (CloudEvents 1.0.2, JSON
// event format).
type cloudEvent struct {
	SpecVersion string      `json:"specversion"`
	ID          string      `json:"id"`
	Source      string      `json:"source"`
	Type        string      `json:"type"`
	Time        string      `json:"time"`
	ContentType string      `json:"datacontenttype"`
	Data        changedData `json:"data"`
}

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
	if w.streams.Add(1) > maxStreams {
		w.streams.Add(-1)
		w.fail(c, api.NewProblem("overloaded", ""))
		return
	}
	defer w.streams.Add(-1)
	ctx, done := whileServing(c.Request.Context())
	defer done()
	version, err := w.latest.version(ctx, w, 0)
	if err != nil {
		w.fail(c, err)
		return
	}
	h := c.Writer.Header()
	h.Set("Content-Type", string(api.EventStream))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // which proxies take as a wish not to wait for more
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
	look, beat := time.NewTicker(lookEvery), time.NewTicker(heartbeat)
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
			present, failed := w.latest.version(ctx, w, lookEvery/2)
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
func (s *server) tellChange(c *gin.Context, kind, version string) error {
	event, err := json.Marshal(cloudEvent{
		SpecVersion: "1.0", ID: version, Source: s.base(c.Request) + "/", Type: kind, Time: s.Now().UTC().Format(time.RFC3339),
		ContentType: string(api.JSON), Data: changedData{version},
	})
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintf(c.Writer, "id: %s\ndata: %s\n\n", version, event); err == nil {
		c.Writer.Flush()
	}
	return err
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
