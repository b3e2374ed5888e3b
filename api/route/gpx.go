package route

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/civgrid/civgrid/analytics"
)

// A gpxFile is a document of GPX 1.1 (Topografix 2004): elements come in the
// order of the schema.
type gpxFile struct {
	XMLName  xml.Name    `xml:"http://www.topografix.com/GPX/1/1 gpx"`
	Version  string      `xml:"version,attr"`
	Creator  string      `xml:"creator,attr"`
	Metadata gpxMetadata `xml:"metadata"`
	Points   []gpxPoint  `xml:"wpt"`
	Route    gpxRoute    `xml:"rte"`
}

type gpxMetadata struct {
	Name string `xml:"name"`
	Desc string `xml:"desc"`
	Time string `xml:"time"` // UTC
}

type gpxPoint struct {
	Lat  string `xml:"lat,attr"`
	Lon  string `xml:"lon,attr"`
	Name string `xml:"name"`
	Desc string `xml:"desc,omitempty"`
	Type string `xml:"type,omitempty"`
}

type gpxRoute struct {
	Name   string     `xml:"name"`
	Desc   string     `xml:"desc"`
	Points []gpxPoint `xml:"rtept"`
}

// writeGPX writes each stop as a waypoint, and the way as a route.
func writeGPX(w io.Writer, it *analytics.Itinerary) error {
	about := strings.Join(summary(it), " ")
	file := gpxFile{
		Version: "1.1", Creator: "Civgrid", Metadata: gpxMetadata{Name: title(it), Desc: about, Time: it.Begin.UTC().Format(time.RFC3339)},
		Route: gpxRoute{Name: title(it), Desc: about},
	}
	pointAt := func(p analytics.Point, name string) gpxPoint {
		return gpxPoint{Lat: degrees(p.Lat), Lon: degrees(p.Lon), Name: name}
	}
	file.Route.Points = append(file.Route.Points, pointAt(it.Start, "Start"))
	for i, s := range it.Stops {
		p := pointAt(s.Point, stopName(i, s))
		file.Route.Points = append(file.Route.Points, p)
		p.Desc, p.Type = stopWords(it, s), "stop"
		if s.Drawn {
			p.Type = "drawn"
		}
		file.Points = append(file.Points, p)
	}
	if it.Return {
		file.Route.Points = append(file.Route.Points, pointAt(it.Start, "Start"))
	}
	return writeXML(w, file)
}

// stopName numbers and names a stop.
func stopName(i int, s analytics.Stop) string { return fmt.Sprintf("%d. %s", i+1, place(s)) }

// stopWords says everything of a stop.
func stopWords(it *analytics.Itinerary, s analytics.Stop) string {
	return fmt.Sprintf("%s: %s. %s. Cell %s.", clock(s.Arrive), reasons(it, s), expected(it, s), s.Cell)
}

// writeXML writes a document with its declaration.
func writeXML(w io.Writer, document any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	encoder := xml.NewEncoder(w)
	encoder.Indent("", " ")
	if err := encoder.Encode(document); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
