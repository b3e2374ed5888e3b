package encode

import "encoding/json"

// geoMetadata is the value of "geo" in the metadata of a Parquet file (GeoParquet
// 1.1.0, section "File metadata").
type geoMetadata struct {
	Version       string               `json:"version"`
	PrimaryColumn string               `json:"primary_column"`
	Columns       map[string]geoColumn `json:"columns"`
}

// geoColumn describes a column of geometries (section "Column metadata").
type geoColumn struct {
	Encoding      string          `json:"encoding"`
	GeometryTypes []string        `json:"geometry_types"`
	CRS           json.RawMessage `json:"crs"`
	Orientation   string          `json:"orientation"`
	Edges         string          `json:"edges"`
	BBox          []float64       `json:"bbox,omitempty"`
}

// geometryTypes names the types of geometry that are drawn.
func geometryTypes() [3]string { return [...]string{"Point", "Polygon", "MultiPolygon"} }

// finish ends the last group and writes what is known of all rows behind it.
func (g *parquetGroups) finish() error {
	if err := g.end(); err != nil {
		return err
	}
	name := g.head.freeName(geometryColumn)
	column := geoColumn{
		Encoding: "WKB", GeometryTypes: []string{}, CRS: json.RawMessage(projCRS84), Orientation: "counterclockwise", Edges: "planar",
	}
	for i, kind := range geometryTypes() {
		if g.kinds[i] {
			column.GeometryTypes = append(column.GeometryTypes, kind)
		}
	}
	if len(column.GeometryTypes) > 0 {
		column.BBox = []float64{g.bound.Min[0], g.bound.Min[1], g.bound.Max[0], g.bound.Max[1]}
	}
	geo, err := appendJSON(nil, geoMetadata{Version: "1.1.0", PrimaryColumn: name, Columns: map[string]geoColumn{name: column}})
	if err != nil {
		return err
	}
	if err := g.out.AppendKeyValueMetadata("geo", string(geo)); err != nil {
		return err
	}
	if g.head.Layer != nil {
		about, err := appendJSON(nil, aboutOf(g.head.Layer))
		if err != nil {
			return err
		}
		if err := g.out.AppendKeyValueMetadata("civgrid", string(about)); err != nil {
			return err
		}
	}
	return g.out.Close()
}
