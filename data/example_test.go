package data_test

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
)

func ExampleBuilder() {
	b := data.NewBuilder([]data.Column{
		{Name: "category", Type: data.Code},
		{Name: "score", Type: data.Float},
	})
	b.SetText(0, "market")
	b.SetFloat(1, 4.5)
	b.SetText(0, "street")
	b.Missing(1)

	batch := b.Build()
	categories, scores, scored := batch.Codes("category"), batch.Floats("score"), batch.Valid("score")
	for i := range batch.Len() {
		if scored.At(i) {
			fmt.Println(categories.At(i), scores[i])
		} else {
			fmt.Println(categories.At(i), "without a score")
		}
	}
	// Output:
	// market 4.5
	// street without a score
}

func ExampleSelect() {
	b := data.NewBuilder([]data.Column{
		{Name: "status", Type: data.Code},
		{Name: "closed_at", Type: data.Time},
	})
	newYear := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	b.SetText(0, data.StatusClosed)
	b.SetInt(1, newYear.Add(-time.Hour).UnixMicro())
	b.SetText(0, data.StatusClosed)
	b.SetInt(1, newYear.Add(time.Hour).UnixMicro())
	b.SetText(0, data.StatusOpen)
	b.Missing(1)
	batch := b.Build()

	// A comparison with a missing value is false, and Not turns it into true.
	before := data.Compare{Column: "closed_at", Op: data.Less, Value: newYear}
	fmt.Println(data.Select(nil, batch, before))
	fmt.Println(data.Select(nil, batch, data.Not{Condition: before}))
	fmt.Println(data.Select(nil, batch, data.All{data.Not{Condition: before}, data.In{Column: "status", Words: []string{data.StatusClosed}}}))
	// Output:
	// [true false false]
	// [false true true]
	// [false true false]
}

// Hours are derived of two times, and can be asked for like any column.
func ExampleDerive() {
	hours := data.Derivation{
		Reads:   []string{"reported_at", "closed_at"},
		Columns: []data.Column{{Name: "hours", Type: data.Int}},
		Compute: func(rows data.Batch, into *data.Builder) error {
			reported, closed, done := rows.Ints("reported_at"), rows.Ints("closed_at"), rows.Valid("closed_at")
			for i := range rows.Len() {
				if done.At(i) {
					into.SetInt(0, (closed[i]-reported[i])/time.Hour.Microseconds())
				} else {
					into.Missing(0)
				}
			}
			return nil
		},
	}
	source := data.Derive(cases{}, data.Incidents, hours)
	long := data.Compare{Column: "hours", Op: data.Greater, Value: int64(24)}
	for b, err := range source.Scan(context.Background(), data.Query{Dataset: data.Incidents, Columns: []string{"id", "hours"}, Where: long}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for i, h := range b.Ints("hours") {
			fmt.Println(b.Texts("id").At(i), h)
		}
	}
	// Output:
	// b 30
}

// cases is a source of three incidents, closed after 2 and 30 hours and not.
type cases struct{}

func (cases) Schema(data.Dataset) []data.Column {
	return []data.Column{{Name: "id", Type: data.Text}, {Name: "reported_at", Type: data.Time}, {Name: "closed_at", Type: data.Time}}
}

func (c cases) Scan(_ context.Context, q data.Query) data.Batches {
	b := data.NewBuilder(c.Schema(q.Dataset))
	for i, hours := range []int64{2, 30, -1} {
		b.SetText(0, string(rune('a'+i)))
		b.SetInt(1, 0)
		if hours < 0 {
			b.Missing(2)
		} else {
			b.SetInt(2, hours*time.Hour.Microseconds())
		}
	}
	return func(yield func(data.Batch, error) bool) { yield(q.Filter(b.Build())) }
}

func ExampleHierarchy() {
	h := data.NewHierarchy([]data.Community{
		{Code: "north", Level: data.District},
		{Code: "mill-lane", Level: data.Street, Parent: "north"},
		{Code: "mill-lane-3", Level: data.CommunityArea, Parent: "mill-lane"},
	})
	fmt.Println(h.Path("mill-lane-3"))
	fmt.Println(h.Within("mill-lane"))
	fmt.Println(h.Recode(data.District)["mill-lane-3"])
	// Output:
	// [north mill-lane mill-lane-3]
	// [mill-lane mill-lane-3]
	// north
}
