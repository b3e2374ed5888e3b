package stats

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestWaitBounds ascend from nothing to a hundred years, half a percent to
// either side of what a bucket stands for, and waits have the bucket that
// BucketOf gives them.
func TestWaitBounds(t *testing.T) {
	bounds := WaitBounds()
	if !slices.IsSorted(bounds) || len(slices.Compact(slices.Clone(bounds))) != len(bounds) {
		t.Error("bounds do not ascend")
	}
	const century = 36524 * 24 * time.Hour
	if last := time.Duration(bounds[len(bounds)-1]) * time.Microsecond; last < century {
		t.Errorf("the last bound is %v, want a hundred years", last)
	}
	for _, wait := range []time.Duration{0, time.Second, 90 * time.Second, 5 * time.Hour, 1000 * time.Hour, century / 2} {
		number, _ := slices.BinarySearch(bounds, wait.Microseconds())
		got := ZeroBucket + Bucket(number)
		if want, ok := BucketOf(wait.Seconds()); !ok || got != want {
			t.Errorf("a wait of %v is in bucket %d, want %d", wait, got, want)
		}
	}
}

// TestWaitsOfRows: the waits of rows put together are those of all.
func TestWaitsOfRows(t *testing.T) {
	want := Durations{
		Bucket: []Bucket{ZeroBucket, ZeroBucket + 7, ZeroBucket + 9}, Closed: []int64{3, 0, 2}, Open: []int64{0, 5, 1},
	}
	if diff := cmp.Diff(want, WaitsOf([]int64{0, 7, 9}, []int64{3, 0, 2}, []int64{0, 5, 1})); diff != "" {
		t.Errorf("of one row (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(want, AllWaits([]int64{0, 9, 7, 7, 9, 8}, []int64{3, 1, 0, 0, 1, 0}, []int64{0, 0, 2, 3, 1, 0})); diff != "" {
		t.Errorf("of all rows (-want +got):\n%s", diff)
	}
	if err := AllWaits(nil, nil, nil).Validate(); err != nil {
		t.Errorf("of no rows: %v", err)
	}
}
