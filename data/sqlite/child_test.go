package sqlite_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/sqlite"
)

// childJob and childPath tell a copy of the test program what to do instead of
// testing.
const (
	childJob  = "CIVGRID_TEST_CHILD"
	childPath = "CIVGRID_TEST_PATH"
)

func TestMain(m *testing.M) {
	var err error
	switch os.Getenv(childJob) {
	case "":
		os.Exit(m.Run())
	case "open":
		err = childOpen(os.Getenv(childPath))
	case "append":
		err = childAppend(os.Getenv(childPath))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// child prepares a copy of this program that does a job.
func child(t *testing.T, job, path string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Skipf("the test program does not know its own file: %v", err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childJob+"="+job, childPath+"="+path)
	return cmd
}

func childOpen(path string) error {
	s, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if errors.Is(err, data.ErrBusy) {
		fmt.Println("busy:", err)
		return nil
	}
	if err != nil {
		return err
	}
	return s.Close()
}

const (
	crashChunks = 60
	crashRows   = 120 // new ones in a chunk
	crashLife   = 4   // chunks that a process keeps before it is killed, at most
	crashKills  = 10  // at least
)

// crashChunk returns one part of an import: new facts, later versions of
// earlier ones, words that were not there before.
func crashChunk(columns []data.Column, n int) data.Batch {
	b := data.NewBuilder(columns)
	row := func(id, version int) {
		for i, c := range columns {
			switch c.Name {
			case "source", "location", "status":
				b.SetText(i, "x")
			case "id":
				b.SetText(i, fmt.Sprint(id))
			case "category":
				b.SetText(i, fmt.Sprintf("chunk %d version %d", n, version))
			case "updated_at", "reported_at":
				b.SetInt(i, int64(version))
			default:
				b.Missing(i)
			}
		}
	}
	for i := range crashRows {
		row(n*crashRows+i, 1)
		if n > 0 && i%3 == 0 {
			row((n-1)*crashRows+i, n+1)
		}
	}
	return b.Build()
}

// childAppend keeps all parts of the import, whatever was kept before, and says
// so for each that is new.
func childAppend(path string) error {
	ctx := context.Background()
	s, err := sqlite.Open(ctx, path, sqlite.Options{})
	if err != nil {
		return err
	}
	mark, err := s.Mark(ctx, data.Incidents)
	if err != nil {
		return err
	}
	for n := range crashChunks {
		chunk := data.Chunk{Import: "crash", Number: n + 1}
		if _, err := s.Append(ctx, data.Incidents, chunk, crashChunk(s.Schema(data.Incidents), n)); err != nil {
			return err
		}
		now, err := s.Mark(ctx, data.Incidents)
		if err != nil {
			return err
		}
		if now != mark {
			fmt.Println("kept", n+1)
		}
		mark = now
	}
	return s.Close()
}

func TestAnImportThatIsKilledAndResumedEqualsOneThatIsNot(t *testing.T) {
	if testing.Short() {
		t.Skip("starts and kills processes for some seconds")
	}
	path := filepath.Join(t.TempDir(), sqlite.DefaultName)
	kills := 0
	for killAndFinish(t, path, 1+rand.IntN(crashLife)) {
		kills++
	}
	if kills < crashKills {
		t.Errorf("killed %d times, want %d or more", kills, crashKills)
	}
	t.Logf("killed %d times", kills)

	clean := filepath.Join(t.TempDir(), sqlite.DefaultName)
	s := open(t, clean, sqlite.Options{})
	defer s.Close()
	var want []data.Changes
	for n := range crashChunks {
		want = append(want, appendRows(t, s, crashChunk(s.Schema(data.Incidents), n)))
	}
	killed := open(t, path, sqlite.Options{})
	defer killed.Close()
	if diff := cmp.Diff(contentOf(t, s), contentOf(t, killed)); diff != "" {
		t.Errorf("content (-clean +killed):\n%s", diff)
	}
	if findings, err := killed.Verify(context.Background()); err != nil || len(findings) > 0 {
		t.Errorf("Verify: %v, %q", err, findings)
	}
	for n := range want {
		got, err := killed.Append(context.Background(), data.Incidents, data.Chunk{Import: "crash", Number: n + 1}, crashChunk(s.Schema(data.Incidents), n))
		if got != want[n] || err != nil {
			t.Errorf("chunk %d made changes %+v, want %+v (%v)", n+1, got, want[n], err)
		}
	}
}

// killAndFinish runs the import, kills it at some moment after it has kept a
// number of chunks, and reports whether it had to.
func killAndFinish(t *testing.T, path string, chunks int) (killed bool) {
	t.Helper()
	cmd := child(t, "append", path)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kept := 0
	for lines := bufio.NewScanner(out); kept < chunks && lines.Scan(); {
		kept++
	}
	if kept == chunks {
		pace := time.Since(began) / time.Duration(chunks+1) // about one more chunk
		time.Sleep(time.Duration(rand.Int64N(int64(pace))))
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

// contentOf returns what must be equal in a clean and a killed store.
func contentOf(t *testing.T, s *sqlite.Store) []any {
	t.Helper()
	version, err := s.Version(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	content := []any{version}
	for _, q := range []string{
		"SELECT count(*) FROM civgrid_incidents", "SELECT count(*) FROM civgrid_incidents_past", "SELECT count(*) FROM civgrid_word",
		"SELECT max(number) FROM civgrid_change", "SELECT sum(seq) FROM civgrid_incidents", "SELECT sum(content % 1000003) FROM civgrid_incidents_past",
	} {
		content = append(content, ask(t, s.Path(), q))
	}
	return content
}

// ask puts one question to a file as any other program would.
func ask(t *testing.T, path, query string, args ...any) (answer any) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.QueryRow(query, args...).Scan(&answer); err != nil && !errors.Is(err, sql.ErrNoRows) {
		t.Fatalf("%s: %v", query, err)
	}
	return answer
}
