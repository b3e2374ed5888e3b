package postgis

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/civgrid/civgrid/data"
)

// lookupRows is the most facts looked up, buried or deleted by one statement.
const lookupRows = 10_000

// Append implements [data.Sink]. It is repeated when a connection is lost, and
// counts once.
func (s *Store) Append(ctx context.Context, d data.Dataset, chunk data.Chunk, rows data.Batch) (changes data.Changes, err error) {
	changes, err = s.append(ctx, d, chunk, rows, nil)
	if err != nil {
		return changes, fmt.Errorf("append to %s: %w", d, err)
	}
	return changes, nil
}

// Replace implements [data.Sink]. It is repeated as Append is: what is expected is not
// asked for again of rows that are kept already.
func (s *Store) Replace(ctx context.Context, d data.Dataset, expected []data.Revision, rows data.Batch) (data.Changes, error) {
	expect := func(a *appending) error { return data.Expect(a.rows, expected, a.known) }
	changes, err := s.append(ctx, d, data.Chunk{}, rows, expect)
	if err != nil {
		return changes, fmt.Errorf("replace %s: %w", d, err)
	}
	return changes, nil
}

// append keeps rows, where what expect says of the stored facts holds. A nil expect
// holds always.
func (s *Store) append(ctx context.Context, d data.Dataset, chunk data.Chunk, rows data.Batch, expect func(*appending) error) (changes data.Changes, err error) {
	if s.options.ReadOnly {
		return changes, data.ErrReadOnly
	}
	t, err := s.tableOf(d)
	if err != nil {
		return changes, err
	}
	if rows, err = data.AcceptRows(rows, t.columns); err != nil {
		return changes, err
	}
	a := appending{Store: s, table: t, chunk: chunk, rows: rows, revisions: data.Revisions(rows), keys: keysOf(rows), expect: expect}
	err = s.persist(ctx, "append to "+string(d), func() error {
		conn, err := s.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		defer unlock(conn.Conn())
		a.conn = conn.Conn()
		changes, err = a.run(ctx)
		return err
	})
	if err != nil {
		return data.Changes{}, err
	}
	return changes, nil
}

// An appending is one call of Append.
type appending struct {
	*Store
	table
	chunk     data.Chunk
	rows      data.Batch
	revisions []data.Revision
	keys      []string               // of the ids
	expect    func(*appending) error // nil for nothing

	conn   *pgx.Conn
	ids    map[string]int32 // of the words
	stored map[fact]stored
	batch  int64 // 0 before one is opened; the last one tried
	seqs   []int64
	digest uint64 // what is added to the sum
}

type fact struct {
	source int32
	key    string
}

// stored is what the table says of a fact.
type stored struct {
	seq, recorded int64
	revision      data.Revision
}

// keysOf returns the keys of the ids of a batch.
func keysOf(rows data.Batch) []string {
	ids := rows.Texts("id")
	keys := make([]string, rows.Len())
	for row := range keys {
		keys[row], _ = keyOf(encodeText(ids.At(row)))
	}
	return keys
}

// run appends once. Only one writer at a time adds to a source of a dataset:
// what becomes of each row is decided on what is there, by data.Settle, as in
// every store.
func (a *appending) run(ctx context.Context) (data.Changes, error) {
	var err error
	if a.ids, err = idsFor(ctx, a.conn, a.distinctWords()); err != nil {
		return data.Changes{}, err
	}
	if err := a.lockSources(ctx); err != nil {
		return data.Changes{}, err
	}
	if err := a.repairOn(ctx, a.conn); err != nil {
		return data.Changes{}, err
	}
	if changes, done, err := a.before(ctx); done || err != nil {
		return changes, err
	}
	if err := a.lookUp(ctx); err != nil {
		return data.Changes{}, err
	}
	sources := a.rows.Codes("source")
	if a.expect != nil {
		if err := a.expect(a); err != nil {
			return data.Changes{}, err
		}
	}
	writes, changes := data.Settle(a.rows, a.revisions, a.known)
	if len(writes) == 0 {
		if a.chunk == (data.Chunk{}) {
			return changes, nil
		}
		return changes, keepMark(ctx, a.conn, a.dataset, a.chunk, changes)
	}
	slices.SortFunc(writes, func(x, y data.Write) int { // the order of the primary key
		return cmp.Or(cmp.Compare(a.ids[sources.At(x.Row)], a.ids[sources.At(y.Row)]), strings.Compare(a.keys[x.Row], a.keys[y.Row]))
	})
	if a.batch, err = openBatch(ctx, a.conn, a.dataset, a.chunk); err != nil {
		return changes, err
	}
	err = pgx.BeginFunc(ctx, a.conn, func(tx pgx.Tx) error { return a.keep(ctx, tx, writes, changes) })
	if err != nil {
		return changes, err
	}
	return changes, a.publish(ctx, a.batch)
}

