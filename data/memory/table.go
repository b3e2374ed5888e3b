package memory

import (
	"time"

	"github.com/civgrid/civgrid/data"
)

// A table holds the facts of one dataset.
type table struct {
	batches []data.Batch // the rows written, in the order they came
	rows    []row        // the present rows; the index is the row's number for good
	past    []row        // the replaced rows
	known   map[fact]int // where in rows
	sum     uint64       // of the revisions' digests, wrapping
	mark    int64        // of the newest change
}

type fact struct{ source, id string }

// A row is a place in the batches and what is known about it.
type row struct {
	batch, at int32
	seq       int64
	revision  data.Revision
	changed   int64     // the mark of its last change
	from, to  time.Time // when it was recorded and replaced
}

// write settles a batch of accepted rows at a moment. A change that leaves
// nothing to write has no mark.
func (t *table) write(b data.Batch, mark int64, now time.Time) data.Changes {
	revisions := data.Revisions(b)
	writes, changes := data.Settle(b, revisions, t.revision)
	if len(writes) == 0 {
		return changes
	}
	taken := make([]int32, len(writes))
	sources, ids := b.Codes("source"), b.Texts("id")
	for i, w := range writes {
		taken[i] = int32(w.Row)
		t.put(fact{sources.At(w.Row), ids.At(w.Row)}, w.Outcome, row{
			batch: int32(len(t.batches)), at: int32(i), revision: revisions[w.Row], changed: mark, from: now,
		})
	}
	t.batches = append(t.batches, b.Take(taken))
	t.mark = mark
	return changes
}

// revision returns that of the present row of a fact.
func (t *table) revision(source, id string) (data.Revision, bool) {
	i, ok := t.known[fact{source, id}]
	if !ok {
		return data.Revision{}, false
	}
	return t.rows[i].revision, true
}

// put carries out one write.
func (t *table) put(f fact, outcome data.Outcome, r row) {
	t.sum += r.revision.Digest()
	if outcome == data.Inserted {
		r.seq = int64(len(t.rows))
		t.known[f] = len(t.rows)
		t.rows = append(t.rows, r)
		return
	}
	old := t.rows[t.known[f]]
	t.sum -= old.revision.Digest()
	r.seq = old.seq
	if outcome == data.Restamped {
		r.from = old.from
	} else {
		old.to = r.from
		t.past = append(t.past, old)
	}
	t.rows[r.seq] = r
}

// present returns the places of the rows that changed after a mark.
func (t *table) present(mark int64) []row {
	rows := make([]row, 0, len(t.rows))
	for _, r := range t.rows {
		if r.changed > mark {
			rows = append(rows, r)
		}
	}
	return rows
}

// asOf returns the places of the rows as they were at a moment.
func (t *table) asOf(at time.Time) []row {
	var rows []row
	for _, r := range t.rows {
		if !r.from.After(at) {
			rows = append(rows, r)
		}
	}
	for _, r := range t.past {
		if !r.from.After(at) && r.to.After(at) {
			rows = append(rows, r)
		}
	}
	return rows
}

// A view is a set of rows at one moment.
type view struct {
	batches []data.Batch
	rows    []row
}

// each calls yield with the rows of v batch by batch, together with the rows'
// numbers, until it returns false.
func (v view) each(yield func(b data.Batch, seqs []int64) bool) {
	taken := make([][]int32, len(v.batches))
	seqs := make([][]int64, len(v.batches))
	for _, r := range v.rows {
		taken[r.batch] = append(taken[r.batch], r.at)
		seqs[r.batch] = append(seqs[r.batch], r.seq)
	}
	for i, b := range v.batches {
		if len(taken[i]) == 0 {
			continue
		}
		if len(taken[i]) < b.Len() {
			b = b.Take(taken[i])
		} else {
			order(taken[i], seqs[i])
		}
		if !yield(b, seqs[i]) {
			return
		}
	}
}

// order moves the number of row taken[i] to place taken[i], where taken holds
// every row of its batch.
func order(taken []int32, seqs []int64) {
	moved := make([]int64, len(seqs))
	for i, at := range taken {
		moved[at] = seqs[i]
	}
	copy(seqs, moved)
}
