package stats

import "math"

// Quartic returns the quartic kernel of bandwidth h at distance d (Silverman 1986,
// Density Estimation, equation 4.5), both in one unit, per square of that unit:
//
//	3/(π h²) (1 - (d/h)²)²
//
// and 0 from h on. Over the plane it adds up to 1. h is positive.
func Quartic(d, h float64) float64 {
	u := d / h
	if u >= 1 {
		return 0
	}
	v := 1 - u*u
	return 3 / (math.Pi * h * h) * v * v
}

// QuarticBandwidth returns the bandwidth of the quartic kernel that is best in the
// mean for n points scattered normally in the plane, with standard deviation sigma
// along each axis (Silverman 1986, equation 4.14 and table 4.1):
//
//	2.78 σ n^(-1/6)
//
// Points in clusters ask for less. ok is false for n below 2 or sigma of 0.
func QuarticBandwidth(sigma float64, n int64) (h float64, ok bool) {
	if n < 2 || !(sigma > 0) {
		return 0, false
	}
	// By equal R(K)/μ₂(K)²: 9/(5π) over 1/8² of the quartic kernel, 1/(4π) of the
	// normal one, for which σ n^(-1/6) is best.
	return math.Pow(9.0/5*64*4, 1.0/6) * sigma * math.Pow(float64(n), -1.0/6), true
}
