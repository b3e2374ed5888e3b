package engine

import (
	"math"
	"strconv"
	"strings"

	"github.com/civgrid/civgrid/analytics"
)

// The units that quantities are given in, by how much of the base unit, that of
// "", one is.
var (
	dayUnits    = [...]quantityUnit{{"", 1}, {"d", 1}, {"w", 7}}
	minuteUnits = [...]quantityUnit{{"", 1}, {"min", 1}, {"h", 60}}
	speedUnits  = [...]quantityUnit{{"", 1}, {"km/h", 1}, {"m/s", 3.6}}
)

type quantityUnit struct {
	name string
	size float64
}

// quantity reads the parameter of a name as a number of 0 or more with a unit or
// without, such as "14d", and returns it in the base unit.
func quantity(values analytics.Values, name string, units []quantityUnit) (float64, error) {
	text := values.Text(name)
	digits := strings.TrimRight(text, "abcdefghijklmnopqrstuvwxyz/")
	var names []string
	for _, unit := range units {
		if unit.name != "" {
			names = append(names, unit.name)
		}
		if text[len(digits):] != unit.name {
			continue
		}
		x, err := strconv.ParseFloat(strings.TrimSpace(digits), 64)
		if x *= unit.size; err != nil || !(x >= 0) || math.IsInf(x, 1) {
			break
		}
		return x, nil
	}
	return 0, &analytics.ParamError{Name: name, Value: text, Why: "want a number of 0 or more, in " + strings.Join(names, " or ")}
}

// point reads the parameter of a name as longitude and latitude.
func point(values analytics.Values, name string) (analytics.Point, error) {
	text := values.Text(name)
	east, north, both := strings.Cut(text, ",")
	lon, errLon := strconv.ParseFloat(strings.TrimSpace(east), 64)
	lat, errLat := strconv.ParseFloat(strings.TrimSpace(north), 64)
	if !both || errLon != nil || errLat != nil || !(math.Abs(lon) <= 180) || !(math.Abs(lat) <= 90) {
		return analytics.Point{}, &analytics.ParamError{Name: name, Value: text, Why: "want LON,LAT in degrees, such as 120.62,31.31"}
	}
	return analytics.Point{Lon: lon, Lat: lat}, nil
}
