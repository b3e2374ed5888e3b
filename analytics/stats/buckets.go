package stats

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// BucketError is the largest relative error of a duration given by its bucket.
const BucketError = 0.005

// bucketGrowth is γ, the ratio of the bounds of a bucket.
const bucketGrowth = (1 + BucketError) / (1 - BucketError)

// A Bucket is a range of durations on a fixed logarithmic scale: bucket b
// holds the seconds x with γ^(b-1) < x <= γ^b, where γ = 1.005/0.995. One
// second is in bucket 0, a day in 1137, ten years in 1957. ZeroBucket holds
// anything shorter than bucket 0. It is the scale of DDSketch (Masson, Rim and
// Lee 2019, section 2), fixed once for all, so that summaries merge by adding
// whole numbers: exactly, in any order, anywhere.
type Bucket int16

// ZeroBucket holds durations from 0 to 1/γ seconds, and stands for 0.
const ZeroBucket Bucket = -1

// TenYears is the bucket of the longest duration the scale is meant for, ten
// years of 365.25 days. Longer ones are told apart just as well.
const TenYears Bucket = 1957

// logGrowth is log γ = 2 artanh(BucketError), by its series.
const logGrowth = 2 * (BucketError + BucketError*BucketError*BucketError*
	(1.0/3+BucketError*BucketError*(1.0/5+BucketError*BucketError/7)))

// BucketOf returns the bucket of a duration in seconds. ok is false for what
// is no duration: negative, not finite, or beyond 10^140 seconds.
func BucketOf(seconds float64) (b Bucket, ok bool) {
	if !(seconds >= 0) {
		return 0, false
	}
	if seconds <= 1/bucketGrowth {
		return ZeroBucket, true
	}
	n := math.Ceil(math.Log(seconds) / logGrowth)
	if n > math.MaxInt16 {
		return 0, false
	}
	return Bucket(n), true
}

// Seconds returns the duration that stands for b: within BucketError of every
// duration in it, relatively, and 0 for ZeroBucket.
func (b Bucket) Seconds() float64 {
	if b <= ZeroBucket {
		return 0
	}
	return math.Exp(float64(b)*logGrowth) * 2 / (1 + bucketGrowth)
}

// Duration returns b.Seconds as a time.Duration, at most 292 years.
func (b Bucket) Duration() time.Duration {
	return time.Duration(min(b.Seconds(), math.MaxInt64/1e9-1) * 1e9)
}

// Bounds returns the durations in seconds between which b lies; the upper one
// belongs to it.
func (b Bucket) Bounds() (above, upTo float64) {
	upTo = math.Exp(float64(max(b, ZeroBucket)) * logGrowth)
	if b <= ZeroBucket {
		return 0, upTo
	}
	return upTo / bucketGrowth, upTo
}

// Durations is a mergeable summary of durations, some of which were still
// running when last seen: numbers by bucket, as three columns. Buckets ascend
// strictly; rows with nothing in them are allowed. The zero value is empty.
type Durations struct {
	Bucket []Bucket
	Closed []int64 // durations that ended, by their length
	Open   []int64 // durations still running, by their length so far
}

var errBuckets = errors.New("buckets do not ascend")

// Validate returns an error unless d keeps its promises: columns of one
// length, ascending buckets, no negative number.
func (d Durations) Validate() error {
	if err := checkLength(len(d.Bucket), len(d.Closed), len(d.Open)); err != nil {
		return fmt.Errorf("durations: %w", err)
	}
	for i, b := range d.Bucket {
		if i > 0 && b <= d.Bucket[i-1] {
			return fmt.Errorf("durations: row %d: %w", i, errBuckets)
		}
		if least := min(d.Closed[i], d.Open[i]); least < 0 {
			return fmt.Errorf("durations: %w", &ValueError{Row: i, Value: float64(least), Why: "want a count"})
		}
	}
	return nil
}

// CountDurations sums up durations in seconds; closed[i] says whether
// seconds[i] is final or the case is still open.
func CountDurations(seconds []float64, closed []bool) (Durations, error) {
	if err := checkLength(len(seconds), len(closed)); err != nil {
		return Durations{}, fmt.Errorf("count durations: %w", err)
	}
	type row struct{ closed, open int64 }
	rows := make(map[Bucket]row)
	for i, s := range seconds {
		b, ok := BucketOf(s)
		if !ok {
			return Durations{}, fmt.Errorf("count durations: %w", notADuration(i, s))
		}
		r := rows[b]
		if closed[i] {
			r.closed++
		} else {
			r.open++
		}
		rows[b] = r
	}
	var d Durations
	for b := range rows {
		d.Bucket = append(d.Bucket, b)
	}
	slices.Sort(d.Bucket)
	for _, b := range d.Bucket {
		d.Closed = append(d.Closed, rows[b].closed)
		d.Open = append(d.Open, rows[b].open)
	}
	return d, nil
}

// Merge returns the summary of the durations of d and other together. Both
// must be valid; neither is changed. It is exact, commutative and associative.
func (d Durations) Merge(other Durations) Durations {
	room := len(d.Bucket) + len(other.Bucket)
	m := Durations{
		Bucket: make([]Bucket, 0, room),
		Closed: make([]int64, 0, room),
		Open:   make([]int64, 0, room),
	}
	for i, j := 0, 0; i < len(d.Bucket) || j < len(other.Bucket); {
		var closed, open int64
		b := Bucket(math.MaxInt16)
		if i < len(d.Bucket) {
			b = d.Bucket[i]
		}
		if j < len(other.Bucket) {
			b = min(b, other.Bucket[j])
		}
		if i < len(d.Bucket) && d.Bucket[i] == b {
			closed, open = d.Closed[i], d.Open[i]
			i++
		}
		if j < len(other.Bucket) && other.Bucket[j] == b {
			closed, open = closed+other.Closed[j], open+other.Open[j]
			j++
		}
		m.Bucket = append(m.Bucket, b)
		m.Closed, m.Open = append(m.Closed, closed), append(m.Open, open)
	}
	return m
}

// Total returns how many durations there are of each kind.
func (d Durations) Total() (closed, open int64) {
	for i := range d.Bucket {
		closed += d.Closed[i]
		open += d.Open[i]
	}
	return closed, open
}

func notADuration(row int, seconds float64) error {
	return &ValueError{Row: row, Value: seconds, Why: "want a duration in seconds, 0 or more"}
}
