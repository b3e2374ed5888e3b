package server

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
)

// Turns keep those who ask for much from those who ask for little. Every request
// needs a turn to be answered, and a layer, which may take seconds, one of fewer
// turns to be computed. Whoever waits for a layer, be it for another to compute
// it, or for a client that takes its answer slowly, gives the turn of its request
// back meanwhile, so that documents and layers that are there are answered
// however many do.
type turns struct {
	answers, layers *gate
	aside           chan struct{} // one for each request that waits for a layer
	slow            chan struct{} // one for each answer to a slow client
}

// slowAnswers is how many answers to slow clients there may be for each turn.
const slowAnswers = 4

// slowAfter is how long a client may keep an answer waiting before it counts as
// slow.
const slowAfter = time.Second

func newTurns(o Options, m *metrics) *turns {
	return &turns{
		answers: newGate(o.MaxConcurrent, o.MaxWaiting, o.MaxWait, m.working, m.waiting),
		layers:  newGate(o.MaxComputing, o.MaxWaiting, o.MaxWait, m.computing, m.queueing),
		aside:   make(chan struct{}, o.MaxWaiting),
		slow:    make(chan struct{}, slowAnswers*o.MaxConcurrent),
	}
}

// attach has the rows of tables made by turns.
func (t *turns) attach(tables *ogc.Tables) { tables.Wait, tables.Make = t.wait, t.compute }

// compute runs work, which makes a layer, in its turn.
func (t *turns) compute(ctx context.Context, work func() error) error {
	_, span := beginPart(ctx, "wait for a turn")
	err := t.layers.enter(ctx)
	endPart(span, err)
	if err != nil {
		return err
	}
	defer t.layers.leave()
	return work()
}

// turnKey is where gate leaves the turn of a request.
type turnKey struct{}

// A turn is that of one request, to be used by the goroutine of its handler.
type turn struct {
	*turns
	held    bool          // by the request; it is another's otherwise
	slow    bool          // has a place among the slow for good
	cut     bool          // for want of one
	blocked time.Duration // by the client
}

// wait runs ready, which waits until a layer is there, while others have the turn
// of the request.
func (t *turns) wait(ctx context.Context, ready func() error) error {
	own, ok := ctx.Value(turnKey{}).(*turn)
	if !ok || !own.held {
		return ready()
	}
	select {
	case t.aside <- struct{}{}:
		defer func() { <-t.aside }()
	default:
		return api.NewProblem("overloaded", "")
	}
	own.give()
	err := ready()
	if back := own.take(ctx); err == nil {
		err = back
	}
	return err
}

func (o *turn) take(ctx context.Context) error {
	err := o.answers.enter(ctx)
	o.held = err == nil
	return err
}

func (o *turn) give() {
	if o.held {
		o.held = false
		o.answers.leave()
	}
}

// end gives back what the request still has.
func (o *turn) end() {
	o.give()
	if o.slow {
		<-o.turns.slow
	}
}

// fallBehind has an answer go on without a turn, or end where there are too many
// such answers. It is called while w is being written to.
func (o *turn) fallBehind(w http.ResponseWriter) {
	select {
	case o.turns.slow <- struct{}{}:
		o.slow = true
	default:
		o.cut = true
		_ = http.NewResponseController(w).SetWriteDeadline(time.Now()) //nolint:forbidigo // connections are timed by the real clock
	}
	o.give()
}

// An unhurried writer takes the turn from a client that is slow.
type unhurried struct {
	http.ResponseWriter
	turn *turn
}

// Write implements http.ResponseWriter.
func (w *unhurried) Write(p []byte) (int, error) {
	o := w.turn
	if o.slow {
		return w.ResponseWriter.Write(p)
	}
	begin, fallen := time.Now(), make(chan struct{}) //nolint:forbidigo // as above
	patience := time.AfterFunc(slowAfter-o.blocked, func() { o.fallBehind(w.ResponseWriter); close(fallen) })
	n, err := w.ResponseWriter.Write(p)
	if !patience.Stop() {
		<-fallen
	}
	o.blocked += time.Since(begin)
	if o.cut {
		panic(http.ErrAbortHandler) // whoever looks at no error must not end the answer neatly
	}
	return n, err
}

// Unwrap lets http.ResponseController through.
func (w *unhurried) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// gate has requests answered in their turn, and gives each its time limit. Probes
// pass without waiting, and so do streams of changes, which last.
func (s *server) gate(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isProbe(r.URL.Path) || isStream(r.URL.Path) {
			next.ServeHTTP(w, r)
			return
		}
		own := &turn{turns: s.turns}
		defer own.end()
		if err := own.take(r.Context()); err != nil {
			if r.Context().Err() == nil {
				s.refuse(w, r, api.ProblemOf(err))
			}
			return
		}
		ctx := context.WithValue(r.Context(), turnKey{}, own)
		if !isTransfer(r.URL.Path) {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.RequestTimeout)
			defer cancel()
		}
		next.ServeHTTP(&unhurried{w, own}, r.WithContext(ctx))
	})
}

// isTransfer reports whether a path is one of files that take as long as the client needs
// to take or send them, which has bounds of its own. Files of layers are none: they are
// computed first.
func isTransfer(path string) bool { return isFileOfFacts(path) || path == "/imports" }

// isFileOfFacts reports whether a path is one of a file of incidents or inspections, which
// is written as they are read of the store, a few at once.
func isFileOfFacts(path string) bool {
	name, isExport := strings.CutPrefix(path, "/exports/")
	collection, _, _ := strings.Cut(name, ".")
	return isExport && (collection == string(data.Incidents) || collection == string(data.Inspections))
}

// A gate lets some in at once. It is safe for concurrent use.
type gate struct {
	places, queue   chan struct{}
	patience        time.Duration
	inside, waiting prometheus.Gauge
}

func newGate(places, queue int, patience time.Duration, inside, waiting prometheus.Gauge) *gate {
	return &gate{make(chan struct{}, places), make(chan struct{}, queue), patience, inside, waiting}
}

// enter waits for a place, in the queue where there is none at once. The error is
// a problem, or that of the context. Whoever is in must leave.
func (g *gate) enter(ctx context.Context) error {
	select {
	case g.places <- struct{}{}:
		g.inside.Inc()
		return nil
	default:
	}
	select {
	case g.queue <- struct{}{}:
		defer func() { <-g.queue }()
	default:
		return api.NewProblem("overloaded", "")
	}
	g.waiting.Inc()
	defer g.waiting.Dec()
	patience := time.NewTimer(g.patience)
	defer patience.Stop()
	select {
	case g.places <- struct{}{}:
		g.inside.Inc()
		return nil
	case <-patience.C:
		return api.NewProblem("overloaded", "")
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (g *gate) leave() {
	g.inside.Dec()
	<-g.places
}
