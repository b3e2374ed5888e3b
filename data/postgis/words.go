package postgis

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A vocabulary knows the words met so far. Words stay what they are and are
// kept before the first row that uses them, so it may be shared by readers of
// different moments.
type vocabulary struct {
	mu    sync.RWMutex
	ids   map[string]int32
	words map[int32]string
}

// A querier asks: a connection, a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

var _ querier = (*pgxpool.Pool)(nil)

// load makes the vocabulary hold every word that q sees.
func (v *vocabulary) load(ctx context.Context, q querier) error {
	var count, have int64
	if err := q.QueryRow(ctx, "SELECT count(*) FROM civgrid.word").Scan(&count); err != nil {
		return fmt.Errorf("read words: %w", err)
	}
	v.mu.RLock()
	have = int64(len(v.words))
	v.mu.RUnlock()
	if have >= count { // none is ever taken back
		return nil
	}
	return v.read(ctx, q, "SELECT id, coalesce(long, key) FROM civgrid.word")
}

// read takes in the words of a query.
func (v *vocabulary) read(ctx context.Context, q querier, query string, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read words: %w", err)
	}
	var id int32
	var word string
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.ids == nil {
		v.ids, v.words = map[string]int32{}, map[int32]string{}
	}
	_, err = pgx.ForEachRow(rows, []any{&id, &word}, func() error {
		word := decodeText(word)
		v.ids[word], v.words[id] = id, word
		return nil
	})
	if err != nil {
		return fmt.Errorf("read words: %w", err)
	}
	return nil
}

// idsOf returns the ids of those of the words that are known, in no order.
func (v *vocabulary) idsOf(words []string) []int32 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	ids := make([]int32, 0, len(words))
	for _, w := range words {
		if id, ok := v.ids[w]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// id returns the id of a word, 0 where it is not known.
func (v *vocabulary) id(word string) int32 {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return v.ids[word]
}

// word returns the word of an id.
func (v *vocabulary) word(id int32) (string, error) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	w, ok := v.words[id]
	if !ok {
		return "", fmt.Errorf("word %d does not exist", id)
	}
	return w, nil
}

// ensure makes the vocabulary hold the words, adding those that are new. They
// are kept at once, whatever becomes of the rows that need them.
func (v *vocabulary) ensure(ctx context.Context, conn *pgx.Conn, words []string) error {
	keys, _ := v.unknown(words)
	if len(keys) == 0 {
		return nil
	}
	const known = "SELECT id, coalesce(long, key) FROM civgrid.word WHERE key = ANY ($1::text[])"
	if err := v.read(ctx, conn, known, keys); err != nil {
		return err
	}
	keys, longs := v.unknown(words)
	if len(keys) == 0 {
		return nil
	}
	_, err := conn.Exec(ctx, `INSERT INTO civgrid.word (key, long)
		SELECT key, long FROM unnest($1::text[], $2::text[]) AS n (key, long) ON CONFLICT (key) DO NOTHING`, keys, longs)
	if err != nil {
		return fmt.Errorf("add words: %w", err)
	}
	return v.read(ctx, conn, known, keys)
}

// unknown returns the keys of the words that are not known yet, ascending, and
// the words themselves where they are longer than a key.
func (v *vocabulary) unknown(words []string) (keys []string, longs []*string) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	for _, w := range slices.Sorted(slices.Values(words)) {
		if _, ok := v.ids[w]; ok {
			continue
		}
		stored := encodeText(w)
		key, long := keyOf(stored)
		keys, longs = append(keys, key), append(longs, nil)
		if long {
			longs[len(longs)-1] = &stored
		}
	}
	return keys, longs
}
