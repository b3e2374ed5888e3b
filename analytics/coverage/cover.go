package coverage

import (
	"container/heap"
	"context"
	"slices"
)

// A Choice is one site of a greedy covering.
type Choice struct {
	Candidate int
	Gain      float64 // demand that it covers and none before it does
	Covered   float64 // demand covered by all so far
}

// A Covering is what greedy choices cover.
type Covering struct {
	Choices []Choice
	Total   float64 // demand in all
	// Bound is what no choice of as many candidates covers more than: the least over
	// the stages k of what was covered after k choices and the largest gains left
	// (Nemhauser, Wolsey and Fisher 1978, section 4).
	Bound float64
}

// cover chooses up to n candidates, each time the one that covers most demand not
// yet covered, the first of those that tie; it ends where none covers any more.
// covers lists, for each candidate, the points it covers. Gains only shrink, so a
// candidate is looked at anew only when it heads the queue (Minoux 1978).
// The error is that of ctx.
func cover(ctx context.Context, amount []float64, covers [][]int32, n int) (Covering, error) {
	c := Covering{}
	for _, a := range amount {
		c.Total += a
	}
	done := make([]bool, len(amount))
	gain := func(candidate int) (sum float64) {
		for _, point := range covers[candidate] {
			if !done[point] {
				sum += amount[point]
			}
		}
		return sum
	}
	q := make(queue, len(covers))
	for i := range covers {
		q[i] = candidate{i, gain(i)}
	}
	heap.Init(&q)
	covered := 0.0
	c.Bound = min(c.Total, q.largest(n))
	for len(c.Choices) < n && q.Len() > 0 {
		head := heap.Pop(&q).(candidate)
		if err := ctx.Err(); err != nil {
			return c, err
		}
		if head.gain = gain(head.index); q.Len() > 0 && q.before(head, q[0]) {
			heap.Push(&q, head)
			continue
		}
		if head.gain <= 0 {
			break
		}
		for _, point := range covers[head.index] {
			done[point] = true
		}
		covered += head.gain
		c.Choices = append(c.Choices, Choice{head.index, head.gain, covered})
		if len(c.Choices) <= exactStages {
			q.renew(gain)
		}
		c.Bound = min(c.Bound, covered+q.largest(n))
	}
	q.renew(gain)
	c.Bound = min(c.Bound, covered+q.largest(n))
	return c, nil
}

// exactStages is how many stages the bound is worked out for with gains as they are
// then: to add up all of them at each of a thousand would take minutes.
const exactStages = 32

// renew brings all gains up to date.
func (q queue) renew(gain func(int) float64) {
	for i := range q {
		q[i].gain = gain(q[i].index)
	}
	heap.Init(&q)
}

// largest returns the sum of the n largest gains.
func (q queue) largest(n int) (sum float64) {
	gains := make([]float64, len(q))
	for i, c := range q {
		gains[i] = c.gain
	}
	slices.Sort(gains)
	for i := len(gains) - 1; i >= max(0, len(gains)-n); i-- {
		sum += gains[i]
	}
	return sum
}

type candidate struct {
	index int
	gain  float64
}

// A queue holds candidates, the one of the largest gain first.
type queue []candidate

// before reports whether b goes before a.
func (queue) before(a, b candidate) bool {
	return b.gain > a.gain || b.gain == a.gain && b.index < a.index
}

// Len implements heap.Interface.
func (q queue) Len() int { return len(q) }

// Less implements heap.Interface.
func (q queue) Less(i, j int) bool { return q.before(q[j], q[i]) }

// Swap implements heap.Interface.
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push implements heap.Interface.
func (q *queue) Push(x any) { *q = append(*q, x.(candidate)) }

// Pop implements heap.Interface.
func (q *queue) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}
