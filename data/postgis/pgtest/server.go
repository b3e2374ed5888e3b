package pgtest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// loopback is where servers and proxies listen.
const loopback = "127.0.0.1"

// A Server is a PostgreSQL server of this test binary. Its methods may be
// called from several goroutines.
type Server struct {
	programs string   // folder of initdb and postgres
	folder   string   // holds all that the server writes
	lock     *os.File // keeps others from sweeping the folder, nil if none can
	owner    *owner
	port     int // fixed once the server has been up

	mu      sync.Mutex // guards process
	process *process   // nil while the server is down

	templateMu sync.Mutex // guards template and databases
	template   bool       // whether the template database is there
	databases  int        // how many were made, for their names
}

// Start starts a server of the test's own and stops it when the test is over.
// Settings are of the form "name=value", without quotes, such as
// "wal_level=logical"; they win over those that pgtest makes.
func Start(tb testing.TB, settings ...string) *Server {
	tb.Helper()
	s, err := start(settings)
	if err != nil {
		giveUp(tb, err)
	}
	tb.Cleanup(func() {
		if err := s.close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func start(settings []string) (*Server, error) {
	programs, err := findPrograms()
	if err != nil {
		return nil, err
	}
	if err := checkPostGIS(programs); err != nil {
		return nil, err
	}
	owner, err := findOwner()
	if err != nil {
		return nil, err
	}
	sweep(os.TempDir())
	folder, err := os.MkdirTemp("", folderPrefix)
	if err != nil {
		return nil, fmt.Errorf("make the server's folder: %w", err)
	}
	s := &Server{programs: programs, folder: folder, lock: lockFolder(folder), owner: owner}
	err = s.initialize(settings)
	if err == nil {
		s.mu.Lock()
		err = s.upLocked()
		s.mu.Unlock()
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// Port returns the port of 127.0.0.1 that the server listens on. It stays the
// same over [Server.Restart].
func (s *Server) Port() int { return s.port }

// Address returns host and port of the server, as [NewProxy] wants them.
func (s *Server) Address() string { return net.JoinHostPort(loopback, strconv.Itoa(s.port)) }

// URL returns the address of one of the server's databases for clients. The
// database need not exist.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User(superuser),
		Host:     s.Address(),
		Path:     "/" + database,
		RawQuery: "sslmode=disable",
	}
	return u.String()
}

// Kill ends the server by SIGKILL, as a crash would: the postmaster and, on
// Linux, all its backends at one blow. Elsewhere backends end when they notice.
// Kill returns when the postmaster is gone; a server that is down stays down.
// It is for servers of one's own: others may be using the shared one.
func (s *Server) Kill() {
	s.down(func(p *process) { p.kill() })
}

// Quit ends the server by SIGQUIT, its immediate shutdown: clients are thrown
// out, nothing is tidied up, and the next start recovers from the log. Quit
// returns when the server is gone; a server that is down stays down.
func (s *Server) Quit() {
	s.down(func(p *process) { p.end(syscall.SIGQUIT) })
}

// Restart starts the server again after [Server.Kill] or [Server.Quit], at the
// same port and with what it had committed, and returns when it takes
// connections. A server that is up is shut down in good order first (SIGINT).
func (s *Server) Restart(tb testing.TB) {
	tb.Helper()
	s.down(func(p *process) { p.end(syscall.SIGINT) })
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		return // another goroutine was faster
	}
	if err := s.upLocked(); err != nil {
		tb.Fatal(err)
	}
}

// down ends the postmaster if there is one.
func (s *Server) down(end func(*process)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		end(s.process)
		s.process = nil
	}
}

// isUp reports whether the postmaster runs.
func (s *Server) isUp() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.process != nil && !s.process.hasEnded()
}

// close ends the server for good and removes what it wrote.
func (s *Server) close() error {
	s.Quit()
	if s.lock != nil {
		defer s.lock.Close()
	}
	if err := discard(s.folder); err != nil {
		return fmt.Errorf("remove the server's folder: %w", err)
	}
	return nil
}
