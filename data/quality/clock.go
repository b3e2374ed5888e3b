package quality

import "time"

// Microseconds.
const (
	second = int64(1_000_000)
	day    = 86_400 * second
)

// A clock tells the wall clock time of instants in a zone. It remembers the
// stretch of constant offset it met last and is not safe for concurrent use.
type clock struct {
	zone               *time.Location
	from, to           int64 // the stretch, microseconds; half open
	offset             int64 // in it, microseconds east
	before, after      int64 // offsets before and after the stretch
	remembered         bool
	hasBefore, hasNext bool
}

// look makes the stretch that holds an instant the remembered one.
func (c *clock) look(micros int64) {
	if c.remembered && micros >= c.from && micros < c.to {
		return
	}
	t := time.UnixMicro(micros).In(c.zone)
	start, end := t.ZoneBounds()
	c.remembered, c.from, c.to = true, -1<<62, 1<<62
	c.offset, c.hasBefore, c.hasNext = offsetOf(t), !start.IsZero(), !end.IsZero()
	if c.hasBefore {
		c.from, c.before = start.UnixMicro(), offsetOf(start.Add(-time.Microsecond))
	}
	if c.hasNext {
		c.to, c.after = end.UnixMicro(), offsetOf(end)
	}
}

func offsetOf(t time.Time) int64 {
	_, seconds := t.Zone()
	return int64(seconds) * second
}

// midnight reports whether an instant is the beginning of a day to the
// microsecond.
func (c *clock) midnight(micros int64) bool {
	if micros%(900*second) != 0 { // offsets are whole quarters of an hour since 1972
		return false
	}
	c.look(micros)
	return (micros+c.offset)%day == 0
}

// twice reports whether the wall clock shows the time of an instant a second
// time, on account of clocks that go back.
func (c *clock) twice(micros int64) bool {
	c.look(micros)
	if c.hasNext && c.after < c.offset && micros >= c.to-(c.offset-c.after) {
		return true
	}
	return c.hasBefore && c.before > c.offset && micros < c.from+(c.before-c.offset)
}
