package postgis

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// A groupKey is one key of a rollup as the server knows it.
type groupKey struct {
	// columns are the expressions grouped by.
	columns func(st *statement) []string
	// width is the number of them.
	width int
	// set puts the key into column i of the answer.
	set func(b *data.Builder, i int, values [][]byte) error
}

func (v *vocabulary) groupKey(k data.Key) groupKey {
	switch k := k.(type) {
	case data.ByCell:
		return byCell(k)
	case data.ByCode:
		return v.byCode(k)
	case data.ByHourOfWeek:
		return byHourOfWeek(k)
	case data.ByInt:
		return byInt(k)
	case data.ByWait:
		return byWait(k)
	}
	panic(fmt.Sprintf("BUG: key of type %T", k))
}

func byCell(k data.ByCell) groupKey {
	return groupKey{
		columns: func(*statement) []string { return []string{quote(k.Column)} },
		width:   1,
		set:     setNumber(func(b *data.Builder, i int, n int64) { b.SetCell(i, geo.Cell(n)) }),
	}
}

// setNumber returns what puts a bigint into an answer.
func setNumber(put func(b *data.Builder, i int, n int64)) func(b *data.Builder, i int, values [][]byte) error {
	return func(b *data.Builder, i int, values [][]byte) error {
		if values[0] == nil {
			b.Missing(i)
			return nil
		}
		n, err := number(values[0])
		put(b, i, n)
		return err
	}
}

// byCode groups by word and recodes what comes back: parts of equal keys are
// added by who asked.
func (v *vocabulary) byCode(k data.ByCode) groupKey {
	return groupKey{
		columns: func(*statement) []string { return []string{quote(k.Column)} },
		width:   1,
		set: func(b *data.Builder, i int, values [][]byte) error {
			if values[0] == nil {
				b.Missing(i)
				return nil
			}
			if len(values[0]) != 4 {
				return errWidth
			}
			word, err := v.word(int32(binary.BigEndian.Uint32(values[0])))
			if err != nil {
				return err
			}
			if k.Recode != nil {
				var ok bool
				if word, ok = k.Recode[word]; !ok {
					b.Missing(i)
					return nil
				}
			}
			b.SetText(i, word)
			return nil
		},
	}
}

const (
	hour = int64(time.Hour / time.Microsecond)
	week = 168 * hour
	// thursday is the hour of the week at which 1970 began.
	thursday = 72
	// aheadWeeks makes every local time from 1900 on positive, so that division
	// rounds down.
	aheadWeeks = 10_000
)

// offsetsFrom and offsetsTo bound the time for which a zone's offsets are given
// to the server. Facts of other times are grouped by instant, and their hour is
// told here.
var (
	offsetsFrom = time.Date(1900, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
	offsetsTo   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro()
)

// byHourOfWeek hands the server the offsets of the zone, so that its own time
// zone data need not agree with ours.
func byHourOfWeek(k data.ByHourOfWeek) groupKey {
	starts, offsets := offsetsOf(k.Zone)
	at := quote(k.Column)
	return groupKey{
		columns: func(st *statement) []string {
			from, to := st.arg(offsetsFrom)+"::bigint", st.arg(offsetsTo)+"::bigint"
			inside := at + " >= " + from + " AND " + at + " < " + to
			offset := "(" + st.arg(offsets) + "::bigint[])[width_bucket(" + at + ", " + st.arg(starts) + "::bigint[]) + 1]"
			return []string{
				fmt.Sprintf("CASE WHEN %s THEN ((%s + %s + %d) / %d + %d) %% 168 END", inside, at, offset, aheadWeeks*week, hour, thursday),
				"CASE WHEN NOT (" + inside + ") THEN " + at + " END",
			}
		},
		width: 2,
		set: func(b *data.Builder, i int, values [][]byte) error {
			switch {
			case values[0] != nil:
				n, err := number(values[0])
				b.SetInt(i, n)
				return err
			case values[1] != nil:
				n, err := number(values[1])
				b.SetInt(i, hourOfWeek(n, k.Zone))
				return err
			}
			b.Missing(i)
			return nil
		},
	}
}

// offsetsOf returns when the offsets of a zone begin, but for the first, and
// all of them, in microseconds.
func offsetsOf(zone *time.Location) (starts, offsets []int64) {
	starts = []int64{}
	for at := time.UnixMicro(offsetsFrom).In(zone); at.UnixMicro() < offsetsTo; at = nextOffset(at) {
		_, east := at.Zone()
		if offset := int64(east) * 1e6; len(offsets) == 0 || offsets[len(offsets)-1] != offset {
			if len(offsets) > 0 {
				starts = append(starts, at.UnixMicro())
			}
			offsets = append(offsets, offset)
		}
	}
	return starts, offsets
}

// nextOffset returns when the offset in force at an instant may end. Beyond the
// transitions that are listed in the time zone data, Go 1.26 lets the last day
// of a leap year end where it begins.
func nextOffset(at time.Time) time.Time {
	_, end := at.ZoneBounds()
	switch {
	case end.IsZero():
		return time.UnixMicro(offsetsTo)
	case !end.After(at):
		return at.Add(time.Hour)
	}
	return end
}

// hourOfWeek returns the local hour of the week of one instant.
func hourOfWeek(micros int64, zone *time.Location) int64 {
	local := time.UnixMicro(micros).In(zone)
	return int64((int(local.Weekday())+6)%7*24 + local.Hour())
}

func byInt(k data.ByInt) groupKey {
	n := quote(k.Column)
	return groupKey{
		columns: func(st *statement) []string {
			return []string{fmt.Sprintf("CASE WHEN %[1]s >= 0 AND %[1]s < %[2]s::bigint THEN %[1]s END", n, st.arg(k.Below))}
		},
		width: 1,
		set:   setNumber((*data.Builder).SetInt),
	}
}

// longestAgo is so long ago that a wait since then is longer than any bound,
// and would not fit a bigint.
const longestAgo = math.MinInt64 / 2

func byWait(k data.ByWait) groupKey {
	from, to := quote(k.From), quote(k.To)
	return groupKey{
		columns: func(st *statement) []string {
			asOf := st.arg(k.AsOf.UnixMicro()) + "::bigint"
			bounds := k.Bounds
			if bounds == nil {
				bounds = []int64{}
			}
			// Of bounds below the wait: at most the wait less one microsecond.
			return []string{fmt.Sprintf(`CASE WHEN %[1]s < %[4]d THEN %[5]d
				WHEN least(%[2]s, %[3]s) >= %[1]s THEN width_bucket(least(%[2]s, %[3]s) - %[1]s - 1, %[6]s::bigint[]) END::bigint`,
				from, to, asOf, int64(longestAgo), len(bounds), st.arg(bounds))}
		},
		width: 1,
		set:   setNumber((*data.Builder).SetInt),
	}
}
