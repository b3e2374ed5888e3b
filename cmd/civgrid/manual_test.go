package main

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/civgrid/civgrid/api/docs"
)

// TestManual does what every page of the manual says: writes the files it shows, runs its
// commands in their order, and holds what they print and what is reckoned by hand to what
// the page shows. Tools that the machine has not are left out, and told.
func TestManual(t *testing.T) {
	for _, section := range docs.Sections() {
		for _, name := range section.Pages {
			for _, lang := range docs.Languages(name) {
				t.Run(lang+"/"+name, func(t *testing.T) {
					t.Parallel()
					text, _ := docs.Text(lang, name)
					if testing.Short() && strings.Contains(text, "$ civgrid demo") {
						t.Skip("loads the demo, which takes half a minute")
					}
					newReading(t).read(text)
				})
			}
		}
	}
}

// A reading is a page that is done as it says.
type reading struct {
	*testing.T
	dir     string
	store   string    // of commands that name none, "" for that of the program
	home    string    // address of the service that the page started, "" for none
	service *exec.Cmd // that serves there
	printed []string
	reckon  reckoner
}

func newReading(t *testing.T) *reading {
	return &reading{T: t, dir: t.TempDir(), reckon: reckoner{}}
}

// A fence is a fenced block of Markdown.
type fence struct {
	line           int
	language, file string
	text           string
}

// fencesOf returns the fenced blocks of a text.
func fencesOf(text string) []fence {
	var found []fence
	var open *fence
	for i, line := range strings.Split(text, "\n") {
		info, marks := strings.CutPrefix(line, "```")
		switch {
		case marks && open != nil:
			found, open = append(found, *open), nil
		case marks:
			language, file, _ := strings.Cut(info, " ")
			open = &fence{line: i + 1, language: language, file: file}
		case open != nil:
			open.text += line + "\n"
		}
	}
	return found
}

func (r *reading) read(text string) {
	r.Helper()
	var claims []claim
	for _, f := range fencesOf(text) {
		switch {
		case f.file != "":
			if err := os.WriteFile(filepath.Join(r.dir, f.file), []byte(f.text), 0o600); err != nil {
				r.Fatal(err)
			}
		case f.language == "calc":
			claims = append(claims, r.calculate(f)...)
		case f.language == "console":
			r.console(f)
		}
	}
	words := strings.FieldsFunc(strings.Join(r.printed, "\n"), func(c rune) bool { return strings.ContainsRune(" \n,", c) })
	for _, c := range claims {
		if !slices.Contains(words, c.token) {
			r.Errorf("line %d: the program does not print %s", c.line, c.token)
		}
	}
}

// console runs the commands of a block, which stand behind dollar signs, and compares
// what they print with the lines below each, if there are any. A line of nothing but …
// stands for any lines, … in a line for any text.
func (r *reading) console(f fence) {
	r.Helper()
	var command string
	var want []string
	end := func() {
		if command == "" {
			return
		}
		got, ok := r.run(f.line, command)
		if ok && len(want) > 0 && !matches(want, got) {
			r.Errorf("line %d: %s prints\n%s\nwhere the page has\n%s", f.line, command, got, strings.Join(want, "\n"))
		}
		command, want = "", nil
	}
	for line := range strings.Lines(f.text) {
		line = strings.TrimSuffix(line, "\n")
		if next, ok := strings.CutPrefix(line, "$ "); ok {
			end()
			command = next
			continue
		}
		if strings.HasSuffix(command, "\\") {
			command = strings.TrimSuffix(command, "\\") + line
			continue
		}
		want = append(want, line)
	}
	end()
}

// matches reports whether a text is as lines with … say.
func matches(want []string, got string) bool {
	var b strings.Builder
	for _, line := range want {
		if line == "…" {
			b.WriteString(`(?:.*\n)*?`)
			continue
		}
		b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(strings.TrimRight(line, " ")), "…", ".*") + ` *\n`)
	}
	return regexp.MustCompile("^" + b.String() + "$").MatchString(strings.TrimRight(got, "\n") + "\n")
}

// run runs a command of a page, ok false where the machine has no such program. What
// serves goes on until the page is done.
func (r *reading) run(line int, command string) (out string, ok bool) {
	r.Helper()
	if r.home != "" {
		command = strings.ReplaceAll(command, "127.0.0.1:8080", r.home)
	}
	name, _, _ := strings.Cut(command, " ")
	if _, err := exec.LookPath(name); err != nil && regexp.MustCompile(`^[a-z0-9]+$`).MatchString(name) {
		r.Logf("line %d is not run: there is no %s here", line, name)
		return "", false
	}
	if serves(command) {
		r.serve(command)
		return "", false
	}
	cmd := r.shell(command)
	var errors strings.Builder
	cmd.Stderr = &errors
	text, err := cmd.Output()
	if err != nil {
		r.Fatalf("line %d: %s: %v\n%s%s", line, command, err, text, errors.String())
	}
	out = strings.ReplaceAll(string(text), "\r\n", "\n") // which CSV has (RFC 4180)
	r.printed = append(r.printed, out)
	return out, true
}

// serves reports whether a command goes on until it is stopped.
func serves(command string) bool {
	return strings.HasPrefix(command, "civgrid serve") || strings.HasPrefix(command, "civgrid demo") && !strings.Contains(command, "--once")
}

func (r *reading) shell(command string) *exec.Cmd {
	cmd := exec.CommandContext(r.Context(), "sh", "-c", command)
	cmd.Dir = r.dir
	cmd.Env = append(os.Environ(), "HOME="+r.dir, "XDG_CONFIG_HOME="+r.dir, "TZ=UTC")
	if r.store != "" {
		cmd.Env = append(cmd.Env, "CIVGRID_STORE="+r.store)
	}
	return cmd
}

// serve starts a service on an address of its own and waits until it answers. One that
// was there before ends.
func (r *reading) serve(command string) {
	r.Helper()
	r.stop()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.Fatal(err)
	}
	r.home = free.Addr().String()
	free.Close()
	cmd := r.shell(fmt.Sprintf("exec %s --addr %s", strings.TrimSpace(command), r.home))
	out, err := cmd.StdoutPipe()
	if err != nil {
		r.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		r.Fatal(err)
	}
	r.service = cmd
	r.Cleanup(r.stop)
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.Contains(lines.Text(), r.home) {
			return
		}
	}
	r.Fatalf("%s ended before it served", command)
}

// stop ends the service.
func (r *reading) stop() {
	if r.service != nil {
		_ = r.service.Process.Kill() // it may have ended by itself
		_ = r.service.Wait()
		r.service = nil
	}
}
