package stats

import (
	"math/big"
	"math/bits"
)

// A Wide is a whole number of 192 bits in two's complement, lowest word first.
// It holds the sum of any number of products of two int64 that can be counted
// in one: adding never overflows, so sums are exact and their order does not
// matter. The zero value is 0, and == compares.
type Wide [3]uint64

// Product returns a·b.
func Product(a, b int64) Wide {
	high, low := bits.Mul64(magnitude(a), magnitude(b))
	w := Wide{low, high}
	if (a < 0) != (b < 0) {
		return w.negated()
	}
	return w
}

// Plus returns w + v.
func (w Wide) Plus(v Wide) Wide {
	var sum Wide
	carry := uint64(0)
	for i := range sum {
		sum[i], carry = bits.Add64(w[i], v[i], carry)
	}
	return sum
}

// Big returns w as a new big.Int.
func (w Wide) Big() *big.Int {
	negative := int64(w[2]) < 0
	if negative {
		w = w.negated()
	}
	n := new(big.Int)
	for i := len(w) - 1; i >= 0; i-- {
		n.Lsh(n, 64)
		n.Or(n, new(big.Int).SetUint64(w[i]))
	}
	if negative {
		n.Neg(n)
	}
	return n
}

func (w Wide) negated() Wide {
	for i := range w {
		w[i] = ^w[i]
	}
	return w.Plus(Wide{1})
}

// magnitude returns |v|, also of the smallest int64.
func magnitude(v int64) uint64 {
	if v < 0 {
		return -uint64(v)
	}
	return uint64(v)
}
