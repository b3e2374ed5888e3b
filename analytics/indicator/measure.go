package indicator

import (
	"fmt"
	"math"

	"github.com/civgrid/civgrid/data"
)

// elapsedMeasure is the measure that is the time on the clock.
const elapsedMeasure = "elapsed"

// Sums have to be exact and the same in any order, so decimals are added up in
// whole millionths, and squares in whole thousandths. Times are squared in
// hours, so that those of ten million cases of years fit into 64 bits.
const (
	millionth     = 1e6
	thousandth    = 1e3
	productScale  = 1 / thousandth
	microsPerHour = 3600e6
)

// A measure says which columns of whole numbers stand for one that is averaged
// or added up.
type measure struct {
	source      string // the column of the facts; "" for the time on the clock
	sum         string
	scale       float64 // sum / scale is in the unit of the measure
	square      string  // "" for none
	squareScale float64 // square × squareScale is in the square of the unit
	derived     bool    // sum is a column of ours
}

// measureOf finds the columns of the measure a field names. of ends the names
// of those that are derived.
func (c *Compiled) measureOf(field, name, of string) (measure, error) {
	switch name {
	case "":
		return measure{}, nil
	case elapsedMeasure:
		if c.Clock == nil {
			return measure{}, c.fail(field, "elapsed is the time on a clock, and there is none")
		}
		return measure{
			sum: c.timing.elapsed, scale: 1e6, derived: true,
			square: c.timing.elapsed + "_square", squareScale: 3600 * 3600 / thousandth,
		}, nil
	}
	columns, err := data.Pick(data.SchemaOf(c.dataset(), data.DefaultResolutions()), name)
	if err != nil {
		return measure{}, c.fail(field, "%v", err)
	}
	switch columns[0].Type {
	case data.Int, data.Float:
	default:
		return measure{}, c.fail(field, "column %s is of type %s, want int or float", name, columns[0].Type)
	}
	if c.Kind == countKind || c.Kind == densityKind || c.Kind == perCapitaKind {
		if columns[0].Type != data.Int {
			return measure{}, c.fail(field, "column %s holds decimals: only whole numbers can be counted", name)
		}
		return measure{source: name, sum: name, scale: 1}, nil
	}
	derived := fmt.Sprintf("%s_%s", c.timing.prefix, of)
	return measure{source: name, sum: derived, scale: millionth, square: derived + "_square", squareScale: 1 / thousandth, derived: true}, nil
}

// whole returns x in whole parts of 1/scale, cut to what can be added up a
// million times.
func whole(x, scale float64) int64 {
	const most = 9e12
	return int64(math.Round(min(most, max(-most, x*scale))))
}
