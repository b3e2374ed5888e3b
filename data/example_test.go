package data_test

import (
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
