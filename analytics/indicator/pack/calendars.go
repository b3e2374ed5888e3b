package pack

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/indicator"
)

//go:embed calendars
var calendarFiles embed.FS

const calendarFolder = "calendars"

// calendars returns the calendars, by name.
func calendars() ([]*clock.Calendar, error) {
	entries, err := calendarFiles.ReadDir(calendarFolder)
	if err != nil {
		return nil, fmt.Errorf("list calendars: %w", err)
	}
	var list []*clock.Calendar
	for _, entry := range entries {
		if entry.IsDir() {
			continue
		}
		c, err := readCalendar(strings.TrimSuffix(entry.Name(), extension))
		if err != nil {
			return nil, fmt.Errorf("read calendar %s: %w", entry.Name(), err)
		}
		list = append(list, c)
	}
	return list, nil
}

// readCalendar builds a calendar from its file and the holidays of its region.
func readCalendar(name string) (*clock.Calendar, error) {
	text, err := calendarFiles.ReadFile(path.Join(calendarFolder, name+extension))
	if err != nil {
		return nil, err
	}
	file, err := indicator.Read(bytes.NewReader(text), nil)
	if err != nil {
		return nil, err
	}
	if file.Calendar == nil || file.Calendar.ID != name {
		return nil, fmt.Errorf("the file declares no calendar %s", name)
	}
	region, _, _ := strings.Cut(name, "-")
	years, err := holidays(region)
	if err != nil {
		return nil, err
	}
	return clock.Build(*file.Calendar, years...)
}

// holidays returns the holidays of a region, by year; none where it has no
// folder.
func holidays(region string) ([]clock.Holidays, error) {
	paths, err := fs.Glob(calendarFiles, path.Join(calendarFolder, region, "*.json"))
	if err != nil {
		return nil, err
	}
	var years []clock.Holidays
	for _, p := range paths {
		text, err := calendarFiles.ReadFile(p)
		if err != nil {
			return nil, err
		}
		year, err := clock.ParseHolidays(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(p), err)
		}
		years = append(years, year)
	}
	return years, nil
}
