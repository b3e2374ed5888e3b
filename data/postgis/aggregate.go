package postgis

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

// Aggregate implements [data.Aggregator]: one GROUP BY a rollup on the server.
// Where a condition is left to Go it is an error, as Weigh foretells.
func (s *Store) Aggregate(ctx context.Context, rollups ...data.Rollup) data.Answers {
	return func(yield func(data.Answer, error) bool) {
		err := s.aggregateTo(ctx, rollups, func(a data.Answer) bool { return yield(a, nil) })
		if err != nil && !errors.Is(err, errStop) {
			yield(data.Answer{}, fmt.Errorf("add up: %w", err))
		}
	}
}

func (s *Store) aggregateTo(ctx context.Context, rollups []data.Rollup, yield func(data.Answer) bool) error {
	return s.read(ctx, func(tx pgx.Tx) error {
		f, err := s.published(ctx, tx)
		if err != nil {
			return err
		}
		words, err := s.vocabulary(ctx, tx)
		if err != nil {
			return err
		}
		for i, r := range rollups {
			answer := func(b data.Batch) bool { return yield(data.Answer{Rollup: i, Batch: b}) }
			if err := s.addUp(ctx, tx, f, words, r, answer); err != nil {
				return fmt.Errorf("%s: %w", r.Dataset, err)
			}
		}
		return nil
	})
}

// addUp answers one rollup as of a frontier.
func (s *Store) addUp(ctx context.Context, tx pgx.Tx, f frontier, words *vocabulary, r data.Rollup, yield func(data.Batch) bool) error {
	t, err := s.tableOf(r.Dataset)
	if err != nil {
		return err
	}
	if err := r.Check(t.columns); err != nil {
		return err
	}
	sum := newSummary(words, t, r)
	if !sum.inSQL {
		return errors.New("a condition is not for the server to decide")
	}
	for _, p := range t.whole(f) {
		err := each(ctx, tx, sum.statement(p), func(values [][]byte) error {
			if err := sum.add(values); err != nil {
				return err
			}
			if sum.builder.Len() == batchRows && !yield(sum.builder.Build()) {
				return errStop
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	if sum.builder.Len() > 0 && !yield(sum.builder.Build()) {
		return errStop
	}
	return nil
}

// A summary is a rollup on its way to the server and back.
type summary struct {
	rollup  data.Rollup
	keys    []groupKey
	where   func(*statement) string
	counts  []func(*statement) string
	sums    []func(*statement) string // their conditions
	inSQL   bool
	builder *data.Builder
}

func newSummary(words *vocabulary, t table, r data.Rollup) *summary {
	r = r.Live()
	sum := &summary{rollup: r, inSQL: true, builder: data.NewBuilder(r.Columns())}
	for _, k := range r.Keys {
		sum.keys = append(sum.keys, words.groupKey(k))
	}
	conditions := []data.Condition{r.Where}
	for _, c := range r.Counts {
		conditions = append(conditions, c.Where)
	}
	for _, s := range r.Sums {
		conditions = append(conditions, s.Where)
	}
	for i, c := range conditions {
		write, ok := words.condition(c, t)
		if !ok {
			sum.inSQL = false
			return sum
		}
		switch {
		case i == 0:
			sum.where = write
		case i <= len(r.Counts):
			sum.counts = append(sum.counts, write)
		default:
			sum.sums = append(sum.sums, write)
		}
	}
	return sum
}

// statement returns the GROUP BY over one part. Keys are grouped by position:
// Citus does not recognise an expression that is written out twice.
func (sum *summary) statement(p part) statement {
	var st statement
	var selected, positions []string
	for _, k := range sum.keys {
		selected = append(selected, k.columns(&st)...)
	}
	for i := range selected {
		positions = append(positions, fmt.Sprint(i+1))
	}
	for i, count := range sum.counts {
		text := "count(*)"
		if sum.rollup.Counts[i].Where != nil {
			text += " FILTER (WHERE " + count(&st) + ")"
		}
		selected = append(selected, text)
	}
	for i, where := range sum.sums {
		s := sum.rollup.Sums[i]
		text := "sum(" + quote(s.Column) + ")"
		if s.Where != nil {
			text += " FILTER (WHERE " + where(&st) + ")"
		}
		selected = append(selected, "coalesce("+text+", 0)::text")
	}
	selected = append(selected, "count(*)")
	st.text = "SELECT " + strings.Join(selected, ", ") + " FROM " + p.from
	if limit := both(p.where(&st), sum.where(&st)); limit != "" {
		st.text += " WHERE " + limit
	}
	if len(positions) > 0 {
		st.text += " GROUP BY " + strings.Join(positions, ", ")
	}
	return st
}

// add takes in a row of the answer. Without keys there is one even where
// there are no facts.
func (sum *summary) add(values [][]byte) error {
	if n, err := number(values[len(values)-1]); err != nil || n == 0 {
		return err
	}
	at := 0
	for i, k := range sum.keys {
		if err := k.set(sum.builder, i, values[at:at+k.width]); err != nil {
			return err
		}
		at += k.width
	}
	for i := range sum.counts {
		n, err := number(values[at+i])
		if err != nil {
			return err
		}
		sum.builder.SetInt(len(sum.keys)+i, n)
	}
	at += len(sum.counts)
	for i, s := range sum.rollup.Sums {
		n, err := total(values[at+i])
		if err != nil {
			return fmt.Errorf("sum %s: %w", s.Name, err)
		}
		sum.builder.SetInt(len(sum.keys)+len(sum.counts)+i, n)
	}
	return nil
}

// total reads a sum, which the server makes exactly, as a text: a cast to
// bigint that fails there would not say which of several sums it was.
func total(value []byte) (int64, error) {
	n, err := strconv.ParseInt(string(value), 10, 64)
	if errors.Is(err, strconv.ErrRange) {
		return 0, data.ErrOverflow
	}
	return n, err
}

// number reads a bigint.
func number(value []byte) (int64, error) {
	if len(value) != 8 {
		return 0, errWidth
	}
	return int64(binary.BigEndian.Uint64(value)), nil
}
