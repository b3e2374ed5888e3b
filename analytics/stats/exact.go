package stats

import (
	"context"
	"fmt"
	"slices"
)

const (
	// defaultMaxWork is the default limit on multiply-adds: half a second or so.
	defaultMaxWork = 500_000_000

	// maxTable is the limit on table entries: 256 MiB.
	maxTable = 1 << 25

	// maxTotal is the largest sum of counts; up to it float64 holds integers.
	maxTotal = 1 << 53
)

// ExactOptions tune ExactPermutation. The zero value is ready for use.
type ExactOptions struct {
	// MaxWork is the most multiply-adds that may be spent; a core does about
	// a billion a second. Zero means 500 million.
	MaxWork int64
	// Progress is told how many of so many steps are done. Nil tells nobody. It
	// is called by one goroutine at a time.
	Progress func(done, of int)
}

// ExactPermutation returns the exact conditional permutation p-values of Gi
// and Gi* for counts: what PermutationMonteCarlo tends to as its draws grow
// without end. weights must be binary. Row i of valid says whether counts[i]
// is an observation; nil means that all are.
//
// The lag of a cell with k neighbours is the sum of k values drawn without
// replacement. One table holds the distribution of that sum over all cells for
// every k, and taking one value out of it again gives the distribution that
// belongs to a cell with that value; cells that share value and k share the
// result. The cost therefore hardly depends on the number of cells, but on the
// number of distinct counts, the square of the largest k and the largest
// possible sum. It is known beforehand: above o.MaxWork, or 256 MiB, the error
// is a *TooLargeError, and PermutationMonteCarlo is the way to go. (Sums of
// a thousand values and more can also leave the range of float64; that is an
// ErrTooLarge as well, never a wrong result.)
//
// Other errors are ErrLength, ErrNotBinary, a *ValueError (a negative count, a
// total above 2^53) and that of ctx. Results agree with rational arithmetic to
// about 1e-14.
func ExactPermutation(ctx context.Context, counts []int64, valid []bool, weights Weights, o ExactOptions) (Permutation, error) {
	r, err := exactPermutation(ctx, counts, valid, weights, o)
	if err != nil {
		return Permutation{}, fmt.Errorf("compute exact permutation: %w", err)
	}
	return r, nil
}

func exactPermutation(ctx context.Context, counts []int64, valid []bool, weights Weights, o ExactOptions) (Permutation, error) {
	if !weights.Binary() {
		return Permutation{}, ErrNotBinary
	}
	x, err := countsAsFloats(counts, valid)
	if err != nil {
		return Permutation{}, err
	}
	g, err := newGetisOrd(x, valid, weights, false)
	if err != nil {
		return Permutation{}, err
	}
	r, tested, err := newPermutation(ctx, &g)
	if err != nil {
		return Permutation{}, err
	}
	run := newExactRun(&g, tested)
	if run.most == 0 {
		return r, nil
	}
	if o.MaxWork <= 0 {
		o.MaxWork = defaultMaxWork
	}
	if err := run.checkCost(o.MaxWork); err != nil {
		return Permutation{}, err
	}
	run.progress = progress{of: 2 * len(run.levels.value), tell: o.Progress}
	if err := run.solve(ctx, &r); err != nil {
		return Permutation{}, err
	}
	return r, nil
}

// countsAsFloats checks the counts and converts them.
func countsAsFloats(counts []int64, valid []bool) ([]float64, error) {
	if err := checkValid(len(counts), valid); err != nil {
		return nil, err
	}
	x := make([]float64, len(counts))
	room := int64(maxTotal)
	for i, c := range counts {
		if !present(valid, i) {
			continue
		}
		if c < 0 {
			return nil, &ValueError{Row: i, Value: float64(c), Why: "want a count"}
		}
		if room -= c; room < 0 {
			return nil, &ValueError{Row: i, Value: float64(c), Why: "counts add up to more than 2^53"}
		}
		x[i] = float64(c)
	}
	return x, nil
}

// An exactRun groups the tested cells by what their distribution depends on.
//
// A neighbourhood of more than half of the other cells is described by the
// cells that are not in it: the sum of those is small exactly when the lag is
// large. So the table needs no k above (n-1)/2, and taking a value out of it
// never amplifies rounding.
type exactRun struct {
	g      *getisOrd
	tested []bool
	levels levels
	sums   *subsetSums
	most   int     // the largest number of values in a sum
	order  []int32 // tested cells, by level, then by number of values in the sum
	starts []int32 // order[starts[l·(most+1)+k]:] begins with level l and k values

	progress progress // of the levels, once for the table and once for their cells
}

