package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
	"github.com/civgrid/civgrid/data/sqlite"
)

// examineFile looks at the embedded store: beside whoever has it open.
func examineFile(ctx context.Context, p *program, path string, deep bool) ([]postgis.Finding, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return []postgis.Finding{broken("store", "civgrid import makes one; --store names another", "there is no store %s", path)}, err
	}
	if err != nil {
		return []postgis.Finding{broken("store", "", "%s cannot be looked at: %v", path, err)}, err
	}
	findings := []postgis.Finding{fine("store", "%s, %s", path, bytesOf(info.Size()))}
	condition, err := sqlite.Inspect(ctx, path)
	switch {
	case errors.Is(err, data.ErrVersion):
		return append(findings, broken("format", "run the newer program", "version %d was made by a newer program; this one knows %d", condition.Version, condition.Newest)), err
	case err != nil:
		return append(findings, broken("format", "put the file back from a backup", "%v", err)), nil
	case condition.Version < condition.Newest:
		findings = append(findings, fine("format", "version %d; the next program to write to it brings it to %d", condition.Version, condition.Newest))
	default:
		findings = append(findings, fine("format", "version %d, as this program wants it", condition.Version))
	}
	findings = append(findings, lockOf(condition), columnsOf(path), diskOf(path, info.Size()))
	return append(findings, recordOf(ctx, p, path, deep)...), nil
}

func lockOf(c sqlite.Condition) postgis.Finding {
	switch {
	case c.Sealed:
		return doubtful("lock", "chmod or chown the file and its folder, unless it is for reading only", "this user may not write to the file")
	case c.Busy:
		return fine("lock", "held by another process, such as civgrid serve: the store can be read, and not written to")
	}
	return fine("lock", "free: nobody writes to the store")
}

// columnsOf looks at the columnar cache of a store, which may always be thrown
// away.
func columnsOf(path string) postgis.Finding {
	folder := path + ".cols"
	info, err := os.Stat(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fine("columns", "none yet; who opens the store next makes them")
	case err != nil:
		return doubtful("columns", "", "%v", err)
	case !info.IsDir():
		return broken("columns", "move it away", "%s is no folder: there is no place for the columns", folder)
	}
	var files, bytes int64
	err = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // replaced meanwhile
			return nil
		}
		if err == nil {
			files, bytes = files+1, bytes+info.Size()
		}
		return err
	})
	if err != nil {
		return doubtful("columns", "", "cannot be looked at: %v", err)
	}
	return fine("columns", "%s, %d files, %s; derived from the store, and made again where they are missing", filepath.Base(folder), files, bytesOf(bytes))
}

// leastFree is how much of a disk is wanted, however small the store.
const leastFree = 256 << 20

// diskOf looks for room to write: an import can make a store twice as large.
func diskOf(path string, size int64) postgis.Finding {
	free, err := freeBytes(filepath.Dir(path))
	if err != nil {
		return fine("disk", "what is free cannot be told: %v", err)
	}
	if want := max(leastFree, size); free < want {
		return doubtful("disk", "make room, or move the store", "%s free, and a large import may take %s", bytesOf(free), bytesOf(want))
	}
	return fine("disk", "%s free", bytesOf(free))
}

// recordOf looks at what a file holds: the zone of its settings, and with deep
// everything.
func recordOf(ctx context.Context, p *program, path string, deep bool) []postgis.Finding {
	record, err := sqlite.Open(ctx, path, sqlite.Options{ReadOnly: true, Logger: p.logger()})
	if err != nil {
		return []postgis.Finding{broken("settings", "put the file back from a backup", "%v", err)}
	}
	defer record.Close()
	settings, err := record.Settings(ctx)
	if err != nil {
		return []postgis.Finding{broken("settings", "put the file back from a backup", "%v", err)}
	}
	findings := append([]postgis.Finding{zoneOf(settings)}, p.calendarsOf(ctx, record)...)
	if deep {
		findings = append(findings, contentOf(ctx, record)...)
	}
	return findings
}

// zoneOf looks for the store's zone in the time zone data of this program.
func zoneOf(settings data.Settings) postgis.Finding {
	zone := settings.Zone
	if zone == "" {
		zone = "UTC"
	}
	if _, err := settings.Location(); err != nil {
		return broken("time zone", "a newer program may know it", "hours and days are counted in %s: %v", zone, err)
	}
	return fine("time zone", "hours and days are counted in %s", zone)
}

// bytesOf tells a size for people, in the units of disks.
func bytesOf(n int64) string {
	const kilo = 1000
	if n < kilo {
		return fmt.Sprintf("%d bytes", n)
	}
	size, units := float64(n)/kilo, []string{"kB", "MB", "GB", "TB", "PB"}
	for size >= kilo && len(units) > 1 {
		size, units = size/kilo, units[1:]
	}
	return fmt.Sprintf("%.1f %s", size, units[0])
}
