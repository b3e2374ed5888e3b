package postgis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// A vocabulary is the words of one moment. It is immutable: readers of
// different moments have vocabularies of their own.
type vocabulary struct {
	digest string // over all words
	ids    map[string]int32
	words  map[int32]string
	late   func(id int32) (string, error) // nil where there can be no other words
}

// A querier asks: a connection, a pool or a transaction.
type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// vocabulary returns the words that q sees. Those read last are given again as
// long as the digest over all words stays: words are never taken back, but a
// database that is put back may give their ids to others.
func (s *Store) vocabulary(ctx context.Context, q querier) (*vocabulary, error) {
	const digestOf = "SELECT count(*) || ' ' || coalesce(sum(hashtextextended(key, id)), 0) FROM civgrid.word"
	var digest string
	if err := q.QueryRow(ctx, digestOf).Scan(&digest); err != nil {
		return nil, fmt.Errorf("read words: %w", err)
	}
	if held := s.words.Load(); held != nil && held.digest == digest {
		return held, nil
	}
	v := &vocabulary{digest: digest, ids: map[string]int32{}, words: map[int32]string{}}
	if s.server.Citus != "" { // a worker may show stamps that are newer than the moment of the coordinator
		v.late = s.lateWord
	}
	err := readWords(ctx, q, func(id int32, word string) { v.ids[word], v.words[id] = id, word },
		"SELECT id, coalesce(long, key) FROM civgrid.word")
	if err != nil {
		return nil, err
	}
	s.words.Store(v)
	return v, nil
}

// readWords calls use with each word of a query.
func readWords(ctx context.Context, q querier, use func(id int32, word string), query string, args ...any) error {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read words: %w", err)
	}
	var id int32
	var word string
	_, err = pgx.ForEachRow(rows, []any{&id, &word}, func() error {
		use(id, decodeText(word))
		return nil
	})
	if err != nil {
		return fmt.Errorf("read words: %w", err)
	}
	return nil
}

// idsOf returns the ids of those of the words that there are, in no order.
func (v *vocabulary) idsOf(words []string) []int32 {
	ids := make([]int32, 0, len(words))
	for _, w := range words {
		if id, ok := v.ids[w]; ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// idsMatching returns the ids of the words of which match is true, ascending.
func (v *vocabulary) idsMatching(match func(string) bool) []int32 {
	ids := []int32{}
	for w, id := range v.ids {
		if match(w) {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// word returns the word of an id.
func (v *vocabulary) word(id int32) (string, error) {
	w, ok := v.words[id]
	switch {
	case ok:
		return w, nil
	case v.late != nil:
		return v.late(id)
	}
	return "", fmt.Errorf("word %d does not exist", id)
}

// lateTimeout bounds how long looking one word up may take.
const lateTimeout = 10 * time.Second

// lateWord reads one word, on a connection of its own.
func (s *Store) lateWord(id int32) (word string, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lateTimeout)
	defer cancel()
	err = s.pool.QueryRow(ctx, "SELECT coalesce(long, key) FROM civgrid.word WHERE id = $1::int", id).Scan(&word)
	if errors.Is(err, pgx.ErrNoRows) {
		return "", fmt.Errorf("word %d does not exist", id)
	}
	return decodeText(word), err
}

// idsFor returns the ids of words, adding those that are new. They are kept at
// once, whatever becomes of the rows that need them.
func idsFor(ctx context.Context, conn *pgx.Conn, words []string) (map[string]int32, error) {
	ids := make(map[string]int32, len(words))
	if len(words) == 0 {
		return ids, nil
	}
	const known = "SELECT id, coalesce(long, key) FROM civgrid.word WHERE key = ANY ($1::text[])"
	note := func(id int32, word string) { ids[word] = id }
	keys, _ := keysOfWords(words)
	if err := readWords(ctx, conn, note, known, keys); err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return ids[w] > 0 })
	if len(missing) == 0 {
		return ids, nil
	}
	keys, longs := keysOfWords(missing)
	_, err := conn.Exec(ctx, `INSERT INTO civgrid.word (key, long)
		SELECT key, long FROM unnest($1::text[], $2::text[]) AS n (key, long) ON CONFLICT (key) DO NOTHING`, keys, longs)
	if err != nil {
		return nil, fmt.Errorf("add words: %w", err)
	}
	return ids, readWords(ctx, conn, note, known, keys)
}

// keysOfWords returns the keys of words in the order of the words, which is
// made ascending, and the words themselves where they are longer than a key.
func keysOfWords(words []string) (keys []string, longs []*string) {
	for _, w := range slices.Sorted(slices.Values(words)) {
		stored := encodeText(w)
		key, long := keyOf(stored)
		keys, longs = append(keys, key), append(longs, nil)
		if long {
			longs[len(longs)-1] = &stored
		}
	}
	return keys, longs
}
