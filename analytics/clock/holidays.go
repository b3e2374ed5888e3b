package clock

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"
)

// Holidays are the public holidays and the working weekends (调休) of one year
// as its notice announces them, from a file {year, papers, days}.
type Holidays struct {
	// Year is the year of the notice. Days may lie in the December before and in
	// the January after.
	Year int
	// Papers are the addresses of the notices, as given.
	Papers []string
	// Days are in the order of the file; none comes twice.
	Days []Holiday
}

// A Holiday is a day on which weekday and weekend do not say who works.
type Holiday struct {
	Name string // name of the holiday it belongs to, such as 春节
	Date string // YYYY-MM-DD
	Off  bool   // whether it is free; otherwise it is worked
}

// ParseHolidays reads a holiday file in the JSON that holiday-cn has made
// common: {"year", "papers": [], "days": [{"name", "date", "isOffDay"}]}. Other
// keys are passed over, for real files hold $schema and $id. Anything missing,
// a date that does not exist, comes twice, or lies outside the year, its
// December before and its January after, is an error that names the place. A
// file without days is an ErrNotAnnounced.
func ParseHolidays(data []byte) (Holidays, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	var file struct {
		Year   *int     `json:"year"`
		Papers []string `json:"papers"`
		Days   []struct {
			Name *string `json:"name"`
			Date *string `json:"date"`
			Off  *bool   `json:"isOffDay"`
		} `json:"days"`
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	if err := decoder.Decode(&file); err != nil {
		return Holidays{}, fmt.Errorf("read holiday file: %w", placed(err, data))
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return Holidays{}, fmt.Errorf("read holiday file: %s: text after the end", place(data, decoder.InputOffset()))
	}
	if file.Year == nil {
		return Holidays{}, errors.New("read holiday file: year is missing")
	}
	h := Holidays{Year: *file.Year, Papers: file.Papers}
	for i, day := range file.Days {
		if day.Name == nil || day.Date == nil || day.Off == nil {
			return Holidays{}, fmt.Errorf("read holiday file of %d: day %d: name, date or isOffDay is missing", h.Year, i+1)
		}
		h.Days = append(h.Days, Holiday{Name: *day.Name, Date: *day.Date, Off: *day.Off})
	}
	if err := h.check(); err != nil {
		return Holidays{}, fmt.Errorf("read holiday file of %d: %w", h.Year, err)
	}
	return h, nil
}

// check returns an error unless h is fit for a calendar.
func (h Holidays) check() error {
	if h.Year < FirstYear || h.Year > LastYear {
		return fmt.Errorf("year is outside %d to %d", FirstYear, LastYear)
	}
	if len(h.Days) == 0 {
		return ErrNotAnnounced
	}
	first := dateOf(h.Year-1, time.December, 1)
	last := dateOf(h.Year+1, time.January, 31)
	seen := make(map[date]int, len(h.Days))
	for i, day := range h.Days {
		d, err := parseDate(day.Date)
		if err != nil {
			return fmt.Errorf("day %d: %w", i+1, err)
		}
		if d < first || d > last {
			return fmt.Errorf("day %d: %s is not of that year, nor of the December before or the January after", i+1, day.Date)
		}
		if before, ok := seen[d]; ok {
			return fmt.Errorf("day %d: %s is day %d already", i+1, day.Date, before)
		}
		seen[d] = i + 1
	}
	return nil
}

// placed adds line and column to an error of package json.
func placed(err error, data []byte) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("%s: %w", place(data, syntax.Offset), err)
	case errors.As(err, &kind):
		return fmt.Errorf("%s: %w", place(data, kind.Offset), err)
	}
	return err
}

// place returns an offset as line and column, both from 1, in bytes.
func place(data []byte, offset int64) string {
	read := data[:min(max(offset, 0), int64(len(data)))]
	return fmt.Sprintf("line %d, column %d", bytes.Count(read, []byte("\n"))+1, len(read)-bytes.LastIndexByte(read, '\n')-1)
}
