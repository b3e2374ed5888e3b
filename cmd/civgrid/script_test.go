package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/civgrid/civgrid/data/postgis/pgtest"
)

func TestMain(m *testing.M) {
	testscript.Main(served{m}, map[string]func(){"civgrid": main})
}

// served stops the database server that tests have shared.
type served struct{ m *testing.M }

func (s served) Run() int { return pgtest.Main(s.m) }

// TestScripts runs whole programs: each script loads a small file, runs
// commands and states the answer, whatever the store.
func TestScripts(t *testing.T) {
	runScripts(t, "file", func(*testscript.Env) (store, other string) { return "test.gpkg", "other.gpkg" })
}

// TestScriptsOnPostGIS runs the same scripts on databases.
func TestScriptsOnPostGIS(t *testing.T) {
	server := pgtest.Shared(t)
	runScripts(t, "postgis", func(env *testscript.Env) (store, other string) {
		t := env.T().(testing.TB)
		return server.Database(t), server.Database(t)
	})
}

// runScripts runs every script with an empty store, and a second one as OTHER.
// Lines that begin with [file] or [postgis] are for that kind of store alone.
func runScripts(t *testing.T, kind string, stores func(*testscript.Env) (store, other string)) {
	t.Helper()
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("XDG_CONFIG_HOME", env.WorkDir)
			store, other := stores(env)
			env.Setenv("CIVGRID_STORE", store)
			env.Setenv("OTHER", other)
			return nil
		},
		Condition: func(condition string) (bool, error) {
			if condition != "file" && condition != "postgis" {
				return false, fmt.Errorf("unknown condition %q", condition)
			}
			return condition == kind, nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){"exits": exits, "serving": serving, "sql": runSQL},
	})
}

// exits CODE civgrid ARGS… runs the program and checks its exit code. What it
// printed is in stdout and stderr, as after exec.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE program args…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if failed := (*exec.ExitError)(nil); errors.As(err, &failed) {
		got = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("run: %v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// sql STATEMENT… runs SQL in the database of the store, as another program
// would, and prints the rows of the answers, columns parted by bars.
func runSQL(ts *testscript.TestScript, neg bool, args []string) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, ts.Getenv("CIVGRID_STORE"))
	ts.Check(err)
	defer conn.Close(ctx)
	for _, statement := range args {
		results, err := conn.PgConn().Exec(ctx, statement).ReadAll()
		if err != nil {
			fmt.Fprintln(ts.Stderr(), err)
		}
		if (err != nil) != neg {
			ts.Fatalf("%s: error %v, want one: %t", statement, err, neg)
		}
		for _, result := range results {
			for _, row := range result.Rows {
				fmt.Fprintf(ts.Stdout(), "%s\n", bytes.Join(row, []byte("|")))
			}
		}
	}
}

// serving ARGS… runs civgrid serve until the script ends, and goes on once it
// takes requests.
func serving(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: serving args…")
	}
	path, err := exec.LookPath("civgrid")
	ts.Check(err)
	cmd := exec.Command(path, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...)
	cmd.Dir = ts.Getenv("WORK")
	cmd.Env = append(os.Environ(), "CIVGRID_STORE="+ts.Getenv("CIVGRID_STORE"))
	out, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill() // it may have ended by itself
		_ = cmd.Wait()
	})
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		ts.Fatalf("civgrid serve ended before it served: %v", err)
	}
}

// command returns the program as a process of its own.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := exec.LookPath("civgrid") // testscript.Main puts it there
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), path, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "HOME="+dir, "XDG_CONFIG_HOME="+dir, "CIVGRID_STORE=test.gpkg")
	return cmd
}
