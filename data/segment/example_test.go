package segment_test

import (
	"context"
	"fmt"
	"log"
	"os"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/segment"
)

func Example() {
	dir, err := os.MkdirTemp("", "cache")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	cache, err := segment.Open(ctx, memory.New(), dir, segment.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer cache.Close()

	columns := cache.Schema(data.Resources)
	rows := data.NewBuilder(columns)
	for i, c := range columns {
		switch c.Name {
		case "source", "id", "name", "kind", "status", "location":
			rows.SetText(i, c.Name+" 1")
		default:
			rows.Missing(i)
		}
	}
	if _, err := cache.Append(ctx, data.Resources, data.Chunk{}, rows.Build()); err != nil {
		log.Fatal(err)
	}
	for b, err := range cache.Scan(ctx, data.Query{Dataset: data.Resources, Columns: []string{"name"}}) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(b.Texts("name").At(0))
	}
	// Output: name 1
}
