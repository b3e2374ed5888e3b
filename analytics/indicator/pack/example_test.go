package pack_test

import (
	"fmt"

	"github.com/civgrid/civgrid/analytics/indicator/pack"
)

// A district that weighs the three rates of 12345 in its own way.
func ExampleRead() {
	rates, err := pack.Read("hotline12345", map[string]string{
		"response_weight": "0.2", "solution_weight": "0.4", "satisfaction_weight": "0.4",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range rates.Indicators {
		if d.Code != "hotline12345.composite" {
			continue
		}
		fmt.Println(d.Title("zh-Hans"))
		for _, item := range d.Items {
			fmt.Println(item.Indicator, *item.Weight)
		}
	}
	// Output:
	// 三率综合
	// hotline12345.response 0.2
	// hotline12345.solution 0.4
	// hotline12345.satisfaction 0.4
}
