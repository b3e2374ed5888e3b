package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"time"

	"github.com/civgrid/civgrid/data"
)

// stateFormat is the format of the file that remembers alerts.
const stateFormat = 1

// An alertState is what a watch remembers of the alerts that it gave, in a file
// that it holds for itself.
type alertState struct {
	path   string
	lock   *os.File
	alerts []toldAlert
}

// A toldAlert is an alert that was given. Asked is what was asked for; Rows are
// those of the surge since it began, Until is the last day it was seen.
type toldAlert struct {
	Asked   string   `json:"asked"`
	Rows    []string `json:"rows"` // ascending
	Since   string   `json:"since"`
	Until   string   `json:"until"`
	Waiting bool     `json:"waiting"` // the webhook has not taken it yet
	Event   event    `json:"event"`
}

// stateFile is the content of the file.
type stateFile struct {
	Format int         `json:"format"`
	Alerts []toldAlert `json:"alerts"`
}

// openState takes the file of alerts and reads what is remembered.
func openState(path string) (*alertState, error) {
	lock, err := hold(path + ".lock")
	if errors.Is(err, data.ErrBusy) {
		return nil, &codedError{code: exitBusy, err: fmt.Errorf("alerts in %s are kept by another civgrid watch", path), hint: "--state names another file"}
	}
	if err != nil {
		return nil, fmt.Errorf("remember alerts: %w", err)
	}
	alerts, err := readState(path)
	if err != nil {
		lock.Close()
		return nil, err
	}
	return &alertState{path: path, lock: lock, alerts: alerts}, nil
}

// readState reads the file of alerts; one that is not there is empty.
func readState(path string) (alerts []toldAlert, err error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		alerts, err = parseState(text)
	}
	if err != nil {
		return nil, fmt.Errorf("read alerts remembered in %s: %w", path, err)
	}
	return alerts, nil
}

// parseState reads the content of the file.
func parseState(text []byte) ([]toldAlert, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	var file stateFile
	if err := decoder.Decode(&file); err != nil {
		return nil, err
	}
	if file.Format != stateFormat {
		return nil, fmt.Errorf("format %d: want %d", file.Format, stateFormat)
	}
	for i, a := range file.Alerts {
		since, err := time.Parse(time.DateOnly, a.Since)
		if err != nil {
			return nil, fmt.Errorf("alert %d: %w", i, err)
		}
		until, err := time.Parse(time.DateOnly, a.Until)
		if err != nil {
			return nil, fmt.Errorf("alert %d: %w", i, err)
		}
		if until.Before(since) || len(a.Rows) == 0 || !slices.IsSorted(a.Rows) {
			return nil, fmt.Errorf("alert %d: want rows in order, and days", i)
		}
	}
	return file.Alerts, nil
}

// save writes the file, whole or not at all.
func (s *alertState) save() error {
	return output{path: s.path}.write(io.Discard, func(w io.Writer) error { return writeState(w, s.alerts) })
}

func writeState(w io.Writer, alerts []toldAlert) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	return encoder.Encode(stateFile{Format: stateFormat, Alerts: alerts})
}

// close lets others have the file.
func (s *alertState) close() { s.lock.Close() }

// knows reports whether a surge goes on that an alert was given for: one that was
// asked for alike, shares a row with it, and was seen no earlier than the day that
// this one began. It then remembers how far that has come.
func (s *alertState) knows(asked string, found surge) bool {
	for i := range s.alerts {
		a := &s.alerts[i]
		if a.Asked != asked || found.Since > a.Until || found.Until < a.Since {
			continue
		}
		if !slices.ContainsFunc(found.Rows, func(row string) bool {
			_, shared := slices.BinarySearch(a.Rows, row)
			return shared
		}) {
			continue
		}
		a.Rows = slices.Compact(slices.Sorted(slices.Values(slices.Concat(a.Rows, found.Rows))))
		a.Since, a.Until = min(a.Since, found.Since), max(a.Until, found.Until)
		return true
	}
	return false
}

// add remembers an alert.
func (s *alertState) add(asked string, e event, waiting bool) {
	s.alerts = append(s.alerts, toldAlert{
		Asked: asked, Rows: slices.Sorted(slices.Values(e.Data.Rows)), Since: e.Data.Since, Until: e.Data.Until, Waiting: waiting, Event: e,
	})
}

// forget drops the alerts of surges that were last seen before a day, and returns
// those among them that no webhook took.
func (s *alertState) forget(day string) (lost []event) {
	s.alerts = slices.DeleteFunc(s.alerts, func(a toldAlert) bool {
		if a.Until >= day {
			return false
		}
		if a.Waiting {
			lost = append(lost, a.Event)
		}
		return true
	})
	return lost
}
