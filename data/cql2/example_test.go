package cql2_test

import (
	"errors"
	"fmt"
	"time"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/cql2"
)

func ExampleCompile() {
	e, err := cql2.Parse(`category ILIKE '%lamp%' AND reported_at >= DATE('2024-03-01') AND closed_at IS NULL`)
	if err != nil {
		fmt.Println(err)
		return
	}
	columns := data.SchemaOf(data.Incidents, data.DefaultResolutions())
	where, err := cql2.Compile(e, columns, cql2.Options{Zone: time.FixedZone("", 8*3600)})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, part := range where.(data.All) {
		fmt.Printf("%T %v\n", part, part)
	}
	// Output:
	// data.Like {category %lamp% true}
	// data.Compare {reported_at >= 2024-02-29 16:00:00 +0000 UTC}
	// data.Missing {closed_at}
}

func ExampleParse() {
	e, err := cql2.Parse(`not status in ('void','closed') or due_at<closed_at`)
	fmt.Println(e, err)

	var wrong *cql2.Error
	if _, err = cql2.Parse(`status = = 'void'`); errors.As(err, &wrong) {
		fmt.Println(wrong.At, wrong.Near, wrong)
	}
	// Output:
	// status NOT IN ('void', 'closed') OR due_at < closed_at <nil>
	// 9 = position 9, near "=": a property or a value is wanted here
}

func ExampleProperties() {
	e, err := cql2.ParseJSON([]byte(`{"op":"<","args":[{"property":"due_at"},{"property":"closed_at"}]}`))
	fmt.Println(e, err, cql2.Properties(e))
	// Output:
	// due_at < closed_at <nil> [due_at closed_at]
}
