package ingest

import (
	"bytes"
	"encoding/json"
)

// A foreign kind of file is one people try that is not read.
type foreign struct {
	begins string // the first bytes
	holds  string // what is within the first bytes besides; "" for nothing
	why    string
}

const byOGR = ": convert it with ogr2ogr -f GeoJSON OUT.geojson FILE"

// foreigners are known by their first bytes, those that say more first.
var foreigners = []foreign{
	{"PK\x03\x04", "xl/", "an Excel workbook is not read: save the sheet as CSV"},
	{"PK\x03\x04", "[Content_Types].xml", "an Office document is not read: save the table as CSV"},
	{"PK\x03\x04", ".shp", "a zipped shapefile is not read" + byOGR},
	{"PK\x03\x04", "doc.kml", "KMZ is not read" + byOGR},
	{"PK\x03\x04", "", "a zip archive is not read: unpack it"},
	{"\xD0\xCF\x11\xE0", "", "an old Excel or Word file is not read: save the table as CSV"},
	{"%PDF", "", "a PDF is not read: ask for the table behind it, as CSV"},
	{"\x89PNG", "", "a PNG picture is not read"},
	{"\xFF\xD8\xFF", "", "a JPEG picture is not read"},
	{"\x00\x00\x27\x0A", "", "a shapefile is not read" + byOGR},
	{"SQLite format 3", "", "a GeoPackage or SQLite file is not read" + byOGR},
	{"PAR1", "", "a Parquet file is not read yet: save it as CSV"},
	{"7z\xBC\xAF\x27\x1C", "", "a 7z archive is not read: unpack it"},
	{"Rar!", "", "a RAR archive is not read: unpack it"},
}

// partsOfShapefiles are known by their ending only.
var partsOfShapefiles = map[string]bool{".shp": true, ".dbf": true, ".shx": true, ".prj": true}

// refusedContent recognises files people try that are of another kind, and says
// what to do with them; "" for all others.
func refusedContent(ext string, head []byte) string {
	trimmed := bytes.TrimLeft(head, " \t\r\n")
	if len(trimmed) == 0 {
		return "the file is empty"
	}
	for _, f := range foreigners {
		if bytes.HasPrefix(head, []byte(f.begins)) && bytes.Contains(head, []byte(f.holds)) {
			return f.why
		}
	}
	switch {
	case partsOfShapefiles[ext]:
		return "a part of a shapefile is not read: convert the shapefile with ogr2ogr -f GeoJSON OUT.geojson FILE.shp"
	case bytes.HasPrefix(trimmed, []byte("<")):
		return "XML, HTML or KML is not read: save it as CSV or GeoJSON"
	case bytes.HasPrefix(trimmed, []byte("{")) && bytes.Contains(head[:min(len(head), 4096)], []byte(`"Topology"`)):
		return "TopoJSON is not read: convert it to GeoJSON"
	}
	return ""
}

// outlinesLooked is how many features tell that a file holds outlines.
const outlinesLooked = 20

// onlyOutlines reports whether the first features of a file are all polygons.
func (p *plan) onlyOutlines(head []byte) bool {
	if p.layout.Format == formatCSV {
		return false
	}
	split := p.format.split(bytes.NewReader(bytes.TrimPrefix(head, []byte("\ufeff"))), p.layout)
	n := 0
	for n < outlinesLooked {
		r, err := split.next()
		if err != nil || r.bad != "" {
			break
		}
		var f struct{ Geometry struct{ Type string } }
		if json.Unmarshal(r.raw, &f) != nil || f.Geometry.Type != "Polygon" && f.Geometry.Type != "MultiPolygon" {
			return false
		}
		n++
	}
	return n > 0
}
