package ogc

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// factItems answers /collections/{collectionId}/items of facts. A page is what comes
// after a position in an order without ties, so no reader holds on to a state of the
// store: while facts are written, those that nobody touches come once each, and
// numberMatched is that of the moment of the page.
//
// It reads twice: the positions of all that match, of which it keeps a page, and then
// the facts of that page. One that has moved or gone in between is left out, as if it
// had done so before.
func (s *service) factItems(c *gin.Context, col *collection, k *catalog, r *request) error {
	if s.known(c, k, nil, r.query.Canonical("f"), string(r.media), markOf(s.Secret), col.tag()) {
		return nil
	}
	ctx, f := c.Request.Context(), col.facts
	q, err := f.asked(ctx, r)
	if err != nil {
		return err
	}
	if r.hits {
		matched, err := f.count(ctx, q)
		if err == nil {
			_, err = s.settle(c, k)
		}
		if err != nil {
			return err
		}
		return s.writePage(c, col, r, f.Head().Show(r.shown), []int{}, matched, "")
	}
	o := f.order(r.wanted.sort)
	for try := 1; ; try++ {
		chosen, err := f.choose(ctx, q, o, r.after, r.limit)
		if err != nil {
			return err
		}
		table, rows, err := f.fetch(ctx, q, o, chosen.first, r.shown)
		if err == nil {
			_, err = s.settle(c, k)
		}
		if err != nil {
			return err
		}
		if len(rows) == 0 && len(chosen.first) > 0 && try < maxTries {
			continue // clients stop at a page without features
		}
		next := ""
		if chosen.more() {
			next = o.text(s.Secret, queryHash(col.id, r.query), chosen.first[len(chosen.first)-1])
		}
		return s.writePage(c, col, r, table, rows, chosen.matched, next)
	}
}

// count returns how many facts meet a condition.
func (f *facts) count(ctx context.Context, q *question) (n int, err error) {
	for b, err := range f.scan(ctx, q.where, "id") {
		if err != nil {
			return 0, err
		}
		n += b.Len()
	}
	return n, q.err()
}

// fetch reads the facts of some positions, as far as they still meet the condition and
// stand where they did, and returns them with their rows in order.
func (f *facts) fetch(ctx context.Context, q *question, o factOrder, at []position, v encode.View) (*encode.Table, []int, error) {
	columns := f.Needs(v)
	for _, name := range o.needs() {
		if !slices.Contains(columns, name) {
			columns = append(columns, name)
		}
	}
	place := make(map[[2]string]int, len(at))
	var sources, ids []string
	for i, p := range at {
		place[[2]string{p.source, p.id}] = i
		ids = append(ids, p.id)
		sources = append(sources, p.source)
	}
	slices.Sort(sources)
	where := data.All{data.In{Column: "source", Words: slices.Compact(sources)}, data.In{Column: "id", Words: ids}, q.where}
	var (
		rows  [][2]int // place and row of each that is found
		total int
	)
	table, err := f.Table(func(yield func(data.Batch, error) bool) {
		for b, err := range f.scan(ctx, where, columns...) {
			if err != nil {
				yield(data.Batch{}, err)
				return
			}
			positionOf := o.positions(b)
			for row := range b.Len() {
				p := positionOf(row)
				if i, ok := place[[2]string{p.source, p.id}]; ok && o.compare(p, at[i]) == 0 {
					rows = append(rows, [2]int{i, total + row})
				}
			}
			total += b.Len()
			if !yield(b, nil) {
				return
			}
		}
	}, v)
	if err = cmp.Or(err, q.err()); err != nil {
		return nil, nil, fmt.Errorf("read a page of %s: %w", f.Dataset(), err)
	}
	slices.SortFunc(rows, func(a, b [2]int) int { return a[0] - b[0] })
	ordered := make([]int, len(rows))
	for i, r := range rows {
		ordered[i] = r[1]
	}
	return table, ordered, nil
}
