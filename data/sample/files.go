package sample

import (
	"bytes"
	"io"
	"strconv"

	"github.com/civgrid/civgrid/data"
)

// CommunityFacts is the Dataset of the files of communities, which are no
// data.Dataset.
const CommunityFacts = "communities"

// A File is one file of the city, as a town hall would hand it over.
type File struct {
	Name    string // base name; its ending tells the format
	Dataset string // CommunityFacts, or the name of a data.Dataset
	Level   data.Level
	Source  string // "" for communities
	CRS     string // "wgs84" or "gcj02"
	Zone    string // IANA name of the zone of its times
	// Mapping says which column or property of the file holds what: canonical
	// name to name in the file. GeoJSON files have their place in the geometry.
	// Files of communities know code, parent, name.en, name.zh-Hans,
	// name.zh-Hant, population and responsible.
	Mapping map[string]string

	write func(*sheet)
}

// Bytes returns the content, made anew by each call.
func (f File) Bytes() []byte {
	var s sheet
	f.write(&s)
	return s.bytes
}

// Open returns a reader of the content.
func (f File) Open() io.ReadCloser { return io.NopCloser(bytes.NewReader(f.Bytes())) }

// Files returns all files in the order they should be imported: communities
// coarse before fine, then resources, incidents and inspections.
func (c *City) Files() []File {
	files := c.communityFiles()
	resources, inspections := resourceColumns(), inspectionColumns()
	files = append(files, File{
		Name: "resources.csv", Dataset: string(data.Resources), Source: "assets", Mapping: mapping(resources),
		write: func(s *sheet) {
			writeHeader(s, resources)
			for _, r := range c.resources {
				writeRow(s, resources, r)
			}
		},
	})
	files = append(files, c.caseFiles()...)
	files = append(files, File{
		Name: "inspections.csv", Dataset: string(data.Inspections), Source: "inspectors", Mapping: mapping(inspections),
		write: func(s *sheet) {
			writeHeader(s, inspections)
			for _, in := range c.inspections {
				writeRow(s, inspections, in)
			}
		},
	})
	for n := range files {
		files[n].Zone = Zone
		if files[n].CRS == "" {
			files[n].CRS = "wgs84"
		}
	}
	return files
}

// caseFiles returns the files of incidents, one for each source.
func (c *City) caseFiles() []File {
	type columns = []column[incident]
	cases := func(n int) func() []incident { return func() []incident { return c.incidents[n] } }
	var files []File
	for n, f := range [sourceCount]struct {
		name, crs string
		columns   columns
		rows      func() []incident
		write     func(*sheet, columns, []incident)
	}{
		hotline: {"hotline-12345.csv", "", c.hotlineColumns(), c.withBadRows, writeCases},
		patrol:  {"patrol-app.csv", "gcj02", c.patrolColumns(), func() []incident { return inGCJ02(c.incidents[patrol]) }, writeCases},
		portal:  {"311-requests.csv", "", c.portalColumns(), cases(portal), writeCases},
		video:   {"video-patrol.geojson", "", c.videoColumns(), cases(video), writeFeatures},
		mailbox: {"mayors-mailbox.csv", "", c.mailboxColumns(), cases(mailbox), writeCases},
	} {
		files = append(files, File{
			Name: f.name, Dataset: string(data.Incidents), Source: sources()[n].name, CRS: f.crs, Mapping: mapping(f.columns),
			write: func(s *sheet) { f.write(s, f.columns, f.rows()) },
		})
	}
	return files
}

// communityFiles returns the files of communities, one for each level.
func (c *City) communityFiles() []File {
	columns := []column[data.Community]{
		{means: "code", name: "code", value: func(a data.Community) string { return a.Code }},
		{means: "parent", name: "parent", value: func(a data.Community) string { return a.Parent }},
		{means: "name.en", name: "name_en", value: func(a data.Community) string { return a.Names["en"] }},
		{means: "name.zh-Hans", name: "name_zh_hans", value: func(a data.Community) string { return a.Names["zh-Hans"] }},
		{means: "name.zh-Hant", name: "name_zh_hant", value: func(a data.Community) string { return a.Names["zh-Hant"] }},
		{means: "population", name: "population", value: func(a data.Community) string { return strconv.FormatInt(a.Population, 10) }, bare: true},
		{means: "responsible", name: "responsible", value: func(a data.Community) string { return a.Responsible }},
	}
	var files []File
	for _, level := range []data.Level{data.District, data.Street, data.CommunityArea, data.UnitGrid} {
		var areas []data.Community
		for _, a := range c.all {
			if a.Level == level {
				areas = append(areas, a)
			}
		}
		files = append(files, File{
			Name: string(level) + ".geojson", Dataset: CommunityFacts, Level: level, Mapping: mapping(columns),
			write: func(s *sheet) {
				s.features(len(areas), func(n int) {
					writeProperties(s, columns, areas[n])
					s.text(`,"geometry":{"type":"MultiPolygon","coordinates":`)
					s.polygons(areas[n].Outline)
					s.text("}")
				})
			},
		})
	}
	return files
}
