package main

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/civgrid/civgrid/data/ingest"
)

// rejectDetails says which rows of files were rejected, the first of each.
func rejectDetails(paths []string, results []ingest.Result) []detail {
	var details []detail
	for i, r := range results {
		for _, reject := range r.Rejects {
			details = append(details, detailOf(paths[i], reject))
		}
	}
	return details
}

// shownRejects is how many rejected rows are told one by one.
const shownRejects = 5

func (p *program) tellRejects(r ingest.Result, path string, dryRun bool) {
	where := " → " + path
	if dryRun {
		where = ""
	}
	p.tell("✗ %d of %d rows rejected%s", r.Rejected, r.Read, where)
	for _, reject := range r.Rejects[:min(shownRejects, len(r.Rejects))] {
		p.tell("  %s", reject.Error())
	}
	if n := r.Rejected - shownRejects; n > 0 {
		p.tell("  and %d more", n)
	}
}

func (f importFlags) rejectsPath(path string) string {
	if f.rejects != "" {
		return f.rejects
	}
	base := strings.TrimSuffix(path, ".gz")
	return strings.TrimSuffix(base, filepath.Ext(base)) + ".rejects" + filepath.Ext(base)
}

// A lateFile is a file that is made when something is written to it. A file
// that is there already, which somebody may be correcting, is kept: the new one
// gets a number.
type lateFile struct {
	path string
	over bool // write over a file that is there
	file *os.File
	w    *bufio.Writer
}

func newLateFile(path string, over bool) *lateFile { return &lateFile{path: path, over: over} }

// create makes the file under its path or the first free one after it.
func (l *lateFile) create() (err error) {
	if l.over {
		l.file, err = os.Create(l.path)
		return err
	}
	ending := filepath.Ext(l.path)
	for n, path := 2, l.path; ; n++ {
		l.file, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if !errors.Is(err, fs.ErrExist) {
			l.path = path
			return err
		}
		path = fmt.Sprintf("%s-%d%s", strings.TrimSuffix(l.path, ending), n, ending)
	}
}

// Write implements io.Writer.
func (l *lateFile) Write(b []byte) (int, error) {
	if l.file == nil {
		if err := l.create(); err != nil {
			return 0, fmt.Errorf("write rejects (--rejects names another file): %w", err)
		}
		l.w = bufio.NewWriter(l.file)
	}
	return l.w.Write(b)
}

// Close closes the file if there is one.
func (l *lateFile) Close() error {
	if l.file == nil {
		return nil
	}
	if err := l.w.Flush(); err != nil {
		l.file.Close()
		return fmt.Errorf("write rejects: %w", err)
	}
	return l.file.Close()
}
