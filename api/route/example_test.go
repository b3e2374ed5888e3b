package route_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api/route"
	"github.com/civgrid/civgrid/geo"
)

func ExampleWrite() {
	cell, err := geo.ParseCell("8940250c4bbffff")
	if err != nil {
		fmt.Println(err)
		return
	}
	begin := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	it := &analytics.Itinerary{Begin: begin, End: begin.Add(time.Hour), Zone: "UTC", Stops: []analytics.Stop{{
		Cell: cell, Point: analytics.Point{Lon: 109.96, Lat: 23.22}, Arrive: begin.Add(20 * time.Minute), Expected: 1.5, High: 4,
		Reasons: []analytics.Reason{{Code: analytics.ReasonOverdue, N: 2}},
	}}}
	var csv strings.Builder
	if err := route.Write(&csv, "csv", it); err != nil {
		fmt.Println(err)
	}
	fmt.Print(strings.ReplaceAll(csv.String(), "\r\n", "\n"))
	// Output:
	// stop,arrive,cell,lon,lat,community,name,drawn,metres,expected,low,high,reasons
	// 1,2026-03-02T09:20:00Z,8940250c4bbffff,109.96,23.22,,,false,0,1.5,0,4,2 open cases overdue
}
