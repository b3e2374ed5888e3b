package sqlite

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/data"
)

// insertRows is the number of rows of one INSERT: 20 and more are about a
// fifth faster than one, hundreds are no faster than 20 (BenchmarkAppend).
const insertRows = 20

// lookupRows is the number of ids asked for by one SELECT.
const lookupRows = 200

// Append implements [data.Sink]. A batch of 10,000 to 50,000 rows is best.
func (s *Store) Append(ctx context.Context, d data.Dataset, chunk data.Chunk, rows data.Batch) (data.Changes, error) {
	changes, err := s.append(ctx, d, chunk, rows, nil)
	if err != nil {
		return data.Changes{}, fmt.Errorf("append to %s: %w", d, err)
	}
	return changes, nil
}

// Replace implements [data.Sink].
func (s *Store) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	expect := func(a *appending) error { return data.Expect(a.rows, expected, a.known) }
	changes, err := s.append(ctx, d, data.Chunk{}, rows, expect)
	if err != nil {
		return data.Changes{}, fmt.Errorf("replace %s: %w", d, err)
	}
	return changes, nil
}

// append keeps rows, where what expect says of the stored facts holds. A nil expect
// holds always.
func (s *Store) append(ctx context.Context, d data.Dataset, chunk data.Chunk, rows data.Batch, expect func(*appending) error) (changes data.Changes, err error) {
	t, err := s.tableOf(d)
	if err != nil {
		return changes, err
	}
	if rows, err = data.AcceptRows(rows, t.columns); err != nil {
		return changes, err
	}
	if chunk != (data.Chunk{}) { // a resumed import passes most of its chunks
		var done bool
		err = s.read(ctx, func(c session) error {
			changes, done, err = readChunk(c, d, chunk)
			return err
		})
		if done || err != nil {
			return changes, err
		}
	}
	a := appending{Store: s, table: t, rows: rows, revisions: data.Revisions(rows), expect: expect}
	err = s.write(ctx, func(c session) error {
		a.session = c
		var done bool
		if changes, done, err = readChunk(c, d, chunk); done || err != nil {
			return err
		}
		if changes, err = a.run(ctx); err != nil {
			return err
		}
		return putChunk(c, d, chunk, changes)
	})
	return changes, err
}

// readChunk returns what a chunk changed when it was kept.
func readChunk(c session, d data.Dataset, chunk data.Chunk) (changes data.Changes, done bool, err error) {
	if chunk == (data.Chunk{}) {
		return changes, false, nil
	}
	row, err := c.one("SELECT inserted, replaced, restamped, unchanged, stale FROM civgrid_chunk "+
		"WHERE dataset = ? AND import = ? AND number = ?", string(d), chunk.Import, int64(chunk.Number))
	if row == nil || err != nil {
		return changes, false, err
	}
	for i, n := range []*int64{&changes.Inserted, &changes.Replaced, &changes.Restamped, &changes.Unchanged, &changes.Stale} {
		*n, _ = row[i].(int64)
	}
	return changes, true, nil
}

func putChunk(c session, d data.Dataset, chunk data.Chunk, changes data.Changes) error {
	if chunk == (data.Chunk{}) {
		return nil
	}
	return c.exec("INSERT INTO civgrid_chunk VALUES (?, ?, ?, ?, ?, ?, ?, ?)", string(d), chunk.Import, int64(chunk.Number),
		changes.Inserted, changes.Replaced, changes.Restamped, changes.Unchanged, changes.Stale)
}

// An appending is one call of Append inside its transaction.
type appending struct {
	*Store
	session
	table
	rows      data.Batch
	revisions []data.Revision
	expect    func(*appending) error // nil for nothing

	stored  map[fact]stored
	count   int64  // rows of the dataset
	seq     int64  // the highest given
	digest  uint64 // the dataset's sum
	changed int64  // this change
}

type fact struct{ source, id string }

// stored is what the table says of a fact.
type stored struct {
	seq, recorded int64
	revision      data.Revision
}

func (a *appending) run(ctx context.Context) (data.Changes, error) {
	if err := a.loadIDs(a.session); err != nil {
		return data.Changes{}, err
	}
	if err := a.begin(); err != nil {
		return data.Changes{}, err
	}
	if err := a.lookUp(ctx); err != nil {
		return data.Changes{}, err
	}
	if a.expect != nil {
		if err := a.expect(a); err != nil {
			return data.Changes{}, err
		}
	}
	writes, changes := data.Settle(a.rows, a.revisions, a.known)
	if len(writes) == 0 {
		return changes, nil
	}
	var err error
	if a.changed, err = a.change(a.session, string(a.dataset)); err != nil {
		return changes, err
	}
	if err := a.bury(ctx, writes); err != nil {
		return changes, err
	}
	if err := a.keep(ctx, writes); err != nil {
		return changes, err
	}
	return changes, a.end()
}

// known returns the stored revision of a fact.
func (a *appending) known(source, id string) (data.Revision, bool) {
	old, ok := a.stored[fact{source, id}]
	return old.revision, ok
}

