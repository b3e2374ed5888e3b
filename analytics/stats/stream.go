package stats

import "math/bits"

// A Stream is a stream of random numbers keyed by a seed and its number among
// the streams of that seed: Philox4x32-10 of Salmon, Moraes, Dror and Shaw
// (2011), "Parallel random numbers: as easy as 1, 2, 3". Being a function of its
// counter, it gives each permutation or simulation, if it has a stream of its
// own, the same numbers wherever and in whatever order they are made. A Stream
// is not safe for concurrent use.
type Stream struct {
	key     [2]uint32
	counter [4]uint32 // block (2 words), number of the stream (2 words)
	block   [4]uint32
	used    int // words of block given out
}

// NewStream returns the stream of that number at its start.
func NewStream(seed, number uint64) Stream {
	return Stream{
		key:     [2]uint32{uint32(seed), uint32(seed >> 32)},
		counter: [4]uint32{2: uint32(number), 3: uint32(number >> 32)},
		used:    4,
	}
}

// Uint32 returns 32 random bits.
func (s *Stream) Uint32() uint32 {
	if s.used == 4 {
		s.block = philoxBlock(s.counter, s.key)
		s.used = 0
		if s.counter[0]++; s.counter[0] == 0 {
			s.counter[1]++
		}
	}
	v := s.block[s.used]
	s.used++
	return v
}

// Uint64 returns 64 random bits: Stream is a source of math/rand/v2.
func (s *Stream) Uint64() uint64 {
	high := uint64(s.Uint32())
	return high<<32 | uint64(s.Uint32())
}

// Below returns a number from 0 to n-1, each equally likely (Lemire 2019,
// algorithm 5). n must not be 0.
func (s *Stream) Below(n uint32) uint32 {
	high, low := bits.Mul32(s.Uint32(), n)
	if low < n {
		for least := -n % n; low < least; {
			high, low = bits.Mul32(s.Uint32(), n)
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
