package ingest

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/civgrid/civgrid/data"
)

const (
	// sameRows is the least number of cases of a file that are compared with
	// those of other sources.
	sameRows = 20
	// sameShare is the share of them that another source has which makes it a
	// doubt that they are new.
	sameShare = 0.5
)

// mark returns what a case is recognised by besides its id: when it happened,
// or, for what does not happen, where it is; 0 for neither.
func (p *plan) mark(f *fact) int64 {
	if p.at.event >= 0 {
		return f.values[p.at.event].whole
	}
	lon, lat := f.values[p.at.lon], f.values[p.at.lat]
	if !lon.ok || !lat.ok {
		return 0
	}
	return markOf(lon.number, lat.number)
}

func markOf(lon, lat float64) int64 {
	return int64(math.Float64bits(lon)*31 ^ math.Float64bits(lat))
}

// doubtSource refuses a file of a new source most of whose cases are in the
// store under another one: they would count twice.
func (r *run) doubtSource(ctx context.Context) error {
	holders := r.survey.holders
	r.survey.holders = nil // nothing else asks them
	if len(holders) < sameRows {
		return nil
	}
	imports, err := r.store.Imports(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(imports, func(i data.Import) bool {
		return i.Dataset == string(r.plan.dataset) && i.Source == r.plan.mapping.Source
	}) {
		return nil
	}
	known, err := r.casesKnown(ctx, holders)
	if err != nil {
		return err
	}
	var most string
	for _, source := range slices.Sorted(maps.Keys(known)) {
		if most == "" || known[source] > known[most] {
			most = source
		}
	}
	if float64(known[most]) < sameShare*float64(len(holders)) {
		return nil
	}
	d := Doubt{
		Code: "same_cases",
		Message: fmt.Sprintf("%d of %d cases are there already, with the same id, from the source %q; as those of %q they would count twice",
			known[most], len(holders), most, r.plan.mapping.Source),
		Hint: advise("%s", set("source", most)), Refuse: true,
	}
	r.result.Reading.Doubts = append(r.result.Reading.Doubts, d)
	if r.options.IgnoreDoubts {
		return nil
	}
	return &DoubtError{d}
}

// casesKnown counts, by source, the cases of the store that the file has too;
// none where the store has cases of the file's own source.
func (r *run) casesKnown(ctx context.Context, holders map[[16]byte]holder) (map[string]int, error) {
	columns := []string{"source", "id", "lon", "lat"}
	event := data.EventTime(r.plan.dataset)
	if event != "" {
		columns = []string{"source", "id", event}
	}
	known := map[string]int{}
	for b, err := range r.store.Scan(ctx, data.Query{Dataset: r.plan.dataset, Columns: columns}) {
		if err != nil {
			return nil, err
		}
		sources, ids, marks := b.Codes("source"), b.Texts("id"), marksOf(b, event)
		if slices.Contains(sources.Words, r.plan.mapping.Source) {
			for i := range b.Len() {
				if sources.At(i) == r.plan.mapping.Source {
					return nil, nil
				}
			}
		}
		for i := range b.Len() {
			if h, ok := holders[keyOfID(ids.At(i))]; ok && h.mark == marks[i] && h.mark != 0 {
				known[sources.At(i)]++
			}
		}
	}
	return known, nil
}

// marksOf returns the marks of stored rows, see mark.
func marksOf(b data.Batch, event string) []int64 {
	if event != "" {
		return b.Ints(event)
	}
	marks := make([]int64, b.Len())
	lon, lat := b.Floats("lon"), b.Floats("lat")
	valid := b.Valid("lon")
	for i := range marks {
		if valid.At(i) {
			marks[i] = markOf(lon[i], lat[i])
		}
	}
	return marks
}
