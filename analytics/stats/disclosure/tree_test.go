package disclosure

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// of makes a tree of parents and counts of all facts.
func of(parents []int32, counts ...int64) Tree {
	return Tree{Parent: parents, Totals: [][]int64{counts}}
}

// TestHide follows small trees by hand.
func TestHide(t *testing.T) {
	f := func(name string, tree Tree, k int64, want ...int) {
		t.Helper()
		var got []int
		for node, hidden := range tree.Hide(k) {
			if hidden {
				got = append(got, node)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: hidden nodes (-want +got):\n%s", name, diff)
		}
	}
	star := []int32{-1, 0, 0, 0}
	f("nothing is small", of(star, 30, 10, 12, 8), 5)
	f("zero is told", of(star, 22, 10, 12, 0), 5)
	f("k of 1 hides nothing", of(star, 13, 10, 2, 1), 1)
	f("one small takes the first that is not", of(star, 24, 10, 12, 2), 5, 1, 3)
	f("an empty one does not help", of(star, 14, 0, 12, 2), 5, 2, 3)
	f("small ones of 3 and 4 hide each other: 1 to 6", of(star, 17, 10, 3, 4), 5, 2, 3)
	f("small ones of 3 and 3 do not: 1 to 5", of(star, 16, 10, 3, 3), 5, 1, 2, 3)
	f("small ones of 4 are known where both are small", of(star, 18, 10, 4, 4), 5, 1, 2, 3)
	f("ones are known where as many are missing", of(star, 12, 10, 1, 1), 2, 1, 2, 3)
	f("an only child is what is above it", of([]int32{-1, 0, 0, 1}, 13, 3, 10, 3), 5, 1, 2, 3)
	f("who is hidden beside a small one hides below", of([]int32{-1, 0, 0, 1, 1}, 23, 20, 3, 9, 11), 5, 1, 2, 3)
	f("a small root is hidden with all below", of(star, 3, 1, 2, 0), 5, 0, 1, 2)

	rest := Tree{Parent: star, Rest: []bool{false, false, false, true}, Totals: [][]int64{{22, 10, 10, 2}}}
	f("what is in no child counts as one", rest, 5, 1, 3)
	rest.Totals = [][]int64{{30, 10, 2, 18}}
	f("and does not help, as it may be known", rest, 5, 1, 2)

	parts := Tree{Parent: star, Totals: [][]int64{{60, 20, 20, 20}}, Parts: [][]int64{{19, 10, 7, 2}, {41, 10, 13, 18}}}
	f("a part is a count", parts, 5, 1, 3)
	parts.Parts = [][]int64{{12, 0, 10, 2}, {48, 20, 10, 18}}
	f("of a part enough is hidden together", parts, 5, 1, 2, 3)
}

// wild makes a tree of several levels whose counts are small more often than not.
func wild(rng *rand.Rand) (tree Tree, leaves []int) {
	tree.Parent = []int32{-1}
	for level, from := 0, 0; level < 1+rng.IntN(3); level++ {
		to := len(tree.Parent)
		for node := from; node < to; node++ {
			for range rng.IntN(5) {
				tree.Parent = append(tree.Parent, int32(node))
			}
		}
		from = to
	}
	n := len(tree.Parent)
	inner, counts := make([]bool, n), make([]int64, n)
	for _, parent := range tree.Parent[1:] {
		inner[parent] = true
	}
	for node := n - 1; node >= 0; node-- {
		if !inner[node] {
			leaves = append(leaves, node)
			if counts[node] = int64(rng.IntN(9)); rng.IntN(4) == 0 {
				counts[node] *= 10
			}
		}
		if node > 0 {
			counts[tree.Parent[node]] += counts[node]
		}
	}
	slices.Reverse(leaves)
	tree.Totals = [][]int64{counts}
	return tree, leaves
}

// intervals returns the least and greatest count that a node can have, by all that
// an attacker knows: sums are exact, told counts, and that no hidden node is empty.
// In a tree of which only leaves are free this is a matter of going up with bounds
// and coming down with what is left.
func intervals(tree Tree, hidden []bool) (low, high []int64) {
	const most = 1 << 40
	n := len(tree.Parent)
	low, high = make([]int64, n), make([]int64, n)
	children := make([][]int, n)
	for node := 1; node < n; node++ {
		children[tree.Parent[node]] = append(children[tree.Parent[node]], node)
	}
	for node := n - 1; node >= 0; node-- {
		low[node], high[node] = 1, most
		if !hidden[node] {
			low[node], high[node] = tree.Totals[0][node], tree.Totals[0][node]
		}
		if len(children[node]) > 0 {
			var least, greatest int64
			for _, c := range children[node] {
				least, greatest = least+low[c], min(greatest+high[c], most)
			}
			low[node], high[node] = max(low[node], least), min(high[node], greatest)
		}
	}
	for node := range n {
		var least, greatest int64
		for _, c := range children[node] {
			least, greatest = least+low[c], greatest+high[c]
		}
		for _, c := range children[node] {
			l, g := low[c], high[c]
			low[c] = max(l, low[node]-(greatest-g))
			high[c] = min(g, high[node]-(least-l))
		}
	}
	return low, high
}

// TestNobodyPinsACount attacks random trees: the least and the greatest count of
// every hidden node differ by k, and every hidden leaf could have 1 as well as k+1.
func TestNobodyPinsACount(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 1))
	hid, told := 0, 0
	for range 20_000 {
		tree, leaves := wild(rng)
		k := int64(2 + rng.IntN(5))
		hidden := tree.Hide(k)
		low, high := intervals(tree, hidden)
		for node, n := range tree.Totals[0] {
			if !hidden[node] {
				told++
				if n > 0 && n < k {
					t.Fatalf("k %d, tree %v: node %d tells %d", k, tree, node, n)
				}
				continue
			}
			hid++
			if low[node] > n || high[node] < n {
				t.Fatalf("the attack is wrong: node %d has %d, which is not from %d to %d", node, n, low[node], high[node])
			}
			if high[node]-low[node] < k {
				t.Fatalf("k %d, tree %v, hidden %v: node %d is from %d to %d", k, tree, hidden, node, low[node], high[node])
			}
			if slices.Contains(leaves, node) && (low[node] > 1 || high[node] <= k) {
				t.Fatalf("k %d, tree %v, hidden %v: leaf %d is from %d to %d, want 1 and %d among them", k, tree, hidden, node, low[node], high[node], k+1)
			}
		}
	}
	t.Logf("%d counts are hidden, %d told", hid, told)
}

