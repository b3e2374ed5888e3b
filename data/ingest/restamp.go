package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// How often stamping anew is tried where others write meanwhile.
const (
	rounds = 4 // all facts, after which the communities are others again
	tries  = 4 // some facts, before halves of them
)

// restampAll stamps every fact of some datasets anew, after communities have
// changed, and keeps those whose stamps differ. Nothing else about them changes.
// It appends while it reads; what it reads is of one moment. What was interrupted
// can be repeated. progress may be nil.
//
// It ends only when the communities after its last write are those it stamped by, and
// begins again where they are not. Whoever puts communities stamps what there is
// afterwards, so of two who do at once the later one meets all that the earlier one
// wrote, or the earlier one sees that it has to begin again.
func restampAll(ctx context.Context, store data.Store, datasets []data.Dataset, progress func(Progress)) (data.Changes, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	r := restamper{store: store, progress: progress}
	held, err := groundsOf(ctx, store)
	if err != nil {
		return r.changes, err
	}
	for range rounds {
		r.grounds, r.stamper, r.rows = held, nil, 0
		for _, d := range datasets {
			if err := r.restamp(ctx, d); err != nil {
				return r.changes, fmt.Errorf("restamp %s: %w", d, err)
			}
		}
		if held, err = groundsOf(ctx, store); err != nil || held.key() == r.grounds.key() {
			return r.changes, err
		}
	}
	return r.changes, fmt.Errorf("communities changed each of the %d times that facts were stamped: import boundaries again", rounds)
}

// A restamper makes its stamper when it meets the first fact: indexing
// outlines takes time.
type restamper struct {
	store    data.Store
	progress func(Progress)
	grounds  grounds
	stamper  *Stamper
	changes  data.Changes
	rows     int64
}

func (r *restamper) restamp(ctx context.Context, d data.Dataset) error {
	for b, err := range allOf(ctx, r.store, d) {
		if err != nil {
			return err
		}
		if b.Len() == 0 {
			continue
		}
		if err := r.keep(ctx, d, b, tries); err != nil {
			return err
		}
		r.rows += int64(b.Len())
		r.progress(Progress{Stage: StageStamp, Rows: r.rows})
	}
	return nil
}

// allOf returns every fact of a dataset, where the store is a feed those too that
// were taken back: their stamps count for its version as those of others do, so
// it must not matter whether the communities or the facts came first.
func allOf(ctx context.Context, store data.Store, d data.Dataset) data.Batches {
	if f, ok := store.(data.Feed); ok {
		return f.Since(ctx, d, 0)
	}
	return store.Scan(ctx, data.Query{Dataset: d})
}

// keep stamps facts anew and keeps those whose stamps differ. Where another changed
// some of them since they were read, nothing is kept, and the facts that there are now
// are stamped in their stead: who changed them may have done so by the communities of
// before. One scan reads them again, however many were changed. left is how often some
// facts are tried; then their halves are, which are written sooner after they are read.
// A fact that is never left alone for so long is an error that names it.
func (r *restamper) keep(ctx context.Context, d data.Dataset, b data.Batch, left int) error {
	read, renewed, err := r.stamp(d, b)
	if err != nil || read.Len() == 0 {
		return err
	}
	changes, err := r.store.Replace(ctx, d, data.Revisions(read), renewed)
	var other *data.ChangedError
	if !errors.As(err, &other) {
		r.changes.Add(changes)
		return err
	}
	if left > 1 {
		return r.again(ctx, d, read, other, left-1)
	}
	if read.Len() == 1 {
		return fmt.Errorf("%w, each time it was stamped: import boundaries again", err)
	}
	return r.halves(ctx, d, read, other)
}

// stamp returns the facts of b whose stamps are others now, as they were read and with
// the new stamps.
func (r *restamper) stamp(d data.Dataset, b data.Batch) (read, renewed data.Batch, err error) {
	if r.stamper == nil {
		if r.stamper, err = r.grounds.stamper(); err != nil {
			return read, renewed, err
		}
	}
	if read, err = data.AcceptRows(b, r.store.Schema(d)); err != nil {
		return read, renewed, err
	}
	if renewed, err = r.stamper.Stamp(d, read); err != nil {
		return read, renewed, err
	}
	different := differing(read, renewed)
	return read.Take(different), renewed.Take(different), nil
}

// halves keeps each half of some facts for itself.
func (r *restamper) halves(ctx context.Context, d data.Dataset, read data.Batch, other *data.ChangedError) error {
	rows := make([]int32, read.Len())
	for i := range rows {
		rows[i] = int32(i)
	}
	middle := len(rows) / 2
	for _, half := range [][]int32{rows[:middle], rows[middle:]} {
		if err := r.again(ctx, d, read.Take(half), other, tries); err != nil {
			return err
		}
	}
	return nil
}

// again keeps facts as they are now, which were read before. Those that were taken back
// since are left out: no answer has them. Those that were taken back when they were read
// cannot be read again by id, so they are kept as they were, but for the one that is
// known to be another.
func (r *restamper) again(ctx context.Context, d data.Dataset, read data.Batch, other *data.ChangedError, left int) error {
	now, met, err := r.present(ctx, d, read)
	if err != nil {
		return err
	}
	met[factName{other.Source, other.ID}] = true
	var rest []int32
	sources, ids, withdrawn := read.Codes("source"), read.Texts("id"), read.Valid(data.Withdrawn)
	for i := range read.Len() {
		if withdrawn.At(i) && !met[factName{sources.At(i), ids.At(i)}] {
			rest = append(rest, int32(i))
		}
	}
	for _, b := range append(now, read.Take(rest)) {
		if err := r.keep(ctx, d, b, left); err != nil {
			return err
		}
	}
	return nil
}

// A factName is what a store knows a fact by.
type factName struct{ source, id string }

// present reads facts again by source and id, in one scan, and tells which it met.
func (r *restamper) present(ctx context.Context, d data.Dataset, read data.Batch) (now []data.Batch, met map[factName]bool, err error) {
	wanted, names := map[factName]bool{}, map[string]bool{}
	var words, keys []string
	sources, ids := read.Codes("source"), read.Texts("id")
	for i := range read.Len() {
		f := factName{sources.At(i), ids.At(i)}
		wanted[f] = true
		keys = append(keys, f.id)
		if !names[f.source] {
			names[f.source] = true
			words = append(words, f.source)
		}
	}
	met = map[factName]bool{}
	where := data.All{data.In{Column: "source", Words: words}, data.In{Column: "id", Words: keys}}
	for b, err := range r.store.Scan(ctx, data.Query{Dataset: d, Where: where}) {
		if err != nil {
			return nil, nil, err
		}
		var rows []int32
		sources, ids := b.Codes("source"), b.Texts("id")
		for i := range b.Len() {
			if f := (factName{sources.At(i), ids.At(i)}); wanted[f] {
				met[f], rows = true, append(rows, int32(i))
			}
		}
		now = append(now, b.Take(rows))
	}
	return now, met, nil
}

// differing returns the rows whose stamps are not the same in both batches.
func differing(old, renewed data.Batch) []int32 {
	before, after := data.Digests(nil, old, true), data.Digests(nil, renewed, true)
	var rows []int32
	for i := range before {
		if before[i] != after[i] {
			rows = append(rows, int32(i))
		}
	}
	return rows
}
