package ogc

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// Facts say how incidents and inspections are served.
type Facts struct {
	// Source gives the facts: all that the caller may see, and no others.
	Source data.Source
	// Personal is whether columns that may hold personal data ([data.Column.Private])
	// are among the properties. Otherwise nobody can tell that there are such columns.
	Personal bool
	// Turns has room for as many files of facts as may be written at once; who finds
	// none is told to come again. A file holds a connection of the store for as long
	// as its client reads, and needs another for a moment when it begins, so there
	// have to be more connections than turns. Nil means no bound.
	Turns chan struct{}
	// Feed tells what changes of the same facts; nil means that nobody is told.
	Feed data.Feed
	// Stream begins a stream of events: it returns a context that ends with the
	// request or when the service shuts down, and what is called at the end, or a
	// problem. It must be set with Feed.
	Stream func(*http.Request) (context.Context, func(), error)
	// Record keeps a batch of one fact, which is not stamped yet, in place of the
	// revision that is expected, as Replace of [data.Sink] does, and returns it as it
	// is kept. Nil means that callers cannot change any.
	Record func(ctx context.Context, d data.Dataset, expected data.Revision, fact data.Batch) (kept data.Batch, changes data.Changes, err error)
}

// facts are those of a collection.
type facts struct {
	*encode.Facts
	source   data.Source
	personal bool

	looking chan struct{}         // held by who looks for the reach
	reach   atomic.Pointer[reach] // once somebody has asked
}

// A reach is where and when the facts of a collection are.
type reach struct {
	box      orb.Bound // empty for no fact with a point
	from, to time.Time // zero for no fact
}

// listFacts returns the collections of facts; they are there whether or not there are
// any facts.
func (s *service) listFacts() []collection {
	if s.Facts == nil {
		return nil
	}
	var list []collection
	for _, described := range []struct {
		dataset            data.Dataset
		title, description string
	}{
		{data.Incidents, "Incidents", "Cases that were reported: where, when, of what kind, and how they went."},
		{data.Inspections, "Inspections", "What was looked at on the spot, when, and what was found."},
	} {
		d := described.dataset
		f := encode.FactsOf(d, described.title, s.Facts.Source.Schema(d), s.Facts.Personal)
		list = append(list, collection{
			id: string(d), title: described.title, description: described.description,
			columns: f.Describe(), facts: &facts{Facts: f, source: s.Facts.Source, personal: s.Facts.Personal, looking: make(chan struct{}, 1)},
		})
	}
	return list
}

// tag is what an answer of a collection depends on beside the data and the request.
func (col *collection) tag() string {
	if col.facts != nil && col.facts.personal {
		return "personal"
	}
	return ""
}

// reachOf returns the reach of facts, which is looked for once for each data version, by
// one request at a time. Others wait for it no longer than they last.
func (s *service) reachOf(c *gin.Context, k *catalog, f *facts) (reach, error) {
	if r := f.reach.Load(); r != nil {
		return *r, nil
	}
	ctx := c.Request.Context()
	select {
	case f.looking <- struct{}{}:
		defer func() { <-f.looking }()
	case <-ctx.Done():
		return reach{}, ctx.Err()
	}
	if r := f.reach.Load(); r != nil {
		return *r, nil
	}
	r, err := f.find(ctx)
	if err != nil {
		return reach{}, err
	}
	same, err := s.settle(c, k)
	if same {
		f.reach.Store(&r)
	}
	return r, err
}

// settle takes the entity tag of an answer back where the data moved on since the
// catalog was made: what was read of the store after that is of no version that could
// be named.
func (s *service) settle(c *gin.Context, k *catalog) (same bool, err error) {
	version, err := s.Tables.engine.Version(c.Request.Context())
	if err != nil {
		return false, err
	}
	if version != k.version {
		untag(c.Writer.Header())
	}
	return version == k.version, nil
}

// find looks for the reach. Every fact is read for it, a million in about a second.
func (f *facts) find(ctx context.Context) (reach, error) {
	event := data.EventTime(f.Dataset())
	box, first, last := orb.MultiPoint{}.Bound(), int64(math.MaxInt64), int64(math.MinInt64)
	for b, err := range f.source.Scan(ctx, data.Query{Dataset: f.Dataset(), Columns: []string{event, "lon", "lat"}}) {
		if err != nil {
			return reach{}, fmt.Errorf("find the extent of %s: %w", f.Dataset(), err)
		}
		lon, lat, hasLon, hasLat := b.Floats("lon"), b.Floats("lat"), b.Valid("lon"), b.Valid("lat")
		for row, at := range b.Ints(event) {
			first, last = min(first, at), max(last, at)
			if hasLon.At(row) && hasLat.At(row) {
				box = box.Extend(orb.Point{lon[row], lat[row]})
			}
		}
	}
	r := reach{box: box}
	if first <= last {
		r.from, r.to = time.UnixMicro(first).UTC(), time.UnixMicro(last).UTC()
	}
	return r, nil
}

// scan reads columns of the facts that meet a condition.
func (f *facts) scan(ctx context.Context, where data.Condition, columns ...string) data.Batches {
	return f.source.Scan(ctx, data.Query{Dataset: f.Dataset(), Columns: columns, Where: where})
}

// inOrder reads columns of the facts that meet a condition by source and id.
func (f *facts) inOrder(ctx context.Context, where data.Condition, columns ...string) data.Batches {
	return f.source.Scan(ctx, data.Query{Dataset: f.Dataset(), Columns: columns, Where: where, Ordered: true})
}
