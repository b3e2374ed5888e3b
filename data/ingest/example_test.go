package ingest_test

import (
	"context"
	"fmt"

	"github.com/civgrid/civgrid/data/ingest"
	"github.com/civgrid/civgrid/data/memory"
)

func Example() {
	file := ingest.Bytes("cases.csv", []byte(`case_id,opened_at,closed_at,status,category,lon,lat
1,2024-03-05 08:30,2024-03-06 10:00,Closed,pothole,116.3912,39.9075
2,2024-02-30 08:30,,Open,pothole,116.4012,39.9101
`))
	mapping := ingest.Mapping{Zone: "Asia/Shanghai"}
	result, err := ingest.Import(context.Background(), memory.New(), file, ingest.Options{Mapping: mapping}, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("new:", result.Changes.Inserted)
	for _, bad := range result.Rejects {
		fmt.Println(bad.Error())
	}
	// Output:
	// new: 1
	// line 3, column "opened_at", value "2024-02-30 08:30": no such date
}
