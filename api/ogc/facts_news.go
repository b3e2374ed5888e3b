package ogc

import (
	"context"
	"slices"

	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/data"
)

// A change is one event to come.
type change struct{ kind, subject string }

// news returns what changed since the last look, or says that it cannot be told one by
// one, and goes on to the present.
func (l *listener) news(ctx context.Context) (events []change, lost bool, err error) {
	d := l.col.facts.Dataset()
	present, steps, ok, err := l.watches[d].look(ctx, l.told, lookAge)
	switch {
	case err != nil:
		return nil, false, err
	case !ok:
		events, lost, err = l.catchUp(ctx, present)
	default:
		events, lost, err = l.among(steps)
	}
	if err != nil {
		return nil, false, err
	}
	l.told = present
	return events, lost || len(events) > maxMissed, nil
}

// among returns the changes of some steps that are asked for: of each fact the last.
func (l *listener) among(steps []step) (events []change, lost bool, err error) {
	later := map[string]bool{} // what changed again after the step
	for i, s := range slices.Backward(steps) {
		if s.lost {
			return nil, true, nil
		}
		var ofStep []change
		for _, b := range s.rows {
			ofStep = l.meant(ofStep, b, later)
		}
		if events = append(ofStep, events...); i == 0 {
			break
		}
		for _, b := range s.rows {
			sources, ids := b.Codes("source"), b.Texts("id")
			for row := range b.Len() {
				later[encode.FactID(sources.At(row), ids.At(row))] = true
			}
		}
	}
	return events, false, l.asked.err()
}

// catchUp returns the changes since the last look of who was away for longer than is
// remembered, of too many those until then.
func (l *listener) catchUp(ctx context.Context, present place) (events []change, lost bool, err error) {
	d := l.col.facts.Dataset()
	still, err := l.Facts.Feed.Lineage(ctx, d, l.told.mark)
	if err != nil {
		return nil, false, err
	}
	if present.mark <= l.told.mark || still != l.told.lineage {
		return nil, true, nil
	}
	for b, err := range l.Facts.Feed.Since(ctx, d, l.told.mark) {
		if err != nil {
			return nil, false, err
		}
		if events = l.meant(events, b, nil); len(events) > maxMissed {
			break
		}
	}
	return events, false, l.asked.err()
}

// meant adds the changes of a batch that are asked for, but for those of some facts.
func (l *listener) meant(events []change, b data.Batch, but map[string]bool) []change {
	sources, ids, withdrawn := b.Codes("source"), b.Texts("id"), b.Valid(data.Withdrawn)
	for row, meant := range data.Select(nil, b, l.asked.where) {
		if !meant {
			continue
		}
		id, kind := encode.FactID(sources.At(row), ids.At(row)), featureChanged
		if but[id] {
			continue
		}
		if withdrawn.At(row) {
			kind = featureWithdrawn
		}
		events = append(events, change{kind, id})
	}
	return events
}
