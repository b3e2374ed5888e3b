package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

type recordedBand struct{ Lower, Upper []*float64 }

type recordedQuantiles struct {
	P               []float64
	Q, Lower, Upper []*float64
}

type recordedCurve struct {
	Time   []float64
	Status []int
	KM     struct {
		Time    []float64
		NRisk   []int64 `json:"n_risk"`
		NEvent  []int64 `json:"n_event"`
		NCensor []int64 `json:"n_censor"`
		Surv    []float64
		SE      []*float64 `json:"se_greenwood"`
	}
	Log             recordedBand      `json:"ci_log"`
	LogLog          recordedBand      `json:"ci_loglog"`
	Plain           recordedBand      `json:"ci_plain"`
	QuantilesLog    recordedQuantiles `json:"quantile_log"`
	QuantilesLogLog recordedQuantiles `json:"quantile_loglog"`
	QuantilesPlain  recordedQuantiles `json:"quantile_plain"`
	RMST            []struct{ Tau, RMST, SE []float64 }
	NelsonAalen     []float64 `json:"nelson_aalen_H"`
}

func (c recordedCurve) closed() []bool {
	closed := make([]bool, len(c.Status))
	for i, s := range c.Status {
		closed[i] = s == 1
	}
	return closed
}

func TestKaplanMeierAgainstR(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		var recorded struct{ Cases map[string]recordedCurve }
		readJSON(t, &recorded, dir, "survival", "km.json")
		dev := worst{name: "Kaplan-Meier"}
		for name, want := range recorded.Cases {
			s, err := KaplanMeier(want.Time, want.closed())
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(s.Seconds, want.KM.Time) || !slices.Equal(s.AtRisk, want.KM.NRisk) ||
				!slices.Equal(s.Closed, want.KM.NEvent) || !slices.Equal(s.Open, want.KM.NCensor) {
				t.Errorf("%s: times or numbers differ", name)
				continue
			}
			compareCurve(t, &dev, name, &s, want)
			compareBand(t, &dev, name+" log", &s, Band{Transform: Log}, want.Log, want.QuantilesLog)
			compareBand(t, &dev, name+" log-log", &s, Band{}, want.LogLog, want.QuantilesLogLog)
			compareBand(t, &dev, name+" plain", &s, Band{Transform: Plain}, want.Plain, want.QuantilesPlain)
		}
		dev.log(t)
	})
}

func compareCurve(t *testing.T, dev *worst, name string, s *Survival, want recordedCurve) {
	t.Helper()
	hazard := s.CumulativeHazard()
	for i, seconds := range s.Seconds {
		dev.near(t, hazard[i], want.NelsonAalen[i], 1e-9, "%s: cumulative hazard at %v", name, seconds)
		dev.near(t, s.Share[i], want.KM.Surv[i], 1e-9, "%s: S(%v)", name, seconds)
		e := s.At(seconds, Band{Transform: Plain})
		if want.KM.SE[i] != nil {
			dev.near(t, e.StdErr, *want.KM.SE[i], 1e-9, "%s: standard error of S(%v)", name, seconds)
		}
	}
	for _, r := range want.RMST {
		mean, se, ok := s.RestrictedMean(r.Tau[0])
		if !ok {
			t.Errorf("%s: no mean up to %v", name, r.Tau)
		}
		dev.near(t, mean, r.RMST[0], 1e-9, "%s: mean up to %v", name, r.Tau)
		dev.near(t, se, r.SE[0], 1e-9, "%s: standard error of the mean up to %v", name, r.Tau)
	}
}

