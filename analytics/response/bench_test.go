package response

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/civgrid/civgrid/analytics"
)

// BenchmarkCompute makes the layers of 10,000 and 50,000 rows with about 100
// cases in each: the time must grow with the rows, not with their square.
func BenchmarkCompute(b *testing.B) {
	for _, rows := range []int{10_000, 50_000} {
		b.Run(fmt.Sprint(rows, " rows"), func(b *testing.B) {
			r := request(b, nil)
			codes := make([]string, rows)
			for row := range codes {
				codes[row] = fmt.Sprintf("c%05d", row)
			}
			frame, tallies := frameOf(codes...), talliesOf(rows, 100)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Analysis.Compute(b.Context(), r, frame, tallies); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(rows)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// talliesOf answers the rollups of the plan with random waits, one in ten open.
func talliesOf(rows, each int) []analytics.Tally {
	rng := rand.New(rand.NewPCG(1, 1))
	none := []int64{0, 0, 0}
	waits := analytics.Tally{Names: []string{"closed", "open", "undated"}, Counts: make([][]int64, 3), Elsewhere: none, Nowhere: none, Keyless: none}
	keys := make([]int64, each)
	for row := range rows {
		for i := range keys {
			keys[i] = int64(1200 + 100*rng.NormFloat64())
		}
		slices.Sort(keys)
		for _, key := range slices.Compact(keys) {
			waits.Rows, waits.Keys = append(waits.Rows, int32(row)), append(waits.Keys, key)
			open := int64(0)
			if rng.IntN(10) == 0 {
				open = 1
			}
			for c, n := range []int64{1 - open, open, 0} {
				waits.Counts[c] = append(waits.Counts[c], n)
			}
		}
		keys = keys[:each]
	}
	hours := analytics.Tally{Names: []string{"n"}, Counts: make([][]int64, 1)}
	return []analytics.Tally{waits, hours}
}
