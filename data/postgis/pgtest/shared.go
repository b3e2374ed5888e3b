package pgtest

import (
	"fmt"
	"os"
	"sync"
	"testing"
)

// shared is the server of all tests of this binary.
var shared struct {
	sync.Mutex
	open   bool // whether Main is there to stop the server
	tried  bool
	server *Server
	err    error // why there is no server
}

// Main runs the tests of a package and stops the server that they shared. It
// returns the code to exit with:
//
//	func TestMain(m *testing.M) { os.Exit(pgtest.Main(m)) }
func Main(m interface{ Run() int }) int {
	shared.Lock()
	shared.open = true
	shared.Unlock()
	code := m.Run()

	shared.Lock()
	defer shared.Unlock()
	shared.open = false
	if shared.server != nil {
		if err := shared.server.close(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = max(code, 1)
		}
		shared.server = nil
	}
	return code
}

// Shared returns the server that all tests of this binary share, and starts it
// the first time. The package needs a TestMain that calls [Main]. Tests that
// run in parallel may share it, each in databases of its own.
func Shared(tb testing.TB) *Server {
	tb.Helper()
	shared.Lock()
	defer shared.Unlock()
	if !shared.open {
		tb.Fatal("pgtest.Shared needs a TestMain that calls pgtest.Main")
	}
	if !shared.tried {
		shared.tried = true
		shared.server, shared.err = start(nil)
	}
	if shared.err != nil {
		giveUp(tb, shared.err)
	}
	return shared.server
}

// longVariable is the environment variable under which tests that take long
// run; continuous integration sets it.
const longVariable = "CIVGRID_TEST_LONG"

// Long skips a test that takes long, unless such tests are asked for.
func Long(tb testing.TB) {
	tb.Helper()
	if os.Getenv(longVariable) == "" { //nolint:forbidigo // tests have no other settings
		tb.Skipf("takes long: set %s=1 to run it", longVariable)
	}
}
