package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"maps"
	"slices"
)

// maxShown is the most rejects a Result holds.
const maxShown = 100

// A survey is what the first pass over a file finds.
type survey struct {
	id       string // names the import
	read     int64
	accepted int64
	repeated int64
	rejected int64
	shown    []Reject
	reasons  map[string]int64
	notes    map[string]int64
	skip     map[int64]bool  // ordinals of records that another of the same id replaces
	nth      map[int64]int32 // ordinals of records of equal content, from the second
	holders  map[[16]byte]holder
}

// A checked block is one that the first pass has read.
type checked struct {
	bytes   int64 // of the file, up to and with this block
	seen    []seen
	rejects []Reject
	notes   map[string]int64
}

// seen is what the first pass remembers of a good record.
type seen struct {
	ordinal   int64
	key       [16]byte
	mark      int64 // of the case besides its id, see mark
	updated   int64 // microseconds; meaningful only if dated
	dated     bool
	generated bool
}

// A holder is the record that counts, so far, for a key.
type holder struct {
	ordinal int64
	updated int64
	mark    int64
	count   int32 // of the records with the key so far
	dated   bool
}

// first reads the whole file and writes nothing but rejects.
func (p *plan) first(ctx context.Context, in Input, o Options, progress func(Progress)) (*survey, error) {
	digest := sha256.New()
	s := &survey{reasons: map[string]int64{}, notes: map[string]int64{}, skip: map[int64]bool{}, nth: map[int64]int32{}, holders: map[[16]byte]holder{}}
	var rejects *RejectWriter
	if o.Rejects != nil {
		rejects = NewRejectWriter(o.Rejects, p.layout)
	}
	r := reader{plan: p, input: in, size: o.chunkRows(), copy: digest}
	err := scan(ctx, r, check, func(c checked) error {
		s.count(c)
		for _, bad := range c.rejects {
			if o.Rejected != nil {
				o.Rejected(bad)
			}
			if rejects == nil {
				continue
			}
			if err := rejects.Write(bad); err != nil {
				return err
			}
		}
		progress(Progress{Stage: StageCheck, Rows: s.read, Bytes: c.bytes, Size: in.Size, Rejected: s.rejected})
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.notes[noteRepeated] = s.repeated
	s.accepted -= s.repeated
	s.id, err = p.digest(digest, o)
	return s, err
}

// check reads a block without building anything.
func check(c *converter, b block) (checked, error) {
	done := checked{bytes: b.bytes, seen: make([]seen, 0, len(b.records))}
	clear(c.notes)
	for i, r := range b.records {
		f, bad := c.convert(r)
		if bad != nil {
			done.rejects = append(done.rejects, *bad)
			continue
		}
		updated := f.values[c.plan.at.updated]
		done.seen = append(done.seen, seen{b.first + int64(i), f.key, c.plan.mark(f), updated.whole, updated.ok, f.generated})
	}
	done.notes = maps.Clone(c.notes)
	return done, nil
}

// count adds a block to the survey.
func (s *survey) count(c checked) {
	s.read += int64(len(c.seen) + len(c.rejects))
	s.accepted += int64(len(c.seen))
	s.rejected += int64(len(c.rejects))
	for _, bad := range c.rejects {
		s.reasons[bad.Code]++
		if len(s.shown) < maxShown {
			s.shown = append(s.shown, bad)
		}
	}
	for code, n := range c.notes {
		s.notes[code] += n
	}
	for _, row := range c.seen {
		s.settle(row)
	}
}

// settle decides which of several records with one id counts: the one updated
// last, of those updated at the same time or with no such time the later. Rows
// of equal content that have no id are all kept, and numbered.
func (s *survey) settle(row seen) {
	old, known := s.holders[row.key]
	now := holder{row.ordinal, row.updated, row.mark, old.count + 1, row.dated}
	if !known {
		s.holders[row.key] = now
		return
	}
	if row.generated {
		s.nth[row.ordinal] = now.count
		s.holders[row.key] = now
		return
	}
	s.repeated++
	if old.dated && now.dated && now.updated < old.updated {
		s.skip[row.ordinal] = true
		return
	}
	s.skip[old.ordinal] = true
	s.holders[row.key] = now
}

// digest names the import: by the bytes of the file and all that decides how
// they are read.
func (p *plan) digest(content hash.Hash, o Options) (string, error) {
	how, err := json.Marshal(struct {
		Layout  Layout
		Skip    int
		Mapping Mapping
		Dataset string
		Chunk   int
		Dates   []string `json:",omitempty"`
	}{p.layout, p.layout.skip, p.mapping, string(p.dataset), o.chunkRows(), p.weighed})
	if err != nil {
		return "", fmt.Errorf("name import: %w", err)
	}
	sum := sha256.Sum256(append(content.Sum(nil), how...))
	return hex.EncodeToString(sum[:12]), nil
}

// noteList returns the notes with rows, in the order of noteTitles.
func (s *survey) noteList() []Note {
	var notes []Note
	for _, n := range noteTitles {
		if n.Rows = s.notes[n.Code]; n.Rows > 0 {
			notes = append(notes, n)
		}
	}
	return slices.Clip(notes)
}
