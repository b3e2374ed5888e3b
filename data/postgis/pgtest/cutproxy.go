package pgtest

import (
	"errors"
	"io"
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A Mode is what a proxy does with connections.
type Mode int

const (
	// Pass forwards all bytes both ways, and each end of a connection to the
	// other. It is what a proxy begins with.
	Pass Mode = iota
	// BlackHole takes and keeps connections and forwards nothing, not even
	// their ends, as a network that loses every packet. What was sent
	// meanwhile arrives when Pass comes back, as TCP would send it again.
	BlackHole
	// Refuse closes connections at once, those there are and new ones, as a
	// server that went away.
	Refuse
)

// buffered is how many bytes a proxy reads at once, each way.
const buffered = 32 << 10

// A Proxy listens on a port of its own and forwards connections to a server,
// as long as it is told to. Its methods may be called from several goroutines.
type Proxy struct {
	tb       testing.TB
	listener *net.TCPListener
	target   string
	work     sync.WaitGroup // the goroutines

	mu     sync.Mutex // guards the rest, and the links
	turned *sync.Cond // mode or a link's end has changed
	mode   Mode
	closed bool
	links  map[*link]struct{}
}

// A link is a connection through a proxy.
type link struct {
	client *net.TCPConn
	server *net.TCPConn // nil until the proxy has reached the server
	ended  bool
}

// NewProxy starts a proxy in front of target, host and port of a server such as
// [Server.Address]. It ends with the test, and its connections with it.
func NewProxy(tb testing.TB, target string) *Proxy {
	tb.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		tb.Fatalf("listen for a proxy: %v", err)
	}
	p := &Proxy{tb: tb, listener: listener, target: target, links: map[*link]struct{}{}}
	p.turned = sync.NewCond(&p.mu)
	p.work.Go(p.accept)
	tb.Cleanup(p.close)
	return p
}

// Address returns host and port that the proxy listens on.
func (p *Proxy) Address() string { return p.listener.Addr().String() }

// URL returns databaseURL with the proxy in the place of the server.
func (p *Proxy) URL(databaseURL string) string {
	u, err := url.Parse(databaseURL)
	if err != nil {
		p.tb.Helper()
		p.tb.Fatalf("proxy for a database: %v", err)
	}
	u.Host = p.Address()
	return u.String()
}

// Set changes what the proxy does, with the connections there are and with new
// ones. Bytes that a client or server had sent before may still pass.
func (p *Proxy) Set(mode Mode) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
	if mode == Refuse {
		p.endAllLocked(false)
	}
	p.turned.Broadcast()
}

// Cut resets the connections there are at both ends: client and server get a
// TCP RST. The mode stays, so that new connections may follow under [Pass].
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endAllLocked(true)
}

// close ends the proxy and waits for its goroutines.
func (p *Proxy) close() {
	p.listener.Close()
	p.mu.Lock()
	p.closed = true
	p.endAllLocked(true)
	p.mu.Unlock()
	p.work.Wait()
}

// accept takes new connections until the listener is closed.
func (p *Proxy) accept() {
	for {
		client, err := p.listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // such as too many open files
			time.Sleep(startPause)
			continue
		}
		if l := p.enter(client); l != nil {
			p.work.Go(func() { p.serve(l) })
		}
	}
}

// enter makes a link of a new connection, or closes it and returns nil.
func (p *Proxy) enter(client *net.TCPConn) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.mode == Refuse {
		client.Close()
		return nil
	}
	l := &link{client: client}
	p.links[l] = struct{}{}
	return l
}

// serve connects a link to the server and forwards both ways until its end.
func (p *Proxy) serve(l *link) {
	defer p.leave(l)
	if !p.waitForPass(l) {
		return
	}
	conn, err := net.DialTimeout("tcp", p.target, patience)
	if err != nil {
		return
	}
	server, ok := conn.(*net.TCPConn)
	if !ok {
		panic("BUG: a TCP connection is of another type")
	}
	if !p.join(l, server) {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { p.forward(l, l.client, server) })
	p.forward(l, server, l.client)
	back.Wait()
}

// join gives a link its server, or closes that when the link has ended.
func (p *Proxy) join(l *link, server *net.TCPConn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if l.ended {
		server.Close()
		return false
	}
	l.server = server
	return true
}

// forward copies one way until either side is at its end.
func (p *Proxy) forward(l *link, to, from *net.TCPConn) {
	buffer := make([]byte, buffered)
	for {
		n, err := from.Read(buffer)
		if !p.waitForPass(l) {
			return
		}
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				p.end(l)
				return
			}
		}
		if errors.Is(err, io.EOF) {
			if to.CloseWrite() != nil {
				p.end(l)
			}
			return
		}
		if err != nil {
			p.end(l)
			return
		}
	}
}

// waitForPass holds a link back until the proxy passes. It returns false when
// the link has ended.
func (p *Proxy) waitForPass(l *link) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.mode != Pass && !l.ended {
		p.turned.Wait()
	}
	return !l.ended
}

// end resets a link of which one side has broken off.
func (p *Proxy) end(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endLocked(l, true)
}

// leave closes a link and forgets it.
func (p *Proxy) leave(l *link) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.endLocked(l, false)
	delete(p.links, l)
}

func (p *Proxy) endAllLocked(reset bool) {
	for l := range p.links {
		p.endLocked(l, reset)
	}
}

// endLocked closes both connections of a link, by a TCP RST or in good order.
func (p *Proxy) endLocked(l *link, reset bool) {
	if l.ended {
		return
	}
	l.ended = true
	for _, conn := range []*net.TCPConn{l.client, l.server} {
		if conn == nil {
			continue
		}
		if reset {
			_ = conn.SetLinger(0) // fails only where the connection is gone
		}
		conn.Close()
	}
	p.turned.Broadcast()
}
