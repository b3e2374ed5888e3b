package stats

// longestWait is the last bucket of waits that are told apart: a hundred years
// and more. Longer ones are in the bucket after it.
const longestWait Bucket = 2200

// WaitBounds returns the upper bounds of the buckets that waits are counted in,
// in microseconds, ascending. A wait has the number of the first bound that it
// does not exceed, or the number after the last. The slice is the caller's.
func WaitBounds() []int64 {
	list := make([]int64, 0, int(longestWait-ZeroBucket)+1)
	for b := ZeroBucket; b <= longestWait; b++ {
		_, upTo := b.Bounds()
		list = append(list, int64(upTo*1e6))
	}
	return list
}

// WaitsOf returns the durations of waits that were counted by their number
// among WaitBounds, each number once, ascending. Closed and open are kept.
func WaitsOf(number, closed, open []int64) Durations {
	d := Durations{Closed: closed, Open: open}
	for _, n := range number {
		d.Bucket = append(d.Bucket, ZeroBucket+Bucket(n))
	}
	return d
}

// AllWaits returns the durations of waits that were counted as for WaitsOf, of
// several rows: numbers come in any order and more than once.
func AllWaits(number, closed, open []int64) Durations {
	sum := func(counts []int64) []int64 {
		sums := make([]int64, int(longestWait-ZeroBucket)+2)
		for i, n := range number {
			sums[n] += counts[i]
		}
		return sums
	}
	allClosed, allOpen := sum(closed), sum(open)
	var d Durations
	for n := range allClosed {
		if allClosed[n]+allOpen[n] > 0 {
			d.Bucket = append(d.Bucket, ZeroBucket+Bucket(n))
			d.Closed, d.Open = append(d.Closed, allClosed[n]), append(d.Open, allOpen[n])
		}
	}
	return d
}
