package engine

import "testing"

func TestPeriodsHoldTheirBeginningAndNotTheirEnd(t *testing.T) {
	cuts := []int64{10, 20, 30}
	for at, want := range map[int64]int32{9: -1, 10: 0, 19: 0, 20: 1, 29: 1, 30: 2, 99: 2} {
		if got := periodOf(cuts, at); got != want {
			t.Errorf("%d is in period %d, want %d", at, got, want)
		}
	}
}
