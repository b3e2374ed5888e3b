package stats

import "math/bits"

// A philox is a stream of random numbers keyed by a seed and the number of a
// permutation: Philox4x32-10 of Salmon, Moraes, Dror and Shaw (2011), "Parallel
// random numbers: as easy as 1, 2, 3". Being a function of its counter, it
// gives each permutation the same numbers wherever and in whatever order
// permutations are made.
type philox struct {
	key     [2]uint32
	counter [4]uint32 // block (2 words), permutation (2 words)
	block   [4]uint32
	used    int // words of block given out
}

func newPhilox(seed, permutation uint64) philox {
	return philox{
		key:     [2]uint32{uint32(seed), uint32(seed >> 32)},
		counter: [4]uint32{2: uint32(permutation), 3: uint32(permutation >> 32)},
		used:    4,
	}
}

// next returns 32 random bits.
func (p *philox) next() uint32 {
	if p.used == 4 {
		p.block = philoxBlock(p.counter, p.key)
		p.used = 0
		if p.counter[0]++; p.counter[0] == 0 {
			p.counter[1]++
		}
	}
	v := p.block[p.used]
	p.used++
	return v
}

// below returns a number from 0 to n-1, each equally likely (Lemire 2019,
// algorithm 5).
func (p *philox) below(n uint32) uint32 {
	high, low := bits.Mul32(p.next(), n)
	if low < n {
		for least := -n % n; low < least; {
			high, low = bits.Mul32(p.next(), n)
		}
	}
	return high
}

// philoxBlock runs the ten rounds over one counter.
func philoxBlock(c [4]uint32, k [2]uint32) [4]uint32 {
	const (
		multiplier0, multiplier1 = 0xD2511F53, 0xCD9E8D57
		weyl0, weyl1             = 0x9E3779B9, 0xBB67AE85 // golden ratio, √3 - 1
	)
	for range 10 {
		high0, low0 := bits.Mul32(multiplier0, c[0])
		high1, low1 := bits.Mul32(multiplier1, c[2])
		c = [4]uint32{high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0}
		k[0] += weyl0
		k[1] += weyl1
	}
	return c
}
