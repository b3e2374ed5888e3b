package ingest

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/civgrid/civgrid/data"
	"github.com/civgrid/civgrid/data/spelling"
)

// A Mapping says what the columns of a file mean. The zero Mapping knows
// nothing and leaves everything to be guessed.
//
// In Map a canonical column, such as reported_at, is given by a source column.
// Further forms are "a+b", both values with a space between, for a date and its
// time; "a|b", the first of these that the file has; "a||b", the first that has
// a value in the row; "=word", the same word in every row; and "", nothing, even
// where a profile knows a column.
//
// Pauses are intervals in one column, "from/to;from/to" or with ~ or 至 between
// the times, which are written as the time of the event or as ISO dates; or the
// two ends of one in two, "a+b". A limit may have its unit beside it, "4 work
// hours" or 2个工作日. Where category and subcategory have one source, such as
// 市容环卫->垃圾清运->暴露垃圾, its first part is the category.
//
// Rows in which withdrawn says yes (true, 1, 是) are facts that the source took back;
// those in which it says no, or nothing, are facts like others. No profile maps it:
// only who knows the source can tell what its flag means.
type Mapping struct {
	// Profile names the built-in profile to start from. "" means the one that
	// fits the header.
	Profile string `yaml:"profile"`
	// Dataset is what the rows are: incidents, resources or inspections.
	Dataset data.Dataset `yaml:"dataset"`
	// Source names the system the facts come from; ids are unique within it.
	// "" means the name of the profile, or of the file.
	Source string `yaml:"source"`
	// Zone is the IANA name of the time zone of times without an offset. ""
	// means that of the profile, of the store, UTC.
	Zone string `yaml:"zone"`
	// Times are the forms of times, by name (see [TimeFormats]) or as a layout
	// of Go's package time. None means they are guessed from the dates
	// of the whole file.
	Times []string `yaml:"times"`
	// CRS is the coordinate system. "" means what the file says, else WGS 84.
	CRS string `yaml:"crs"`
	// Map gives the source of canonical columns.
	Map map[string]string `yaml:"map"`
	// Values recodes the words of a canonical column, without regard to case.
	Values map[string]map[string]string `yaml:"values"`
	// Missing are words that stand for no value in any column, besides the
	// usual ones: nothing, spaces, NULL, NA, N/A, NaN, \N.
	Missing []string `yaml:"missing"`
	// Keep are source columns kept as attributes; "*" keeps all that have no
	// other use.
	Keep []string `yaml:"keep"`
	// ClosedFromUpdated says that a closed case was closed when it was last
	// updated, as in Open311.
	ClosedFromUpdated bool `yaml:"closed_from_updated"`
}

// ReadMapping reads a mapping file, which is YAML with the names above in
// lower case. Names that do not exist are errors.
func ReadMapping(r io.Reader) (Mapping, error) {
	var m Mapping
	var document yaml.Node
	if err := yaml.NewDecoder(r).Decode(&document); err != nil && !errors.Is(err, io.EOF) {
		return Mapping{}, fmt.Errorf("read mapping: %w", err)
	}
	if len(document.Content) == 0 {
		return m, nil
	}
	root := document.Content[0]
	if root.Kind != yaml.MappingNode {
		return Mapping{}, fmt.Errorf("read mapping, line %d: want names and values", root.Line)
	}
	known := []string{"profile", "dataset", "source", "zone", "times", "crs", "map", "values", "missing", "keep", "closed_from_updated"}
	for i := 0; i < len(root.Content); i += 2 {
		if key := root.Content[i]; !slices.Contains(known, key.Value) {
			return Mapping{}, fmt.Errorf("read mapping, line %d: %w", key.Line, unknown("key", key.Value, known))
		}
	}
	if err := document.Decode(&m); err != nil {
		return Mapping{}, fmt.Errorf("read mapping: %w", err)
	}
	return m, m.Check()
}

// ParseMap reads assignments such as "reported_at=open_dt" into m, over what
// is there.
func (m *Mapping) ParseMap(assignments ...string) error {
	for _, a := range assignments {
		canonical, source, ok := strings.Cut(a, "=")
		if !ok {
			return fmt.Errorf("map %q: want column=source", a)
		}
		canonical = strings.TrimSpace(canonical)
		if err := checkCanonical(canonical, m.Dataset); err != nil {
			return fmt.Errorf("map %q: want column=source: %w%s", a, err, m.turned(canonical, strings.TrimSpace(source)))
		}
		if m.Map == nil {
			m.Map = map[string]string{}
		}
		m.Map[canonical] = strings.TrimSpace(source)
	}
	return nil
}

