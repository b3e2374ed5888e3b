package pgtest

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// tryFor runs a statement and gives up after a while.
func tryFor(limit time.Duration, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := conn.Exec(ctx, "SELECT 1")
	return err
}

func connectFor(limit time.Duration, databaseURL string) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err == nil {
		conn.Close(ctx)
	}
	return err
}

func TestProxyModes(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	p := NewProxy(t, s.Address())
	url := p.URL(s.Database(t))
	works := func(after string) {
		t.Helper()
		p.Set(Pass)
		if err := tryFor(10*time.Second, connect(t, url)); err != nil {
			t.Errorf("a new connection after %s: %v", after, err)
		}
	}
	works("the start")

	conn := connect(t, url)
	p.Set(BlackHole)
	if err := tryFor(200*time.Millisecond, conn); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a query into a black hole: %v, want the deadline", err)
	}
	if err := connectFor(200*time.Millisecond, url); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("connect into a black hole: %v, want the deadline", err)
	}
	works("a black hole")

	conn = connect(t, url)
	p.Set(Refuse)
	if err := tryFor(10*time.Second, conn); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a query to a server that went away: %v, want an error at once", err)
	}
	if err := connectFor(10*time.Second, url); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("connect to a server that went away: %v, want an error at once", err)
	}
	works("a refusal")

	conn = connect(t, url)
	p.Cut()
	if err := tryFor(10*time.Second, conn); err == nil || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a query over a cut connection: %v, want an error at once", err)
	}
	works("a cut")
}

func TestProxyOfDeadServer(t *testing.T) {
	t.Parallel()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{port: port}
	if err := connectFor(10*time.Second, NewProxy(t, s.Address()).URL(s.URL("x"))); err == nil {
		t.Error("connected to a server that is not there")
	}
}

// pair returns both ends of a connection through a proxy.
func pair(t *testing.T) (p *Proxy, client, server *net.TCPConn) {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p = NewProxy(t, listener.Addr().String())
	conn, err := net.Dial("tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	server, err = listener.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	client = conn.(*net.TCPConn)
	t.Cleanup(func() {
		client.Close()
		server.Close()
	})
	for _, c := range []*net.TCPConn{client, server} {
		c.SetDeadline(time.Now().Add(10 * time.Second))
	}
	return p, client, server
}

func TestProxyKeepsWhatItHoldsBack(t *testing.T) {
	t.Parallel()
	p, client, server := pair(t)
	p.Set(BlackHole)
	if _, err := client.Write([]byte("late")); err != nil {
		t.Fatal(err)
	}
	client.CloseWrite()
	server.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if n, err := server.Read(make([]byte, 10)); n != 0 || !isTimeout(err) {
		t.Errorf("out of a black hole came %d bytes and %v", n, err)
	}
	p.Set(Pass)
	server.SetReadDeadline(time.Now().Add(10 * time.Second))
	if got, err := io.ReadAll(server); string(got) != "late" || err != nil {
		t.Errorf("after the black hole came %q and %v, want %q", got, err, "late")
	}
	if _, err := server.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	server.Close()
	if got, err := io.ReadAll(client); string(got) != "answer" || err != nil {
		t.Errorf("the client read %q and %v, want %q", got, err, "answer")
	}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

func TestCutResetsBothEnds(t *testing.T) {
	t.Parallel()
	for _, mode := range []Mode{Pass, BlackHole} {
		p, client, server := pair(t)
		// A byte that has come through shows that both ends are joined.
		if _, err := client.Write([]byte{1}); err != nil {
			t.Fatal(err)
		}
		if _, err := server.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		p.Set(mode)
		p.Cut()
		for _, conn := range []*net.TCPConn{client, server} {
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("mode %d: read after a cut: %v, want a reset", mode, err)
			}
		}
	}
}
