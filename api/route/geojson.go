package route

import (
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// A feature is one of GeoJSON (RFC 7946, section 3.2).
type feature struct {
	Type       string         `json:"type"`
	ID         string         `json:"id"`
	Geometry   geometry       `json:"geometry"`
	Properties map[string]any `json:"properties"`
}

type geometry struct {
	Type        string `json:"type"`
	Coordinates any    `json:"coordinates"`
}

// A position is longitude and latitude.
type position [2]json.Number

func positionOf(p analytics.Point) position {
	return position{json.Number(degrees(p.Lon)), json.Number(degrees(p.Lat))}
}

// writeGeoJSON writes the stops as points, numbered from 1, and the way from the
// start through all of them as a line.
func writeGeoJSON(w io.Writer, it *analytics.Itinerary) error {
	collection := struct {
		Type     string    `json:"type"`
		Name     string    `json:"name"`
		About    string    `json:"description"`
		Features []feature `json:"features"`
	}{Type: "FeatureCollection", Name: title(it), About: strings.Join(summary(it), " "), Features: []feature{}}
	for i, s := range it.Stops {
		collection.Features = append(collection.Features, feature{
			Type: "Feature", ID: s.Cell.String(), Geometry: geometry{"Point", positionOf(s.Point)},
			Properties: map[string]any{
				"stop": i + 1, "rank": s.Rank, "arrive": s.Arrive.Format(time.RFC3339), "cell": s.Cell.String(), "community": s.Community, "name": place(s), "drawn": s.Drawn,
				"metres": s.Metres, "expected": s.Expected, "low": s.Low, "high": s.High, "reasons": reasons(it, s),
			},
		})
	}
	if len(it.Stops) > 0 { // a line of one point is none
		var line []position
		for _, p := range way(it) {
			line = append(line, positionOf(p))
		}
		collection.Features = append(collection.Features, feature{
			Type: "Feature", ID: "way", Geometry: geometry{"LineString", line},
			Properties: map[string]any{"name": title(it), "metres": it.Metres, "expected": it.Expected},
		})
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(collection)
}

// way returns the points of the way, the start first.
func way(it *analytics.Itinerary) []analytics.Point {
	points := []analytics.Point{it.Start}
	for _, s := range it.Stops {
		points = append(points, s.Point)
	}
	if it.Return {
		points = append(points, it.Start)
	}
	return points
}
