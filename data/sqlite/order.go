package sqlite

import (
	"slices"
	"strings"
)

// walkOrdered walks over the rows of r by source and id. selects are the queries of its
// parts, whose last column is the id as place. Of each source it asks in the order of
// ids, which is that of an index.
func (s *Store) walkOrdered(c session, r reading, selects []string, w *walker) error {
	sources, err := s.sourcesOf(c, r)
	if err != nil {
		return err
	}
	limited := make([]string, len(selects))
	for i, query := range selects {
		limited[i] = query + " AND source = ?"
	}
	st, err := c.prepare(strings.Join(limited, " UNION ALL ") + " ORDER BY place")
	if err != nil {
		return err
	}
	defer st.close()
	for _, source := range sources {
		var args []value
		for _, p := range r.parts {
			args = append(append(args, p.args...), source)
		}
		if err := st.each(args, func(row []value) error { return w.row(row[:len(w.decode)]) }); err != nil {
			return err
		}
	}
	return nil
}

// sourcesOf returns the numbers of the sources of facts, in the order of their words.
func (s *Store) sourcesOf(c session, r reading) (sources []int64, err error) {
	words, err := s.words.all(c)
	if err != nil {
		return nil, err
	}
	for _, p := range r.parts {
		err := c.each("SELECT DISTINCT source FROM "+p.from, nil, func(row []value) error {
			source, _ := row[0].(int64)
			sources = append(sources, source)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(sources, func(a, b int64) int { return strings.Compare(words[a], words[b]) })
	return slices.Compact(sources), nil
}
