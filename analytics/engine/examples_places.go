package engine

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/indicator"
	"github.com/civgrid/civgrid/data"
)

// examplePlaces reads the facts of an example of an access share, which are
// places: how many people live there, how many square kilometres it has (km2),
// and how many metres in a straight line the nearest resource is away (metres,
// none without one).
func examplePlaces(source data.Source, c *indicator.Compiled, x indicator.Example, asOf time.Time) (data.Source, error) {
	times, err := timesOf(x)
	if err != nil {
		return nil, err
	}
	reaches := c.Reaches(asOf)
	columns := []data.Column{
		{Name: analytics.PlaceWhere, Type: data.Code},
		{Name: "community", Type: data.Code},
		{Name: analytics.PlacePeople, Type: data.Int},
		{Name: analytics.PlaceArea, Type: data.Int},
	}
	for _, r := range reaches {
		columns = append(columns, data.Column{Name: r.Column, Type: data.Int})
	}
	b := data.NewBuilder(columns)
	for i, fact := range x.Facts {
		place, err := readPlace(fact)
		if err != nil {
			return nil, fmt.Errorf("example %q, place %d: %w", x.Title, i+1, err)
		}
		for range times[i] {
			b.SetText(0, data.LocationPoint)
			b.SetText(1, exampleTown)
			setKnown(b, 2, place["people"], 1000)
			setKnown(b, 3, place["km2"], 1e6)
			for j, r := range reaches {
				here := int64(0)
				if metres := place["metres"]; metres != nil && *metres <= r.Metres {
					here = 1
				}
				b.SetInt(4+j, here)
			}
		}
	}
	return places{source, b.Build()}, nil
}

// readPlace reads the numbers of a place; those not given are nil.
func readPlace(fact map[string]string) (map[string]*float64, error) {
	place := map[string]*float64{}
	for key, text := range fact {
		switch key {
		case "times":
			continue
		case "people", "km2", "metres":
		default:
			return nil, fmt.Errorf("there is no %q: a place has people, km2 and metres", key)
		}
		x, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(x) || x < 0 || x > 1e9 {
			return nil, fmt.Errorf("%s: %q is no number from 0 to 1e9", key, text)
		}
		place[key] = &x
	}
	return place, nil
}

func setKnown(b *data.Builder, column int, x *float64, scale float64) {
	if x == nil {
		b.Missing(column)
		return
	}
	b.SetInt(column, int64(math.Round(*x*scale)))
}
