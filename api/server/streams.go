package server

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/civgrid/civgrid/api"
)

// streamOfCaller is how long a stream lasts for who showed a key or token: it ends, and
// who comes back, as clients do by themselves, shows it again, if it still holds.
const streamOfCaller = 5 * time.Minute

// How many streams of changes may be open at once: of all clients, and of one, which may
// be an office behind one address.
const (
	maxStreams         = 1000
	maxStreamsOfClient = 100
)

// streamRetry is after how many seconds to try again for who has too many streams.
const streamRetry = 10

// streams count those that are open. They are safe for concurrent use.
type streams struct {
	mu  sync.Mutex
	all int
	of  map[string]int // by client; none has 0
}

// open counts a stream of a client, or returns the problem that there are too many.
func (s *streams) open(client string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.of[client] >= maxStreamsOfClient:
		p := api.NewProblem("rate-limited", fmt.Sprintf("As many streams of changes are open to your key or address as may be at once, %d. Close one first.", maxStreamsOfClient))
		p.RetryAfter = streamRetry
		return p
	case s.all >= maxStreams:
		p := api.NewProblem("overloaded", "As many streams of changes are open as may be at once. Try again in a moment.")
		p.RetryAfter = streamRetry
		return p
	}
	if s.of == nil {
		s.of = map[string]int{}
	}
	s.of[client]++
	s.all++
	return nil
}

// close counts a stream of a client no more.
func (s *streams) close(client string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.of[client]--; s.of[client] == 0 {
		delete(s.of, client)
	}
}

// stream begins a stream of events: it returns a context that ends with the request and
// when the service begins to shut down, and what is to be called at the end.
func (s *server) stream(r *http.Request) (context.Context, func(), error) {
	caller := api.CallerOf(r.Context())
	client := caller.ID
	if caller.Role == api.Anonymous {
		client = "address " + clientOf(r, s.TrustProxy).String()
	}
	if err := s.streams.open(client); err != nil {
		return nil, nil, err
	}
	ctx, done := whileServing(r.Context())
	end := func() {}
	if caller.Role != api.Anonymous {
		ctx, end = context.WithTimeout(ctx, streamOfCaller)
	}
	return ctx, func() { end(); done(); s.streams.close(client) }, nil
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
