package stats

import (
	"math"
	"math/big"
	"math/rand/v2"
	"testing"
)

// TestWideAgainstBig compares sums of products with those of math/big.
func TestWideAgainstBig(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 1))
	edges := []int64{0, 1, -1, math.MaxInt64, math.MinInt64, 1 << 32, -1 << 32}
	draw := func() int64 {
		if rng.IntN(3) == 0 {
			return edges[rng.IntN(len(edges))]
		}
		return int64(rng.Uint64()) >> rng.IntN(64)
	}
	sum, want := Wide{}, new(big.Int)
	for range 20_000 {
		a, b := draw(), draw()
		product := new(big.Int).Mul(big.NewInt(a), big.NewInt(b))
		if got := Product(a, b).Big(); got.Cmp(product) != 0 {
			t.Fatalf("Product(%d, %d) = %v, want %v", a, b, got, product)
		}
		sum = sum.Plus(Product(a, b))
		want.Add(want, product)
		if got := sum.Big(); got.Cmp(want) != 0 {
			t.Fatalf("sum after %d·%d = %v, want %v", a, b, got, want)
		}
	}
	for range 10_000 { // far beyond 128 bits
		sum = sum.Plus(sum)
		want.Add(want, want)
		if want.BitLen() > 190 {
			break
		}
	}
	if sum.Big().Cmp(want) != 0 {
		t.Errorf("doubled sum = %v, want %v", sum.Big(), want)
	}
	if back := Product(5, -7).Plus(Product(7, 5)); back != (Wide{}) {
		t.Errorf("-35 + 35 = %v, want 0", back.Big())
	}
}