// TestPartsAreHiddenTogether gives random trees two kinds of facts, one with a part, and
// nodes that follow from others. What can be worked out of the hidden leaves below a
// told node, for each count, is nothing or k and more, of two nodes and more.
func TestPartsAreHiddenTogether(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 4))
	groups := 0
	for range 5000 {
		tree, leaves := wild(rng)
		k := int64(2 + rng.IntN(4))
		n := len(tree.Parent)
		tree.Rest = make([]bool, n)
		other, part, without := make([]int64, n), make([]int64, n), make([]int64, n)
		for _, leaf := range leaves {
			tree.Rest[leaf] = leaf > 0 && rng.IntN(5) == 0
			part[leaf] = rng.Int64N(tree.Totals[0][leaf] + 1)
			without[leaf] = tree.Totals[0][leaf] - part[leaf]
			other[leaf] = rng.Int64N(12)
		}
		for node := n - 1; node > 0; node-- {
			for _, counts := range [][]int64{other, part, without} {
				counts[tree.Parent[node]] += counts[node]
			}
		}
		tree.Totals, tree.Parts = append(tree.Totals, other), [][]int64{part, without}
		hidden := tree.Hide(k)
		below := make([][]int, n) // hidden children
		for node := 1; node < n; node++ {
			if hidden[node] {
				below[tree.Parent[node]] = append(below[tree.Parent[node]], node)
			}
		}
		for node := range n {
			if hidden[node] || len(below[node]) == 0 {
				continue
			}
			if groups++; len(below[node]) < 2 {
				t.Fatalf("k %d, %v: node %d hides one child", k, tree, node)
			}
			for _, counts := range [][]int64{tree.Totals[0], other, part, without} {
				var sum int64
				for open := slices.Clone(below[node]); len(open) > 0; open = open[1:] {
					if more := below[open[0]]; len(more) > 0 {
						open = append(open, more...)
					} else {
						sum += counts[open[0]]
					}
				}
				if sum > 0 && sum < k || counts[node] > 0 && counts[node] < k {
					t.Fatalf("k %d, %v, hidden %v: below node %d with %d they hide %d", k, tree, hidden, node, counts[node], sum)
				}
			}
		}
	}
	t.Logf("%d groups were looked at", groups)
}

