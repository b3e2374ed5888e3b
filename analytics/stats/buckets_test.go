package stats

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBucketOf(t *testing.T) {
	f := func(seconds float64, want Bucket) {
		t.Helper()
		if got, ok := BucketOf(seconds); !ok || got != want {
			t.Errorf("BucketOf(%v) = %d, %v; want %d", seconds, got, ok, want)
		}
	}
	f(0, ZeroBucket)
	f(0.5, ZeroBucket)
	f(0.995, 0)
	f(1, 0)
	f(1.005, 1)
	f(1.02, 2)
	f(86400, 1137)
	f(10*365.25*86400, TenYears)
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1), math.Inf(-1), 1e200} {
		if b, ok := BucketOf(bad); ok {
			t.Errorf("BucketOf(%v) = %d, ok", bad, b)
		}
	}
}

// TestBucketError holds the promise: relative error at most BucketError, and
// values inside their bounds.
func TestBucketError(t *testing.T) {
	most := 0.0
	for seconds := 1.0; seconds < 4e8; seconds *= 1.00037 {
		b, ok := BucketOf(seconds)
		if !ok {
			t.Fatalf("BucketOf(%v): not ok", seconds)
		}
		most = max(most, math.Abs(b.Seconds()-seconds)/seconds)
		above, upTo := b.Bounds()
		if seconds <= above*(1-1e-13) || seconds > upTo*(1+1e-13) {
			t.Errorf("%v is in bucket %d, of (%v, %v]", seconds, b, above, upTo)
		}
	}
	if most > BucketError*(1+1e-12) {
		t.Errorf("relative error up to %v, want at most %v", most, BucketError)
	}
	t.Logf("relative error up to %v", most)
	for b := ZeroBucket; b <= TenYears; b++ {
		if got, ok := BucketOf(b.Seconds()); !ok || got != b {
			t.Fatalf("BucketOf(%d.Seconds()) = %d, %v", b, got, ok)
		}
		_, upTo := b.Bounds()
		if above, _ := (b + 1).Bounds(); math.Abs(above-upTo) > 1e-12*upTo {
			t.Fatalf("bucket %d ends at %v, the next begins at %v", b, upTo, above)
		}
	}
	if math.Abs(logGrowth-math.Log(bucketGrowth)) > 1e-16 {
		t.Errorf("logGrowth = %v, want %v", logGrowth, math.Log(bucketGrowth))
	}
	if got := Bucket(0).Duration().Seconds(); math.Abs(got-0.995) > 1e-8 {
		t.Errorf("Bucket(0) stands for %v s, want 0.995", got)
	}
}

func randomDurations(random *rand.Rand, n int) (seconds []float64, closed []bool) {
	for range n {
		seconds = append(seconds, math.Floor(math.Exp(random.NormFloat64()*2+8)))
		closed = append(closed, random.IntN(5) > 0)
	}
	return seconds, closed
}

func mustCount(t testing.TB, seconds []float64, closed []bool) Durations {
	t.Helper()
	d, err := CountDurations(seconds, closed)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Validate(); err != nil {
		t.Fatal(err)
	}
	return d
}

// TestDurationsMerge sums up in one go and in parts, in any order.
func TestDurationsMerge(t *testing.T) {
	seconds, closed := randomDurations(rand.New(rand.NewPCG(1, 0)), 3000)
	whole := mustCount(t, seconds, closed)
	a := mustCount(t, seconds[:700], closed[:700])
	b := mustCount(t, seconds[700:1800], closed[700:1800])
	c := mustCount(t, seconds[1800:], closed[1800:])
	f := func(what string, got Durations) {
		t.Helper()
		if d := cmp.Diff(whole, got); d != "" {
			t.Errorf("%s differs from the whole (-want +got):\n%s", what, d)
		}
	}
	f("(a b) c", a.Merge(b).Merge(c))
	f("c (b a)", c.Merge(b.Merge(a)))
	f("whole and nothing", whole.Merge(Durations{}))
	f("nothing and whole", Durations{Bucket: []Bucket{}, Closed: []int64{}, Open: []int64{}}.Merge(whole))
	if done, open := whole.Total(); done+open != 3000 {
		t.Errorf("Total = %d, %d; want 3000 together", done, open)
	}
}

func TestDurationsValidate(t *testing.T) {
	f := func(name string, d Durations, want error) {
		t.Helper()
		if err := d.Validate(); !errors.Is(err, want) {
			t.Errorf("%s: error %v, want %v", name, err, want)
		}
		if _, err := d.KaplanMeier(); err == nil {
			t.Errorf("%s: KaplanMeier takes it", name)
		}
		if _, err := d.ClosedQuantile(0.5, InverseECDF, 0.95); err == nil {
			t.Errorf("%s: ClosedQuantile takes it", name)
		}
	}
	f("short column", Durations{Bucket: []Bucket{1}, Closed: []int64{1}}, ErrLength)
	f("bucket twice", Durations{[]Bucket{1, 1}, []int64{1, 1}, []int64{0, 0}}, errBuckets)
	var value *ValueError
	if err := (Durations{[]Bucket{1}, []int64{-1}, []int64{0}}).Validate(); !errors.As(err, &value) {
		t.Errorf("negative number: error %v, want a *ValueError", err)
	}
	if _, err := CountDurations([]float64{1, -2}, []bool{true, true}); !errors.As(err, &value) || value.Row != 1 {
		t.Errorf("negative duration: error %v, want a *ValueError for row 1", err)
	}
	if _, err := CountDurations([]float64{1}, nil); !errors.Is(err, ErrLength) {
		t.Errorf("no closed column: error %v, want ErrLength", err)
	}
}
