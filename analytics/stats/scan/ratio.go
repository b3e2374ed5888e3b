package scan

import "math"

// PoissonRatio returns the logarithm of the likelihood ratio of a zone with c of C
// events, of which μ were expected (Kulldorff 1997, section 3.2):
//
//	c ln(c/μ) + (C-c) ln((C-c)/(C-μ))
//
// with 0 ln 0 = 0.
func PoissonRatio(c, mu, total float64) float64 {
	return entropy(c, mu) + entropy(total-c, total-mu)
}

// BernoulliRatio returns the logarithm of the likelihood ratio of a zone with c
// cases among n trials, out of C among N (Kulldorff 1997, section 3.1):
//
//	c ln(c/n) + (n-c) ln(1-c/n) + (C-c) ln((C-c)/(N-n)) + (N-n-C+c) ln(1-(C-c)/(N-n))
//	- C ln(C/N) - (N-C) ln(1-C/N)
func BernoulliRatio(c, n, total, trials float64) float64 {
	rest := trials - n
	return entropy(c, n) + entropy(n-c, n) + entropy(total-c, rest) + entropy(rest-total+c, rest) -
		entropy(total, trials) - entropy(trials-total, trials)
}

// entropy returns x ln(x/of), 0 for x = 0.
func entropy(x, of float64) float64 {
	if x <= 0 {
		return 0
	}
	return x * math.Log(x/of)
}
