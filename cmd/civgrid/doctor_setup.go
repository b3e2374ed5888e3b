package main

import (
	"context"
	"errors"
	"maps"
	"net"
	"slices"
	"strings"
	"syscall"

	"github.com/civgrid/civgrid/analytics/clock"
	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/postgis"
)

// setupOf looks at what a service of these settings stands on besides the store.
func (p *program) setupOf() []postgis.Finding {
	findings := []postgis.Finding{addressOK(p.config.get("addr"))}
	if path := p.config.get("secret-file"); path != "" {
		finding := fine("secret", "%s holds what signs cursors and ETags", path)
		if _, err := readServiceSecret(path); err != nil {
			finding = broken("secret", "openssl rand -hex 32 makes one; chmod 600 closes a file to others", "%v", err)
		}
		findings = append(findings, finding)
	}
	return findings
}

// addressOK looks whether requests could be taken at an address.
func addressOK(addr string) postgis.Finding {
	listener, err := net.Listen("tcp", addr)
	switch {
	case err == nil:
		listener.Close()
		return fine("address", "requests could be taken at %s", addr)
	case errors.Is(err, syscall.EADDRINUSE):
		return doubtful("address", "", "%s is taken, by civgrid serve or another program", addr)
	}
	return broken("address", "--addr 127.0.0.1:8081 is another one", "requests cannot be taken: %v", err)
}

// calendarsOf looks whether the calendars that were published know the days that
// a limit of today runs over.
func (p *program) calendarsOf(ctx context.Context, store data.Store) []postgis.Finding {
	e := engine.New(store, engine.Options{Now: p.now})
	published, err := e.CalendarsPublished(ctx)
	if err != nil || len(published) == 0 {
		return nil // what cannot be read is told of by other checks
	}
	library, err := e.Library(ctx)
	if err != nil {
		return []postgis.Finding{broken("calendars", "", "cannot be read: %v", err)}
	}
	var findings []postgis.Finding
	for _, name := range slices.Sorted(maps.Keys(published)) {
		id, _, _ := strings.Cut(name, "@")
		c, err := library.Calendar(id)
		if err != nil || calendarName(c.File()) != name {
			continue // there is a later version
		}
		finding := fine("calendar", "%s has data for %s", name, c.Covers())
		gap := (*clock.NoDataError)(nil)
		if _, err := c.Deadline(p.now(), clock.Limit{Millionths: 1_000_000, Unit: clock.WorkDay}, nil); errors.As(err, &gap) {
			finding = doubtful("calendar", uncoveredHint(gap), "a limit that begins today cannot be counted: %v", err)
		}
		findings = append(findings, finding)
	}
	return findings
}

// worstFirst puts problems before warnings, and these before what is in order:
// the first line says what is wrong.
func worstFirst(findings []postgis.Finding) {
	rank := map[postgis.State]int{postgis.Problem: 0, postgis.Warning: 1, postgis.OK: 2}
	slices.SortStableFunc(findings, func(a, b postgis.Finding) int { return rank[a.State] - rank[b.State] })
}
