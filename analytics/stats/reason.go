package stats

import "fmt"

// A Reason says why a cell has no value, or warns about the one it has. The
// zero Reason, OK, means there is nothing to say. Its text form is the code
// that layers and documents carry next to a null.
type Reason uint8

// The reasons. Unless noted, a cell that carries one has no value.
const (
	OK                      Reason = iota // the value is there
	Missing                               // the cell itself has no observation
	TooFewCells                           // fewer cells than the formula needs
	ZeroVariance                          // all cells (for Gi: all other cells) are equal
	NoNeighbours                          // an island; Gi* still has a value and carries this as a warning
	DegenerateNeighbourhood               // the neighbourhood is the whole study area, so its sum cannot vary
	ZeroExposure                          // no population or no trials; a shrunken estimate is the prior mean
	EventsWithoutExposure                 // events where there is no population: an error in the data
	NotReached                            // too many cases are still open for this quantile; a lower bound is known
	NoData                                // nothing was observed
	ZeroSum                               // at most one cell is not 0, so there are no pairs
)

var reasonCodes = [...]string{
	OK:                      "ok",
	Missing:                 "missing",
	TooFewCells:             "too_few_cells",
	ZeroVariance:            "zero_variance",
	NoNeighbours:            "no_neighbours",
	DegenerateNeighbourhood: "degenerate_neighbourhood",
	ZeroExposure:            "zero_exposure",
	EventsWithoutExposure:   "events_without_exposure",
	NotReached:              "not_reached",
	NoData:                  "no_data",
	ZeroSum:                 "zero_sum",
}

// String returns the code of r, such as "zero_variance".
func (r Reason) String() string {
	if int(r) < len(reasonCodes) {
		return reasonCodes[r]
	}
	return fmt.Sprintf("reason(%d)", uint8(r))
}

// MarshalText returns the code of r. It implements encoding.TextMarshaler.
func (r Reason) MarshalText() ([]byte, error) {
	return []byte(r.String()), nil
}
