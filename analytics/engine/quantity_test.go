package engine

import (
	"errors"
	"math"
	"testing"

	"github.com/civgrid/civgrid/analytics"
)

func givenAs(t testing.TB, text string) analytics.Values {
	t.Helper()
	values, err := analytics.ParseValues([]analytics.Param{{Name: "it", Kind: analytics.Word}}, map[string]string{"it": text})
	if err != nil {
		t.Fatal(err)
	}
	return values
}

func TestQuantities(t *testing.T) {
	f := func(text string, units []quantityUnit, want float64) {
		t.Helper()
		got, err := quantity(givenAs(t, text), "it", units)
		if want < 0 {
			if param := (*analytics.ParamError)(nil); !errors.As(err, &param) {
				t.Errorf("%q: %v, %v, want a ParamError", text, got, err)
			}
			return
		}
		if err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	f("14d", dayUnits[:], 14)
	f("2w", dayUnits[:], 14)
	f("0.5", dayUnits[:], 0.5)
	f("10 min", minuteUnits[:], 10)
	f("1.5h", minuteUnits[:], 90)
	f("4.5km/h", speedUnits[:], 4.5)
	f("2m/s", speedUnits[:], 7.2)
	for _, bad := range []string{"", "d", "-1d", "14x", "NaN", "inf", "1e999", "4 km/h/h"} {
		f(bad, dayUnits[:], -1)
	}
}

func FuzzQuantity(f *testing.F) {
	for _, seed := range []string{"14d", "4.5km/h", "10min", "-3", "1e309w", "nan"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, units := range [][]quantityUnit{dayUnits[:], minuteUnits[:], speedUnits[:]} {
			if x, err := quantity(givenAs(t, text), "it", units); err == nil && (!(x >= 0) || math.IsInf(x, 0)) {
				t.Errorf("%q is %v", text, x)
			}
		}
	})
}

func FuzzPoint(f *testing.F) {
	for _, seed := range []string{"120.62,31.31", "-87.63, 41.88", "181,0", "0,NaN", ",", "1,2,3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := point(givenAs(t, text), "it")
		if err == nil && !(math.Abs(p.Lon) <= 180 && math.Abs(p.Lat) <= 90) {
			t.Errorf("%q is %v", text, p)
		}
	})
}

func TestPointsThatAreNone(t *testing.T) {
	for _, bad := range []string{"", "120.62", "31.31;120.62", "1,2,3", "181,0", "0,91", "NaN,0"} {
		if p, err := point(givenAs(t, bad), "it"); err == nil {
			t.Errorf("%q is %v, want an error", bad, p)
		}
	}
}
