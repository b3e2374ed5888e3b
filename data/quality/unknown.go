package quality

import (
	"cmp"
	"slices"

	"github.com/civgrid/civgrid/data"
)

// unknowns counts the rows that name a community which is not known, by the
// word.
type unknowns map[string]*data.UnknownCommunity

// hear takes down the word of row i, if it is of no known community.
func (u unknowns) hear(v *view, i int, located bool) {
	if code, given := v.named(i); !given || code != "" {
		return
	}
	word := v.given.At(i)
	k := u[word]
	if k == nil {
		k = &data.UnknownCommunity{Word: word}
		u[word] = k
	}
	k.Rows++
	if !located {
		k.Unplaced++
	}
}

// rows returns how many rows have such a word.
func (u unknowns) rows() (n int64) {
	for _, k := range u {
		n += k.Rows
	}
	return n
}

// top returns the n words of most rows, most first, equal ones by word.
func (u unknowns) top(n int, names *Gazetteer) []data.UnknownCommunity {
	var all []data.UnknownCommunity
	for _, k := range u {
		all = append(all, *k)
	}
	slices.SortFunc(all, func(a, b data.UnknownCommunity) int {
		return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Word, b.Word))
	})
	all = all[:min(n, len(all))]
	for i := range all {
		all[i].Several = names.Several(all[i].Word)
	}
	return all
}
