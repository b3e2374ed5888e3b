package quality_test

import (
	"context"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/memory"
	"github.com/civgrid/civgrid/data/quality"
)

func ExampleAssess() {
	report, err := quality.Assess(context.Background(), memory.New(), nil, data.Incidents, time.UTC, time.Time{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(report.Rows, "rows,", report.Rules[3].Title+":", report.Rules[3].Rows)
	// Output: 0 rows, closed before reported: 0
}
