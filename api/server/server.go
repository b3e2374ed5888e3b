package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/gin-gonic/gin"
	"go.opentelemetry.io/otel/trace"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/auth"
	"github.com/civgrid/civgrid/api/jobs"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/photos"
)

// Options tune the service. The zero value is ready for use.
type Options struct {
	// Title names the service. Empty means "Civgrid".
	Title string
	// Version is that of the program.
	Version string
	// Commands is the Markdown of the page of the manual about the command line. Empty
	// means that there is no such page.
	Commands string
	// BaseURL is the public address, such as "https://maps.example.org/civgrid".
	// Empty means what each request says in its Host field.
	BaseURL string
	// TrustProxy believes the last words of X-Forwarded-Proto, X-Forwarded-Host and
	// X-Forwarded-For, and X-Request-Id. Set it only behind a proxy that sets or appends
	// to the first three.
	TrustProxy bool
	// Secret is what the keys are derived from that sign paging cursors and the entity
	// tags of incidents and inspections. Services of one secret take each other's. Nil
	// means one that everybody knows: anybody can make a cursor, which shows nobody
	// more than they may see, and try out what a tag was made of.
	Secret []byte
	// Doorkeeper finds out who asks. Nil means that nobody can say, and that all are
	// the public.
	Doorkeeper *auth.Doorkeeper
	// Private shows nothing to those who do not say who they are.
	Private bool
	// Write lets callers whose role says so record incidents and inspections, and
	// import files. The store must be open for writing.
	Write bool
	// Photos keeps the pictures that inspectors take. Nil keeps none.
	Photos *photos.Folder
	// NoExternalLinks leaves out links from the page of inspectors to map services of
	// others.
	NoExternalLinks bool
	// Audit keeps what callers do who said who they are. Nil keeps nothing.
	Audit *Audit
	// Rate is how many requests a client, told by its address, may make. The zero
	// value sets no limit.
	Rate Rate
	// MaxConcurrent is how many answers are worked on at once; further requests
	// wait for up to MaxWait and are then told to come back. Zero means 64.
	MaxConcurrent int
	// MaxWaiting is how many requests wait for their turn at once; further ones
	// are told so without waiting. Zero means 1,024.
	MaxWaiting int
	// MaxWait is how long a request waits for its turn. Zero means 10 seconds.
	MaxWait time.Duration
	// MaxComputing is how many layers are computed at once; those that are asked
	// for beside them wait as requests do. Zero means two for each processor.
	MaxComputing int
	// RequestTimeout is the longest that computing an answer may take. Zero
	// means 2 minutes.
	RequestTimeout time.Duration
	// StallTimeout is the longest that a client may take to accept one piece of
	// an answer, some 32 KiB; the connection of a slower one is cut, because it
	// keeps others from their turn. So is that of one that takes less than 1 KiB a
	// second on average, 16 KiB of a file of facts. Zero means 30 seconds.
	StallTimeout time.Duration
	// Logger receives one line a request and every internal error. Nil means
	// silence.
	Logger *slog.Logger
	// Tracer is where a span of each request goes, with spans of what it waits for.
	// Nil means that there are none.
	Tracer trace.TracerProvider
	// Now returns the present. Nil means time.Now.
	Now func() time.Time
	// Freshness tells the state of a store that is a copy. Nil means that the
	// store is none.
	Freshness func() Freshness
	// Engine is handed to engine.New, with Public set.
	Engine engine.Options
	// Jobs bound the work on processes and imports.
	Jobs jobs.Limits
}

func (o Options) orDefaults() Options {
	if o.Title == "" {
		o.Title = "Civgrid"
	}
	if o.MaxConcurrent == 0 {
		o.MaxConcurrent = 64
	}
	if o.MaxWaiting == 0 {
		o.MaxWaiting = 1024
	}
	if o.MaxWait == 0 {
		o.MaxWait = 10 * time.Second
	}
	if o.MaxComputing == 0 {
		o.MaxComputing = 2 * runtime.GOMAXPROCS(0)
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = 2 * time.Minute
	}
	if o.StallTimeout == 0 {
		o.StallTimeout = 30 * time.Second
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now //nolint:forbidigo // the one default clock of the service
	}
	return o
}