// known returns the stored revision of a fact.
func (a *appending) known(source, id string) (data.Revision, bool) {
	key, _ := keyOf(encodeText(id))
	old, ok := a.stored[fact{a.ids[source], key}]
	return old.revision, ok
}

// publish lets readers see a batch once all of it can be seen.
func (a *appending) publish(ctx context.Context, batch int64) error {
	distributed, err := a.distributed(ctx, a.conn)
	if err != nil {
		return err
	}
	if err := a.makeWhole(ctx, a.conn, batch, distributed); err != nil {
		return err
	}
	return publish(ctx, a.conn, batch)
}

// distinctWords returns the words of all code columns.
func (a *appending) distinctWords() []string {
	seen := map[string]bool{}
	var words []string
	for _, c := range a.columns {
		if c.Type != data.Code {
			continue
		}
		codes := a.rows.Codes(c.Name)
		for row, i := range codes.Index {
			if !codes.Valid().At(row) {
				continue
			}
			if word := codes.Words[i]; !seen[word] {
				seen[word] = true
				words = append(words, word)
			}
		}
	}
	return words
}

// lockSources waits until nobody else adds to the sources of the batch, and
// checks that the columns are still those of the store.
func (a *appending) lockSources(ctx context.Context) error {
	if err := lockShared(ctx, a.conn, lockSettings, 0); err != nil {
		return err
	}
	settings, err := readSettings(ctx, a.conn)
	if err != nil {
		return err
	}
	if !slices.Equal(settings.Resolutions, a.resolutions) {
		return errors.New("the store's resolutions were changed meanwhile")
	}
	class := map[data.Dataset]int32{data.Incidents: lockIncidents, data.Resources: lockResources, data.Inspections: lockInspections}[a.dataset]
	var sources []int32
	for _, word := range a.rows.Codes("source").Words {
		if id := a.ids[word]; id > 0 { // a dictionary may hold words that no row has
			sources = append(sources, id)
		}
	}
	slices.Sort(sources)
	for _, source := range sources {
		if err := lock(ctx, a.conn, class, source); err != nil {
			return err
		}
	}
	return nil
}

// before answers where the rows were appended already: by an import that is
// repeated, or by an attempt of this one whose answer was lost.
func (a *appending) before(ctx context.Context) (changes data.Changes, done bool, err error) {
	id := int64(0)
	if a.batch > 0 {
		id, changes, err = kept(ctx, a.conn, "id = $1::bigint", a.batch)
	}
	if id == 0 && err == nil && a.chunk != (data.Chunk{}) {
		id, changes, err = kept(ctx, a.conn, "dataset = $1::text AND import = $2::text AND number = $3::int",
			string(a.dataset), encodeText(a.chunk.Import), a.chunk.Number)
	}
	if id == 0 || err != nil {
		return changes, false, err
	}
	return changes, true, a.publish(ctx, id) // which may be what is left to do
}

// lookUp reads what is stored of the facts of the batch.
func (a *appending) lookUp(ctx context.Context) error {
	a.stored = map[fact]stored{}
	query := "SELECT id, seq, recorded, content, stamped, updated_at, withdrawn IS NOT NULL FROM " + a.present() + " WHERE source = $1::int AND id = ANY ($2::text[])"
	return a.eachSource(a.allRows(), func(source int32, keys []string) error {
		rows, err := a.conn.Query(ctx, query, source, keys)
		if err != nil {
			return err
		}
		var key string
		var old stored
		var content, stamped int64
		var updated *int64
		var gone bool
		_, err = pgx.ForEachRow(rows, []any{&key, &old.seq, &old.recorded, &content, &stamped, &updated, &gone}, func() error {
			old.revision = data.Revision{Content: uint64(content), Stamped: uint64(stamped), Withdrawn: gone}
			if updated != nil {
				old.revision.Updated, old.revision.Dated = *updated, true
			}
			a.stored[fact{source, key}] = old
			return nil
		})
		return err
	})
}

