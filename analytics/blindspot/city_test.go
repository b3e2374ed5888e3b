package blindspot

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/civgrid/civgrid/analytics"
	"github.com/civgrid/civgrid/analytics/analysistest"
	"github.com/civgrid/civgrid/geo"
)

func request(t testing.TB, given map[string]string) analytics.Request {
	t.Helper()
	values, err := analytics.ParseValues(Analysis.Params, given)
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	return analytics.Request{Unit: analytics.CellsOf(9), From: from, To: from.AddDate(1, 0, 0), AsOf: from.AddDate(1, 0, 0), Zone: time.UTC, Params: values}
}

// A city is complaints and inspections by row.
type city struct {
	frame                      *analytics.Frame
	complaints, failed, passed []int64
	people                     []int64 // thousandths; nil where not asked for
}

// A nature says what a city is like in which complaints and inspections have nothing
// to do with each other.
type nature struct {
	share  float64 // of inspections that fail
	spread float64 // of its logarithm, between points
	visits int     // of a point
	oneIn  int     // so many rows has a point
	spots  int     // where more or less is complained of than around
}

// newCity draws complaints that scatter more than chance, and a point that is
// inspected ten times in one row of eight, each with a neglect of its own.
func newCity(t testing.TB, rings int, seed uint64) city {
	return nature{share: 0.2, spread: 0.5, visits: 10, oneIn: 8}.city(t, rings, seed)
}

func (n nature) city(t testing.TB, rings int, seed uint64) city {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 1))
	c := city{frame: analysistest.Cells(t, geo.Cell(0x8931aa5085bffff).Disk(rings))}
	rows := c.frame.Len()
	c.complaints, c.failed, c.passed = make([]int64, rows), make([]int64, rows), make([]int64, rows)
	lively := make([]float64, rows)
	for range n.spots {
		more := 3*rng.IntN(2) - 1 // -1 or 2
		for _, row := range c.around(rng.IntN(rows), 3) {
			lively[row] = float64(more)
		}
	}
	for row := range rows {
		c.complaints[row] = int64(rng.ExpFloat64() * 6 * math.Exp(lively[row]))
		if rng.IntN(n.oneIn) == 0 {
			c.inspect(row, n.visits, n.share*math.Exp(n.spread*rng.NormFloat64()), rng)
		}
	}
	return c
}

// inspect adds inspections of a point of which so many fail.
func (c city) inspect(row, visits int, chance float64, rng *rand.Rand) {
	for range visits {
		if rng.Float64() < chance {
			c.failed[row]++
		} else {
			c.passed[row]++
		}
	}
}

// around returns the rows within steps of the n-th row.
func (c city) around(row, steps int) []int {
	var rows []int
	for _, cell := range c.frame.Cells[row].Disk(steps) {
		if at, ok := slices.BinarySearch(c.frame.Cells, cell); ok {
			rows = append(rows, at)
		}
	}
	return rows
}

func (c city) layer(t testing.TB, given map[string]string) *analytics.Layer {
	t.Helper()
	tally := func(names []string, columns ...[]int64) analytics.Tally {
		made := analytics.Tally{Names: names, Counts: columns, Elsewhere: []int64{0, 0}, Nowhere: []int64{0, 0}, Keyless: []int64{0, 0}}
		for row := range c.complaints {
			made.Rows = append(made.Rows, int32(row))
		}
		return made
	}
	answers := []analytics.Tally{tally([]string{"n"}, c.complaints), tally([]string{"failed", "passed"}, c.failed, c.passed)}
	if c.people != nil {
		answers = append(answers, analysistest.Inhabitants(c.people))
	}
	layer, err := Analysis.Compute(t.Context(), request(t, given), c.frame, answers)
	if err != nil {
		t.Fatal(err)
	}
	return layer
}
