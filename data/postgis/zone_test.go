package postgis

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
	_ "time/tzdata"
)

// TestOffsets compares the offsets handed to the server with Go's own, at
// random instants of two centuries and around every transition.
func TestOffsets(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, name := range []string{
		"UTC", "Asia/Shanghai", "Asia/Kathmandu", "America/New_York", "Europe/London", "Australia/Lord_Howe",
		"America/Sao_Paulo", "Pacific/Apia", "Africa/Casablanca", "Africa/Monrovia", "Antarctica/Troll", "Asia/Tehran",
	} {
		zone, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		starts, offsets := offsetsOf(zone)
		if len(offsets) != len(starts)+1 || !slices.IsSorted(starts) {
			t.Fatalf("%s: %d offsets begin at %d instants, ascending: %t", name, len(offsets), len(starts), slices.IsSorted(starts))
		}
		instants := []int64{offsetsFrom, offsetsTo - 1}
		for _, s := range starts {
			instants = append(instants, s-1, s, s+1)
		}
		for range 20_000 {
			instants = append(instants, offsetsFrom+random.Int64N(offsetsTo-offsetsFrom))
		}
		for _, us := range instants {
			i, met := slices.BinarySearch(starts, us)
			if met {
				i++ // a bucket begins at its threshold
			}
			_, want := time.UnixMicro(us).In(zone).Zone()
			if got := offsets[i] / 1e6; got != int64(want) {
				t.Errorf("%s: offset at %v is %d s, want %d", name, time.UnixMicro(us).UTC(), got, want)
				break
			}
		}
	}
}
