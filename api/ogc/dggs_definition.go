package ogc

import (
	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/api"
)

const (
	gridTitle       = "H3, hexagons of refinement ratio 7"
	gridDescription = "The H3 grid: hexagons, and twelve pentagons at each level, on the faces of an icosahedron. " +
		"Levels are the H3 resolutions 0 to 15, zones are cells named by their index in hexadecimal. " + onTheSphere + " " + byIndex

	// H3 takes latitudes as they are (ogcapi-discrete-global-grid-systems, issue 100).
	onTheSphere = "H3 takes geodetic latitudes on WGS 84 for latitudes on a sphere, without turning them into authalic ones, so zones are not of equal area; " +
		"areas are told on the sphere of radius 6371007.180918475 m."
	// Their outlines are not those of their parent (uber/h3, issue 1095).
	byIndex = "Sub-zones of a zone are its children by index. They cover about the same ground: their outline together is not that of the zone, " +
		"and what is told of a zone is counted in its own outline, not added up from sub-zones."
)

// gridDefinition answers /dggs/H3/definition in the shape of 21-038r1, Annex B,
// with what the documentation of H3 says of it (h3geo.org, "Overview of the H3
// Geospatial Indexing System", "Tables of Cell Statistics Across Resolutions").
func (s *service) gridDefinition(c *gin.Context) error {
	if _, err := s.origin(c); err != nil {
		return err
	}
	return s.plain(c, api.JSON, func(*catalog) (any, error) {
		return definitionOfH3(api.Itself(c.Request, s.Base(c.Request)+gridPath+"/definition", api.JSON)), nil
	})
}

func definitionOfH3(itself []api.Link) object {
	return object{
		"title": gridTitle, "description": gridDescription,
		"links": append(itself,
			api.Link{Href: "https://h3geo.org/docs/core-library/overview/", Rel: "related", Type: "text/html", Title: "Overview of the H3 Geospatial Indexing System"}),
		"dggh": object{
			"definition": object{
				"spatialDimensions": 2, "temporalDimensions": 0, "crs": crs84, "basePolyhedron": "icosahedron", "refinementRatio": 7,
				"refinementStrategy": []string{"centredChildCell"}, "zoneTypes": []string{"hexagon", "pentagon"},
				"constraints": object{
					"cellAxisAligned": false, "cellConformal": false, "cellEquiAngular": false, "cellEquiDistant": false, "cellEqualSized": false,
				},
			},
			"parameters": object{
				"ellipsoid": "[EPSG:7030]",
				"orientation": object{
					"latitude": 2.300882111626747, "longitude": -5.245390296777327, "azimuth": 7.46658,
					"description": "The orientation of Fuller's Dymaxion map: all twelve vertices, where the pentagons are, lie in the sea. The first is the centre of cell 8075fffffffffff, " +
						"the second that of 8009fffffffffff. Faces are projected gnomonically. " + onTheSphere,
				},
			},
		},
		"zirs": object{
			"textZIRS": object{
				"description": "The 64-bit index in hexadecimal: 15 digits, lower case, without prefix or leading zero.", "type": "h3",
			},
			"uint64ZIRS": object{
				"description": "The H3 index of mode 1 (cell). From the highest bit on: 1 bit 0, 4 bits mode, 3 bits 0, 4 bits resolution, 7 bits base cell (0 to 121), " +
					"15 digits of 3 bits for resolutions 1 to 15: 0 to 6, and 7 below the resolution of the cell.",
				"type": "h3",
			},
		},
		"subZoneOrder": object{
			"description": "Ascending order of the 64-bit index, which is the order of cellToChildren of H3: digit by digit from the coarsest, 0 (the child at the centre) first. " +
				"Below a pentagon digit 1 is left out. " + byIndex,
			"type": "uint64Ascending",
		},
	}
}
