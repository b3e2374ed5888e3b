package route

import (
	"fmt"
	"io"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
)

// A Format is one way to write an itinerary.
type Format struct {
	Name      string // "gpx"
	Title     string // one line
	MediaType api.MediaType
	Extension string // with the dot
	write     func(io.Writer, *analytics.Itinerary) error
}

var formats = [...]Format{
	{"table", "A text table, for terminals", api.Text, ".txt", writeTable},
	{"csv", "CSV, a row for each stop", api.CSV, ".csv", writeCSV},
	{"geojson", "GeoJSON, the stops and the way", api.GeoJSON, ".geojson", writeGeoJSON},
	{"gpx", "GPX 1.1, for navigation devices", "application/gpx+xml", ".gpx", writeGPX},
	{"kml", "KML 2.2, for Google Earth and others", "application/vnd.google-earth.kml+xml", ".kml", writeKML},
}

// Formats returns all formats, the default first. The slice is the caller's.
func Formats() []Format { return append([]Format(nil), formats[:]...) }

// Write writes an itinerary in the named format.
func Write(w io.Writer, format string, it *analytics.Itinerary) error {
	var names []string
	for _, f := range formats {
		if f.Name == format {
			if err := f.write(w, it); err != nil {
				return fmt.Errorf("write itinerary as %s: %w", f.Name, err)
			}
			return nil
		}
		names = append(names, f.Name)
	}
	return fmt.Errorf("format %q: want one of %s", format, strings.Join(names, ", "))
}
