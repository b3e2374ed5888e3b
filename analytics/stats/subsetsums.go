package stats

import (
	"context"
	"math"
	"slices"
)

// levels are the distinct counts of a column in ascending order, less the
// smallest and divided by their greatest common divisor, which keeps the range
// of sums short and changes no probability.
type levels struct {
	value []int64
	cells []int64 // how many cells hold each
	of    []int32 // the level of each cell
	total int64   // sum over all cells, in reduced counts
}

func levelsOf(x []float64, valid []bool, m *columnMoments) levels {
	var l levels
	l.of = make([]int32, len(x))
	if span := m.max - m.min; span <= float64(len(x)) {
		l.tally(x, valid, int64(m.min), make([]int64, int(span)+1))
	} else {
		l.sort(x, valid)
	}
	l.reduce()
	return l
}

// tally finds the levels of counts that lie close together, the least of them
// least, by room for each there can be.
func (l *levels) tally(x []float64, valid []bool, least int64, cells []int64) {
	for i, v := range x {
		if present(valid, i) {
			cells[int64(v)-least]++
		}
	}
	levelOf := make([]int32, len(cells))
	for at, n := range cells {
		if n > 0 {
			levelOf[at] = int32(len(l.value))
			l.value, l.cells = append(l.value, least+int64(at)), append(l.cells, n)
		}
	}
	shareRows(len(x), func(i int) {
		if present(valid, i) {
			l.of[i] = levelOf[int64(x[i])-least]
		}
	})
}

// sort finds the levels of any counts.
func (l *levels) sort(x []float64, valid []bool) {
	sorted := make([]int64, 0, len(x))
	for i, v := range x {
		if present(valid, i) {
			sorted = append(sorted, int64(v))
		}
	}
	slices.Sort(sorted)
	for k, v := range sorted {
		if k == 0 || v != sorted[k-1] {
			l.value, l.cells = append(l.value, v), append(l.cells, 0)
		}
		l.cells[len(l.cells)-1]++
	}
	shareRows(len(x), func(i int) {
		if present(valid, i) {
			k, _ := slices.BinarySearch(l.value, int64(x[i]))
			l.of[i] = int32(k)
		}
	})
}

