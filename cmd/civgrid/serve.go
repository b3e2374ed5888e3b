package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"

	"github.com/spf13/cobra"
	"golang.org/x/net/netutil"
	"golang.org/x/sync/errgroup"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api/server"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/follow"
)

const (
	defaultAddr        = "127.0.0.1:8080"
	defaultConnections = "4096"
)

func (p *program) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve maps and layers to browsers, QGIS and other programs", Args: noArgs,
		Long: "Serve maps and layers to browsers, QGIS and other programs. A line is logged for\n" +
			"each request with --log-level info. Traces are sent to the OpenTelemetry collector\n" +
			"that OTEL_EXPORTER_OTLP_ENDPOINT names, such as http://127.0.0.1:4318.",
		Example: "  civgrid serve                         on 127.0.0.1:8080\n" +
			"  civgrid serve --addr :8080            to everybody on the network\n" +
			"  civgrid serve --addr :8443 --tls auto --write      for the phones of inspectors\n" +
			"  civgrid serve --ops 127.0.0.1:9090    metrics, profiles and probes for operators\n" +
			"  civgrid serve --rate 600/min          no client may ask more often\n" +
			"  civgrid serve --write --audit audit.jsonl      inspectors record by their keys (civgrid keys)\n" +
			"  civgrid serve --private --audit audit.jsonl    only for those with a key (civgrid keys)\n" +
			"  civgrid serve --min-count 5           open data: no counts of 1 to 4 reports, nor what would tell them\n" +
			"  civgrid serve --store postgres://civgrid@db/city    what others write is followed",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if p.json {
				return usageError(errors.New("--json answers once, and serve goes on until it is ended"))
			}
			to, err := p.listen()
			if err != nil {
				return err
			}
			defer to.close()
			store, err := p.openToServe(cmd.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			return p.serve(cmd.Context(), store, to)
		},
	}
	addrFlags(cmd)
	identityFlags(cmd)
	cmd.Flags().String("ops", "", "address for operators: /metrics (Prometheus), /debug/pprof/, /livez, /readyz (default: none)")
	cmd.Flags().String("secret-file", "", "file of 32 bytes or more, closed to others, that signs paging cursors and the ETags of incidents and inspections: needed where several of these services answer one address, or where both are to hold after a restart (default: random)")
	cmd.Flags().String("rate", "", "requests that a client, told by its address, may make per s, min or h, such as 600/min (default: any number)")
	cmd.Flags().String("min-count", "", "smallest count of reports but 0 that the public is told, 2 or more: rows with fewer are left blank, and those that would tell them (default: every count is told)")
	cmd.Flags().Bool("trust-proxy", false, "believe the last word of X-Forwarded-For, -Host and -Proto: only behind a proxy that sets or appends to all three")
	cmd.Flags().String("max-connections", defaultConnections, "connections of the public held at one time; further ones wait to be taken")
	cmd.Flags().String("columns", "", "folder for the copy of a database's facts that is served (default: a temporary one)")
	return cmd
}

func addrFlags(cmd *cobra.Command) {
	cmd.Flags().String("addr", defaultAddr, "address to listen on")
	cmd.Flags().String("tls", "", "auto makes an authority of its own, kept beside the store, and serves by HTTPS; or the files of a certificate and its key, as CERT,KEY (default: no HTTPS)")
	cmd.Flags().Bool("external-links", true, "have the page of inspectors lead to map services of others, which learn where a stop is when a link is followed")
	cmd.Flags().String("base-url", "", "address under which clients reach the service, where it is another")
}

// listeners are where requests of the public and, unless it is nil, of operators
// come in.
type listeners struct{ public, operators net.Listener }

func (l listeners) close() {
	l.public.Close()
	if l.operators != nil {
		l.operators.Close()
	}
}

// listen takes the addresses of the settings.
func (p *program) listen() (to listeners, err error) {
	most, err := parseConnections(p.config.get("max-connections"))
	if err != nil {
		return listeners{}, usageError(err)
	}
	to.public, err = net.Listen("tcp", p.config.get("addr"))
	if err != nil {
		return listeners{}, &codedError{code: exitFailure, err: fmt.Errorf("take requests: %w", err), hint: "--addr 127.0.0.1:8081 takes another address; --addr :8080 all of this machine"}
	}
	to.public = netutil.LimitListener(to.public, most) // operators come in by their own
	if p.config.get("ops") == "" {
		return to, nil
	}
	to.operators, err = net.Listen("tcp", p.config.get("ops"))
	if err != nil {
		to.public.Close()
		return listeners{}, &codedError{code: exitFailure, err: fmt.Errorf("take requests of operators: %w", err), hint: "--ops 127.0.0.1:9091 takes another address"}
	}
	return to, nil
}

