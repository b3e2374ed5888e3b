package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// Identity describes the columns that name rows: of cells, or of communities. Those of
// names in further languages are there only where some community has one.
func Identity(cells bool) []analytics.Column {
	named := []analytics.Column{
		{Name: "code", Title: "Code"},
		{Name: "name", Title: "Name"},
		{Name: "parent", Title: "Code of the area above"},
		{Name: "name_en", Title: "Name (en)"},
		{Name: "name_zh_hans", Title: "Name (zh-Hans)"},
		{Name: "name_zh_hant", Title: "Name (zh-Hant)"},
	}
	if cells {
		named = []analytics.Column{
			{Name: "cell", Title: "H3 cell"},
			{Name: "place", Title: "Code of the finest community at the centre"},
			{Name: "place_name", Title: "Its name"},
		}
	}
	return append(words(named), analytics.Column{
		Name: "area_km2", Type: analytics.FloatColumn, Title: "Area", Unit: "km2",
		Doc: "Spherical area on the H3 sphere, radius 6371.007180918475 km; missing without an outline.",
	})
}

// communityIdentity makes the columns that name rows which are communities.
// It tells the frame where they lie.
func communityIdentity(f *analytics.Frame, h *data.Hierarchy) []analytics.Column {
	var code, name, parent []string
	for _, c := range f.Communities {
		f.Paths = append(f.Paths, h.Path(c.Code))
		above, _ := h.Parent(c.Code)
		code, name, parent = append(code, c.Code), append(name, c.Names.In("")), append(parent, above)
	}
	columns := Identity(false)
	columns[0].Words, columns[1].Words = code, name
	columns[2].Words, columns[2].Valid = parent, present(parent)
	for i, tag := range []string{"en", "zh-Hans", "zh-Hant"} {
		translate(&columns[3+i], f, tag)
	}
	setArea(&columns[6], f)
	return slices.DeleteFunc(columns, func(c analytics.Column) bool { return strings.HasPrefix(c.Name, "name_") && c.Words == nil })
}

func words(columns []analytics.Column) []analytics.Column {
	for i := range columns {
		columns[i].Type = analytics.WordColumn
	}
	return columns
}

func setArea(c *analytics.Column, f *analytics.Frame) {
	c.Floats, c.Valid = f.SquareKm, make([]bool, f.Len())
	for i, km2 := range f.SquareKm {
		c.Valid[i] = km2 > 0
	}
}

// translate fills a column with names in a language, if some community has one.
func translate(c *analytics.Column, f *analytics.Frame, tag string) {
	names := make([]string, f.Len())
	for i, community := range f.Communities {
		names[i] = community.Names[tag]
	}
	if valid := present(names); slices.Contains(valid, true) {
		c.Words, c.Valid = names, valid
	}
}

func present(words []string) []bool {
	valid := make([]bool, len(words))
	for i, w := range words {
		valid[i] = w != ""
	}
	return valid
}

// cellIdentity names each cell and tells the frame where it lies, with the
// finest community that holds its centre.
func cellIdentity(f *analytics.Frame, h *data.Hierarchy) ([]analytics.Column, error) {
	ids, codes, names := make([]string, f.Len()), make([]string, f.Len()), make([]string, f.Len())
	for i, c := range f.Cells {
		ids[i] = c.String()
	}
	levels := h.Levels()
	for i := len(levels) - 1; i >= 0; i-- {
		for _, place := range h.At(levels[i]) {
			if err := namePlace(f, place, codes, names); err != nil {
				return nil, err
			}
		}
	}
	f.Paths = make([][]string, f.Len())
	paths := map[string][]string{}
	for i, code := range codes {
		if code != "" && paths[code] == nil {
			paths[code] = h.Path(code)
		}
		f.Paths[i] = paths[code]
	}
	columns := Identity(true)
	columns[0].Words = ids
	columns[1].Words, columns[1].Valid = codes, present(codes)
	columns[2].Words, columns[2].Valid = names, present(names)
	setArea(&columns[3], f)
	return columns, nil
}

// namePlace gives the cells whose centre lies in a community its code and
// name, unless they have one.
func namePlace(f *analytics.Frame, place data.Community, codes, names []string) error {
	inside, err := geo.Cover(place.Outline, f.Unit.Resolution, geo.Centre)
	if err != nil {
		return fmt.Errorf("find the cells of %s: %w", place.Code, err)
	}
	for _, cell := range inside {
		if row, ok := slices.BinarySearch(f.Cells, cell); ok && codes[row] == "" {
			codes[row], names[row] = place.Code, place.Names.In("")
		}
	}
	return nil
}
