package agg

import (
	"fmt"
	"math"
	"sort"
	"time"

	"github.com/civgrid/civgrid/data"
)

const hoursOfWeek = 7 * 24

// width returns how many values the further key of r can take, 0 if it has
// none.
func width(r data.Rollup) int {
	if len(r.Keys) < 2 {
		return 0
	}
	switch key := r.Keys[1].(type) {
	case data.ByHourOfWeek:
		return hoursOfWeek
	case data.ByInt:
		return int(key.Below)
	case data.ByWait:
		return len(key.Bounds) + 1
	}
	panic(fmt.Sprintf("BUG: rollup %s has a further key of type %T", r.Name, r.Keys[1]))
}

// keysOf returns the further key of each fact, -1 where it has none.
func keysOf(dst []int64, b data.Batch, key data.Key) []int64 {
	if cap(dst) < b.Len() {
		dst = make([]int64, b.Len())
	}
	dst = dst[:b.Len()]
	switch key := key.(type) {
	case data.ByHourOfWeek:
		hours(dst, b.Ints(key.Column), b.Valid(key.Column), key.Zone)
	case data.ByInt:
		ints(dst, b.Ints(key.Column), b.Valid(key.Column), key.Below)
	case data.ByWait:
		waits(dst, b, key)
	}
	return dst
}

// ints writes values from 0 up to below.
func ints(dst, values []int64, valid data.Validity, below int64) {
	for i, v := range values {
		if dst[i] = v; v < 0 || v >= below || !valid.At(i) {
			dst[i] = -1
		}
	}
}

// hours writes the local hour of the week of each instant. 1970 began on a
// Thursday, 72 hours into its week.
func hours(dst, micros []int64, valid data.Validity, zone *time.Location) {
	const hour = 3600 * 1e6    // microseconds
	var from, to, offset int64 // microseconds: the span in which offset holds
	for i, us := range micros {
		if !valid.At(i) {
			dst[i] = -1
			continue
		}
		if us < from || us >= to {
			from, to, offset = spanOf(us, zone)
		}
		dst[i] = floorMod(floorDiv(us+offset, hour)+72, hoursOfWeek)
	}
}

// spanOf returns the zone's offset from UTC at an instant and the span around
// it in which the offset holds, all in microseconds.
func spanOf(us int64, zone *time.Location) (from, to, offset int64) {
	t := time.UnixMicro(us).In(zone)
	_, east := t.Zone()
	start, end := t.ZoneBounds()
	from, to = math.MinInt64, math.MaxInt64
	if !start.IsZero() {
		from = start.UnixMicro()
	}
	if !end.IsZero() {
		to = end.UnixMicro()
	}
	return from, to, int64(east) * 1e6
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// waits writes the number of bounds below each wait.
func waits(dst []int64, b data.Batch, key data.ByWait) {
	starts, startValid := b.Ints(key.From), b.Valid(key.From)
	stops, stopValid := b.Ints(key.To), b.Valid(key.To)
	asOf := key.AsOf.UnixMicro()
	for i, start := range starts {
		stop := asOf
		if stopValid.At(i) && stops[i] < asOf {
			stop = stops[i]
		}
		if !startValid.At(i) || stop < start {
			dst[i] = -1
			continue
		}
		wait := stop - start
		dst[i] = int64(sort.Search(len(key.Bounds), func(j int) bool { return key.Bounds[j] >= wait }))
	}
}