// parseConnections reads how many connections may be held.
func parseConnections(text string) (int, error) {
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, fmt.Errorf("max-connections %q: want a number from 1 to 1,000,000", text)
	}
	return n, nil
}

// serve serves a store until the context ends.
func (p *program) serve(ctx context.Context, store data.Store, to listeners) error {
	shield, err := p.shield()
	if err != nil {
		return err
	}
	base := p.config.get("base-url")
	if base == "" {
		base = schemeOf(shield) + "://" + reachable(to.public.Addr())
	}
	rate, err := server.ParseRate(p.config.get("rate"))
	if err != nil {
		return usageError(err)
	}
	least, err := parseMinCount(p.config.get("min-count"))
	if err != nil {
		return usageError(err)
	}
	secret, err := readServiceSecret(p.config.get("secret-file"))
	if err != nil {
		return &codedError{code: exitFailure, err: err, hint: "openssl rand -hex 32 makes one; chmod 600 closes a file to others"}
	}
	doorkeeper, err := p.doorkeeper(store)
	if err != nil {
		return err
	}
	audit, log, err := p.openAudit()
	if err != nil {
		return err
	}
	defer log.Close()
	options := server.Options{
		Doorkeeper: doorkeeper, Private: p.config.get("private") == "true", Write: p.config.get("write") == "true", Audit: audit, NoExternalLinks: p.config.get("external-links") == "false", Photos: p.photos(),
		BaseURL: p.config.get("base-url"), TrustProxy: p.config.get("trust-proxy") == "true", Rate: rate,
		Version: programVersion(), Secret: secret, Commands: reference(p.root()),
		Now: p.now, Logger: p.logger(), Freshness: freshnessOf(store), Engine: engine.Options{Now: p.now, MinCount: least},
	}
	tracing, err := p.tracing(ctx)
	if err != nil {
		return err
	}
	if tracing != nil {
		defer p.flush(ctx, tracing)
		options.Tracer = tracing
	}
	service := server.New(store, options)
	defer func() { _ = service.Close(ctx) }() // which is done by then: imports under way go on when they are repeated
	p.tellURLs(base, to, shield)
	return attend(ctx, to, shield, service)
}

// attend has a service answer at its listeners until the context ends.
func attend(ctx context.Context, to listeners, s *shield, service *server.Service) error {
	all, ctx := errgroup.WithContext(ctx)
	serve := func(at net.Listener, handler http.Handler) {
		all.Go(func() error { return server.Serve(ctx, at, handler) })
	}
	if s == nil {
		serve(to.public, service)
	} else {
		secure, plain := s.cover(to.public)
		serve(secure, s.hand(service))
		serve(plain, s.redirect())
	}
	if to.operators != nil {
		serve(to.operators, service.Operations())
	}
	all.Go(func() error {
		_ = service.Warm(ctx) // what cannot be made is told to those who ask for it
		return nil
	})
	err := all.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// parseMinCount reads the smallest count that the public is told, 0 for every one.
func parseMinCount(text string) (int, error) {
	if text == "" || text == "0" {
		return 0, nil
	}
	least, err := strconv.Atoi(text)
	if err != nil || least < 2 || least > maxMinCount {
		return 0, fmt.Errorf("min-count %q: want 2 to %d, or 0 to tell every count", text, maxMinCount)
	}
	return least, nil
}

const maxMinCount = 1_000_000

// freshnessOf returns what tells the state of a store that is a copy, nil for
// others.
func freshnessOf(store data.Store) func() server.Freshness {
	copied, ok := store.(interface{ Status() follow.Status })
	if !ok {
		return nil
	}
	return func() server.Freshness {
		st := copied.Status()
		return server.Freshness{Looked: st.Looked, Away: st.Away, Behind: st.Behind, Since: st.Since}
	}
}
