package engine_test

import (
	"context"
	"fmt"
	"time"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics/engine"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
)

// Two streets side by side, and ten lamps out in the one, two in the other.
func Example() {
	ctx := context.Background()
	store := memory.New()
	street := func(code string, west float64) data.Community {
		return data.Community{Code: code, Level: data.Street, Outline: orb.MultiPolygon{{{
			{west, 22.5}, {west + 0.02, 22.5}, {west + 0.02, 22.52}, {west, 22.52}, {west, 22.5},
		}}}}
	}
	if _, err := store.PutCommunities(ctx, []data.Community{street("east", 113.92), street("west", 113.90)}); err != nil {
		fmt.Println(err)
		return
	}
	first := time.Date(2024, 3, 1, 20, 0, 0, 0, time.UTC)
	rows := data.NewBuilder(store.Schema(data.Incidents))
	for i := range 12 {
		reported := first.Add(time.Duration(i) * time.Hour)
		street, waited := "east", 3*time.Hour
		if i >= 10 {
			street, waited = "west", 30*time.Minute
		}
		for c, column := range store.Schema(data.Incidents) {
			switch column.Name {
			case "source":
				rows.SetText(c, "lamps")
			case "id":
				rows.SetText(c, fmt.Sprint(i))
			case "status":
				rows.SetText(c, data.StatusClosed)
			case "location":
				rows.SetText(c, data.LocationArea)
			case "community":
				rows.SetText(c, street)
			case "reported_at":
				rows.SetInt(c, reported.UnixMicro())
			case "closed_at":
				rows.SetInt(c, reported.Add(waited).UnixMicro())
			default:
				rows.Missing(c)
			}
		}
	}
	if _, err := store.Append(ctx, data.Incidents, data.Chunk{}, rows.Build()); err != nil {
		fmt.Println(err)
		return
	}
	report := data.Report{Dataset: data.Incidents, Rows: 12, First: first, Last: first.Add(11 * time.Hour), Horizon: first.Add(15 * time.Hour)}
	if err := store.PutReport(ctx, report); err != nil {
		fmt.Println(err)
		return
	}

	layer, err := engine.New(store, engine.Options{}).Run(ctx, "response", map[string]string{"level": "street", "min-n": "5"})
	if err != nil {
		fmt.Println(err)
		return
	}
	n, _ := layer.Column("n")
	p90, _ := layer.Column("km_p90")
	for row := range layer.Frame.Len() {
		if p90.Has(row) {
			fmt.Printf("%s: %d lamps, nine tenths mended within %.1f h\n", layer.Frame.ID(row), n.Ints[row], p90.Floats[row]/3600)
		} else {
			fmt.Printf("%s: %d lamps, too few to tell\n", layer.Frame.ID(row), n.Ints[row])
		}
	}
	// Output:
	// east: 10 lamps, nine tenths mended within 3.0 h
	// west: 2 lamps, too few to tell
}
