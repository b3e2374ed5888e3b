package memory

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/civgrid/civgrid/data"
)

// Documents implements [data.Catalog].
func (s *Store) Documents(_ context.Context, kind string) ([]data.Document, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var of []data.Document
	for _, d := range s.documents {
		if d.Kind == kind {
			of = append(of, d)
		}
	}
	return of, nil
}

// PutDocument implements [data.Catalog].
func (s *Store) PutDocument(ctx context.Context, d data.Document) (kept bool, err error) {
	if err := data.AcceptDocument(d); err != nil {
		return false, err
	}
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("keep %s %q: %w", d.Kind, d.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Recorded = time.UnixMicro(s.now().UnixMicro()).UTC()
	for _, old := range s.documents {
		switch {
		case old.Kind != d.Kind || old.Name != d.Name:
		case old.Body == d.Body:
			return false, nil
		default:
			return false, fmt.Errorf("keep %s %q: %w", d.Kind, d.Name, data.ErrConflict)
		}
	}
	if n := len(s.documents); n > 0 && d.Recorded.Before(s.documents[n-1].Recorded) {
		d.Recorded = s.documents[n-1].Recorded
	}
	s.documents = append(s.documents, d)
	return true, nil
}

// Archive returns the documents of every kind in the order in which they were
// kept, and a mark of them: none where held is still the mark.
func (s *Store) Archive(_ context.Context, held string) (documents []data.Document, mark string, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if mark = strconv.Itoa(len(s.documents)); mark == held {
		return nil, mark, nil
	}
	return slices.Clone(s.documents), mark, nil
}
