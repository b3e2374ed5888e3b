package stats

import (
	"math"
	"testing"
)

// TestDescribeNumAcc4 uses a dataset of NIST's Statistical Reference Datasets,
// "NumAcc4" of higher difficulty: 1,001 values of which the certified mean is
// 10000000.2 and the certified standard deviation, by n-1, 0.1.
func TestDescribeNumAcc4(t *testing.T) {
	const rounding = 1e-8 // the data themselves are rounded to 2e-9
	x := []float64{10000000.2}
	for range 500 {
		x = append(x, 10000000.1, 10000000.3)
	}
	d, ok := Describe(x, nil)
	if !ok || d.N != 1001 || d.Minimum != 10000000.1 || d.Maximum != 10000000.3 || math.Abs(d.Mean-10000000.2) > rounding {
		t.Errorf("Describe(NumAcc4) = %+v, %v", d, ok)
	}
	if got := d.SD * math.Sqrt(1001.0/1000); math.Abs(got-0.1) > rounding {
		t.Errorf("the standard deviation is %v, want 0.1", got)
	}
}

func TestDescribe(t *testing.T) {
	f := func(x []float64, valid []bool, want Description, wantOK bool) {
		t.Helper()
		if got, ok := Describe(x, valid); got != want || ok != wantOK {
			t.Errorf("Describe(%v, %v) = %+v, %v, want %+v, %v", x, valid, got, ok, want, wantOK)
		}
	}
	f([]float64{2, 4, 4, 4, 5, 5, 7, 9}, nil, Description{8, 2, 9, 5, 2}, true)
	f([]float64{7, 99, 9}, []bool{true, false, true}, Description{2, 7, 9, 8, 1}, true)
	f([]float64{3}, nil, Description{1, 3, 3, 3, 0}, true)
	f([]float64{math.NaN(), 3, math.Inf(1)}, nil, Description{1, 3, 3, 3, 0}, true)
	f(nil, nil, Description{}, false)
	f([]float64{1}, []bool{false}, Description{}, false)
	f([]float64{math.MaxFloat64, math.MaxFloat64}, nil, Description{}, false)
}
