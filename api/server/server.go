package server

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/jobs"
	"github.com/civgrid/civgrid/api/ogc"
	"github.com/civgrid/civgrid/data"
)

// Options tune the service. The zero value is ready for use.
type Options struct {
	// Title names the service. Empty means "Civgrid".
	Title string
	// Version is that of the program.
	Version string
	// BaseURL is the public address, such as "https://maps.example.org/civgrid".
	// Empty means what each request says in its Host field.
	BaseURL string
	// TrustProxy believes X-Forwarded-Proto and X-Forwarded-Host, and the last
	// address of X-Forwarded-For. Set it only behind a proxy that sets them itself.
	TrustProxy bool
	// Secret signs paging cursors. Nil means a key that everybody knows, which
	// lets anybody make a cursor but shows nobody more than they may see.
	Secret []byte
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
	// RequestTimeout is the longest that computing an answer may take. Zero
	// means 2 minutes.
	RequestTimeout time.Duration
	// StallTimeout is the longest that a client may take to accept one piece of
	// an answer, some 32 KiB; the connection of a slower one is cut, because it
	// keeps others from their turn. Zero means 30 seconds.
	StallTimeout time.Duration
	// Logger receives one line a request and every internal error. Nil means
	// silence.
	Logger *slog.Logger
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

// server holds the handlers that belong to no other package.
type server struct {
	Options
	engine  *meteredEngine
	tables  *ogc.Tables
	metrics *metrics
	ranges  chan struct{} // one for each answer in parts that is being made
	// streams counts those who listen to changes, for whom latest looks.
	streams atomic.Int64
	latest  lookout
}

// New returns the service over a store, which it keeps open.
func New(store data.Store, options Options) *Service {
	o := options.orDefaults()
	o.Engine.Public = true
	return newHandler(engine.New(store, o.Engine), store, o)
}

// newHandler puts the service together around any engine.
func newHandler(e ogc.Engine, source data.Source, o Options) *Service {
	s := newServer(e, source, o)
	gin.SetMode(gin.ReleaseMode) // gin prints to standard output otherwise
	router := gin.New()
	router.HandleMethodNotAllowed = true
	router.UseRawPath = true
	router.UnescapePathValues = true
	router.RedirectTrailingSlash = false
	router.Use(leaveTrace)
	router.NoRoute(s.problem("not-found"))
	router.NoMethod(s.problem("method-not-allowed"))
	runner := jobs.NewRunner(o.Jobs, o.Now, o.Logger)
	store, _ := source.(data.Store) // which tests may do without
	ogc.Register(router, ogc.Options{
		Tables: s.tables, Analyses: engine.Analyses(), First: firstLayer,
		Title: o.Title, Description: "Indicators, hot spots and response times by grid cell and community.",
		Version: o.Version, Base: s.base, Secret: o.Secret, Now: o.Now, Home: s.page,
		Extensions: []api.Extension{jobs.Extension(engine.Analyses(), store != nil)},
	})
	jobs.Register(router, runner, jobs.Options{Engine: s.engine, Analyses: engine.Analyses(), Store: store, Base: s.base, Version: o.Version, Now: o.Now})
	s.register(router)
	return &Service{Handler: s.surround(router), operations: s.operations(), jobs: runner}
}

func newServer(e ogc.Engine, source data.Source, o Options) *server {
	m := newMetrics(o.Version)
	metered := &meteredEngine{Engine: e, layers: m.layers, now: o.Now}
	s := &server{Options: o, engine: metered, tables: ogc.NewTables(metered, source), metrics: m, ranges: make(chan struct{}, maxRanges)}
	m.registry.MustRegister(state{s})
	return s
}

// register adds the server's own routes.
func (s *server) register(router gin.IRouter) {
	for path, handler := range map[string]gin.HandlerFunc{
		"/map.svg":        s.svg,
		"/layers/:file":   s.file,
		"/static/:name":   s.static,
		"/problems/:slug": s.explain,
		"/livez":          s.live,
		"/status":         s.status,
		changesPath:       s.changes,
		"/readyz":         s.ready,
		"/healthz":        s.ready,
		"/robots.txt":     s.robots,
		"/favicon.ico":    s.icon,
		"/problems":       s.explain,
	} {
		router.GET(path, handler)
		router.HEAD(path, handler)
	}
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