// TestTheAttackSucceedsOnLess holds the attack to what it is for: with small counts
// hidden and nothing else, it finds some.
func TestTheAttackSucceedsOnLess(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 2))
	found := 0
	for range 1000 {
		tree, _ := wild(rng)
		hidden := make([]bool, len(tree.Parent))
		for node, n := range tree.Totals[0] {
			hidden[node] = n > 0 && n < 5
		}
		low, high := intervals(tree, hidden)
		for node := range hidden {
			if hidden[node] && low[node] == high[node] {
				found++
			}
		}
	}
	if found < 100 {
		t.Errorf("the attack found %d small counts, want hundreds", found)
	}
}

// TestWhoKnowsTheRule enumerates every way in which few facts could lie in small
// trees, and asks of each which others look the same when told by this very rule:
// those that know it must not find out how small a hidden count is. With k of 2 they
// do, as all small counts are 1.
func TestWhoKnowsTheRule(t *testing.T) {
	const most = 13 // facts of a leaf
	f := func(name string, k int64, allowed float64, parents ...int32) {
		t.Helper()
		looks := map[string][][]int64{}
		left := map[string]int64{} // facts of hidden leaves
		for counts := range sums(parents, most) {
			look, rest := counts, int64(0)
			for node, hidden := range of(parents, counts...).Hide(k) {
				if hidden {
					look = slices.Clone(look)
					if look[node] = -1; !slices.Contains(parents, int32(node)) {
						rest += counts[node]
					}
				}
			}
			key := fmt.Sprint(look)
			looks[key], left[key] = append(looks[key], counts), rest
		}
		found := 0
		for look, ways := range looks {
			for node, n := range ways[0] {
				told := look == fmt.Sprint(ways[0]) || left[look] > most // there are more ways than were enumerated
				same := !slices.ContainsFunc(ways, func(w []int64) bool { return w[node] != n })
				if small := n > 0 && n < k; small && same && !told {
					found++
					if allowed == 0 {
						t.Logf("%s, k %d: %s tells that node %d has %d", name, k, look, node, n)
					}
				}
			}
		}
		if share := float64(found) / float64(len(looks)); share > allowed {
			t.Errorf("%s, k %d: %d of %d looks tell a small count, want a share of %v at most", name, k, found, len(looks), allowed)
		}
	}
	for _, k := range []int64{3, 4, 5} {
		f("a star", k, 0, -1, 0, 0, 0, 0)
		f("two by two", k, 0, -1, 0, 0, 1, 1, 2, 2)
		f("one and three", k, 0.005, -1, 0, 0, 2, 2, 2)
	}
}

// sums yields the counts of every way to put up to most facts in each leaf of a tree.
func sums(parents []int32, most int64) iter.Seq[[]int64] {
	return func(yield func([]int64) bool) {
		leaves := make([]int64, len(parents))
		for {
			counts := slices.Clone(leaves)
			for node := len(parents) - 1; node > 0; node-- {
				counts[parents[node]] += counts[node]
			}
			if !yield(counts) {
				return
			}
			node := len(parents) - 1
			for ; node >= 0; node-- {
				if slices.Contains(parents, int32(node)) {
					continue
				}
				if leaves[node]++; leaves[node] <= most {
					break
				}
				leaves[node] = 0
			}
			if node < 0 {
				return
			}
		}
	}
}

func BenchmarkHide(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 3))
	tree := Tree{Parent: []int32{-1}}
	for node := range int32(50_000) {
		tree.Parent = append(tree.Parent, node/7)
	}
	counts := make([]int64, len(tree.Parent))
	for node := len(counts) - 1; node > 0; node-- {
		if node > 50_000/7 {
			counts[node] = int64(rng.IntN(20))
		}
		counts[tree.Parent[node]] += counts[node]
	}
	tree.Totals = [][]int64{counts}
	for b.Loop() {
		tree.Hide(5)
	}
	b.ReportMetric(float64(len(counts))*float64(b.N)/b.Elapsed().Seconds(), "nodes/s")
}
