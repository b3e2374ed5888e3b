package geo

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
)

// orientBound is the relative error bound of the plain determinant, (3+16ε)ε
// with ε = 2⁻⁵³ (Shewchuk 1997, "Adaptive Precision Floating-Point Arithmetic
// and Fast Robust Geometric Predicates", section 4.3, errboundA).
const orientBound = (3 + 16*0x1p-53) * 0x1p-53

// underflow is a bound below which a product of coordinates may lose bits to
// underflow, so that error-free transformations no longer are.
const underflow = 0x1p-900

// orient returns the sign of the turn a→b→p in the plane of longitude and
// latitude: +1 when p lies left of the line, -1 right, 0 exactly on it. It is
// exact for all finite coordinates up to 1e100: the plain determinant decides
// when its error bound allows, an exact expansion otherwise.
func orient(a, b, p orb.Point) int {
	left := float64((a[0] - p[0]) * (b[1] - p[1])) // converted, so that it is rounded and not fused
	right := float64((a[1] - p[1]) * (b[0] - p[0]))
	det := left - right
	if bound := orientBound * (math.Abs(left) + math.Abs(right)); det > bound || -det > bound {
		return sign(det)
	}
	if a == p || b == p || a == b {
		return 0
	}
	return orientExact(a, b, p)
}

// orientExact is orient without the filter. The determinant is multiplied out
// into six products of two coordinates, each of which is exactly the sum of two
// floats, and the twelve are added without error.
func orientExact(a, b, p orb.Point) int {
	factors := [6][2]float64{
		{a[0], b[1]},
		{-a[0], p[1]},
		{-p[0], b[1]},
		{-a[1], b[0]},
		{a[1], p[0]},
		{p[1], b[0]},
	}
	var sum [12]float64
	n := 0
	for _, f := range factors {
		high := float64(f[0] * f[1])
		if math.Abs(high) < underflow && f[0] != 0 && f[1] != 0 {
			return orientRational(a, b, p)
		}
		n = grow(&sum, n, math.FMA(f[0], f[1], -high))
		n = grow(&sum, n, high)
	}
	if n == 0 {
		return 0
	}
	return sign(sum[n-1])
}

// grow adds x to the non-overlapping expansion e of n parts, smallest first,
// without error, and returns the new count; parts of zero are left out
// (Shewchuk 1997, Grow-Expansion, figure 6).
func grow(e *[12]float64, n int, x float64) int {
	kept := 0
	for i := range n {
		s := x + e[i]
		v := s - x
		rest := (x - (s - v)) + (e[i] - v)
		if rest != 0 {
			e[kept] = rest
			kept++
		}
		x = s
	}
	if x != 0 {
		e[kept] = x
		kept++
	}
	return kept
}

// orientRational is orient in rational numbers, for coordinates so small that
// their products underflow.
func orientRational(a, b, p orb.Point) int {
	diff := func(x, y float64) *big.Rat {
		r := new(big.Rat).SetFloat64(x)
		return r.Sub(r, new(big.Rat).SetFloat64(y))
	}
	left := diff(a[0], p[0])
	left.Mul(left, diff(b[1], p[1]))
	right := diff(a[1], p[1])
	right.Mul(right, diff(b[0], p[0]))
	return left.Cmp(right)
}

// sign returns -1, 0 or +1.
func sign(x float64) int {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// crossing says how two segments meet.
type crossing int

const (
	apart  crossing = iota // no point in common
	touch                  // an end of one lies on the other, or they run along each other
	proper                 // they cross between their ends
)

// cross tells how the segments ab and pq meet, exactly.
func cross(a, b, p, q orb.Point) crossing {
	if max(a[0], b[0]) < min(p[0], q[0]) || max(p[0], q[0]) < min(a[0], b[0]) ||
		max(a[1], b[1]) < min(p[1], q[1]) || max(p[1], q[1]) < min(a[1], b[1]) {
		return apart
	}
	p1, q1 := orient(a, b, p), orient(a, b, q)
	if p1*q1 > 0 {
		return apart
	}
	a1, b1 := orient(p, q, a), orient(p, q, b)
	switch {
	case a1*b1 > 0:
		return apart
	case p1*q1 < 0 && a1*b1 < 0:
		return proper
	case p1 == 0 && q1 == 0 && a1 == 0 && b1 == 0:
		return touch // collinear, and the boxes overlap
	case p1 == 0 && between(a, b, p), q1 == 0 && between(a, b, q),
		a1 == 0 && between(p, q, a), b1 == 0 && between(p, q, b):
		return touch
	}
	return apart
}

// between reports whether p, known to lie on the line ab, lies on the segment.
func between(a, b, p orb.Point) bool {
	return min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) &&
		min(a[1], b[1]) <= p[1] && p[1] <= max(a[1], b[1])
}
