package indicator

import (
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/civgrid/civgrid/analytics/stats"
	"github.com/civgrid/civgrid/data"
)

// elapsedMeasure is the measure that is the time on the clock.
const elapsedMeasure = "elapsed"

// Sums have to be exact and the same in any order, so decimals are added up in
// whole millionths, and times in whole milliseconds, of which ten million cases
// of years fit into 64 bits.
const (
	millionth   = 1e6
	millisecond = 1e3
)

// A measure says which columns of whole numbers stand for one that is averaged
// or added up.
type measure struct {
	source string // the column of the facts; "" for the time on the clock
	sum    string
	scale  float64 // sum / scale is in the unit of the measure
	// square begins the names of the columns of sum squared; "" for none.
	square  string
	derived bool // sum is a column of ours
}

// measureOf finds the columns of the measure a field names. of ends the names
// of those that are derived.
func (c *Compiled) measureOf(field, name, of string) (measure, error) {
	adds := c.Kind == countKind || c.Kind == densityKind || c.Kind == perCapitaKind
	switch {
	case name == "":
		return measure{}, nil
	case name == elapsedMeasure && c.Clock == nil:
		return measure{}, c.fail(field, "elapsed is the time on a clock, and there is none")
	case name == elapsedMeasure && (adds || c.Kind == scoreKind):
		return measure{}, c.fail(field, "elapsed is a time: kind %s wants a column of the facts", c.Kind)
	case name == elapsedMeasure:
		return measure{sum: c.timing.elapsed, scale: millisecond, square: c.timing.elapsed + "_square", derived: true}, nil
	}
	columns, err := data.Pick(data.SchemaOf(c.dataset(), data.DefaultResolutions()), name)
	if err != nil {
		return measure{}, c.fail(field, "%v", err)
	}
	derived := fmt.Sprintf("%s_%s", c.timing.prefix, of)
	m := measure{source: name, sum: name, scale: 1, square: derived + "_square"}
	switch {
	case columns[0].Type == data.Float && adds:
		return measure{}, c.fail(field, "column %s holds decimals: only whole numbers can be counted", name)
	case columns[0].Type == data.Float:
		m.sum, m.scale, m.derived = derived, millionth, true
	case columns[0].Type != data.Int:
		return measure{}, c.fail(field, "column %s is of type %s, want int or float", name, columns[0].Type)
	}
	if adds {
		m.square = ""
	}
	return m, nil
}

// at returns the value of a row in whole parts of 1/scale. ok is false where it
// is missing. A decimal too large to be added up is an error.
func (m measure) at(rows data.Batch, row int) (v int64, ok bool, err error) {
	if !rows.Valid(m.source).At(row) {
		return 0, false, nil
	}
	if !m.derived {
		return rows.Ints(m.source)[row], true, nil
	}
	const most = 9e12 // in millionths still an int64
	x := rows.Floats(m.source)[row]
	if math.Abs(x) > most {
		return 0, false, fmt.Errorf("%s is %v: numbers beyond %v cannot be added up", m.source, x, most)
	}
	return int64(math.Round(x * m.scale)), true, nil
}

// limbs is how many columns a product of two columns is kept in: 32 bits in each
// but the last, so that the sums of two billion rows fit.
const limbs = 3

// limbNames returns the names of the columns of a product.
func limbNames(product string) (names []string) {
	for i := range limbs {
		names = append(names, fmt.Sprintf("%s_%d", product, i))
	}
	return names
}

// appendProduct appends a·b, or none, and returns the column after it.
func appendProduct(into *data.Builder, column int, a, b int64, ok bool) int {
	if ok {
		setProduct(into, column, a, b)
		return column + limbs
	}
	for range limbs {
		into.Missing(column)
		column++
	}
	return column
}

// setProduct sets the limbs of a·b in columns from column on.
func setProduct(into *data.Builder, column int, a, b int64) {
	p := stats.Product(a, b)
	const low = 1<<32 - 1
	into.SetInt(column, int64(p[0]&low))
	into.SetInt(column+1, int64(p[0]>>32))
	into.SetInt(column+2, int64(p[1])) // holds the sign, as a·b has at most 126 bits
}

// limbSums adds up the limbs of a product.
func limbSums(product string, where data.Condition) (sums []data.Sum) {
	for _, name := range limbNames(product) {
		sums = append(sums, data.Sum{Name: name, Column: name, Where: where})
	}
	return sums
}

// product puts the sum of a product together from those of its limbs.
func (s Sample) product(name string) stats.Wide {
	var sum [limbs]int64
	for i, limb := range limbNames(name) {
		sum[i] = s.count(limb)
	}
	whole := stats.Wide{0, uint64(sum[2]), uint64(sum[2] >> 63)}
	return whole.Plus(stats.Product(sum[1], 1<<32)).Plus(stats.Product(sum[0], 1))
}

// float returns the float64 nearest to w.
func float(w stats.Wide) float64 {
	x, _ := new(big.Float).SetInt(w.Big()).Float64()
	return x
}

// milliseconds returns a time on the clock as it is added up.
func milliseconds(t time.Duration) int64 { return t.Round(time.Millisecond).Milliseconds() }