// turned says what to write for an assignment that has no such column: the
// other way round where that makes sense, else the columns there are.
func (m Mapping) turned(canonical, source string) string {
	if checkCanonical(source, m.Dataset) == nil {
		return fmt.Sprintf(" (the other way round: %s=%s)", source, canonical)
	}
	d := m.Dataset
	if d == "" {
		d = data.Incidents
	}
	return fmt.Sprintf(" (the columns of %s are %s)", d, strings.Join(canonicalColumns(d), ", "))
}

// ParseMap reads assignments such as "reported_at=open_dt" into a new Mapping.
func ParseMap(assignments ...string) (Mapping, error) {
	var m Mapping
	err := m.ParseMap(assignments...)
	return m, err
}

// Check tests that m names only columns, profiles, zones, times and coordinate
// systems that exist. An error suggests the nearest name.
func (m Mapping) Check() error {
	if m.Profile != "" {
		if _, err := profileByName(m.Profile); err != nil {
			return err
		}
	}
	if m.Dataset != "" {
		if _, err := data.ParseDataset(string(m.Dataset)); err != nil {
			return err
		}
	}
	for _, canonical := range slices.Sorted(maps.Keys(m.Map)) {
		if err := checkCanonical(canonical, m.Dataset); err != nil {
			return fmt.Errorf("map: %w", err)
		}
	}
	for _, canonical := range slices.Sorted(maps.Keys(m.Values)) {
		if err := checkCanonical(canonical, m.Dataset); err != nil {
			return fmt.Errorf("values: %w", err)
		}
	}
	if _, err := loadZone(m.Zone); err != nil {
		return err
	}
	for _, t := range m.Times {
		if _, err := timeFormatByName(t); err != nil {
			return err
		}
	}
	return nil
}

// over returns base with everything that m says put over it.
func (m Mapping) over(base Mapping) Mapping {
	out := base
	for _, s := range []struct{ to, from *string }{{&out.Profile, &m.Profile}, {&out.Source, &m.Source}, {&out.Zone, &m.Zone}, {&out.CRS, &m.CRS}} {
		if *s.from != "" {
			*s.to = *s.from
		}
	}
	if m.Dataset != "" {
		out.Dataset = m.Dataset
	}
	if len(m.Times) > 0 {
		out.Times = m.Times
	}
	out.Map = map[string]string{}
	maps.Copy(out.Map, base.Map)
	maps.Copy(out.Map, m.Map)
	out.Values = map[string]map[string]string{}
	for _, from := range []Mapping{base, m} {
		for column, words := range from.Values {
			if out.Values[column] == nil {
				out.Values[column] = map[string]string{}
			}
			maps.Copy(out.Values[column], words)
		}
	}
	out.Missing = slices.Concat(base.Missing, m.Missing)
	out.Keep = slices.Concat(base.Keep, m.Keep)
	out.ClosedFromUpdated = base.ClosedFromUpdated || m.ClosedFromUpdated
	return out
}

// canonicalColumns are the columns of a dataset that a source can give, and x
// and y, other names for lon and lat.
func canonicalColumns(d data.Dataset) []string {
	names := []string{"x", "y"}
	for _, c := range data.SchemaOf(d, nil) {
		switch {
		case c.Stamped, slices.Contains([]string{"source", "location", "crs_given", "x_given", "y_given", "attributes"}, c.Name):
		default:
			names = append(names, c.Name)
		}
	}
	return names
}

// checkCanonical tests that a dataset, or any when d is "", has the column.
func checkCanonical(name string, d data.Dataset) error {
	datasets := data.Datasets()
	if d != "" {
		datasets = []data.Dataset{d}
	}
	var names []string
	for _, d := range datasets {
		names = append(names, canonicalColumns(d)...)
	}
	if slices.Contains(names, name) {
		return nil
	}
	return unknown("column", name, names)
}

// unknown says that there is no such name, and which ones are near.
func unknown(what, name string, names []string) error {
	if near := nearest(name, names); len(near) > 0 {
		return fmt.Errorf("no %s %q: did you mean %s?", what, name, strings.Join(near, " or "))
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	return fmt.Errorf("no %s %q: there are %s", what, name, strings.Join(names, ", "))
}

// nearest returns the names within two edits of name, and within half of it,
// nearest first.
func nearest(name string, names []string) []string {
	var near []string
	for _, n := range names {
		if spelling.Edits(strings.ToLower(name), strings.ToLower(n)) <= min(2, utf8.RuneCountInString(name)/2) && !slices.Contains(near, n) {
			near = append(near, n)
		}
	}
	slices.SortStableFunc(near, func(a, b string) int {
		return spelling.Edits(strings.ToLower(name), strings.ToLower(a)) - spelling.Edits(strings.ToLower(name), strings.ToLower(b))
	})
	return near[:min(len(near), 3)]
}