func (a *appending) allRows() []int {
	all := make([]int, a.rows.Len())
	for row := range all {
		all[row] = row
	}
	return all
}

// eachSource calls do with the keys of some rows, source by source and not too
// many at once.
func (a *appending) eachSource(rows []int, do func(source int32, keys []string) error) error {
	sources := a.rows.Codes("source")
	bySource := map[int32][]string{}
	for _, row := range rows {
		source := a.ids[sources.At(row)]
		bySource[source] = append(bySource[source], a.keys[row])
	}
	for source, keys := range bySource {
		slices.Sort(keys)
		for part := range slices.Chunk(slices.Compact(keys), lookupRows) {
			if err := do(source, part); err != nil {
				return fmt.Errorf("look %d facts up: %w", len(part), err)
			}
		}
	}
	return nil
}

// keep writes the rows, in one transaction with the state of the batch.
func (a *appending) keep(ctx context.Context, tx pgx.Tx, writes []data.Write, changes data.Changes) error {
	var known, replaced []int
	for _, w := range writes {
		if w.Outcome != data.Inserted {
			known = append(known, w.Row)
		}
		if w.Outcome == data.Replaced {
			replaced = append(replaced, w.Row)
		}
	}
	columns := strings.Join(a.table.stored(), ", ")
	bury := "INSERT INTO " + a.past() + " (" + columns + ", replaced) SELECT " + columns + ", $3::bigint FROM " + a.present() +
		" WHERE source = $1::int AND id = ANY ($2::text[])"
	err := a.eachSource(replaced, func(source int32, keys []string) error {
		_, err := tx.Exec(ctx, bury, source, keys, a.batch)
		return err
	})
	if err != nil {
		return err
	}
	remove := "DELETE FROM " + a.present() + " WHERE source = $1::int AND id = ANY ($2::text[])"
	err = a.eachSource(known, func(source int32, keys []string) error {
		_, err := tx.Exec(ctx, remove, source, keys)
		return err
	})
	if err != nil {
		return err
	}
	if err := a.number(ctx, tx, len(writes)-len(known)); err != nil {
		return err
	}
	if err := a.copy(ctx, tx, writes); err != nil {
		return err
	}
	return commitBatch(ctx, tx, a.batch, changes, tally{len(writes), len(replaced), a.digest})
}

// number reserves numbers for rows that are new.
func (a *appending) number(ctx context.Context, tx pgx.Tx, n int) (err error) {
	a.seqs = nil
	if n == 0 {
		return nil
	}
	rows, err := tx.Query(ctx, "SELECT nextval($1::regclass) FROM generate_series(1, $2::int)", a.numbers(), n)
	if err != nil {
		return fmt.Errorf("number rows: %w", err)
	}
	if a.seqs, err = pgx.CollectRows(rows, pgx.RowTo[int64]); err != nil {
		return fmt.Errorf("number rows: %w", err)
	}
	return nil
}

// copy sends the rows, those that are known in their new form.
func (a *appending) copy(ctx context.Context, tx pgx.Tx, writes []data.Write) error {
	a.digest = 0
	sources := a.rows.Codes("source")
	rows := make([]outgoing, len(writes))
	seqs := a.seqs
	for i, w := range writes {
		old, known := a.stored[fact{a.ids[sources.At(w.Row)], a.keys[w.Row]}]
		r := outgoing{row: w.Row, seq: old.seq, recorded: a.batch, revision: a.revisions[w.Row]}
		if known {
			a.digest -= old.revision.Digest()
			if w.Outcome == data.Restamped {
				r.recorded = old.recorded
			}
		} else {
			r.seq, seqs = seqs[0], seqs[1:]
		}
		a.digest += r.revision.Digest()
		rows[i] = r
	}
	from := newEncoder(a.ids, a.rows, rows, a.batch)
	_, err := tx.Conn().PgConn().CopyFrom(ctx, from, "COPY "+a.present()+" ("+strings.Join(a.table.stored(), ", ")+") FROM STDIN (FORMAT binary)")
	if err != nil {
		return fmt.Errorf("copy %d rows: %w", len(rows), err)
	}
	return nil
}