// server is what all worlds share.
type server struct {
	Options
	lens    lens
	metrics *metrics
	turns   *turns
	tracer  trace.Tracer // nil without one
	jobs    *jobs.Runner
	ranges  chan struct{} // one for each answer in parts that is being made
	files   chan struct{} // one for each file of facts that is being written
	streams streams       // of those who listen to changes
	public  *world
	// registrar keeps what callers record; nil where nobody may.
	registrar *registrar
	shelf     ogc.Shelf // of the tables of all worlds
	worlds    worlds
}

// New returns the service over a store, which it keeps open.
func New(store data.Store, options Options) *Service {
	o := options.orDefaults()
	s := newServer(lensOf(store, o), o)
	if o.Write {
		s.registrar = newRegistrar(store, o.Now, o.Logger)
	}
	return s.service()
}

// newHandler puts the service together around what is shown of a store.
func newHandler(l lens, o Options) *Service { return newServer(l, o).service() }

func (s *server) service() *Service {
	return &Service{Handler: s.surround(http.HandlerFunc(s.dispatch)), operations: s.public.operations(), close: s.close, warm: s.public.warm}
}

// close ends what goes on beside requests.
func (s *server) close(ctx context.Context) error {
	err := s.jobs.Close(ctx)
	if s.registrar != nil {
		s.registrar.close()
	}
	return err
}

func newServer(l lens, o Options) *server {
	gin.SetMode(gin.ReleaseMode) // gin prints to standard output otherwise
	m := newMetrics(o.Version)
	s := &server{Options: o, lens: l, metrics: m, turns: newTurns(o, m), jobs: jobs.NewRunner(o.Jobs, o.Now, o.Logger), ranges: make(chan struct{}, maxRanges), files: make(chan struct{}, maxFiles)}
	s.worlds.of, s.worlds.views = map[pair]*settled{}, map[string]*sharedView{}
	if o.Tracer != nil {
		s.tracer = o.Tracer.Tracer(tracerName, trace.WithInstrumentationVersion(o.Version))
	}
	s.public = s.newWorld(s.newView(true, nil), api.Anonymous, nil)
	m.registry.MustRegister(state{s})
	return s
}

// register adds the server's own routes.
func (w *world) register(router gin.IRouter) {
	for path, handler := range map[string]gin.HandlerFunc{
		"/map.svg":        w.svg,
		"/report":         w.report,
		"/layers/:file":   w.file,
		"/static/*name":   w.static,
		"/problems/:slug": w.explain,
		"/docs":           w.docsIndex,
		"/docs/:name":     w.docsPage,
		"/licenses":       w.licences,
		"/livez":          w.live,
		"/status":         w.status,
		changesPath:       w.changes,
		"/readyz":         w.ready,
		"/healthz":        w.ready,
		"/robots.txt":     w.robots,
		"/favicon.ico":    w.icon,
		"/problems":       w.explain,
		"/inspect":        w.inspect,
		"/inspect/:name":  w.inspectAsset,
	} {
		router.GET(path, handler)
		router.HEAD(path, handler)
	}
	w.registerPlans(router)
	w.registerPhotos(router)
}

func (s *server) base(r *http.Request) string { return api.BaseURL(r, s.BaseURL, s.TrustProxy) }

// The bounds of a connection. An answer as a whole has none, because a large
// layer to a slow client may take long: see RequestTimeout and StallTimeout.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	idleTimeout       = 60 * time.Second
	shutdownTimeout   = 10 * time.Second
)

// Serve answers requests on a listener until ctx is done; then it takes no new
// ones and lets those under way end, for up to ten seconds.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: api.MaxHeaderBytes,
		BaseContext: func(net.Listener) context.Context {
			return context.WithValue(context.WithoutCancel(ctx), servingKey{}, ctx)
		},
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	err := server.Shutdown(grace)
	if errors.Is(err, context.DeadlineExceeded) {
		err = server.Close()
	}
	<-ended
	return err
}
