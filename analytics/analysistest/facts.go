package analysistest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// facts is a source with one batch of each dataset that analyses count.
type facts map[data.Dataset]data.Batch

// Schema implements data.Source.
func (f facts) Schema(d data.Dataset) []data.Column {
	if d == analytics.Places {
		return placeColumns()
	}
	return data.SchemaOf(d, []geo.Resolution{9})
}

func placeColumns() []data.Column {
	return []data.Column{
		{Name: analytics.PlaceWhere, Type: data.Code, Required: true},
		{Name: "community", Type: data.Code},
		{Name: data.CellColumn(9), Type: data.Cell},
		{Name: analytics.PlacePeople, Type: data.Int},
		{Name: analytics.PlaceArea, Type: data.Int, Required: true},
	}
}

// Scan implements data.Source.
func (f facts) Scan(_ context.Context, q data.Query) data.Batches {
	batch, ok := f[q.Dataset]
	if !ok {
		return func(func(data.Batch, error) bool) {}
	}
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(batch)) }
}

// factsOn makes up to most facts of each dataset for each row of a frame, as
// many elsewhere and as many without a place: open and closed in every order of
// times, with values missing that need not be there.
func factsOn(frame *analytics.Frame, most int) facts {
	f := facts{}
	for _, d := range []data.Dataset{data.Incidents, data.Inspections, analytics.Places} {
		rng := rand.New(rand.NewPCG(uint64(most), 1))
		columns := f.Schema(d)
		b := data.NewBuilder(columns)
		for row := range frame.Len() + 2 {
			for range rng.IntN(most + 1) {
				appendFact(b, columns, frame, row, rng)
			}
		}
		f[d] = b.Build()
	}
	return f
}

func appendFact(b *data.Builder, columns []data.Column, frame *analytics.Frame, row int, rng *rand.Rand) {
	year := int64(366 * 24 * time.Hour / time.Microsecond)
	began := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).UnixMicro() + rng.Int64N(year)
	statuses := []string{data.StatusOpen, data.StatusClosed, data.StatusClosed, data.StatusSuspended, data.StatusVoid}
	results := []string{"pass", "pass", "fail", "na"}
	for i, c := range columns {
		switch {
		case c.Name == "status":
			b.SetText(i, statuses[rng.IntN(len(statuses))])
		case c.Name == "result" && rng.IntN(4) > 0:
			b.SetText(i, results[rng.IntN(len(results))])
		case c.Type == data.Time && c.Required:
			b.SetInt(i, began)
		case c.Type == data.Time && rng.IntN(4) > 0:
			b.SetInt(i, began+rng.Int64N(year/4)-year/40)
		case c.Type == data.Cell && frame.Unit.IsCells() && row < frame.Len():
			b.SetCell(i, frame.Cells[row])
		case c.Name == "community" && !frame.Unit.IsCells() && row < frame.Len():
			b.SetText(i, frame.Communities[row].Code)
		case c.Type == data.Cell && row == frame.Len():
			b.SetCell(i, geo.Pentagons(9)[0])
		case c.Name == "community" && row == frame.Len():
			b.SetText(i, "elsewhere")
		case c.Name == analytics.PlacePeople && rng.IntN(4) > 0, c.Name == analytics.PlaceArea:
			b.SetInt(i, rng.Int64N(20_000))
		case c.Name == "category" && rng.IntN(4) > 0:
			b.SetText(i, fmt.Sprintf("category %d", rng.IntN(3)))
		case c.Required:
			b.SetText(i, fmt.Sprintf("%s %d", c.Name, b.Len()))
		default:
			b.Missing(i)
		}
	}
}

// sitesOn puts resources on some rows of a frame, one without a capacity, and one
// far from all.
func sitesOn(frame *analytics.Frame) []analytics.Site {
	sites := []analytics.Site{{Source: "s", ID: "far", Lon: 10, Lat: 50, Capacity: 1, HasCapacity: true}}
	for row := 0; row < frame.Len() && frame.Unit.IsCells(); row += 7 {
		at := frame.Cells[row].Centre()
		sites = append(sites, analytics.Site{Source: "s", ID: fmt.Sprint("s", row), Kind: "station", Lon: at[0], Lat: at[1], Capacity: float64(row), HasCapacity: row%2 == 0})
	}
	return sites
}

// homesOn puts places on some rows of a frame, some where nobody knows how many
// live there and some where nobody does, and one in no row.
func homesOn(frame *analytics.Frame) []analytics.Home {
	outside := geo.Pentagons(10)[0]
	homes := []analytics.Home{{Cell: outside, Row: -1, People: 5, Known: true}}
	for row := range frame.Len() {
		around := outside
		if frame.Unit.IsCells() {
			around, _ = geo.CellAt(frame.Cells[row].Centre(), 10)
		}
		for i, cell := range around.Disk(1)[:row%4] {
			homes = append(homes, analytics.Home{Cell: cell, Row: int32(row), People: float64(i), Known: row%3 > 0})
		}
	}
	return homes
}
