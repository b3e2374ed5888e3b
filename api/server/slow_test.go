package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/civgrid/civgrid/api/auth"
)

// TestClientsThatDripAreCutOff has clients take a little of an answer again and again,
// each time soon enough for one piece: 800 bytes a second, and 12,800.
func TestClientsThatDripAreCutOff(t *testing.T) {
	t.Parallel()
	f := func(path string, each int, cut bool) {
		t.Helper()
		server, client := net.Pipe() // without a buffer between
		defer client.Close()
		go func() {
			for piece := make([]byte, each); ; time.Sleep(20 * time.Millisecond) {
				if _, err := io.ReadFull(client, piece); err != nil {
					return
				}
			}
		}()
		w := &recorder{ResponseWriter: &piped{httptest.NewRecorder(), server}, patience: 200 * time.Millisecond, speed: speedOf(path)}
		begin := time.Now()
		var err error
		for err == nil && time.Since(begin) < 2*time.Second {
			_, err = w.Write(make([]byte, each))
		}
		if (err != nil) != cut || w.bytes == 0 {
			t.Errorf("%s by %d bytes: after %s and %d bytes %v, want it cut: %v", path, each, time.Since(begin), w.bytes, err, cut)
		}
	}
	f("/collections/incidents/items", 16, true)
	f("/collections/incidents/items", 256, false)
	f("/exports/density.csv", 256, false)
	f("/exports/incidents.csv", 256, true)
	f("/exports/inspections.parquet", 256, true)
}

// piped is a response whose body goes over a connection.
type piped struct {
	*httptest.ResponseRecorder
	connection net.Conn
}

func (p *piped) Write(b []byte) (int, error)        { return p.connection.Write(b) }
func (p *piped) SetWriteDeadline(d time.Time) error { return p.connection.SetWriteDeadline(d) }

// A pipeListener takes connections that have no buffer between their ends.
type pipeListener struct {
	connections chan net.Conn
	ctx         context.Context //nolint:containedctx // Accept is given none
}

func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.connections:
		return c, nil
	case <-l.ctx.Done():
		return nil, net.ErrClosed
	}
}
func (l *pipeListener) Close() error   { return nil }
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// TestClientsThatReadNothingKeepNoFileFromOthers has as many as may be written at once go
// to clients that read the beginning.
func TestClientsThatReadNothingKeepNoFileFromOthers(t *testing.T) {
	d := divide(t, 20, today)
	doorkeeper, err := auth.New(auth.Options{Catalog: d.store, Now: today})
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Now: today, Doorkeeper: doorkeeper, StallTimeout: 300 * time.Millisecond}.orDefaults()
	s := newServer(lensOf(d.store, o), o)
	d.service = s.service()
	l := &pipeListener{make(chan net.Conn), t.Context()}
	httpServer := &http.Server{Handler: d.service}
	go func() { _ = httpServer.Serve(l) }()
	t.Cleanup(func() { httpServer.Close() })
	for range maxFiles {
		server, client := net.Pipe()
		t.Cleanup(func() { client.Close() })
		l.connections <- server
		fmt.Fprintf(client, "GET /exports/incidents.geojson HTTP/1.1\r\nHost: x\r\nX-API-Key: %s\r\n\r\n", d.both)
		if _, err := io.ReadFull(client, make([]byte, 12)); err != nil {
			t.Fatal(err)
		}
	}
	if w := d.ask(d.both, "/exports/incidents.geojson"); w.Code != 503 || w.Header().Get("Retry-After") == "" {
		t.Errorf("beside them: %d, want 503 and when to come again", w.Code)
	}
	until(t, "their turns are free", func() bool { return len(s.files) == 0 })
	if w := d.ask(d.both, "/exports/incidents.geojson"); w.Code != 200 {
		t.Errorf("afterwards: %d", w.Code)
	}
}
