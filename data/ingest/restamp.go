package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/civgrid/civgrid/data"
)

// restampAll stamps every fact of some datasets anew, after communities have
// changed, and keeps those whose stamps differ. Nothing else about them changes.
// It appends while it reads; what it reads is of one moment. What was interrupted
// can be repeated. progress may be nil.
func restampAll(ctx context.Context, store data.Store, datasets []data.Dataset, progress func(Progress)) (data.Changes, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	r := restamper{store: store, progress: progress}
	for _, d := range datasets {
		if err := r.restamp(ctx, d); err != nil {
			return r.changes, fmt.Errorf("restamp %s: %w", d, err)
		}
	}
	return r.changes, nil
}

// A restamper makes its stamper when it meets the first fact: indexing
// outlines takes time.
type restamper struct {
	store    data.Store
	progress func(Progress)
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
		if err := r.batch(ctx, d, b); err != nil {
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

func (r *restamper) batch(ctx context.Context, d data.Dataset, b data.Batch) (err error) {
	if r.stamper == nil {
		if r.stamper, err = storeStamper(ctx, r.store); err != nil {
			return err
		}
	}
	renewed, err := r.stamper.Stamp(d, b)
	if err != nil {
		return err
	}
	different := differing(b, renewed)
	if len(different) == 0 {
		return nil
	}
	return r.keep(ctx, d, b.Take(different), renewed.Take(different))
}

// keep keeps facts with other stamps than they were read with, but for those that
// another changed since: who did has stamped them.
func (r *restamper) keep(ctx context.Context, d data.Dataset, read, renewed data.Batch) error {
	read, err := data.AcceptRows(read, r.store.Schema(d))
	if err != nil {
		return err
	}
	expected := data.Revisions(read)
	for {
		changes, err := r.store.Replace(ctx, d, expected, renewed)
		var other *data.ChangedError
		if !errors.As(err, &other) {
			r.changes.Add(changes)
			return err
		}
		var rest []int32
		var kept []data.Revision
		sources, ids := renewed.Codes("source"), renewed.Texts("id")
		for row, revision := range expected {
			if sources.At(row) != other.Source || ids.At(row) != other.ID {
				rest, kept = append(rest, int32(row)), append(kept, revision)
			}
		}
		if len(rest) == len(expected) {
			return err
		}
		expected, renewed = kept, renewed.Take(rest)
	}
}

// storeStamper returns a stamper for what a store holds.
func storeStamper(ctx context.Context, store data.Store) (*Stamper, error) {
	settings, err := store.Settings(ctx)
	if err != nil {
		return nil, err
	}
	communities, err := store.Communities(ctx)
	if err != nil {
		return nil, err
	}
	return NewStamper(communities, settings.Resolutions)
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
