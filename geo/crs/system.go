package crs

import "fmt"

// System names a coordinate system that files are read in and layers are
// written in. The zero value is WGS84. Values are comparable and can be map
// keys; their text form is that of String.
type System uint8

// The systems that are read and written. All but WebMercator hold degrees,
// longitude first.
const (
	// WGS84 is longitude and latitude as a satellite receiver gives them
	// (EPSG:4326, OGC CRS84). Everything inside Civgrid is WGS84.
	WGS84 System = iota
	// CGCS2000 is the national system of China (EPSG:4490), used by surveyed
	// data and Tianditu. It is read as WGS84 unchanged; see the package
	// comment for what that costs.
	CGCS2000
	// GCJ02 is WGS84 shifted by up to 700 m inside mainland China, used by
	// AMap, Tencent and the phone applications built on them.
	GCJ02
	// BD09 is GCJ02 shifted once more, used by Baidu; its longitude and
	// latitude form (bd09ll), not its metres (bd09mc).
	BD09
	// WebMercator is EPSG:3857: metres east and north of 0, 0 on a sphere of
	// radius 6,378,137 m.
	WebMercator
)

// systems is how many there are.
const systems = 5

// spec is what is said of a System.
type spec struct {
	name, title string
}

// specs returns the systems in the order of their numbers.
func specs() [systems]spec {
	return [...]spec{
		WGS84:       {"wgs84", "WGS 84 longitude and latitude"},
		CGCS2000:    {"cgcs2000", "China Geodetic Coordinate System 2000"},
		GCJ02:       {"gcj02", "GCJ-02, as AMap and Tencent use it"},
		BD09:        {"bd09", "BD-09, as Baidu uses it"},
		WebMercator: {"epsg:3857", "WGS 84 / Pseudo-Mercator"},
	}
}

// Systems returns every System, in a fixed order. The caller owns the slice.
func Systems() []System {
	all := make([]System, systems)
	for i := range all {
		all[i] = System(i)
	}
	return all
}

// String returns the name that Parse reads and configuration files use:
// wgs84, cgcs2000, gcj02, bd09 or epsg:3857. A value that is no System gives
// "System(n)".
func (s System) String() string {
	if !s.known() {
		return fmt.Sprintf("System(%d)", uint8(s))
	}
	return specs()[s].name
}

// Title returns one line for people, without a full stop.
func (s System) Title() string {
	if !s.known() {
		return s.String()
	}
	return specs()[s].title
}

// MarshalText returns the form of String. A value that is no System is an
// error.
func (s System) MarshalText() ([]byte, error) {
	if !s.known() {
		return nil, unknownSystem(s)
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what Parse reads.
func (s *System) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

func (s System) known() bool { return s < systems }
