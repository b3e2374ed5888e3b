package postgis_test

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// A cutter stands between clients and a server and cuts the line at one of the
// messages that clients send: before the server has it, or once the server has
// answered and before the client knows. Trying all messages of a conversation
// in turn finds what a random cut finds with luck: between a commit and its
// answer there is next to no time.
type cutter struct {
	listener net.Listener
	target   string
	work     sync.WaitGroup

	mu     sync.Mutex
	lines  map[net.Conn]struct{} // both ends of all connections
	closed bool
	left   int    // messages until the cut; 0: none is planned
	late   bool   // whether the server gets the last message
	stall  func() // called in place of the cut, nil for none
}

// answerTime is how long the server is given to answer a message that may have
// no answer, a part of a COPY.
const answerTime = 50 * time.Millisecond

func newCutter(t *testing.T, target string) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{listener: listener, target: target, lines: map[net.Conn]struct{}{}}
	c.work.Go(c.accept)
	t.Cleanup(func() {
		listener.Close()
		c.mu.Lock()
		c.closed = true
		c.mu.Unlock()
		c.cut()
		c.work.Wait()
	})
	return c
}

// url returns the address of a database with the cutter in the server's place.
func (c *cutter) url(t *testing.T, database string) string {
	t.Helper()
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = c.listener.Addr().String()
	return u.String()
}

// plan has the line cut at the n-th message from now, or never for 0. With
// late the server gets it and only the answer is lost. It returns how many
// messages the last plan was still waiting for; 0 says that it was carried out.
func (c *cutter) plan(n int, late bool) (waiting int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	waiting, c.left, c.late, c.stall = c.left, n, late, nil
	return waiting
}

// planStall has the n-th message from now wait until a function has run.
func (c *cutter) planStall(n int, stall func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.left, c.stall = n, stall
}

// next counts a message and tells what is to become of it.
func (c *cutter) next() (last, late bool, stall func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.left == 0 {
		return false, false, nil
	}
	c.left--
	return c.left == 0, c.late, c.stall
}

// cut ends all connections by a TCP RST.
func (c *cutter) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for line := range c.lines {
		hang(line)
		delete(c.lines, line)
	}
}

func hang(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0) // fails only where the connection is gone
	conn.Close()
}

func (c *cutter) accept() {
	for {
		client, err := c.listener.Accept()
		if err != nil {
			return
		}
		server, err := net.Dial("tcp", c.target)
		if err != nil {
			hang(client)
			continue
		}
		if c.enter(client, server) {
			answered := make(chan struct{}, 1)
			var deaf sync.Mutex // held by who forbids answers
			c.work.Go(func() { c.ask(client, server, &deaf, answered) })
			c.work.Go(func() { c.answer(client, server, &deaf, answered) })
		}
	}
}

func (c *cutter) enter(ends ...net.Conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, end := range ends {
		if c.closed {
			hang(end)
			continue
		}
		c.lines[end] = struct{}{}
	}
	return !c.closed
}

// ask hands on what a client says.
func (c *cutter) ask(client, server net.Conn, deaf *sync.Mutex, answered <-chan struct{}) {
	buffer := make([]byte, 1<<17)
	for {
		n, err := client.Read(buffer)
		if err != nil {
			server.Close()
			return
		}
		last, late, stall := c.next()
		if last && stall != nil {
			stall()
			last = false
		}
		if last && !late {
			c.cut()
			return
		}
		if last {
			deaf.Lock() // no answer passes any more
			select {
			case <-answered: // an earlier one
			default:
			}
		}
		if _, err := server.Write(buffer[:n]); err != nil && !last {
			client.Close()
			return
		}
		if last {
			select {
			case <-answered:
			case <-time.After(answerTime):
			}
			c.cut()
			deaf.Unlock()
			return
		}
	}
}

// answer hands on what the server says.
func (c *cutter) answer(client, server net.Conn, deaf *sync.Mutex, answered chan<- struct{}) {
	buffer := make([]byte, 1<<17)
	for {
		n, err := server.Read(buffer)
		if err != nil {
			client.Close()
			return
		}
		select {
		case answered <- struct{}{}:
		default:
		}
		deaf.Lock()
		_, err = client.Write(buffer[:n])
		deaf.Unlock()
		if err != nil {
			server.Close()
			return
		}
	}
}
