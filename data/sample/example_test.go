package sample_test

import (
	"fmt"

	"github.com/civgrid/civgrid/data/sample"
)

func ExampleNew() {
	city := sample.New(1)
	from, to := city.Period()
	fmt.Println(from.Format("2006-01-02"), to.Format("2006-01-02"))
	for _, f := range city.Files() {
		fmt.Println(f.Dataset, f.Name, f.CRS)
	}
	// Output:
	// 2025-01-01 2026-01-01
	// communities district.geojson wgs84
	// communities street.geojson wgs84
	// communities community.geojson wgs84
	// communities unit_grid.geojson wgs84
	// resources resources.csv wgs84
	// incidents hotline-12345.csv wgs84
	// incidents patrol-app.csv gcj02
	// incidents 311-requests.csv wgs84
	// incidents video-patrol.geojson wgs84
	// incidents mayors-mailbox.csv wgs84
	// inspections inspections.csv wgs84
}

func ExampleCity_Planted() {
	for _, truth := range sample.New(1).Planted() {
		if truth.Kind == sample.Hotspot {
			fmt.Printf("%s: %.0f times as many cases within %.0f m\n", truth.Title, float64(truth.Count)/truth.Expected, float64(truth.Radius))
		}
	}
	// Output:
	// Night market: 6 times as many cases within 780 m
	// Wholesale market: 7 times as many cases within 900 m
}
