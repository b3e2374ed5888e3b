package quality_test

import "testing"

// BenchmarkAssess is the report on 22,000 rows, with a point that is looked at
// twice.
func BenchmarkAssess(b *testing.B) {
	s := store(b, crowd(20000, 2000, func(int, row) {}, func(int, row) {})...)
	for b.Loop() {
		assess(b, s)
	}
	b.ReportMetric(float64(22000*b.N)/b.Elapsed().Seconds(), "rows/s")
}
