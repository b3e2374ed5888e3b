package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// superuser is the user everybody is.
const superuser = "civgrid_test"

// serverSettings come before those of the test, which win. Shared memory is in
// files of the data folder, so that a killed server leaves none behind and a
// container's small /dev/shm is enough.
var serverSettings = []string{
	"listen_addresses=127.0.0.1",
	"unix_socket_directories=",
	"max_connections=100",
	"shared_buffers=128MB",
	"dynamic_shared_memory_type=mmap",
	"fsync=off",
	"timezone=UTC",
	"log_timezone=UTC",
}

// An owner is the user a server runs as. Nil is the user of the test.
type owner struct{ uid, gid int }

// findOwner returns whom to run a server as: root may not.
func findOwner() (*owner, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		account, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.Atoi(account.Uid)
		if err != nil {
			return nil, fmt.Errorf("number of user %s: %w", name, err)
		}
		gid, err := strconv.Atoi(account.Gid)
		if err != nil {
			return nil, fmt.Errorf("number of the group of user %s: %w", name, err)
		}
		return &owner{uid: uid, gid: gid}, nil
	}
	return nil, &missingError{"root may not run PostgreSQL, and there is no user postgres or nobody"}
}

// initialize fills the server's folder with a new database cluster.
func (s *Server) initialize(settings []string) error {
	if s.owner != nil {
		if err := os.Chown(s.folder, s.owner.uid, s.owner.gid); err != nil {
			return fmt.Errorf("give away the server's folder: %w", err)
		}
	}
	runtime.LockOSThread() // see launch
	defer runtime.UnlockOSThread()
	cmd := s.command("initdb", "--auth=trust", "--username="+superuser, "--no-sync",
		"--encoding=UTF8", "--locale=C", "--pgdata="+s.data())
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w\n%s", err, out)
	}
	return s.configure(settings)
}

// configure appends settings to the server's configuration.
func (s *Server) configure(settings []string) error {
	var lines strings.Builder
	for _, setting := range append(serverSettings[:len(serverSettings):len(serverSettings)], settings...) {
		name, value, ok := strings.Cut(setting, "=")
		if !ok {
			return fmt.Errorf("setting %q is not name=value", setting)
		}
		fmt.Fprintf(&lines, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''"))
	}
	file, err := os.OpenFile(filepath.Join(s.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	if _, err := file.WriteString(lines.String()); err != nil {
		file.Close()
		return fmt.Errorf("configure the server: %w", err)
	}
	if err := file.Close(); err != nil {
		return fmt.Errorf("configure the server: %w", err)
	}
	return nil
}

// command prepares one of the server programs to run as the server's owner, in
// its folder, without settings for clients and with messages in English.
func (s *Server) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(s.programs, program), args...)
	cmd.Dir = s.folder
	cmd.SysProcAttr = attributes(s.owner)
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "PG") {
			cmd.Env = append(cmd.Env, variable)
		}
	}
	cmd.Env = append(cmd.Env, "LC_ALL=C")
	return cmd
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

func (s *Server) logFile() string { return filepath.Join(s.folder, "server.log") }
