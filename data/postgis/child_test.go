package postgis_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

// childJob and childURL tell a copy of the test program what to do instead of
// testing, and with which database.
const (
	childJob = "CIVGRID_TEST_CHILD"
	childURL = "CIVGRID_TEST_URL"
)

// asChild does what a child is for, and returns the code to exit with.
func asChild(job string) int {
	jobs := map[string]func(url string) error{"import": childImport}
	if err := jobs[job](os.Getenv(childURL)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

const (
	childChunks = 60
	childLife   = 3  // chunks that a process keeps before it is killed, at most
	childKills  = 10 // at least
	// A process is killed at most so long after it has kept its chunks, about
	// one more, or after it was started if it has to keep none.
	childPace  = 15 * time.Millisecond
	childStart = 150 * time.Millisecond
)

// childImport makes the store where there is none and keeps all chunks of the
// import, whatever was kept before. It says so for each that is new.
func childImport(url string) error {
	ctx := context.Background()
	s, err := postgis.Open(ctx, url, postgis.Options{})
	if err != nil {
		return err
	}
	defer s.Close()
	mark, err := s.Mark(ctx, "incidents")
	if err != nil {
		return err
	}
	for n := range childChunks {
		if _, err := appendChunk(ctx, s, n); err != nil {
			return err
		}
		now, err := s.Mark(ctx, "incidents")
		if err != nil {
			return err
		}
		if now != mark {
			fmt.Println("kept", n+1)
		}
		mark = now
	}
	return nil
}

// TestAnImportThatIsKilledAndResumedEqualsOneThatIsNot kills the importer at
// random moments: while it starts, makes the store, skips what is kept, writes.
func TestAnImportThatIsKilledAndResumedEqualsOneThatIsNot(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes for some seconds")
	}
	t.Parallel()
	url := pgtest.Shared(t).Database(t)
	kills := 0
	for killAndFinish(t, url, rand.IntN(childLife+1)) {
		kills++
	}
	if kills < childKills {
		t.Errorf("killed %d times, want %d or more", kills, childKills)
	}
	t.Logf("killed %d times", kills)
	wantCleanRun(t, openClosed(t, url, postgis.Options{}), url, childChunks)
}

// killAndFinish runs the import, kills it at some moment after it has kept a
// number of chunks, and reports whether it had to.
func killAndFinish(t *testing.T, url string, chunks int) (killed bool) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Skipf("the test program does not know its own file: %v", err)
	}
	cmd := exec.CommandContext(t.Context(), self)
	cmd.Env = append(os.Environ(), childJob+"=import", childURL+"="+url)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kept := 0
	for lines := bufio.NewScanner(out); kept < chunks && lines.Scan(); {
		kept++
	}
	if kept == chunks {
		wait := childPace
		if chunks == 0 {
			wait = childStart
		}
		time.Sleep(rand.N(wait))
		_ = cmd.Process.Kill()
	}
	err = cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() < 0 {
		return true
	}
	if err != nil {
		t.Fatalf("import: %v", err)
	}
	return false
}
