package engine

import (
	"fmt"
	"slices"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/geo"
)

// communityIdentity makes the columns that name rows which are communities.
// It tells the frame where they lie.
func communityIdentity(f *analytics.Frame, h *data.Hierarchy) []analytics.Column {
	var code, name, parent []string
	for _, c := range f.Communities {
		f.Paths = append(f.Paths, h.Path(c.Code))
		above, _ := h.Parent(c.Code)
		code, name, parent = append(code, c.Code), append(name, c.Names.In("")), append(parent, above)
	}
	columns := []analytics.Column{
		{Name: "code", Title: "Code", Words: code},
		{Name: "name", Title: "Name", Words: name},
		{Name: "parent", Title: "Code of the area above", Words: parent, Valid: present(parent)},
	}
	columns = append(columns, translations(f)...)
	return append(words(columns), squareKm(f))
}

func words(columns []analytics.Column) []analytics.Column {
	for i := range columns {
		columns[i].Type = analytics.WordColumn
	}
	return columns
}

func squareKm(f *analytics.Frame) analytics.Column {
	known := make([]bool, f.Len())
	for i, km2 := range f.SquareKm {
		known[i] = km2 > 0
	}
	return analytics.Column{
		Name: "area_km2", Type: analytics.FloatColumn, Title: "Area", Unit: "km2",
		Doc: "Spherical area on the H3 sphere, radius 6371.007180918475 km; missing without an outline.", Floats: f.SquareKm, Valid: known,
	}
}

// translations makes a column for each language some community has a name in.
func translations(f *analytics.Frame) []analytics.Column {
	tags := map[string]string{"en": "name_en", "zh-Hans": "name_zh_hans", "zh-Hant": "name_zh_hant"}
	var columns []analytics.Column
	for _, tag := range []string{"en", "zh-Hans", "zh-Hant"} {
		names := make([]string, f.Len())
		for i, c := range f.Communities {
			names[i] = c.Names[tag]
		}
		if valid := present(names); slices.Contains(valid, true) {
			columns = append(columns, analytics.Column{Name: tags[tag], Title: "Name (" + tag + ")", Words: names, Valid: valid})
		}
	}
	return columns
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
	return append(words([]analytics.Column{
		{Name: "cell", Title: "H3 cell", Words: ids},
		{Name: "place", Title: "Code of the finest community at the centre", Words: codes, Valid: present(codes)},
		{Name: "place_name", Title: "Its name", Words: names, Valid: present(names)},
	}), squareKm(f)), nil
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
