package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// childVariable makes the test binary start a server, say where it is, and wait
// to be killed.
const childVariable = "CIVGRID_TEST_PGTEST_CHILD"

func TestMain(m *testing.M) {
	if os.Getenv(childVariable) != "" {
		s, err := start(nil)
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println(s.Port())
		time.Sleep(time.Hour)
	}
	os.Exit(Main(m))
}

// connect opens a connection that is closed when the test is over.
func connect(t *testing.T, databaseURL string) *pgx.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		conn.Close(ctx)
	})
	return conn
}

// ask returns the one value that a query gives.
func ask[T any](t *testing.T, conn *pgx.Conn, query string) T {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var value T
	if err := conn.QueryRow(ctx, query).Scan(&value); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return value
}

func TestDatabasesAreApart(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	first, second := s.Database(t), s.Database(t)
	s.Exec(t, first, "CREATE TABLE fact (id int); INSERT INTO fact VALUES (1), (2)")
	if n := ask[int](t, connect(t, first), "SELECT count(*) FROM fact"); n != 2 {
		t.Errorf("the first database has %d facts, want 2", n)
	}
	conn := connect(t, second)
	if ask[bool](t, conn, "SELECT to_regclass('fact') IS NOT NULL") {
		t.Error("the second database has the table of the first")
	}
	if version := ask[string](t, conn, "SELECT postgis_version()"); version == "" {
		t.Error("postgis_version() is empty")
	}
}

func TestDatabaseIsDropped(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	var gone string
	t.Run("made", func(t *testing.T) {
		gone = s.Database(t)
		conn, err := pgx.Connect(context.Background(), gone) // not closed: it is thrown out
		if err != nil {
			t.Fatal(err)
		}
		ask[int](t, conn, "SELECT 1")
	})
	_, err := pgx.Connect(context.Background(), gone)
	var refusal *pgconn.PgError
	if !errors.As(err, &refusal) || refusal.Code != "3D000" {
		t.Errorf("connect to a dropped database: %v, want invalid_catalog_name", err)
	}
}

func TestSharedByParallelTests(t *testing.T) {
	t.Parallel()
	for range 4 {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			s := Shared(t)
			if got := ask[int](t, connect(t, s.Database(t)), "SELECT current_setting('port')::int"); got != s.Port() {
				t.Errorf("the server says port %d, want %d", got, s.Port())
			}
		})
	}
}

func TestCommittedRowsSurvive(t *testing.T) {
	t.Parallel()
	s := Start(t, "max_connections=37", "application_name=it's ours")
	url, port := s.Database(t), s.Port()
	s.Exec(t, url, "CREATE TABLE fact (id int)")
	for i, blow := range []func(){s.Kill, s.Quit, func() {}, s.Kill} {
		conn := connect(t, url)
		s.Exec(t, url, fmt.Sprintf("INSERT INTO fact VALUES (%d)", i))
		ended := make(chan error)
		go func() {
			_, err := conn.Exec(context.Background(), "INSERT INTO fact SELECT 100 FROM pg_sleep(600)")
			ended <- err
		}()
		blow()
		if i != 2 && s.isUp() {
			t.Fatalf("the server is up after blow %d", i)
		}
		s.Restart(t)
		if err := <-ended; err == nil {
			t.Errorf("a statement outlived blow %d", i)
		}
		after := connect(t, url)
		if n := ask[int](t, after, "SELECT count(*) FROM fact"); n != i+1 {
			t.Errorf("%d facts after blow %d, want %d", n, i, i+1)
		}
	}
	if s.Port() != port {
		t.Errorf("port is %d, was %d", s.Port(), port)
	}
	conn := connect(t, url)
	if got := ask[string](t, conn, "SHOW max_connections"); got != "37" {
		t.Errorf("max_connections is %s, want 37", got)
	}
	if got := ask[string](t, conn, "SHOW fsync"); got != "off" {
		t.Errorf("fsync is %s, want off", got)
	}
}

func TestStartSaysWhatTheServerSays(t *testing.T) {
	t.Parallel()
	Shared(t) // skips where there is no server
	_, err := start([]string{"shared_preload_libraries=no_such_library"})
	if err == nil || !strings.Contains(err.Error(), "no_such_library") {
		t.Errorf("start with a library that is not there: %v", err)
	}
	if _, err := start([]string{"fsync"}); err == nil || !strings.Contains(err.Error(), "name=value") {
		t.Errorf("start with half a setting: %v", err)
	}
}

func TestServerDiesWithTheTests(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux kills the children of those who die")
	}
	Shared(t) // skips where there is no server
	folder := openFolder(t)
	child := exec.Command(os.Args[0])
	child.Env = append(os.Environ(), childVariable+"=1", "TMPDIR="+folder)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	child.Process.Kill()
	child.Wait()
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("the child says %q, want a port", line)
	}
	for range 500 {
		conn, err := net.Dial("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
		if err != nil {
			checkSweep(t, folder)
			return
		}
		conn.Close()
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the server outlived the test binary by 5 s")
}

// checkSweep looks whether sweep removes what dead test binaries have left, and
// that alone.
func checkSweep(t *testing.T, temp string) {
	t.Helper()
	dead, err := filepath.Glob(filepath.Join(temp, "*"))
	if err != nil || len(dead) != 1 {
		t.Fatalf("the child left %q, %v, want one folder", dead, err)
	}
	young, held := filepath.Join(temp, folderPrefix+"young"), filepath.Join(temp, folderPrefix+"held")
	for _, folder := range []string{young, held} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	defer lockFolder(held).Close()
	old := time.Now().Add(-2 * sweepAge)
	for _, folder := range []string{dead[0], held} {
		if err := os.Chtimes(folder, old, old); err != nil {
			t.Fatal(err)
		}
	}
	for range 100 { // its orphans may be writing yet
		sweep(temp)
		if _, err := os.Stat(dead[0]); err != nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	left, err := filepath.Glob(filepath.Join(temp, "*"))
	if want := []string{held, young}; err != nil || !slices.Equal(left, want) {
		t.Errorf("after a sweep there are %q, %v, want %q", left, err, want)
	}
}

// openFolder returns a folder that others may enter. It is removed when the
// test is over and the orphans of its server have let go of it.
func openFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "civgrid-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		var err error
		for range 100 {
			if err = os.RemoveAll(folder); err == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
		t.Error(err)
	})
	return folder
}

func TestNothingIsLeft(t *testing.T) {
	t.Parallel()
	s := Shared(t)
	var own *Server
	t.Run("started", func(t *testing.T) { own = Start(t) })
	if own.isUp() {
		t.Error("the server is up after its test")
	}
	if own.Port() == s.Port() {
		t.Errorf("two servers at port %d", s.Port())
	}
	if left, err := filepath.Glob(filepath.Join(own.folder, "*")); err != nil || len(left) > 0 {
		t.Errorf("the server left %q, %v", left, err)
	}
}

func BenchmarkDatabase(b *testing.B) {
	s := Shared(b)
	s.Database(b)
	for b.Loop() {
		if _, err := s.newDatabase(); err != nil {
			b.Fatal(err)
		}
	}
}
