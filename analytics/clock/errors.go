package clock

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrPaused says that there is no deadline yet: a pause without an end
	// begins before the limit is used up.
	ErrPaused = errors.New("paused without an end")

	// ErrReversed says that what was to be measured ends before it begins. It is
	// a fault of the data, which callers count; no negative time is returned.
	ErrReversed = errors.New("ends before it begins")

	// ErrNotAnnounced says that a holiday file names a year but lists no day, as
	// files do that are published before the holidays are. It holds no data.
	ErrNotAnnounced = errors.New("lists no days, so the holidays of the year are not announced yet")
)

// A NoDataError says that counting came to a time that the calendar has no
// data for.
type NoDataError struct {
	Calendar string // id of the calendar
	Year     int    // year that there is no data for
	// From is when the time without data begins that counting came to. Before
	// FirstYear there never are any, and it is the end of that time.
	From time.Time
	Why  string // what is missing, or empty where the whole year is
	// File is the year of the holiday file that would have the data; 0 where the
	// calendar does not go by files, or counts in no such year.
	File int
}

// Error implements error.
func (e *NoDataError) Error() string {
	if e.Why != "" {
		return fmt.Sprintf("calendar %s has no data for %s", e.Calendar, e.Why)
	}
	return fmt.Sprintf("calendar %s has no data for %d", e.Calendar, e.Year)
}
