package crs

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/paulmach/orb"
)

// The example of IOGP Publication 373-7-2 for method 1024: 24°22'54.433"N,
// 100°20'00.000"W is 11,169,055.58 m west and 2,800,000.00 m north.
func TestMercatorWorkedExample(t *testing.T) {
	place := orb.Point{-(100 + 20.0/60), 24 + 22.0/60 + 54.433/3600}
	grid := orb.Point{-11169055.58, 2800000.00}
	got := mustConvert(t, FromWGS84, WebMercator, place)
	if math.Abs(got[0]-grid[0]) > 0.01 || math.Abs(got[1]-grid[1]) > 0.02 {
		t.Errorf("FromWGS84(%v) = %.3f, want %.2f", place, got, grid)
	}
	back := mustConvert(t, ToWGS84, WebMercator, grid)
	if d := metresBetween(back, place); d > 0.02 {
		t.Errorf("ToWGS84(%v) = %v, %.3f m from %v", grid, back, d, place)
	}
}

func TestPassedThrough(t *testing.T) {
	for _, s := range []System{WGS84, CGCS2000} {
		p := orb.Point{116.4074, 39.9042}
		if got := mustConvert(t, ToWGS84, s, p); got != p {
			t.Errorf("ToWGS84(%v, %v) = %v, want the same", s, p, got)
		}
		if got := mustConvert(t, FromWGS84, s, p); got != p {
			t.Errorf("FromWGS84(%v, %v) = %v, want the same", s, p, got)
		}
	}
}

func TestRange(t *testing.T) {
	f := func(convert func(System, orb.Point) (orb.Point, error), s System, x, y float64, ok bool) {
		t.Helper()
		got, err := convert(s, orb.Point{x, y})
		var out *RangeError
		if ok && err != nil || !ok && !errors.As(err, &out) {
			t.Errorf("(%v, %v) in %v gives %v, %v, want ok = %v", x, y, s, got, err, ok)
		}
	}
	nan, inf := math.NaN(), math.Inf(1)
	for _, s := range Systems() {
		f(ToWGS84, s, nan, 0, false)
		f(ToWGS84, s, 0, nan, false)
		f(ToWGS84, s, inf, 0, false)
		f(ToWGS84, s, 0, -inf, false)
		f(FromWGS84, s, nan, 0, false)
		f(FromWGS84, s, 0, 90.0001, false)
		f(FromWGS84, s, -180.0001, 0, false)
		f(FromWGS84, s, 179.9, 85, true)
		f(FromWGS84, s, -180, -85, true)
	}
	f(ToWGS84, WGS84, 180, 90, true)
	f(ToWGS84, GCJ02, 180, -90, true)
	f(ToWGS84, GCJ02, 116, 91, false)
	f(ToWGS84, WGS84, 39.9, 116.4, false)
	f(ToWGS84, WGS84, 116404000, 39915000, false)
	f(ToWGS84, BD09, -180, 0, false)
	f(FromWGS84, BD09, 179.999, 0, false)
	f(ToWGS84, WebMercator, 20037508.343, 20048966.104, true)
	f(ToWGS84, WebMercator, -20037508.342789244, -20037508.342789244, true)
	f(ToWGS84, WebMercator, 20037509, 0, false)
	f(ToWGS84, WebMercator, 0, 20048967, false)
	f(FromWGS84, WebMercator, 0, 85.06, true)
	f(FromWGS84, WebMercator, 0, 85.07, false)
	f(FromWGS84, WebMercator, 0, 90, false)
	f(FromWGS84, WebMercator, 0, -90, false)
}

func TestRangeErrorReadsWell(t *testing.T) {
	f := func(s System, x, y float64, want string) {
		t.Helper()
		if _, err := ToWGS84(s, orb.Point{x, y}); err == nil || err.Error() != want {
			t.Errorf("ToWGS84(%v, (%v, %v)) error = %v, want %s", s, x, y, err, want)
		}
	}
	f(GCJ02, 39.9, 116.4, "gcj02 coordinate (39.9, 116.4): "+
		"latitude is outside -90 to 90 degrees; longitude and latitude may be swapped")
	f(BD09, -180, 0, "bd09 coordinate (-180, 0): in WGS 84 its longitude is outside -180 to 180 degrees")
}

