package data

import (
	"fmt"
	"math/bits"
)

// A Revision is what decides whether a row replaces another of the same source
// and id, and what the row adds to a store's version. Stores keep it with the
// row.
type Revision struct {
	Content uint64 // digest of what the source said, see Digests
	Stamped uint64 // digest of the stamped columns
	Updated int64  // updated_at, microseconds since 1970 UTC; meaningful only if Dated
	Dated   bool
	// Withdrawn is whether the fact is taken back, which Content has too.
	Withdrawn bool
}

// Revisions returns the revision of every row of a batch that has all the
// columns of its dataset.
func Revisions(b Batch) []Revision {
	content, stamped := Digests(nil, b, false), Digests(nil, b, true)
	updated, dated, withdrawn := b.Ints("updated_at"), b.Valid("updated_at"), b.Valid(Withdrawn)
	revisions := make([]Revision, b.Len())
	for i := range revisions {
		revisions[i] = Revision{Content: content[i], Stamped: stamped[i], Withdrawn: withdrawn.At(i)}
		if dated.At(i) {
			revisions[i].Updated, revisions[i].Dated = updated[i], true
		}
	}
	return revisions
}

// Digest joins both digests into the one that a store adds up, wrapping, for
// [VersionOf]. It is not linear, so two rows that swap their stamps change the
// sum. The steps are the finalizer of SplitMix64 (Steele, Lea and Flood 2014,
// "Fast Splittable Pseudorandom Number Generators", figure 14, as used by
// java.util.SplittableRandom).
func (r Revision) Digest() uint64 {
	z := r.Content ^ bits.RotateLeft64(r.Stamped*0x9e3779b97f4a7c15, 32)
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Over tells what becomes of a row with revision r where the store holds old.
// Equal content is never stale; a row without updated_at, on either side,
// replaces where the content differs.
func (r Revision) Over(old Revision) Outcome {
	switch {
	case r.Content == old.Content && r.Stamped == old.Stamped:
		return Unchanged
	case r.Content == old.Content:
		return Restamped
	case r.Dated && old.Dated && r.Updated < old.Updated:
		return Stale
	}
	return Replaced
}

// An Outcome is what becomes of a row that is appended.
type Outcome uint8

// The outcomes, see [Sink].
const (
	Inserted Outcome = iota
	Replaced
	Restamped
	Unchanged
	Stale
)

// Count adds one row with the outcome.
func (c *Changes) Count(o Outcome) {
	switch o {
	case Inserted:
		c.Inserted++
	case Replaced:
		c.Replaced++
	case Restamped:
		c.Restamped++
	case Unchanged:
		c.Unchanged++
	case Stale:
		c.Stale++
	default:
		panic(fmt.Sprintf("BUG: outcome %d", o))
	}
}

// A Write is what a store has to do for one fact: insert, replace or restamp
// it with a row of the batch.
type Write struct {
	Row     int
	Outcome Outcome // Inserted, Replaced or Restamped
}

// Settle decides what becomes of the rows of a batch as if they were appended
// one after another, given the revisions that the store holds. It returns at
// most one write for each fact, in the order in which facts first appear in
// the batch, and counts the outcome of every row.
func Settle(b Batch, revisions []Revision, known func(source, id string) (Revision, bool)) ([]Write, Changes) {
	type fact struct{ source, id string }
	type state struct {
		old, now Revision
		had, has bool
		row      int
	}
	sources, ids := b.Codes("source"), b.Texts("id")
	place := make(map[fact]int, b.Len())
	states := make([]state, 0, b.Len())
	var changes Changes
	for row, r := range revisions {
		f := fact{sources.At(row), ids.At(row)}
		i, met := place[f]
		if !met {
			old, had := known(f.source, f.id)
			i = len(states)
			place[f] = i
			states = append(states, state{old: old, now: old, had: had, has: had, row: -1})
		}
		s := &states[i]
		outcome := Inserted
		if s.has {
			outcome = r.Over(s.now)
		}
		changes.Count(outcome)
		if outcome <= Restamped {
			s.now, s.has, s.row = r, true, row
		}
	}
	writes := make([]Write, 0, len(states))
	for _, s := range states {
		switch {
		case s.row < 0, s.had && s.now == s.old:
		case !s.had:
			writes = append(writes, Write{s.row, Inserted})
		case s.now.Content == s.old.Content:
			writes = append(writes, Write{s.row, Restamped})
		default:
			writes = append(writes, Write{s.row, Replaced})
		}
	}
	return writes, changes
}
