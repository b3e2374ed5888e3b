package sqlite

import (
	"fmt"
	"sync"
)

// A vocabulary knows the words of the ids that readers met so far. Words stay
// what they are, so it may be shared by readers of different moments.
type vocabulary struct {
	mu    sync.Mutex
	words []string // by id; words[0] is no word
}

// upTo returns the words by id, at least up to id, reading what is missing.
func (v *vocabulary) upTo(c session, id int64) ([]string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if id >= int64(len(v.words)) {
		if err := v.read(c); err != nil {
			return nil, fmt.Errorf("read words: %w", err)
		}
	}
	if id < 0 || id >= int64(len(v.words)) {
		return nil, fmt.Errorf("word %d does not exist", id)
	}
	return v.words[:len(v.words):len(v.words)], nil
}

// all returns the words by id: at least those that c sees.
func (v *vocabulary) all(c session) ([]string, error) {
	last, err := c.number("SELECT max(id) FROM civgrid_word")
	if err != nil || last == 0 {
		return nil, err
	}
	return v.upTo(c, last)
}

func (v *vocabulary) read(c session) error {
	if len(v.words) == 0 {
		v.words = []string{""}
	}
	q := "SELECT id, word FROM civgrid_word WHERE id >= ? ORDER BY id"
	return c.each(q, []value{int64(len(v.words))}, func(row []value) error {
		id, _ := row[0].(int64)
		word, ok := row[1].(string)
		if !ok || id != int64(len(v.words)) {
			return fmt.Errorf("word %v is out of order", row[0])
		}
		v.words = append(v.words, word)
		return nil
	})
}

// loadIDs makes s.ids hold the id of every word. A transaction that was rolled
// back leaves ids behind that do not exist; as ids are dense, that shows in
// their number.
func (s *Store) loadIDs(c session) error {
	last, err := c.number("SELECT max(id) FROM civgrid_word")
	if err != nil || s.ids != nil && int64(len(s.ids)) == last {
		return err
	}
	ids := make(map[string]int64, last)
	err = c.each("SELECT word, id FROM civgrid_word", nil, func(row []value) error {
		word, _ := row[0].(string)
		ids[word], _ = row[1].(int64)
		return nil
	})
	if err == nil && int64(len(ids)) != last {
		err = fmt.Errorf("%d words have ids up to %d", len(ids), last)
	}
	s.ids = ids
	return err
}

// idOf returns the id of a word, adding it where it is new.
func (s *Store) idOf(c session, word string) (int64, error) {
	if id, ok := s.ids[word]; ok {
		return id, nil
	}
	id := int64(len(s.ids)) + 1
	if err := c.exec("INSERT INTO civgrid_word(id, word) VALUES (?, ?)", id, word); err != nil {
		return 0, fmt.Errorf("add word: %w", err)
	}
	s.ids[word] = id
	return id, nil
}
