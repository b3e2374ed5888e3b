package main

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// surgeType is the type of a CloudEvent that tells of a surge.
const surgeType = "org.civgrid.alert.surge"

// An alert tells of one surge.
type alert struct {
	ID       string   `json:"id"`
	Place    string   `json:"place"` // what the place at its centre is called
	Cells    []string `json:"cells"` // its centre first
	Since    string   `json:"since"` // first day
	Until    string   `json:"until"` // last day
	Observed int64    `json:"observed"`
	Expected float64  `json:"expected"`
	P        float64  `json:"p"`
	// Recurrence is in how many days of looking chance alone shows a surge as
	// strong.
	Recurrence int       `json:"recurrence_days"`
	Version    string    `json:"data_version"`
	At         time.Time `json:"at"` // when it was found
}

// alertsOf returns the surges of a layer whose p is at most alpha, the strongest
// first.
func alertsOf(layer *analytics.Layer, alpha float64, now time.Time) []alert {
	column := func(name string) analytics.Column {
		c, _ := layer.Column(name)
		return c
	}
	number, role, p := column("cluster"), column("role"), column("p")
	place, since, until, observed, expected := column("place_name"), column("since"), column("until"), column("surge_observed"), column("surge_expected")
	byNumber := map[int64]*alert{}
	var order []int64
	for row := range layer.Frame.Len() {
		if !number.Has(row) || p.Floats[row] > alpha {
			continue
		}
		a := byNumber[number.Ints[row]]
		if a == nil {
			a = &alert{
				Since: since.Words[row], Until: until.Words[row], Observed: observed.Ints[row], Expected: expected.Floats[row],
				P: p.Floats[row], Recurrence: int(1 / p.Floats[row]), Version: layer.Provenance.DataVersion, At: now.UTC(),
			}
			byNumber[number.Ints[row]] = a
			order = append(order, number.Ints[row])
		}
		if role.Words[row] == "centre" {
			a.Cells = append([]string{layer.Frame.ID(row)}, a.Cells...)
			if place.Has(row) {
				a.Place = place.Words[row]
			}
		} else {
			a.Cells = append(a.Cells, layer.Frame.ID(row))
		}
	}
	slices.Sort(order)
	alerts := make([]alert, 0, len(order))
	for _, n := range order {
		a := byNumber[n]
		a.ID = fmt.Sprintf("%x", sha256.Sum256([]byte(a.Version+a.Cells[0]+a.Since)))[:32]
		alerts = append(alerts, *a)
	}
	return alerts
}

// words tells the alert in a line.
func (a alert) words() string {
	where := a.Cells[0]
	if a.Place != "" {
		where = a.Place + " (" + where + ")"
	}
	if n := len(a.Cells) - 1; n > 0 {
		where += fmt.Sprintf(" and %d cells around", n)
	}
	return fmt.Sprintf("⚠ %s, since %s: %d reports, %.1f expected; chance alone shows as much once in %d days or less", where, a.Since, a.Observed, a.Expected, a.Recurrence)
}

// event returns the alert as a CloudEvent (CNCF, CloudEvents 1.0.2, JSON format).
func (a alert) event() (json.RawMessage, error) {
	return json.Marshal(map[string]any{
		"specversion": "1.0", "id": a.ID, "source": "urn:civgrid:watch", "type": surgeType, "time": a.At.Format(time.RFC3339),
		"subject": a.Cells[0], "datacontenttype": "application/json", "data": a,
	})
}

// watchState remembers what was told.
type watchState struct {
	path string
	Told []told `json:"told"`
}

// told is a surge that was told, and whether the webhook still has to hear of it.
type told struct {
	alert
	Pending bool            `json:"pending"`
	Event   json.RawMessage `json:"event,omitempty"`
}

// readWatchState reads what was told; a file that is not there is empty.
func readWatchState(path string) (*watchState, error) {
	s := &watchState{path: filepath.Clean(path)}
	text, err := os.ReadFile(s.path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read what was told before: %w", err)
	}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("read what was told before, in %s: %w", path, err)
	}
	return s, nil
}

// fresh returns the alerts of places that were not told of within so many days.
func (s *watchState) fresh(alerts []alert, now time.Time, quietDays int) []alert {
	var list []alert
	for _, a := range alerts {
		known := slices.ContainsFunc(s.Told, func(t told) bool {
			return now.Sub(t.At) < time.Duration(quietDays)*24*time.Hour && slices.ContainsFunc(t.Cells, func(cell string) bool { return slices.Contains(a.Cells, cell) })
		})
		if !known {
			list = append(list, a)
		}
	}
	return list
}

// keptTold is how many surges are remembered.
const keptTold = 1000

// add remembers alerts.
func (s *watchState) add(alerts []alert, pending bool) {
	for _, a := range alerts {
		t := told{alert: a, Pending: pending}
		if event, err := a.event(); err == nil && pending {
			t.Event = event
		}
		s.Told = append(s.Told, t)
	}
	if extra := len(s.Told) - keptTold; extra > 0 {
		s.Told = slices.Delete(s.Told, 0, extra)
	}
}

// write keeps the state, whole or not at all.
func (s *watchState) write() error {
	text, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	draft := s.path + ".new"
	if err := os.WriteFile(draft, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	if err := os.Rename(draft, s.path); err != nil {
		return fmt.Errorf("remember what was told: %w", err)
	}
	return nil
}