func compareBand(t *testing.T, dev *worst, name string, s *Survival, b Band, want recordedBand, quantiles recordedQuantiles) {
	t.Helper()
	f := func(got float64, has bool, want *float64, what string, at float64) {
		t.Helper()
		if has != (want != nil) {
			t.Errorf("%s: %s %v: got one %v, want %v", name, what, at, has, want != nil)
		} else if has {
			dev.near(t, got, *want, 1e-9, "%s: %s %v", name, what, at)
		}
	}
	for i, seconds := range s.Seconds {
		e := s.At(seconds, b)
		f(e.Interval.Low, e.Bounded, want.Lower[i], "low of S at", seconds)
		f(e.Interval.High, e.Bounded, want.Upper[i], "high of S at", seconds)
	}
	for k, p := range quantiles.P {
		q := s.Quantile(p, b)
		f(q.Value, q.Reason == OK, quantiles.Q[k], "quantile", p)
		f(q.Low, q.HasLow, quantiles.Lower[k], "low of quantile", p)
		f(q.High, q.HasHigh, quantiles.Upper[k], "high of quantile", p)
	}
}

type recordedStream struct {
	N, Closed    int64
	Type1        []float64 `json:"closed_type1"`
	Type7        []float64 `json:"closed_type7"`
	P50          float64   `json:"km_p50"`
	P90          float64   `json:"km_p90"`
	RMST         float64   `json:"rmst_30d"`
	RMSTError    float64   `json:"rmst_30d_se"`
	WithinOneDay float64   `json:"share_within_24h_km"`
}

// TestDurationsAgainstR runs a stream of 5,000 durations, some open, in 20
// groups: exactly from single values, within BucketError from buckets, also
// when the buckets of the groups are merged.
func TestDurationsAgainstR(t *testing.T) {
	dir := sharedOracles(t)
	rows := readTable(t, dir, "survival", "durations.csv")
	var want struct {
		All    recordedStream
		Groups []recordedStream
	}
	readJSON(t, &want, dir, "survival", "durations_expected.json")
	seconds, status, group := rows.floats(t, "seconds"), rows.ints(t, "closed"), rows.ints(t, "group")
	closed := make([]bool, len(status))
	for i, s := range status {
		closed[i] = s == 1
	}
	exact, rough := worst{name: "from raw durations"}, worst{name: "from buckets"}
	var merged Durations
	for g, w := range want.Groups {
		var mine []float64
		var done []bool
		for i := range seconds {
			if group[i] == int64(g) {
				mine, done = append(mine, seconds[i]), append(done, closed[i])
			}
		}
		d := mustCount(t, mine, done)
		merged = merged.Merge(d)
		compareStream(t, &exact, &rough, w, mine, done, d)
	}
	compareStream(t, &exact, &rough, want.All, seconds, closed, merged)
	exact.log(t)
	rough.log(t)
}

