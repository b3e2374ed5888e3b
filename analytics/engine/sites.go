package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
)

// withSites returns a frame with the resources that exist at a moment; those without
// a point are counted.
func withSites(ctx context.Context, source data.Source, frame *analytics.Frame, at time.Time) (*analytics.Frame, error) {
	with := *frame
	with.Sites = []analytics.Site{}
	query := data.Query{
		Dataset: data.Resources, Columns: []string{"source", "id", "name", "kind", "lon", "lat", "capacity"},
		Where: data.All{
			data.Not{Condition: data.Compare{Column: "valid_from", Op: data.Greater, Value: at}},
			data.Not{Condition: data.Compare{Column: "valid_to", Op: data.LessOrEqual, Value: at}},
		},
	}
	for b, err := range source.Scan(ctx, query) {
		if err != nil {
			return nil, fmt.Errorf("find resources: %w", err)
		}
		addSites(&with, b)
	}
	slices.SortFunc(with.Sites, func(a, b analytics.Site) int { return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.ID, b.ID)) })
	return &with, nil
}

func addSites(frame *analytics.Frame, b data.Batch) {
	source, kind, names, ids := b.Codes("source"), b.Codes("kind"), b.Texts("name"), b.Texts("id")
	lon, lat, capacity, named, rated := b.Floats("lon"), b.Floats("lat"), b.Floats("capacity"), b.Valid("name"), b.Valid("capacity")
	placed := b.Valid("lon")
	for row := range b.Len() {
		if !placed.At(row) {
			frame.SitesNowhere++
			continue
		}
		var s analytics.Site
		s.Source, s.ID, s.Lon, s.Lat = source.At(row), ids.At(row), lon[row], lat[row]
		if kind.Valid().At(row) {
			s.Kind = kind.At(row)
		}
		if named.At(row) {
			s.Name = names.At(row)
		}
		if s.HasCapacity = rated.At(row); s.HasCapacity {
			s.Capacity = capacity[row]
		}
		frame.Sites = append(frame.Sites, s)
	}
}