func TestUnknownSystem(t *testing.T) {
	var unknown *UnknownError
	if _, err := ToWGS84(99, orb.Point{}); !errors.As(err, &unknown) {
		t.Errorf("ToWGS84 of System(99) gives %v, want an *UnknownError", err)
	}
	if _, err := FromWGS84(99, orb.Point{}); !errors.As(err, &unknown) {
		t.Errorf("FromWGS84 of System(99) gives %v, want an *UnknownError", err)
	}
	if err := ColumnsToWGS84(99, nil, nil, nil); !errors.As(err, &unknown) {
		t.Errorf("ColumnsToWGS84 of System(99) gives %v, want an *UnknownError", err)
	}
}

func TestColumns(t *testing.T) {
	good, bad := orb.Point{116.41024449916938, 39.91640428150164}, orb.Point{math.Inf(1), 5}
	x, y := []float64{good[0], bad[0], good[0]}, []float64{good[1], bad[1], good[1]}
	var rejected []int
	err := ColumnsToWGS84(GCJ02, x, y, func(row int, err error) {
		var out *RangeError
		if !errors.As(err, &out) {
			t.Errorf("row %d is rejected with %v, want a *RangeError", row, err)
		}
		rejected = append(rejected, row)
	})
	want := mustConvert(t, ToWGS84, GCJ02, good)
	if err != nil || !cmp.Equal(rejected, []int{1}) ||
		!cmp.Equal(x, []float64{want[0], bad[0], want[0]}) || !cmp.Equal(y, []float64{want[1], bad[1], want[1]}) {
		t.Errorf("columns are %v, %v, rejected %v, error %v", x, y, rejected, err)
	}

	var row *RowError
	if err := ColumnsFromWGS84(GCJ02, x, y, nil); !errors.As(err, &row) || row.Row != 1 {
		t.Errorf("without reject: %v, want a *RowError of row 1", err)
	}
	if d := metresBetween(orb.Point{x[0], y[0]}, good); d > millimetre || x[2] != want[0] {
		t.Errorf("without reject: rows before the bad one are converted, those after are not; got %v, %v", x, y)
	}
	var length *LengthError
	if err := ColumnsToWGS84(WGS84, x, y[:2], nil); !errors.As(err, &length) {
		t.Errorf("columns of 3 and 2 rows: %v, want a *LengthError", err)
	}
}

// Finite in, finite out or an error, and what comes out goes back in.
func FuzzConvert(f *testing.F) {
	for s := range Systems() {
		f.Add(uint8(s), 116.4, 39.9)
		f.Add(uint8(s), -180.0, 90.0)
		f.Add(uint8(s), 105.0, 35.0)
		f.Add(uint8(s), 0.0065, 0.006)
		f.Add(uint8(s), 1e7, -1e7)
		f.Add(uint8(s), math.MaxFloat64, math.SmallestNonzeroFloat64)
	}
	f.Fuzz(func(t *testing.T, number uint8, x, y float64) {
		s, p := System(number), orb.Point{x, y}
		check := func(into System, q orb.Point, err error) {
			if err != nil {
				if q != (orb.Point{}) {
					t.Errorf("%v of %v gives both %v and %v", s, p, q, err)
				}
				return
			}
			if why := outOfRange(into, q); why != "" {
				t.Errorf("%v of %v gives %v: %s", s, p, q, why)
			}
		}
		place, err := ToWGS84(s, p)
		check(WGS84, place, err)
		coordinates, err := FromWGS84(s, p)
		check(s, coordinates, err)
		if err == nil && InMainland(p) {
			if back, err := ToWGS84(s, coordinates); err != nil || metresBetween(back, p) > millimetre {
				t.Errorf("%v: %v came back as %v, %v", s, p, back, err)
			}
		}
	})
}
