package stats

import "math"

// studentP returns the probability that a variable of Student's distribution
// with df > 0 degrees of freedom is at least as far from 0 as t: Abramowitz and
// Stegun 26.7.1 by the incomplete beta function.
func studentP(t, df float64) float64 {
	tt := t * t
	if math.IsInf(tt, 1) {
		return 0
	}
	p, _ := betaTails(df/2, 0.5, df/(df+tt), tt/(df+tt))
	return p
}

// studentQuantile returns the t > 0 that a variable of Student's distribution
// with df > 0 degrees of freedom stays within, on either side of 0, with
// probability level, strictly between 0 and 1. Below a level of 10^-150 it falls
// no further.
func studentQuantile(level, df float64) float64 {
	// Of df/(df+t²) and t²/(df+t²), the smaller one keeps its digits.
	if level > 0.5 {
		if far := betaQuantile(1-level, df/2, 0.5); far < 0.5 {
			return math.Sqrt(df * (1 - far) / far)
		}
	}
	near := betaQuantile(level, 0.5, df/2)
	return math.Sqrt(df * near / (1 - near))
}
