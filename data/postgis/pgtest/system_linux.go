package pgtest

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// attributes are those of a child that runs as owner and dies with us. It has a
// process group of its own: an interrupt at the terminal is for the tests.
func attributes(o *owner) *syscall.SysProcAttr {
	a := &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if o != nil {
		a.Credential = &syscall.Credential{Uid: uint32(o.uid), Gid: uint32(o.gid)}
	}
	return a
}

// killFamily kills a child of ours and its children. Each backend leads a
// session of its own, so that no signal to the group reaches it. The parent is
// stopped first: it then has no new children, and those that die stay its
// zombies, whose process numbers nobody else is given.
func killFamily(parent *os.Process) {
	if err := parent.Signal(syscall.SIGSTOP); err != nil {
		return // it has ended
	}
	for looks := 0; looks < 1000 && isRunning(parent.Pid); looks++ {
		time.Sleep(time.Millisecond)
	}
	for _, pid := range childrenOf(parent.Pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // fails only where it has ended
	}
	_ = parent.Kill() // likewise
}

// isRunning reports whether a process is neither stopped nor dead.
func isRunning(pid int) bool {
	state, _, ok := stat(pid)
	return ok && !strings.Contains("TtZX", state)
}

// childrenOf lists the children of a process, in no order.
func childrenOf(parent int) []int {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil // they will notice that their parent is gone
	}
	var children []int
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		if _, of, ok := stat(pid); ok && of == parent {
			children = append(children, pid)
		}
	}
	return children
}

// stat reads state and parent of a process from /proc (proc(5), fields 3 and
// 4). Field 2, the name, is in parentheses and may hold anything.
func stat(pid int) (state string, parent int, ok bool) {
	content, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		return "", 0, false
	}
	fields := strings.Fields(string(content[strings.LastIndexByte(string(content), ')')+1:]))
	if len(fields) < 2 {
		return "", 0, false
	}
	parent, err = strconv.Atoi(fields[1])
	return fields[0], parent, err == nil
}

// lockFolder locks a folder until the file is closed, at the latest by our end.
// It returns nil when somebody else holds it.
func lockFolder(folder string) *os.File {
	file, err := os.Open(folder)
	if err != nil {
		return nil
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil
	}
	return file
}

// discardMemory removes the System V shared memory that a process, now dead,
// had made. It is that memory only if all three numbers agree.
func discardMemory(key, id, creator int) {
	var about unix.SysvShmDesc
	if _, err := unix.SysvShmCtl(id, unix.IPC_STAT, &about); err != nil {
		return // it is gone
	}
	if int(about.Perm.Key) == key && int(about.Cpid) == creator {
		_, _ = unix.SysvShmCtl(id, unix.IPC_RMID, nil) // fails only where it is gone
	}
}
