package sample

import (
	"math/bits"
	"math/rand/v2"
	"sort"
)

// dice is a stream of chance that is the same on every machine: PCG-DXSM of
// math/rand/v2, whose numbers are fixed, and our own way from 64 bits to a
// value.
type dice struct{ pcg *rand.PCG }

// newDice returns the numbered stream of a seed.
func newDice(seed, stream uint64) dice { return dice{rand.NewPCG(seed, stream)} }

// unit returns a number in [0, 1).
func (d dice) unit() float64 { return float64(d.pcg.Uint64()>>11) / (1 << 53) }

// between returns a number in [lo, hi).
func (d dice) between(lo, hi float64) float64 { return lo + float64((hi-lo)*d.unit()) }

// below returns a whole number from 0 to n-1.
func (d dice) below(n int) int {
	hi, _ := bits.Mul64(d.pcg.Uint64(), uint64(n))
	return int(hi)
}

// chance is true in a share p of all calls.
func (d dice) chance(p float64) bool { return d.unit() < p }

// normal returns a nearly standard normal number, the sum of twelve uniform
// ones less six: no function of the machine's mathematics library is in it.
func (d dice) normal() float64 {
	sum := -6.0
	for range 12 {
		sum += d.unit()
	}
	return sum
}

// choose returns k of the numbers 0 to n-1 in random order.
func (d dice) choose(n, k int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	for i := range k {
		j := i + d.below(n-i)
		all[i], all[j] = all[j], all[i]
	}
	return all[:k]
}

// table draws indices by whole weights: it holds their running sums.
type table []int64

func newTable(weights []int64) table {
	t := make(table, len(weights))
	var sum int64
	for i, w := range weights {
		sum += w
		t[i] = sum
	}
	return t
}

// pick returns an index; those of weight 0 never come.
func (t table) pick(d dice) int {
	x := int64(d.below(int(t[len(t)-1])))
	return sort.Search(len(t), func(i int) bool { return t[i] > x })
}

// oneOf returns one of the words.
func oneOf(d dice, words ...string) string { return words[d.below(len(words))] }
