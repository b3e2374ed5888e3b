package crs_test

import (
	"errors"
	"fmt"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo/crs"
)

// A complaint from a phone application in Beijing, brought to WGS 84.
func ExampleToWGS84() {
	system, err := crs.Parse("GCJ-02")
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := crs.ToWGS84(system, orb.Point{116.410244, 39.916404})
	fmt.Printf("%.4f %.4f %v\n", p.Lon(), p.Lat(), err)

	_, err = crs.ToWGS84(system, orb.Point{39.916404, 116.410244}) // swapped
	fmt.Println(errors.As(err, new(*crs.RangeError)))
	// Output:
	// 116.4040 39.9150 <nil>
	// true
}

// The same layer put on a Baidu map; Taipei is not shifted on an AMap one.
func ExampleFromWGS84() {
	beijing, _ := crs.FromWGS84(crs.BD09, orb.Point{116.403988, 39.914266})
	taipei, _ := crs.FromWGS84(crs.GCJ02, orb.Point{121.5645, 25.0375})
	fmt.Printf("%.6f %.6f\n", beijing.Lon(), beijing.Lat())
	fmt.Printf("%.4f %.4f\n", taipei.Lon(), taipei.Lat())
	// Output:
	// 116.416616 39.921966
	// 121.5645 25.0375
}

func ExampleParse() {
	for _, name := range []string{"urn:ogc:def:crs:EPSG::4326", "EPSG:2249", "gcj20"} {
		system, err := crs.Parse(name)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(system)
	}
	// Output:
	// wgs84
	// EPSG:2249 (NAD83 / Massachusetts Mainland (ftUS)) is projected and not read yet; export the file as WGS 84
	// coordinate system "gcj20" is not known; use one of gcj02, cgcs2000, wgs84, bd09, epsg:3857
}

func ExampleColumnsToWGS84() {
	x := []float64{-11169055.58, 99999999}
	y := []float64{2800000, 0}
	err := crs.ColumnsToWGS84(crs.WebMercator, x, y, func(row int, err error) {
		fmt.Printf("row %d: %v\n", row, err)
	})
	fmt.Printf("%.4f %.4f %v\n", x[0], y[0], err)
	// Output:
	// row 1: epsg:3857 coordinate (99999999, 0): x is outside ±20037508.343 m
	// -100.3333 24.3818 <nil>
}
