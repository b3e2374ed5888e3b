package ogc

import (
	"maps"
	"slices"

	"github.com/gin-gonic/gin"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/api"
	"github.com/civgrid/civgrid/api/encode"
	"github.com/civgrid/civgrid/geo"
)

// collect returns the data of a zone, nil where there are none.
func (s *service) collect(c *gin.Context, o *origin, r *dataRequest) (*encode.ZoneData, error) {
	tables, err := s.tablesAt(c, o.k, r)
	if err != nil {
		return nil, err
	}
	d := &encode.ZoneData{Name: o.col.id, Title: o.col.title, DGGRS: o.definition().Href, Zone: r.zone}
	if o.root {
		d.Name = dggrs
	}
	for _, depth := range r.depths {
		zones, err := geo.Uncompact([]geo.Cell{r.zone}, r.zone.Resolution()+geo.Resolution(depth), api.MaxZones)
		if err != nil {
			return nil, err
		}
		d.Depths = append(d.Depths, encode.ZoneDepth{Depth: depth, Zones: zones})
	}
	some := false
	for i, col := range r.collections {
		prefix := ""
		if o.root {
			prefix = col.id + "."
		}
		fields, found := fieldsOf(prefix, tables[i], d.Depths)
		d.Fields, some = append(d.Fields, fields...), some || found
	}
	if !some {
		return nil, nil //nolint:nilnil // nothing is known of the zone
	}
	if d.Fields, err = r.choose(d.Fields); err != nil {
		return nil, err
	}
	if !o.root && len(r.depths) == 1 {
		d.Layer = tables[0][0].Layer
	}
	d.Schema = schemaOf(d, o)
	return d, nil
}

// tablesAt returns the rows of each collection at each depth.
func (s *service) tablesAt(c *gin.Context, k *catalog, r *dataRequest) ([][]*encode.Table, error) {
	all := make([][]*encode.Table, len(r.collections))
	for i, col := range r.collections {
		for _, depth := range r.depths {
			given := map[string]string{"res": (r.zone.Resolution() + geo.Resolution(depth)).String()}
			maps.Copy(given, r.given)
			table, err := s.rows(c, k, col, given, nil)
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], table)
		}
	}
	return all, nil
}

// fieldsOf returns the columns of a layer as fields, and whether any zone has a row.
// The columns are those of the deepest level. What names the row is the zone already.
func fieldsOf(prefix string, tables []*encode.Table, depths []encode.ZoneDepth) (fields []encode.ZoneField, some bool) {
	rows := make([][]int, len(depths))
	for k, depth := range depths {
		rows[k] = tables[k].RowsOf(depth.Zones)
		some = some || slices.ContainsFunc(rows[k], func(row int) bool { return row >= 0 })
	}
	for _, described := range tables[len(tables)-1].Columns {
		if described.Name == "cell" {
			continue
		}
		field := encode.ZoneField{Column: described}
		field.Name = prefix + described.Name
		field.Ints, field.Floats, field.Words, field.Valid = nil, nil, nil, nil
		for k, table := range tables {
			field.Depths = append(field.Depths, valuesOf(table, described, rows[k]))
		}
		fields = append(fields, field)
	}
	return fields, some
}

// valuesOf returns a column of a table, of none where the table has no such column.
func valuesOf(table *encode.Table, described analytics.Column, rows []int) encode.ZoneValues {
	i := slices.IndexFunc(table.Columns, func(c analytics.Column) bool {
		return c.Name == described.Name && c.Type == described.Type
	})
	if i < 0 {
		return encode.ZoneValues{Column: analytics.Column{Type: described.Type}, Rows: slices.Repeat([]int{-1}, len(rows))}
	}
	return encode.ZoneValues{Column: table.Columns[i], Rows: rows}
}

// choose returns the fields that are asked for (requirement
// /req/data-subsetting/properties), in the order of properties. DGGS-JSON holds
// numbers only, so words are left out of it unless they are asked for.
func (r *dataRequest) choose(fields []encode.ZoneField) ([]encode.ZoneField, error) {
	byName := map[string]encode.ZoneField{}
	for _, f := range fields {
		byName[f.Name] = f
	}
	numbers := r.format.name == "json"
	fault := func(parameter, detail string) error {
		return &api.QueryError{Known: r.known, Faults: []api.Fault{{Parameter: parameter, Detail: detail}}}
	}
	var chosen []encode.ZoneField
	for _, name := range r.only {
		f, ok := byName[name]
		switch {
		case !ok:
			return nil, fault("properties", "there is no field "+name)
		case slices.ContainsFunc(chosen, func(f encode.ZoneField) bool { return f.Name == name }):
			return nil, fault("properties", "name each field once: "+name+" is there twice")
		case numbers && f.Type == analytics.WordColumn:
			return nil, fault("properties", name+" holds words, which DGGS-JSON has no place for: ask for geojson or csv")
		}
		chosen = append(chosen, f)
	}
	for _, name := range r.but {
		if _, ok := byName[name]; !ok {
			return nil, fault("exclude-properties", "there is no field "+name)
		}
	}
	if r.only != nil {
		return chosen, nil
	}
	for _, f := range fields {
		if !slices.Contains(r.but, f.Name) && (!numbers || f.Type != analytics.WordColumn) {
			chosen = append(chosen, f)
		}
	}
	return chosen, nil
}

// schemaOf describes the fields, in their order.
func schemaOf(d *encode.ZoneData, o *origin) object {
	properties := fields{}
	for i, f := range d.Fields {
		described := columnSchema(f.Column)
		described["x-ogc-propertySeq"] = i + 1
		properties = append(properties, field{f.Name, described})
	}
	schema := object{"$schema": schemaDialect, "title": o.col.title, "type": "object", "properties": properties}
	if !o.root {
		schema["$id"] = o.at + "/schema"
	}
	return schema
}
