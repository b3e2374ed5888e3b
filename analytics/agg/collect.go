package agg

import (
	"context"
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"sync"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// Collect answers rollups over the rows of frame with facts from source, one
// tally for each rollup in their order. The first key of every rollup is the
// frame's key; it may have one more, of integers. Rollups over facts of the same
// time share one scan, unless the source adds up by itself and thinks that
// sooner: see [data.Aggregator]. The tallies are the same either way. note is told how
// rollups are answered, before they are; it may be nil.
func Collect(ctx context.Context, source data.Source, frame *analytics.Frame, rollups []data.Rollup, note func(Step)) ([]analytics.Tally, error) {
	tallies := make([]analytics.Tally, len(rollups))
	keep := func(p part, tables []table) (err error) {
		for i, r := range p.of {
			if tallies[r], err = tables[i].tally(p.rollups[i]); err != nil {
				return fmt.Errorf("add up %s, rollup %s: %w", p.rollups[i].Dataset, p.rollups[i].Name, err)
			}
		}
		return nil
	}
	var scans []part
	for _, group := range sameFacts(rollups) {
		p := part{of: group}
		for _, r := range group {
			p.rollups = append(p.rollups, rollups[r])
		}
		tables, pushed, err := answer(ctx, source, frame, p.rollups, note)
		switch {
		case err != nil:
			return nil, err
		case !pushed:
			scans = append(scans, p)
			continue
		}
		if err := keep(p, tables); err != nil {
			return nil, err
		}
	}
	for _, s := range together(source, scans) {
		tables, err := scan(ctx, source, frame, s)
		if err != nil {
			return nil, err
		}
		for _, p := range s.parts {
			if err := keep(p, tables[:len(p.of)]); err != nil {
				return nil, err
			}
			tables = tables[len(p.of):]
		}
	}
	return tallies, nil
}

// sameFacts groups the indices of rollups of equal dataset and condition.
func sameFacts(rollups []data.Rollup) [][]int {
	var groups [][]int
next:
	for i, r := range rollups {
		for g, group := range groups {
			first := rollups[group[0]]
			if first.Dataset == r.Dataset && reflect.DeepEqual(first.Where, r.Where) {
				groups[g] = append(group, i)
				continue next
			}
		}
		groups = append(groups, []int{i})
	}
	return groups
}

// answer has the source add rollups up that share their facts, where that is the
// better way.
func answer(ctx context.Context, source data.Source, frame *analytics.Frame, rollups []data.Rollup, note func(Step)) (tables []table, pushed bool, err error) {
	step := stepOf(rollups)
	step.Why = "the source gives rows and no sums"
	aggregator, ok := source.(data.Aggregator)
	if ok {
		if step.Choice, err = aggregator.Weigh(ctx, rollups); err != nil {
			return nil, false, fmt.Errorf("add up %s: %w", step.Dataset, err)
		}
	}
	if note != nil {
		note(step)
	}
	if step.PushDown {
		tables, err = pushDown(ctx, aggregator, frame, rollups)
	}
	return tables, step.PushDown, err
}

// scan reads the facts of parts that share a scan and counts, with as many
// workers as there are processors. The tables are in the order of parts.
func scan(ctx context.Context, source data.Source, frame *analytics.Frame, s sharing) ([]table, error) {
	query, err := union(source, s)
	if err != nil {
		return nil, err
	}
	index := newRowIndex(frame)
	batches := make(chan data.Batch)
	workers := make([]*worker, runtime.GOMAXPROCS(0))
	var wait sync.WaitGroup
	for i := range workers {
		workers[i] = &worker{index: index, parts: s.parts, of: len(workers)}
		wait.Go(func() { workers[i].run(batches) })
	}
	err = feed(ctx, source.Scan(ctx, query), batches)
	close(batches)
	wait.Wait()
	if err != nil {
		return nil, fmt.Errorf("add up %s: %w", query.Dataset, err)
	}
	workers[0].prepare()
	for _, w := range workers[1:] {
		workers[0].merge(w)
	}
	return workers[0].tables, nil
}

func feed(ctx context.Context, from data.Batches, to chan<- data.Batch) error {
	for b, err := range from {
		if err != nil {
			return err
		}
		select {
		case to <- b:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// union returns the query that reads what all parts need.
func union(source data.Source, s sharing) (data.Query, error) {
	query := data.Query{Dataset: s.parts[0].rollups[0].Dataset, Where: s.where}
	for _, p := range s.parts {
		names := data.ColumnsOf(p.rest)
		for _, r := range p.rollups {
			if err := r.Check(source.Schema(r.Dataset)); err != nil {
				return data.Query{}, err
			}
			names = append(names, r.Query().Columns...)
		}
		for _, name := range names {
			if !slices.Contains(query.Columns, name) {
				query.Columns = append(query.Columns, name)
			}
		}
	}
	return query, nil
}

// A worker counts batches into tables of its own, one for each rollup.
type worker struct {
	index  *rowIndex
	parts  []part
	of     int     // how many workers there are
	tables []table // nil before the first batch
	rows   []int32
	keys   []int64
}

// prepare makes the tables. Where there are few batches most workers get none
// and need no tables.
func (w *worker) prepare() {
	if w.tables != nil {
		return
	}
	for _, p := range w.parts {
		for _, r := range p.rollups {
			w.tables = append(w.tables, newTable(w.index.len(), r, w.of))
		}
	}
}

func (w *worker) run(batches <-chan data.Batch) {
	for b := range batches {
		w.prepare()
		tables := w.tables
		for _, p := range w.parts {
			own := p.rows(b)
			w.rows = w.index.rowsOf(w.rows, own)
			for i, r := range p.rollups {
				w.add(&tables[i], r, own)
			}
			tables = tables[len(p.rollups):]
		}
	}
}

func (w *worker) add(t *table, r data.Rollup, b data.Batch) {
	marks := make([][]bool, len(r.Counts))
	for c, count := range r.Counts {
		if count.Where != nil {
			marks[c] = data.Select(nil, b, count.Where)
		}
	}
	var keys []int64
	if len(r.Keys) < 2 {
		t.addRows(w.rows, marks)
	} else {
		w.keys = keysOf(w.keys, b, r.Keys[1])
		keys = w.keys
		t.addKeyed(w.rows, keys, marks)
	}
	if len(r.Sums) > 0 {
		t.addSums(w.rows, keys, addendsOf(r.Sums, b))
	}
}

func (w *worker) merge(other *worker) {
	for i := range other.tables {
		w.tables[i].merge(&other.tables[i])
	}
}
