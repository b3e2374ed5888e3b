package geo

import "fmt"

// CoverMode says which cells stand for an area. The zero value is Centre.
type CoverMode int

const (
	// Centre takes the cells whose centre lies in the area, edge included.
	// Areas that tile a city share out its cells, but an area smaller than a
	// cell may get none.
	Centre CoverMode = iota
	// Overlap takes the cells that share any point with the area, so that no
	// area vanishes; neighbouring areas both get the cells on their border.
	Overlap
	// Full takes the cells that lie wholly inside the area.
	Full
)

// String returns "centre", "overlap" or "full".
func (m CoverMode) String() string {
	switch m {
	case Centre:
		return "centre"
	case Overlap:
		return "overlap"
	case Full:
		return "full"
	}
	return fmt.Sprintf("CoverMode(%d)", int(m))
}

// ParseCoverMode reads what String writes.
func ParseCoverMode(s string) (CoverMode, error) {
	for m := Centre; m <= Full; m++ {
		if s == m.String() {
			return m, nil
		}
	}
	return 0, fmt.Errorf("parse cover mode %q: want centre, overlap or full", s)
}
