package locate_test

import (
	"fmt"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/geo/locate"
)

func Example() {
	west := orb.MultiPolygon{{{{116.30, 39.9}, {116.35, 39.9}, {116.35, 39.95}, {116.30, 39.95}, {116.30, 39.9}}}}
	east := orb.MultiPolygon{{{{116.35, 39.9}, {116.40, 39.9}, {116.40, 39.95}, {116.35, 39.95}, {116.35, 39.9}}}}
	index, err := locate.New([]locate.Area{{Code: "W", Outline: west}, {Code: "E", Outline: east}})
	if err != nil {
		fmt.Println(err)
		return
	}
	code, ok := index.Find(orb.Point{116.31, 39.92})
	fmt.Println(code, ok)
	code, ok = index.Find(orb.Point{116.35, 39.92}) // on the border they share
	fmt.Println(code, ok)
	fmt.Println(index.FindAll(nil, []float64{116.31, 116.39, 121}, []float64{39.92, 39.92, 31}))
	// Output:
	// W true
	// E true
	// [0 1 -1]
}
