package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// patience is how long a server may take to start, to stop, or to answer.
const patience = time.Minute

// The pauses between looks at a server that is starting, and between attempts
// to start it.
const (
	lookPause  = 2 * time.Millisecond
	startPause = 20 * time.Millisecond
)

// passingTroubles are what the log says of a start that may do better next
// time: backends of a killed postmaster still hold its shared memory, or the
// port was taken.
var passingTroubles = []string{
	"pre-existing shared memory block",
	"lock file \"postmaster.pid\" already exists",
	"Address already in use",
}

// A process is a running postmaster.
type process struct {
	handle *os.Process
	ended  chan struct{} // closed once it has ended and was waited for
	state  string        // how it ended, valid after ended
}

func (p *process) hasEnded() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// end asks the process to end with a signal, then kills it, and waits for it.
func (p *process) end(signal syscall.Signal) {
	if err := p.handle.Signal(signal); err == nil {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-p.ended:
		case <-timer.C:
		}
	}
	p.kill()
}

// kill ends the process and its children at one blow and waits for it.
func (p *process) kill() {
	if !p.hasEnded() {
		killFamily(p.handle)
	}
	<-p.ended
}

// upLocked starts the postmaster and waits until it answers. The first time it
// chooses the port.
func (s *Server) upLocked() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for fresh := s.port == 0; ; {
		if fresh {
			port, err := freePort()
			if err != nil {
				return err
			}
			s.port = port
		}
		logged, err := s.logged(0)
		if err != nil {
			return err
		}
		p, err := s.launch()
		if err != nil {
			return err
		}
		if err = s.await(ctx, p); err == nil {
			s.process = p
			return nil
		}
		p.kill()
		log, logErr := s.logged(len(logged))
		err = errors.Join(fmt.Errorf("start PostgreSQL: %w; its log:\n%s", err, log), logErr)
		if !mentions(log, passingTroubles) || !pause(ctx) {
			return err
		}
	}
}

// launch starts the postmaster, and a goroutine that ends when it does.
func (s *Server) launch() (*process, error) {
	log, err := os.OpenFile(s.logFile(), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the server's log: %w", err)
	}
	defer log.Close()
	cmd := s.command("postgres", "-D", s.data(), "-p", strconv.Itoa(s.port))
	cmd.Stdout, cmd.Stderr = log, log
	p := &process{ended: make(chan struct{})}
	started := make(chan error)
	go func() {
		defer close(p.ended)
		// The child dies with the thread that started it (prctl(2),
		// PR_SET_PDEATHSIG), so this thread is not lent to anybody.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // the state says as much
			p.state = cmd.ProcessState.String()
		}
	}()
	if err := <-started; err != nil {
		<-p.ended
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	p.handle = cmd.Process
	return p, nil
}

// await waits until a postmaster says that it takes connections.
func (s *Server) await(ctx context.Context, p *process) error {
	ticker := time.NewTicker(lookPause)
	defer ticker.Stop()
	for !s.isReady(p.handle.Pid) {
		select {
		case <-p.ended:
			return fmt.Errorf("it ended early: %s", p.state)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", ctx.Err())
		case <-ticker.C:
		}
	}
	return nil
}

// isReady looks into the postmaster's lock file, as pg_ctl does. Unlike a
// connection to the port, that cannot be another server's.
func (s *Server) isReady(pid int) bool {
	lines, ok := readLockFile(s.data())
	return ok && lines[0] == strconv.Itoa(pid) && (lines[7] == "ready" || lines[7] == "standby")
}

// logged returns the server's log from a byte on.
func (s *Server) logged(from int) (string, error) {
	content, err := os.ReadFile(s.logFile())
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("read the server's log: %w", err)
	}
	return string(content[min(from, len(content)):]), nil
}

func mentions(log string, troubles []string) bool {
	for _, trouble := range troubles {
		if strings.Contains(log, trouble) {
			return true
		}
	}
	return false
}

// pause waits for the next attempt; false when ctx ends before.
func pause(ctx context.Context) bool {
	timer := time.NewTimer(startPause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// freePort returns a port of 127.0.0.1 that nobody listens on at the moment.
func freePort() (int, error) {
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return 0, fmt.Errorf("look for a free port: %w", err)
	}
	defer listener.Close()
	return portOf(listener), nil
}

// portOf returns the port a TCP listener was given.
func portOf(listener *net.TCPListener) int {
	address, ok := listener.Addr().(*net.TCPAddr)
	if !ok {
		panic("BUG: a TCP listener has no TCP address")
	}
	return address.Port
}
