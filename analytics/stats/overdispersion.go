package stats

import "slices"

// winsorised is the share of deviates at each end that are drawn in.
const winsorised = 0.1

// Overdispersion returns how much more deviates scatter than chance alone would
// have them: the mean of their squares, once the tenth at either end is drawn in to
// the next, so that the units one looks for do not hide themselves (Spiegelhalter
// 2005, appendix A.3). It is near 1 for standard deviates that chance explains, less
// the tails that were drawn in, and 0 without any. Divide the square of a deviate by
// it, if it is above 1.
func Overdispersion(z []float64) float64 {
	if len(z) == 0 {
		return 0
	}
	sorted := slices.Clone(z)
	slices.Sort(sorted)
	cut := int(winsorised * float64(len(sorted)))
	low, high := sorted[cut], sorted[len(sorted)-1-cut]
	sum := 0.0
	for _, v := range sorted {
		v = min(max(v, low), high)
		sum += v * v
	}
	return sum / float64(len(sorted))
}