func newExactRun(g *getisOrd, tested []bool) *exactRun {
	e := &exactRun{g: g, tested: tested}
	for i, ok := range tested {
		if ok {
			e.most = max(e.most, e.drawn(i))
		}
	}
	if e.most > 0 {
		e.levels = levelsOf(g.x, g.valid, &g.m)
		e.sums = newSubsetSums(e.levels, e.most)
	}
	return e
}

// drawn returns how many values the sum for cell i has.
func (e *exactRun) drawn(i int) int {
	k := e.g.w.Degree(i)
	return min(k, e.g.m.n-1-k)
}

// checkCost returns a *TooLargeError if tables or work exceed their limits.
func (e *exactRun) checkCost(maxWork int64) error {
	work := e.sums.buildWork(maxWork)
	row := e.sums.entries(maxTable)
	if perLevel := 4 * row; work <= maxWork && perLevel > 0 {
		if l := int64(len(e.levels.value)); l > (maxWork-work)/perLevel {
			work = maxWork + 1
		} else {
			work += l * perLevel
		}
	}
	if work > maxWork || row > maxTable {
		return &TooLargeError{Work: work, MaxWork: maxWork, Table: row, MaxTable: maxTable}
	}
	return nil
}

// solve builds the table, then answers the cells of each level. Only the latter is
// shared: where the table is large there are many levels, and to take each of them
// out of it again is most of the work.
func (e *exactRun) solve(ctx context.Context, r *Permutation) error {
	if err := e.sums.build(ctx, &e.progress); err != nil {
		return err
	}
	e.group()
	return shareWith(ctx, len(e.levels.value), 1, func() func(from, to int) error {
		t := newTails(e.sums.top[e.most])
		return func(level, _ int) error {
			if err := e.solveLevel(ctx, level, t, r); err != nil {
				return err
			}
			e.progress.add(1)
			return nil
		}
	})
}

// solveLevel answers the cells of level l.
func (e *exactRun) solveLevel(ctx context.Context, l int, t *tails, r *Permutation) error {
	t.begin()
	for k := 1; k <= e.most && e.hasCells(l, k); k++ {
		t.takeOut(e.sums, e.levels.value[l], k)
		cells := e.cells(l, k)
		if len(cells) == 0 {
			continue
		}
		if !t.accumulate() {
			return fmt.Errorf("%w: sums of %d out of %d values leave the range of float64",
				ErrTooLarge, k, e.sums.n)
		}
		err := share(ctx, len(cells), rowsPerShare, func(from, to int) {
			for _, i := range cells[from:to] {
				r.Greater[i], r.Less[i] = e.answer(int(i), t)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// group sorts the tested cells by level and number of values, by counting.
func (e *exactRun) group() {
	width := e.most + 1
	e.starts = make([]int32, len(e.levels.value)*width+1)
	for i, ok := range e.tested {
		if ok {
			e.starts[e.key(i)+1]++
		}
	}
	for k := 1; k < len(e.starts); k++ {
		e.starts[k] += e.starts[k-1]
	}
	e.order = make([]int32, e.starts[len(e.starts)-1])
	next := slices.Clone(e.starts)
	for i, ok := range e.tested {
		if ok {
			k := e.key(i)
			e.order[next[k]] = int32(i)
			next[k]++
		}
	}
}

func (e *exactRun) key(i int) int {
	return int(e.levels.of[i])*(e.most+1) + e.drawn(i)
}

// cells returns the tested cells of level l with k values in the sum.
func (e *exactRun) cells(l, k int) []int32 {
	at := l*(e.most+1) + k
	return e.order[e.starts[at]:e.starts[at+1]]
}

// hasCells reports whether level l has cells with k values or more.
func (e *exactRun) hasCells(l, k int) bool {
	width := e.most + 1
	return e.starts[(l+1)*width] > e.starts[l*width+k]
}

// answer looks up the lag of cell i.
func (e *exactRun) answer(i int, t *tails) (greater, less float64) {
	lag := int64(0)
	neighbours, _ := e.g.w.Row(i)
	for _, j := range neighbours {
		lag += e.levels.value[e.levels.of[j]]
	}
	if k := len(neighbours); k == e.drawn(i) {
		return t.greater[lag], t.less[lag]
	}
	rest := e.levels.total - e.levels.value[e.levels.of[i]] - lag
	return t.less[rest], t.greater[rest]
}
