package main

import (
	"net"
	"sync"
	"time"
)

// handshake is the first byte that a client of TLS sends (RFC 8446, section 5.1).
const handshake = 22

func isHandshake(first byte) bool { return first == handshake }

// firstByteTimeout is how long a client may take to say the first byte.
const firstByteTimeout = 5 * time.Second

// partBy parts the connections of a listener by their first byte: those for which is
// holds come from one, others from the other. Whichever is closed closes the listener.
func partBy(l net.Listener, is func(first byte) bool) (yes, no net.Listener) {
	p := &parting{Listener: l, closed: make(chan struct{})}
	a, b := &part{p, make(chan net.Conn)}, &part{p, make(chan net.Conn)}
	go p.run(func(first byte) *part {
		if is(first) {
			return a
		}
		return b
	})
	return a, b
}

// A parting is a listener whose connections go to parts.
type parting struct {
	net.Listener
	once   sync.Once
	closed chan struct{}
	err    error // why it closed
}

func (p *parting) run(to func(first byte) *part) {
	for {
		c, err := p.Accept()
		if temporary, ok := err.(interface{ Temporary() bool }); ok && temporary.Temporary() {
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if err != nil {
			_ = p.end(err)
			return
		}
		go p.lead(c, to)
	}
}

// lead reads the first byte of a connection and hands it on.
func (p *parting) lead(c net.Conn, to func(first byte) *part) {
	var first [1]byte
	_ = c.SetReadDeadline(time.Now().Add(firstByteTimeout))
	if n, err := c.Read(first[:]); n == 0 || err != nil {
		c.Close()
		return
	}
	_ = c.SetReadDeadline(time.Time{})
	select {
	case to(first[0]).conns <- &begun{Conn: c, first: first[:]}:
	case <-p.closed:
		c.Close()
	}
}

// end closes the listener and its parts, and says why.
func (p *parting) end(why error) (err error) {
	p.once.Do(func() {
		p.err = why
		close(p.closed)
		err = p.Close()
	})
	return err
}

// A part is a listener of some connections of another.
type part struct {
	*parting
	conns chan net.Conn
}

// Accept implements net.Listener.
func (p *part) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, p.err
	}
}

// Close implements net.Listener.
func (p *part) Close() error { return p.end(net.ErrClosed) }

// A begun connection is one whose first byte was read already.
type begun struct {
	net.Conn
	first []byte
}

// Read implements net.Conn.
func (c *begun) Read(b []byte) (int, error) {
	if len(c.first) == 0 || len(b) == 0 {
		return c.Conn.Read(b)
	}
	n := copy(b, c.first)
	c.first = c.first[n:]
	return n, nil
}