// begin reads the dataset's row. Settings may have changed since the columns
// were taken from them.
func (a *appending) begin() error {
	settings, err := readSettings(a.session)
	if err != nil {
		return err
	}
	if !slices.Equal(settings.Resolutions, a.resolutions) {
		return errors.New("the store's resolutions were changed meanwhile")
	}
	row, err := a.one("SELECT rows, seq, digest FROM civgrid_dataset WHERE dataset = ?", string(a.dataset))
	if err != nil {
		return err
	}
	if row == nil {
		return fmt.Errorf("dataset %s has no row in civgrid_dataset", a.dataset)
	}
	a.count, a.seq, a.digest = row[0].(int64), row[1].(int64), uint64(row[2].(int64))
	return nil
}

// end writes the dataset's row.
func (a *appending) end() error {
	err := a.exec("UPDATE civgrid_dataset SET rows = ?, seq = ?, digest = ?, changed = ? WHERE dataset = ?",
		a.count, a.seq, int64(a.digest), a.changed, string(a.dataset))
	if err != nil {
		return err
	}
	return a.exec("UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ','now') WHERE table_name = ?", string(a.dataset))
}

// lookUp reads what is stored of the facts of the batch.
func (a *appending) lookUp(ctx context.Context) error {
	a.stored = map[fact]stored{}
	if a.count == 0 {
		return nil
	}
	bySource := map[string][]string{}
	sources, ids := a.rows.Codes("source"), a.rows.Texts("id")
	for row := range a.rows.Len() {
		source := sources.At(row)
		bySource[source] = append(bySource[source], ids.At(row))
	}
	q := "SELECT id, seq, recorded, content, stamped, updated_at, " + data.Withdrawn + " IS NOT NULL FROM " + a.present() +
		" WHERE source = ? AND id IN (?" + strings.Repeat(",?", lookupRows-1) + ")"
	st, err := a.prepare(q)
	if err != nil {
		return err
	}
	defer st.close()
	for source, ids := range bySource {
		number, ok := a.ids[source]
		if !ok {
			continue
		}
		slices.Sort(ids) // the index is read in its own order
		for part := range slices.Chunk(slices.Compact(ids), lookupRows) {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := a.lookUpIDs(st, source, number, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// lookUpIDs reads what is stored of some ids of a source.
func (a *appending) lookUpIDs(st *statement, source string, number int64, ids []string) error {
	args := make([]value, 1+lookupRows) // those left over are null, which is in no list
	args[0] = number
	for i, id := range ids {
		args[i+1] = id
	}
	return st.each(args, func(row []value) error {
		id, _ := row[0].(string)
		old := stored{seq: row[1].(int64), recorded: row[2].(int64)}
		old.revision.Content, old.revision.Stamped = uint64(row[3].(int64)), uint64(row[4].(int64))
		old.revision.Updated, old.revision.Dated = row[5].(int64)
		old.revision.Withdrawn = row[6] == value(int64(1))
		a.stored[fact{source, id}] = old
		return nil
	})
}

// bury copies the rows that are going to be replaced to the past.
func (a *appending) bury(ctx context.Context, writes []data.Write) error {
	st, err := a.prepare(a.table.bury())
	if err != nil {
		return err
	}
	defer st.close()
	sources, ids := a.rows.Codes("source"), a.rows.Texts("id")
	for i, w := range writes {
		if i%lookupRows == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if w.Outcome != data.Replaced {
			continue
		}
		if err := st.exec([]value{a.changed, a.stored[fact{sources.At(w.Row), ids.At(w.Row)}].seq}); err != nil {
			return err
		}
	}
	return nil
}

// keep writes the rows, in the order of the index on source and id.
func (a *appending) keep(ctx context.Context, writes []data.Write) error {
	sources, ids := a.rows.Codes("source"), a.rows.Texts("id")
	slices.SortFunc(writes, func(x, y data.Write) int {
		return cmp.Or(strings.Compare(sources.At(x.Row), sources.At(y.Row)), strings.Compare(ids.At(x.Row), ids.At(y.Row)))
	})
	encode := a.encoders(a.session, a.rows)
	var args []value
	var st *statement
	prepared := 0 // rows of st
	for part := range slices.Chunk(writes, insertRows) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if len(part) != prepared { // the first part, and a shorter last one
			var err error
			if st, err = a.prepare(a.insert(len(part))); err != nil {
				return err
			}
			defer st.close()
			prepared = len(part)
		}
		args = args[:0]
		for _, w := range part {
			var err error
			if args, err = a.row(args, w, fact{sources.At(w.Row), ids.At(w.Row)}, encode); err != nil {
				return err
			}
		}
		if err := st.exec(args); err != nil {
			return err
		}
	}
	return nil
}

// row appends the values of one row to args.
func (a *appending) row(args []value, w data.Write, f fact, encode []encoder) ([]value, error) {
	revision, recorded := a.revisions[w.Row], a.changed
	old, known := a.stored[f]
	seq := old.seq
	if known {
		a.digest -= old.revision.Digest()
		if w.Outcome == data.Restamped {
			recorded = old.recorded
		}
	} else {
		a.seq++
		a.count++
		seq = a.seq
	}
	a.digest += revision.Digest()
	args = append(args, seq)
	for _, e := range encode {
		v, err := e(w.Row)
		if err != nil {
			return args, err
		}
		args = append(args, v)
	}
	return append(args, int64(revision.Content), int64(revision.Stamped), recorded, a.changed), nil
}
