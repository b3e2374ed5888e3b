package route

import (
	"encoding/xml"
	"io"
	"strings"

	"github.com/civgrid/civgrid/analytics"
)

// A kmlFile is a document of KML 2.2 (OGC 07-147r2).
type kmlFile struct {
	XMLName  xml.Name `xml:"http://www.opengis.net/kml/2.2 kml"`
	Document struct {
		Name       string         `xml:"name"`
		About      string         `xml:"description"`
		Styles     []kmlStyle     `xml:"Style"`
		Placemarks []kmlPlacemark `xml:"Placemark"`
	}
}

// A kmlStyle is a colour, written aabbggrr.
type kmlStyle struct {
	ID   string    `xml:"id,attr"`
	Icon *kmlColor `xml:"IconStyle"`
	Line *kmlLine  `xml:"LineStyle"`
}

type kmlColor struct {
	Color string `xml:"color"`
}

type kmlLine struct {
	Color string  `xml:"color"`
	Width float64 `xml:"width"`
}

type kmlPlacemark struct {
	Name  string   `xml:"name"`
	About string   `xml:"description"`
	Style string   `xml:"styleUrl"`
	Point *kmlPath `xml:"Point"`
	Line  *kmlPath `xml:"LineString"`
}

// A kmlPath holds tuples of longitude and latitude, parted by spaces.
type kmlPath struct {
	Coordinates string `xml:"coordinates"`
}

// writeKML writes each stop as a placemark, and the way as one with a line.
func writeKML(w io.Writer, it *analytics.Itinerary) error {
	var file kmlFile
	d := &file.Document
	d.Name, d.About = title(it), strings.Join(summary(it), " ")
	d.Styles = []kmlStyle{
		{ID: "stop", Icon: &kmlColor{"ff8e7a2a"}},
		{ID: "drawn", Icon: &kmlColor{"ff21f9f0"}},
		{ID: "way", Line: &kmlLine{"ff874441", 3}},
	}
	for i, s := range it.Stops {
		style := "#stop"
		if s.Drawn {
			style = "#drawn"
		}
		d.Placemarks = append(d.Placemarks, kmlPlacemark{
			Name: stopName(i, s), About: stopWords(it, s), Style: style, Point: &kmlPath{coordinates([]analytics.Point{s.Point})},
		})
	}
	if len(it.Stops) > 0 { // a line of one point is none
		d.Placemarks = append(d.Placemarks, kmlPlacemark{Name: title(it), About: d.About, Style: "#way", Line: &kmlPath{coordinates(way(it))}})
	}
	return writeXML(w, file)
}

func coordinates(points []analytics.Point) string {
	var tuples []string
	for _, p := range points {
		tuples = append(tuples, degrees(p.Lon)+","+degrees(p.Lat))
	}
	return strings.Join(tuples, " ")
}
