package ingest

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// A block is a run of records of a file.
type block struct {
	number  int   // from 1
	first   int64 // ordinal of its first record, from 0
	records []record
	bytes   int64 // read of the file so far, as stored
}

// A reader reads a file in blocks, several at once.
type reader struct {
	plan  *plan
	input Input
	size  int       // records in a block
	copy  io.Writer // receives the bytes of the file as stored; may be nil
}

// scan turns every block of a file into a T, on all cores, and hands the Ts to
// each in the order of the file. No more than a few blocks are in memory.
func scan[T any](ctx context.Context, r reader, work func(*converter, block) (T, error), each func(T) error) error {
	o, err := r.input.open(r.copy)
	if err != nil {
		return err
	}
	defer o.Close()
	group, ctx := errgroup.WithContext(ctx)
	workers := runtime.GOMAXPROCS(0)
	type job struct {
		block  block
		result chan T
	}
	jobs, order := make(chan job, workers), make(chan job, workers)
	group.Go(func() error {
		defer close(jobs)
		defer close(order)
		return r.split(o, func(b block) error {
			j := job{b, make(chan T, 1)}
			for _, to := range []chan job{order, jobs} {
				select {
				case to <- j:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	for range workers {
		group.Go(func() error {
			c := newConverter(r.plan)
			for j := range jobs {
				done, err := work(c, j.block)
				if err != nil {
					return err
				}
				j.result <- done
			}
			return nil
		})
	}
	group.Go(func() error {
		for j := range order {
			select {
			case done := <-j.result:
				if err := each(done); err != nil {
					return err
				}
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	if err := group.Wait(); err != nil {
		return fmt.Errorf("read %s: %w", r.input.Name, err)
	}
	return nil
}

// blockBytes is the most bytes the records of a block have together, but for the
// last: a block of large records is cut short, so that a few blocks fit into
// memory whatever a file holds.
const blockBytes = 16 << 20

// split cuts the file into blocks and reads it to its very end.
func (r reader) split(o *opened, emit func(block) error) error {
	s := r.plan.format.split(o, r.plan.layout)
	b, bytes := block{number: 1}, 0
	for {
		rec, err := s.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return brokenAfter(b.first+int64(len(b.records)), err)
		}
		b.records = append(b.records, rec)
		bytes += len(rec.raw)
		if len(b.records) == r.size || bytes >= blockBytes {
			bytes = 0
			b.bytes = o.bytes.Load()
			if err := emit(b); err != nil {
				return err
			}
			b = block{number: b.number + 1, first: b.first + int64(len(b.records)), records: make([]record, 0, r.size)}
		}
	}
	if _, err := io.Copy(io.Discard, o); err != nil {
		return brokenAfter(b.first+int64(len(b.records)), err)
	}
	b.bytes = o.bytes.Load()
	if len(b.records) == 0 {
		return nil
	}
	return emit(b)
}

// brokenAfter says of an archive that cannot be unpacked how far it could.
func brokenAfter(rows int64, err error) error {
	var corrupt flate.CorruptInputError
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the file ends in the middle: %w, after row %d", err, rows)
	case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader), errors.As(err, &corrupt):
		return fmt.Errorf("the file is damaged: %w, after row %d", err, rows)
	}
	return err
}