func compareStream(t *testing.T, exact, rough *worst, want recordedStream, seconds []float64, closed []bool, d Durations) {
	t.Helper()
	const day = 86400
	raw, err := KaplanMeier(seconds, closed)
	if err != nil {
		t.Fatal(err)
	}
	binned, err := d.KaplanMeier()
	if err != nil {
		t.Fatal(err)
	}
	exact.near(t, raw.Quantile(0.5, Band{}).Value, want.P50, 1e-9, "median")
	exact.near(t, raw.Quantile(0.9, Band{}).Value, want.P90, 1e-9, "90 %%")
	mean, se, _ := raw.RestrictedMean(30 * day)
	exact.near(t, mean, want.RMST, 1e-9, "mean within 30 days")
	exact.near(t, se, want.RMSTError, 1e-9, "its standard error")
	exact.near(t, raw.Within(day, Band{}).Share, want.WithinOneDay, 1e-9, "share within a day")

	rough.near(t, binned.Quantile(0.5, Band{}).Value, want.P50, BucketError, "median from buckets")
	rough.near(t, binned.Quantile(0.9, Band{}).Value, want.P90, BucketError, "90 %% from buckets")
	mean, _, _ = binned.RestrictedMean(30 * day)
	rough.near(t, mean, want.RMST, BucketError, "mean within 30 days from buckets")
	// A case last seen open in the bucket of a closing counts as at risk for it,
	// which moves S by far less than one case of a thousand does.
	low, high := raw.Within(day*(1-BucketError), Band{}).Share, raw.Within(day*(1+BucketError), Band{}).Share
	if got := binned.Within(day, Band{}).Share; got < low-1e-4 || got > high+1e-4 {
		t.Errorf("share within a day from buckets = %v, want %v to %v", got, low, high)
	}

	var done []float64
	for i, s := range seconds {
		if closed[i] {
			done = append(done, s)
		}
	}
	slices.Sort(done)
	for k, p := range []float64{0.5, 0.9, 0.95} {
		one, err := SampleQuantile(done, p, InverseECDF, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		seven, err := SampleQuantile(done, p, Interpolated, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		exact.near(t, one.Value, want.Type1[k], 1e-9, "type 1 at %v", p)
		exact.near(t, seven.Value, want.Type7[k], 1e-9, "type 7 at %v", p)
		binnedOne, err := d.ClosedQuantile(p, InverseECDF, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		rough.near(t, binnedOne.Value, one.Value, BucketError*(1+1e-9), "type 1 at %v from buckets", p)
		rough.near(t, binnedOne.Low, one.Low, BucketError*(1+1e-9), "low of type 1 at %v from buckets", p)
		rough.near(t, binnedOne.High, one.High, BucketError*(1+1e-9), "high of type 1 at %v from buckets", p)
	}
}

// TestKaplanMeierWithoutOpenCases equals the share of values above t.
func TestKaplanMeierWithoutOpenCases(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	seconds := make([]float64, 400)
	closed := make([]bool, len(seconds))
	for i := range seconds {
		seconds[i], closed[i] = float64(random.IntN(90)), true
	}
	s, err := KaplanMeier(seconds, closed)
	if err != nil {
		t.Fatal(err)
	}
	for limit := -1.0; limit < 95; limit += 0.5 {
		above := 0
		for _, v := range seconds {
			if v > limit {
				above++
			}
		}
		want := float64(above) / float64(len(seconds))
		if got := s.At(limit, Band{}); math.Abs(got.Share-want) > 1e-13 || got.Extrapolated {
			t.Errorf("S(%v) = %v (extrapolated %v), want %v", limit, got.Share, got.Extrapolated, want)
		}
	}
	mean, _, _ := s.RestrictedMean(1000)
	sum := 0.0
	for _, v := range seconds {
		sum += v
	}
	if want := sum / float64(len(seconds)); math.Abs(mean-want) > 1e-9 {
		t.Errorf("restricted mean beyond all values = %v, want the mean %v", mean, want)
	}
}

func TestKaplanMeierAllOpen(t *testing.T) {
	s, err := KaplanMeier([]float64{10, 20, 30}, []bool{false, false, false})
	if err != nil {
		t.Fatal(err)
	}
	q := s.Quantile(0.5, Band{})
	if q.Reason != NotReached || q.AtLeast != 30 || q.HasLow || q.HasHigh || q.Value != 0 {
		t.Errorf("median = %+v, want not_reached, at least 30", q)
	}
	if e := s.At(40, Band{}); e.Share != 1 || !e.Extrapolated || e.Bounded {
		t.Errorf("S(40) = %+v, want 1, extrapolated", e)
	}
}

func TestKaplanMeierOfNothing(t *testing.T) {
	s, err := KaplanMeier(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if q := s.Quantile(0.9, Band{}); q.Reason != NoData {
		t.Errorf("p90 = %+v, want no_data", q)
	}
	if e := s.Within(10, Band{}); e.Reason != NoData || e.Share != 0 {
		t.Errorf("Within(10) = %+v, want no_data", e)
	}
	if _, _, ok := s.RestrictedMean(10); ok {
		t.Error("RestrictedMean(10): ok")
	}
}

func TestKaplanMeierRejects(t *testing.T) {
	var value *ValueError
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := KaplanMeier([]float64{1, bad}, []bool{true, true}); !errors.As(err, &value) || value.Row != 1 {
			t.Errorf("duration %v: error %v, want a *ValueError for row 1", bad, err)
		}
	}
	if _, err := KaplanMeier([]float64{1}, nil); !errors.Is(err, ErrLength) {
		t.Errorf("no closed column: error %v, want ErrLength", err)
	}
	s, err := KaplanMeier([]float64{1, 2, 3}, []bool{true, true, true})
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []float64{-1, 1, 2, math.NaN()} {
		if e := s.At(1, Band{Level: level}); e.Bounded || math.IsNaN(e.Interval.Low) {
			t.Errorf("level %v: %+v, want no band", level, e)
		}
	}
	for _, p := range []float64{0, 1, -1, math.NaN()} {
		if q := s.Quantile(p, Band{}); q.Reason != NoData {
			t.Errorf("quantile %v: %+v, want no_data", p, q)
		}
	}
}

func TestWithinMirrorsAt(t *testing.T) {
	seconds, closed := randomDurations(rand.New(rand.NewPCG(2, 0)), 300)
	s, err := KaplanMeier(seconds, closed)
	if err != nil {
		t.Fatal(err)
	}
	at, within := s.At(5000, Band{}), s.Within(5000, Band{})
	if at.Share+within.Share != 1 || !within.Bounded ||
		within.Interval.Low > within.Share || within.Interval.High < within.Share {
		t.Errorf("At = %+v, Within = %+v", at, within)
	}
}

// TestEffectiveCasesAreThoseOfR divides S (1-S) by the variance that R has of S, at
// every time at which cases closed.
func TestEffectiveCasesAreThoseOfR(t *testing.T) {
	eachOracle(t, func(t *testing.T, dir string) {
		var recorded struct{ Cases map[string]recordedCurve }
		readJSON(t, &recorded, dir, "survival", "km.json")
		compared := 0
		for name, want := range recorded.Cases {
			s, err := KaplanMeier(want.Time, want.closed())
			if err != nil {
				t.Fatal(err)
			}
			for i, at := range want.KM.Time {
				share, se := want.KM.Surv[i], want.KM.SE[i]
				if se == nil || *se == 0 || share == 0 || share == 1 {
					continue
				}
				compared++
				exact := share * (1 - share) / (*se * *se)
				if got := s.EffectiveCases(at); math.Abs(float64(got)-exact) > 0.5+1e-6 {
					t.Errorf("%s: %d effective cases at %v, want %v rounded", name, got, at, exact)
				}
			}
		}
		if compared < 20 {
			t.Errorf("%d times were compared", compared)
		}
	})
}

// TestEffectiveCasesByHand has no open case, then some, then curves that are still at
// 1 or have come down to 0.
func TestEffectiveCasesByHand(t *testing.T) {
	f := func(seconds []float64, closed []bool, at float64, want int64) {
		t.Helper()
		s, err := KaplanMeier(seconds, closed)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.EffectiveCases(at); got != want {
			t.Errorf("%v, closed %v: %d effective cases at %v, want %d", seconds, closed, got, at, want)
		}
	}
	yes, no := true, false
	f([]float64{1, 2, 3, 4}, []bool{yes, yes, yes, yes}, 2, 4)
	f([]float64{1, 2, 3, 4}, []bool{yes, yes, yes, yes}, 2.5, 4)
	f([]float64{1, 2, 3, 4}, []bool{yes, yes, yes, yes}, 9, 4)      // all closed
	f([]float64{1, 2, 3, 4}, []bool{yes, yes, yes, yes}, 0.5, 4)    // none yet
	f([]float64{1, 2, 3, 4}, []bool{no, no, yes, no}, 2.5, 2)       // two were watched for longer
	f([]float64{1, 1, 1, 4, 5}, []bool{yes, no, no, yes, no}, 4, 3) // S = 0.8·0.5, Σ d/(n(n-d)) = 1/20 + 1/2
	f(nil, nil, 1, 0)
}
