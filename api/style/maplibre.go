package style

import (
	"math"

	"github.com/paulmach/orb"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// The media types of styles.
const (
	// MapLibreType is the media type of style documents (OGC API - Styles, draft
	// 20-009, requirements class "Mapbox Styles").
	MapLibreType api.MediaType = "application/vnd.mapbox.style+json"
	// QMLType is the media type by which QML is served; none is registered.
	QMLType api.MediaType = "application/vnd.qgis.qml"
)

// A Sheet is what a style is made of.
type Sheet struct {
	Title  string
	Legend analytics.Legend
	// Column is the legend's column; its type decides how classes are told.
	Column analytics.Column
	// Tiles is the absolute address of the TileJSON document that names the tiles.
	Tiles string
	// Layer is the layer of the tiles that is drawn.
	Layer string
	// Key is the attribute that names a row.
	Key string
	// Box is what the map shows first, in degrees. Empty says nothing.
	Box orb.Bound
}

// An object is a JSON object.
type object = map[string]any

const (
	sourceName   = "civgrid"
	ground       = "#e9edf1"               // below the rows
	seam         = "rgba(255,255,255,0.4)" // between rows
	noColour     = "rgba(0,0,0,0)"
	tilePixels   = 512
	mapPixels    = 960 // the width of a map for which the first zoom is chosen
	greatestZoom = 16
)

// MapLibre returns a style document (MapLibre Style Specification, version 8).
func (s Sheet) MapLibre() any {
	document := object{
		"version": 8, "name": s.Title, "metadata": object{"civgrid:legend": s.Legend},
		"sources": object{sourceName: object{"type": "vector", "url": s.Tiles, "promoteId": object{s.Layer: s.Key}}},
		"layers": []object{
			{"id": "ground", "type": "background", "paint": object{"background-color": ground}},
			{
				"id": s.Layer, "type": "fill", "source": sourceName, "source-layer": s.Layer,
				"paint": object{"fill-color": s.colour(), "fill-outline-color": seam},
			},
		},
	}
	if !s.Box.IsEmpty() {
		document["center"], document["zoom"] = s.Box.Center(), zoomOf(s.Box)
	}
	return document
}

// zoomOf returns a zoom at which a map shows the width of a box.
func zoomOf(box orb.Bound) float64 {
	degrees := max(box.Max[0]-box.Min[0], 1e-6)
	zoom := math.Log2(360 / degrees * mapPixels / tilePixels)
	return math.Floor(10*min(max(zoom, 0), greatestZoom)) / 10
}

// colour returns the expression that tells the colour of a row.
func (s Sheet) colour() any {
	if len(s.Legend.Classes) == 0 {
		return noColour
	}
	expression := []any{"case"}
	for _, class := range s.Legend.Classes {
		expression = append(expression, s.holds(class), class.Color)
	}
	return append(expression, noColour)
}

// holds returns the expression that is true where a row is of a class. A row
// without a value has no such attribute.
func (s Sheet) holds(class analytics.Class) any {
	has, get := []any{"has", s.Legend.Column}, []any{"get", s.Legend.Column}
	switch {
	case class.Key == analytics.NoData:
		return []any{"!", has}
	case s.Column.Type == analytics.WordColumn:
		return []any{"==", get, class.Key}
	}
	all := []any{"all", has}
	if class.Low != nil {
		all = append(all, []any{">=", get, *class.Low})
	}
	if class.High != nil {
		all = append(all, []any{"<", get, *class.High})
	}
	return all
}
