package ingest

import (
	"fmt"
	"time"
)

// loadZone returns a time zone by its IANA name, UTC for "".
func loadZone(name string) (*time.Location, error) {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("time zone %q: want a name such as Asia/Shanghai: %w", name, err)
	}
	return zone, nil
}

// A fate is what becomes of a local time.
type fate uint8

const (
	once    fate = iota
	twice        // occurs twice: the first is meant
	skipped      // does not occur: read with the offset before the gap
)

// A resolver turns wall clock times of a zone into instants, by RFC 5545,
// section 3.3.5. It remembers the stretch of constant offset it met last and is
// not safe for concurrent use.
type resolver struct {
	zone       *time.Location
	from, to   int64 // wall clock microseconds that are surely at offset
	offset     int64 // microseconds east
	remembered bool
}

// day is more than any two offsets of a zone differ by.
const day = int64(86_400_000_000)

// instant returns Unix microseconds for a moment.
func (r *resolver) instant(m moment) (int64, fate) {
	if m.utc {
		return m.micros, once
	}
	if r.remembered && m.micros >= r.from && m.micros < r.to {
		return m.micros - r.offset, once
	}
	before, after := r.offsetAt(m.micros-day), r.offsetAt(m.micros+day)
	if before == after && r.offsetAt(m.micros-before) == before {
		r.remember(m.micros - before)
		return m.micros - before, once
	}
	return r.nearChange(m.micros, before, after)
}

// nearChange decides a wall clock time within a day of a change of the offset.
func (r *resolver) nearChange(wall, before, after int64) (int64, fate) {
	early, late := wall-before, wall-after
	isEarly, isLate := r.offsetAt(early) == before, r.offsetAt(late) == after
	switch {
	case isEarly && isLate && early != late:
		return min(early, late), twice
	case isEarly:
		return early, once
	case isLate:
		return late, once
	}
	return early, skipped
}

func (r *resolver) offsetAt(micros int64) int64 {
	_, seconds := time.UnixMicro(micros).In(r.zone).Zone()
	return int64(seconds) * 1_000_000
}

// remember keeps the stretch around an instant in which no change is near.
func (r *resolver) remember(micros int64) {
	t := time.UnixMicro(micros).In(r.zone)
	start, end := t.ZoneBounds()
	_, seconds := t.Zone()
	r.offset = int64(seconds) * 1_000_000
	r.from, r.to = micros-3650*day, micros+3650*day
	if !start.IsZero() {
		r.from = max(r.from, start.UnixMicro()+r.offset+day)
	}
	if !end.IsZero() {
		r.to = min(r.to, end.UnixMicro()+r.offset-day)
	}
	r.remembered = true
}

// timeIn writes Unix microseconds as a time of the zone.
func timeIn(micros int64, zone *time.Location) string {
	return time.UnixMicro(micros).In(zone).Format("2006-01-02T15:04:05Z07:00")
}

// usesLocalTime reports whether the sample has times without an offset.
func (p *plan) usesLocalTime() bool {
	for _, b := range p.bindings {
		if len(b.times) == 0 {
			continue
		}
		for _, text := range p.sample.values(p, b) {
			if m, err := parseTime(text, b.times); err == nil && !m.utc {
				return true
			}
		}
	}
	return false
}