func (l *levels) reduce() {
	least, divisor := l.value[0], int64(0)
	for _, v := range l.value {
		divisor = gcd(divisor, v-least)
	}
	for k, v := range l.value {
		l.value[k] = (v - least) / max(divisor, 1)
		l.total += l.value[k] * l.cells[k]
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// subsetSums is a table of the distribution of the sum of k values drawn
// without replacement from n, for k from 0 to a limit: a multivariate
// hypergeometric law folded onto its sum.
//
// Row k holds A_k(s), the part of all k-subsets whose sum is s, so every row
// adds up to 1 and nothing leaves the range of float64. Values enter in
// ascending order; a value v that m cells hold enters a times in
//
//	A_k(s + a v) += C(m, a) C(n, k-a) / C(n, k) · A_{k-a}(s)
//
// All terms are positive, so no digits cancel. Sums of the first values are
// small, which keeps most steps short.
type subsetSums struct {
	n      int
	levels levels
	top    []int64     // the largest sum of k values
	row    [][]float64 // A_k
}

func newSubsetSums(l levels, most int) *subsetSums {
	a := &subsetSums{levels: l, top: make([]int64, most+1)}
	for _, m := range l.cells {
		a.n += int(m)
	}
	k := 1
	for at := len(l.value) - 1; at >= 0; at-- {
		for c := int64(0); c < l.cells[at] && k <= most; c++ {
			a.top[k] = a.top[k-1] + l.value[at]
			k++
		}
	}
	return a
}

// entries returns the size of the table in entries of 8 bytes, or some size
// beyond limit.
func (a *subsetSums) entries(limit int64) int64 {
	sum := int64(0)
	for _, t := range a.top {
		if sum += t + 1; sum > limit {
			break
		}
	}
	return sum
}

// buildWork counts the multiply-adds of build and stops soon after limit.
func (a *subsetSums) buildWork(limit int64) int64 {
	work := int64(0)
	a.sweep(func(s step) bool {
		work += s.sources
		return work <= limit
	})
	return work
}

// build fills the table and tells of each level. The error is that of ctx.
func (a *subsetSums) build(ctx context.Context, p *progress) error {
	a.row = make([][]float64, len(a.top))
	for k, t := range a.top {
		a.row[k] = make([]float64, t+1)
	}
	a.row[0][0] = 1
	var err error
	since, told := int64(0), 0
	a.sweep(func(s step) bool {
		if since += s.sources; since > checkEvery {
			since, err = 0, ctx.Err()
		}
		p.add(s.level - told)
		told = s.level
		addScaled(a.row[s.to][s.shift:], a.row[s.from][:s.sources], s.factor)
		return err == nil
	})
	p.add(len(a.levels.value) - told)
	return err
}

// checkEvery is how many multiply-adds pass between two looks at the context.
const checkEvery = 1 << 20

// A step adds one row of the table, shifted and scaled, to a longer one.
type step struct {
	level    int     // whose value enters
	from, to int     // rows
	sources  int64   // entries of from that can be positive
	shift    int64   // a v
	factor   float64 // C(m, a) C(n, k-a) / C(n, k)
}

// sweep visits the steps in an order in which each row is read before it is
// changed by the same value: long rows first. It ends early if visit returns
// false.
func (a *subsetSums) sweep(visit func(step) bool) {
	n := float64(a.n)
	reach := make([]int64, len(a.top)) // entries of each row in use so far
	reach[0] = 1
	for l, value := range a.levels.value {
		m := a.levels.cells[l]
		for k := len(a.top) - 1; k > 0; k-- {
			factor := 1.0
			for c := 1; c <= k && int64(c) <= m; c++ {
				factor *= float64(m-int64(c)+1) / float64(c) *
					float64(k-c+1) / (n - float64(k-c))
				if reach[k-c] == 0 {
					continue
				}
				s := step{level: l, from: k - c, to: k, sources: reach[k-c], shift: int64(c) * value, factor: factor}
				if !visit(s) {
					return
				}
				reach[k] = max(reach[k], s.sources+s.shift)
			}
		}
	}
}

// addScaled adds factor times from to the head of to.
func addScaled(to, from []float64, factor float64) {
	to = to[:len(from)]
	for s, p := range from {
		to[s] += factor * p
	}
}

// drift is how far a distribution may be from adding up to 1. Beyond it the
// numbers have left the range of float64.
const drift = 1e-9

// tails hold the distribution of a sum of k values with one cell left out, and
// its two cumulative sums.
type tails struct {
	probability, previous []float64 // of k and of k-1 values
	greater, less         []float64
}

func newTails(top int64) *tails {
	return &tails{
		probability: make([]float64, 0, top+1), previous: make([]float64, 0, top+1),
		greater: make([]float64, 0, top+1), less: make([]float64, 0, top+1),
	}
}

// begin sets the distribution of a sum of no values.
func (t *tails) begin() { t.probability = append(t.probability[:0], 1) }

// takeOut goes from k-1 to k values. Of all k-subsets of the n cells a part
// (n-k)/n lacks the cell left out; the others are a (k-1)-subset without it,
// plus its value. Solved for the former this is
//
//	R_k(s) = (n A_k(s) - k R_{k-1}(s - value)) / (n-k)
func (t *tails) takeOut(a *subsetSums, value int64, k int) {
	t.previous, t.probability = t.probability, t.previous
	all := a.row[k]
	t.probability = t.probability[:len(all)]
	n, drawn := float64(a.n), float64(k)
	keep, drop := n/(n-drawn), drawn/(n-drawn)
	for s, p := range all {
		t.probability[s] = keep * p
	}
	if value >= int64(len(all)) {
		return
	}
	rest := t.probability[value:]
	for s, p := range t.previous[:min(len(t.previous), len(rest))] {
		rest[s] = max(rest[s]-drop*p, 0)
	}
}

// accumulate sums from both ends, small probabilities first, and reports
// whether the distribution adds up.
func (t *tails) accumulate() bool {
	n := len(t.probability)
	t.greater, t.less = t.greater[:n], t.less[:n]
	sum := 0.0
	for s := n - 1; s >= 0; s-- {
		sum += t.probability[s]
		t.greater[s] = sum
	}
	total := sum
	sum = 0
	for s, p := range t.probability {
		sum += p
		t.less[s] = min(sum/total, 1)
		t.greater[s] /= total
	}
	return math.Abs(total-1) < drift
}
