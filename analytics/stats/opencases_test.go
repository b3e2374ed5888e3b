package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestOpenCases follows the cases of the last 30 days, with a limit of 7 days
// and log-normal resolution, as they stand on the last of those days: what is
// still open says most about how long cases take. The truth is the log-normal
// distribution itself.
func TestOpenCases(t *testing.T) {
	const (
		mu, sigma   = 1.205, 1.2976 // of log days, as in the tests of analytics/compliance
		day         = 86400.0
		limit       = 7.0
		cases       = 200_000
		worseThan10 = 1.2815515655446004 // normal quantile of 0.9
	)
	trueShare := NormalCDF((math.Log(limit) - mu) / sigma)
	trueP90 := math.Exp(mu + sigma*worseThan10)
	rng := rand.New(rand.NewPCG(30, 7))
	seconds, closed := make([]float64, cases), make([]bool, cases)
	var onTime, matured, closedOnTime, closedTotal int64
	var closedDays []float64
	for i := range seconds {
		watched, took := 30*rng.Float64(), math.Exp(mu+sigma*rng.NormFloat64())
		closed[i] = took <= watched
		seconds[i] = min(took, watched) * day
		inTime := closed[i] && took <= limit
		if watched >= limit {
			matured++
			onTime += oneIf(inTime)
		}
		if closed[i] {
			closedTotal++
			closedOnTime += oneIf(inTime)
			closedDays = append(closedDays, took)
		}
	}
	d := mustCount(t, seconds, closed)
	curve, err := d.KaplanMeier()
	if err != nil {
		t.Fatal(err)
	}
	p90 := curve.Quantile(0.9, Band{})
	within := curve.Within(limit*day, Band{})
	slices.Sort(closedDays)
	closedP90, err := SampleQuantile(closedDays, 0.9, InverseECDF, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	maturedShare, closedShare := float64(onTime)/float64(matured), float64(closedOnTime)/float64(closedTotal)
	t.Logf("on time: truth %.4f, matured %.4f, Kaplan-Meier %.4f, closed only %.4f", trueShare, maturedShare, within.Share, closedShare)
	t.Logf("p90: truth %.2f d, Kaplan-Meier %.2f d (%.2f to %.2f), closed only %.2f d, %.0f %% off",
		trueP90, p90.Value/day, p90.Low/day, p90.High/day, closedP90.Value, 100*(1-closedP90.Value/trueP90))
	if p90.Reason != OK || math.Abs(p90.Value/day/trueP90-1) > 0.03 {
		t.Errorf("Kaplan-Meier p90 is %.2f d (%v), truth %.2f: want within 3 %%", p90.Value/day, p90.Reason, trueP90)
	}
	if math.Abs(maturedShare-trueShare) > 0.01 || math.Abs(within.Share-trueShare) > 0.01 {
		t.Errorf("matured share %.4f, Kaplan-Meier %.4f, truth %.4f: want within a point", maturedShare, within.Share, trueShare)
	}
	if closedP90.Value > 0.6*trueP90 || closedShare < trueShare+0.1 {
		t.Errorf("closed only: p90 %.2f d, share %.4f: want them far off, or this shows nothing", closedP90.Value, closedShare)
	}
}
