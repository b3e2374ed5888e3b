package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/api/server"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/follow"
)

const defaultAddr = "127.0.0.1:8080"

func (p *program) serveCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "serve", Short: "Serve maps and layers to browsers, QGIS and other programs", Args: noArgs,
		Example: "  civgrid serve                         on 127.0.0.1:8080\n" +
			"  civgrid serve --addr :8080            to everybody on the network\n" +
			"  civgrid serve --store postgres://civgrid@db/city    what others write is followed",
		RunE: func(cmd *cobra.Command, _ []string) error {
			listener, err := p.listen()
			if err != nil {
				return err
			}
			defer listener.Close()
			store, err := p.openToServe(cmd.Context())
			if err != nil {
				return err
			}
			defer store.Close()
			return p.serve(cmd.Context(), store, listener)
		},
	}
	addrFlags(cmd)
	cmd.Flags().String("columns", "", "folder for the copy of a database's facts that is served (default: a temporary one)")
	return cmd
}

func addrFlags(cmd *cobra.Command) {
	cmd.Flags().String("addr", defaultAddr, "address to listen on")
	cmd.Flags().String("base-url", "", "address under which clients reach the service, where it is another")
}

// listen takes the address of the settings.
func (p *program) listen() (net.Listener, error) {
	addr := p.config.get("addr")
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, &codedError{code: exitFailure, err: fmt.Errorf("take requests: %w", err), hint: "--addr 127.0.0.1:8081 takes another address; --addr :8080 all of this machine"}
	}
	return listener, nil
}

// serve serves a store until the context ends.
func (p *program) serve(ctx context.Context, store data.Store, listener net.Listener) error {
	base := p.config.get("base-url")
	if base == "" {
		base = "http://" + reachable(listener.Addr())
	}
	secret := make([]byte, 32)
	if _, err := rand.Read(secret); err != nil {
		return fmt.Errorf("make a key for paging cursors: %w", err)
	}
	handler := server.New(store, server.Options{
		BaseURL: p.config.get("base-url"), Version: programVersion(), Secret: secret,
		Now: p.now, Logger: p.logger(), Freshness: freshnessOf(store), Engine: engine.Options{Now: p.now},
	})
	p.tellURLs(base)
	err := server.Serve(ctx, listener, handler)
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

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

// reachable returns an address a browser on this machine can open.
func reachable(addr net.Addr) string {
	host, port, err := net.SplitHostPort(addr.String())
	if err != nil {
		return addr.String()
	}
	if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	return net.JoinHostPort(host, port)
}

func (p *program) tellURLs(base string) {
	base = strings.TrimRight(base, "/")
	p.say("Map      %s/", base)
	p.say("GeoJSON  %s/collections/hotspot/items?f=json", base)
	p.say("QGIS     Layer > Add Layer > Add WFS / OGC API Features Layer: %s/", base)
	p.say("GDAL     ogrinfo OAPIF:%s/", base)
	if host, _, err := net.SplitHostPort(p.config.get("addr")); err == nil && host != "127.0.0.1" && host != "localhost" && host != "::1" {
		p.tell("! listening on %s: everybody who reaches it can read the published layers; put TLS in front of it", p.config.get("addr"))
	}
	p.tell("serving since %s; Ctrl-C ends", p.now().Format(time.TimeOnly))
}
